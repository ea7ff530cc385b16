/* The machines of an import: each machine.cfg and domain.xml as they must be to use the images beside them,
 * and the files that belong to the machines.
 *
 * domain.xml can be given to `virsh define` as it is: paths and formats of the images and files beside it, no
 * chain, drives without media. What became different beyond that is a note. Threads: one at a time. */
#ifndef REFPOINT_EXPORT_PACKAGE_IMPORT_MACHINES_H
#define REFPOINT_EXPORT_PACKAGE_IMPORT_MACHINES_H

#include "core/base/error.h"
#include "core/export/package/image.h"
#include "core/model/imported.h"

struct import_notes { /* sentences for the operator; import_notes_clear */
    char **items;
    size_t count;
};
void import_notes_clear(struct import_notes *notes);

struct import_machines {
    const struct package_link *link; /* the package */
    const char *place;               /* absolute path that the import will have */
    const char *as;                  /* new name, id and hardware addresses; NULL: as they were */
    struct import_notes *notes;
    struct imported *imported; /* each machine is added to it */
};

/* Writes what belongs to one machine into its directory. folder: "machines/web01" in the package. */
bool import_machine_write(const struct import_machines *import, const char *folder, int directory,
                          struct error *err) WARN_UNUSED;

#endif
