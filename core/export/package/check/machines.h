/* The machines of a package against its record: each machine.cfg beside the disks says what the record says.
 * Threads: one at a time per package. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_MACHINES_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_MACHINES_H

#include "core/export/package/image.h"
#include "core/export/package/problems.h"

/* The machine that a machine.cfg of the package speaks of; machine_clear. */
bool package_machine_read(const struct package_link *link, const char *file, struct machine *machine,
                          struct error *err) WARN_UNUSED;
/* label goes in front of every sentence. What is missing has been reported with the files. */
void package_machines_check(const struct package_link *link, const char *label,
                            struct package_problems *problems);

#endif
