/* What a differential package would stand on: the package of its base point and every one beneath that, each
 * there or missing. For who wants to see it before an export is refused, or begun (find_base.h decides).
 *
 * Threads: any; reads records, and blocks as long as the directories do. Ownership: packages_needed_clear. */
#ifndef REFPOINT_EXPORT_PREPARE_NEEDED_H
#define REFPOINT_EXPORT_PREPARE_NEEDED_H

#include "core/export/package/base_index.h"

struct package_needed {
    struct guid point; /* that it is of */
    char *path;        /* absolute; NULL: no package of that point is there, or not the one that is meant */
};

struct packages_needed {
    struct package_needed *items; /* the nearest first; what is beneath a missing one is not known */
    size_t count;                 /* 0: the places could not be looked into */
};

void packages_needed_read(const struct package_search *search, const struct object_path *base,
                          struct packages_needed *needed);
void packages_needed_clear(struct packages_needed *needed);

#endif
