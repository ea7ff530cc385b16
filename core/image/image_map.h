/* Where the ranges of a disk lie, as "qemu-img map --output=json" tells it, one after the other.
 *
 * The answer is read as a stream, while QEMU makes it (a million ranges are 120 MB or more). The child runs
 * from open on, beside other work of the caller; it stands still when nobody asks for more ranges.
 *
 * The ranges follow each other without gap or overlap and fill what was asked for: whatever else QEMU says,
 * an end before that, and a child that failed are errors. Keys: "image.map"; "image.stopped" when it was
 * asked to stop, at most a quarter of a second after that. An image that is open elsewhere is 32774.
 *
 * Source of the format: QEMU's qapi/block-core.json (MapEntry), docs/tools/qemu-img.rst; one object a line.
 * Threads: one, which outlives the map (it has a child process). Units: bytes. Ownership: image_map_close;
 * descriptors stay the caller's and may be closed once open has returned. */
#ifndef REFPOINT_IMAGE_IMAGE_MAP_H
#define REFPOINT_IMAGE_IMAGE_MAP_H

#include "core/base/error.h"
#include "core/image/layer.h"
#include "core/image/map_line.h"

struct image_map_spec {
    const struct image_layer *layers; /* top first; below the last one there is nothing */
    size_t layer_count;
    /* The first layer's absolute path: it is opened by that, as everybody opens it, and the others by the
     * names that are stored in the images. NULL = by their descriptors. */
    const char *path;
    uint64_t start; /* the part of the disk that is asked for, multiples of 512 */
    uint64_t end;
    const char *label;              /* for messages: "web01/vda" */
    bool (*stopped)(void *context); /* asked while waiting; NULL = never */
    void *context;
};

struct image_map;

/* Returns as soon as the child runs; whether it could open the images shows with the first range. */
bool image_map_open(const struct image_map_spec *spec, struct image_map **map, struct error *err) WARN_UNUSED;
/* The next range; length 0 at the end. After a failure all further calls fail. */
bool image_map_next(struct image_map *map, struct image_map_range *range, struct error *err) WARN_UNUSED;
/* Ends the child wherever it is. NULL is allowed. */
void image_map_close(struct image_map *map);

#endif
