/* Overlays that no machine of the store has, and that need a layer all the same: an image that was moved
 * aside while another took its place, a clone that somebody made of a frozen layer. Merging, removing or
 * thinning out the layer would ruin them without a word.
 *
 * An overlay finds a layer by its name beside itself, so that looking through the layer's own directory finds
 * those that can be opened. Threads: any. */
#ifndef REFPOINT_HOST_LAYERS_FOREIGN_OVERLAYS_H
#define REFPOINT_HOST_LAYERS_FOREIGN_OVERLAYS_H

#include <stdbool.h>

#include "core/base/error.h"

/* The layer is open as `layer_fd` and lies in `directory_fd`; `child` is what is known to be based on it
 * (NULL: nothing is). 32775, key "point.stranger", when something else is. */
bool foreign_overlays_absent(int directory_fd, int layer_fd, const char *layer, const char *child,
                             struct error *err) WARN_UNUSED;

#endif
