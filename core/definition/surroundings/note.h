/* Entries of the two lists of what stands around a machine's disks (model.h: machine_file,
 * machine_left_out). Part of domain_xml. Threads: any. */
#ifndef REFPOINT_DEFINITION_SURROUNDINGS_NOTE_H
#define REFPOINT_DEFINITION_SURROUNDINGS_NOTE_H

#include "core/base/error.h"
#include "core/model/model.h"

/* Everything is copied; device and path may be NULL. The caller may change the item further. */
struct machine_left_out *definition_leave_out(struct machine *machine, const char *kind, const char *device,
                                              const char *path, const char *reason);
/* A file that belongs to the machine; noted once, an empty path not at all, a relative one as left out. Error
 * 32770: they are more than can be. */
bool definition_take_file(struct machine *machine, enum machine_file_role role, const char *path,
                          struct error *err) WARN_UNUSED;

#endif
