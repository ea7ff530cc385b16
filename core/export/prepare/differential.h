/* May a disk be exported as a difference, or does it go in full, and why? Three have a say, in this order:
 * the host, which knows the layers (host/layers/export_task.c); the layout, which knows names and packages
 * (package/write/layout.c); and the base package itself, which must hold the disk at the size that it had.
 *
 * Threads: any. */
#ifndef REFPOINT_EXPORT_PREPARE_DIFFERENTIAL_H
#define REFPOINT_EXPORT_PREPARE_DIFFERENTIAL_H

#include "core/export/package/package.h"
#include "core/export/package/write/layout.h"
#include "core/export/plan/task.h"

struct differential {
    bool differential;
    const char *reason; /* why it goes in full although a base was given; NULL. Of the disk, the layout or
                           own_reason */
    char *own_reason;   /* the caller's; NULL */
};

/* base: the nearest package of the base's chain; NULL: no base was asked for. */
void differential_decide(const struct export_disk *disk, const struct package_layout_disk *layout,
                         const struct package *base, struct differential *verdict);

#endif
