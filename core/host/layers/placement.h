/* Where the layers of one point lie: for each disk what is based on the layer (its child) and what is beneath
 * it, by the real chain, whichever collections it leads through. For remove-data and destroy.
 *
 * Ownership: placement_clear. Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_PLACEMENT_H
#define REFPOINT_HOST_LAYERS_PLACEMENT_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/layers/layers.h"

struct placed_disk {
    const struct layer *layer; /* the point's record of it */
    char *label;               /* "web01/vda" */
    struct chain below;        /* [0] = the layer itself, down to the bottom */
    /* What is based on it: a later layer or the active image. NULL: nothing is, the machine's image has been
     * replaced since. */
    char *child;
    enum disk_format child_format;
    struct image_info child_info;
    bool gone;        /* the layer's file is not there, and nothing is based on it */
    int directory_fd; /* of the layer; the child is in the same one. -1 while not open */
    int fd;           /* the layer, for reading */
    int child_fd;
};

struct placement {
    struct layers layers;
    struct reference_point *point; /* in layers */
    struct placed_disk *disks;
    size_t count;
};

/* 32773 when there is no such point; 32775 when a layer is not where it should be, has several children,
 * or one that no machine has. */
bool placement_find(const struct store *store, const struct object_path *path, struct placement *placement,
                    struct error *err) WARN_UNUSED;
/* Before anything is changed: where a later point's layer rests on the point's, both are what was frozen.
 * What is not would become that point's, with a record as good as any. 32775. */
bool placement_check_frozen(const struct placement *placement, struct error *err) WARN_UNUSED;
/* What the files take of their file systems at this moment, by their names: of the layers, or also of what is
 * based on them. A name that is gone takes nothing. false: not all of them can be seen. */
enum placement_files { PLACEMENT_LAYERS, PLACEMENT_LAYERS_AND_CHILDREN };
bool placement_space(const struct placement *placement, enum placement_files files,
                     uint64_t *bytes) WARN_UNUSED;
/* After a change that ended well: puts into watch (may be NULL) what came back since they took `before`. */
void placement_tell_freed(const struct placement *placement, enum placement_files files, uint64_t before,
                          struct watch *watch);
void placement_clear(struct placement *placement);

#endif
