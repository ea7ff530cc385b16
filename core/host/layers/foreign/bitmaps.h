/* Dirty bitmaps of other tools in the images before a point. A frozen image keeps its bitmaps, and the
 * overlay that takes its place has none: the tool's next incremental backup would fail, or silently lack what
 * was written before. So the operator says what becomes of them: struct point_request in core/model/model.h.
 * Threads: any. */
#ifndef REFPOINT_HOST_LAYERS_FOREIGN_BITMAPS_H
#define REFPOINT_HOST_LAYERS_FOREIGN_BITMAPS_H

#include <stddef.h>

#include "core/host/layers/foreign/image.h"
#include "core/image/bitmaps.h"

/* carried: an empty list for each image, which gets what is to be taken along; the caller's. 32775, key
 * "image.bitmaps", with all names that nothing is said about; "image.bitmap-inconsistent" for what cannot be
 * taken along; 32773, "image.bitmap-unknown", for a name that no image has. */
bool foreign_settle_bitmaps(const struct active_image *images, size_t count,
                            const struct point_request *request, struct image_bitmaps *carried,
                            struct error *err) WARN_UNUSED;

#endif
