/* Taking dirty bitmaps from one image to another: into the overlay when an image is frozen, back into the
 * layer when a point is destroyed. Threads: the caller's, which must outlive the call (qemu-img). */
#ifndef REFPOINT_HOST_LAYERS_FOREIGN_CARRY_H
#define REFPOINT_HOST_LAYERS_FOREIGN_CARRY_H

#include "core/host/layers/qemu_tools.h"
#include "core/image/bitmaps.h"

/* What the open file holds; raw images hold none. *bitmaps is the caller's, and empty on failure. */
bool bitmaps_of(int fd, enum disk_format format, const char *path, struct image_bitmaps *bitmaps,
                struct error *err) WARN_UNUSED;
/* Without the inconsistent ones. */
void bitmaps_keep_usable(struct image_bitmaps *bitmaps);

/* Makes these bitmaps, with what they mark in `from`, in `to`, which has none, and looks that they are there.
 * Not synced. path: of `to`, for messages. */
bool bitmaps_copy(const struct qemu_layer *from, const struct image_bitmaps *bitmaps,
                  const struct qemu_layer *to, const char *path, struct error *err) WARN_UNUSED;
/* All of them. */
bool bitmaps_remove(const struct qemu_layer *layer, const char *path, struct error *err) WARN_UNUSED;

#endif
