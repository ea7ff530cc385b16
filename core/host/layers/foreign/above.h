/* Is the image still the one that the machine uses? After an external snapshot (virsh snapshot-create-as
 * --disk-only) the machine writes to another file, above the image: a point would hold the state before it,
 * without a word. A clone that somebody made of the image looks the same, and is ruined by whatever is
 * written to the image.
 *
 * Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_FOREIGN_ABOVE_H
#define REFPOINT_HOST_LAYERS_FOREIGN_ABOVE_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/host/layers/foreign/image.h"

/* 32775, key "point.overlay-above", where a file in a directory of the images is based on one of them. Each
 * directory is read once. */
bool foreign_nothing_above(const struct active_image *images, size_t count, struct error *err) WARN_UNUSED;

#endif
