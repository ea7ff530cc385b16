/* A chain of images that are open already, as QEMU's programs are told of it: given descriptors, never names,
 * with the format of every layer and the end of the chain written out, so that no header makes QEMU open
 * anything else (traps.md 7).
 *
 * A qcow2 layer is read with a cache of whole tables, of a bounded size: by default QEMU reads its tables in
 * pieces of 4 KiB, which makes a walk over a large disk eight times as long, and keeps up to 32 MiB of each
 * layer. Source of the options: QEMU's qapi/block-core.json, docs/qcow2-cache.txt.
 *
 * Threads: any. Ownership: texts are the caller's. */
#ifndef REFPOINT_IMAGE_LAYER_H
#define REFPOINT_IMAGE_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/model/model.h"

struct image_layer {
    int fd; /* open for reading; the top of a writable chain for reading and writing */
    enum disk_format format;
    /* For reading: QEMU takes no locks of its own, so that a machine can be started that has this image. */
    bool unlocked;
};

enum image_access {
    IMAGE_ACCESS_OF_TOOL, /* as the program opens its images by itself */
    IMAGE_ACCESS_READ,
    /* The top layer only. A discard unmaps: a cluster without backing becomes free, one with a backing reads
     * zero, and the host's space is given back. */
    IMAGE_ACCESS_WRITE_TOP,
};

/* "json:{...}" for a chain, top first, below the last nothing; descriptor i of the layers arrives in the
 * child as first_descriptor + i. */
char *image_layers_name(const struct image_layer *layers, size_t count, int first_descriptor,
                        enum image_access access);

/* For --image-opts: a chain whose first image is opened by its path, and the others by the names that are
 * stored in it; of the layers the format and the header are looked at. Any bytes can be in the path. */
char *image_path_options(const char *path, const struct image_layer *layers, size_t count);

#endif
