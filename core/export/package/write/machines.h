/* The machines of a package: settings, definition and the files that belong to them, agreeing with each other
 * and with the disks beside them.
 *
 * machine.cfg and domain.xml speak of the machine that can be made from this package: of its disks those that
 * the package holds, each at the path where the machine had it and in the format of the file beside; complete
 * by themselves, without templates. Threads: one at a time. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_MACHINES_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_MACHINES_H

#include "core/base/error.h"
#include "core/export/package/write/writer_state.h"

bool package_machines_write(struct package_writer *writer, struct error *err) WARN_UNUSED;
/* Into the record's point: under which names the package holds the machines' files. */
void package_machines_name_files(const struct package_writer *writer, struct reference_point *point);

#endif
