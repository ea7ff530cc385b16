/* The dirty bitmaps of a layer's child, when the layer takes the child's place: it gets exactly those that
 * the child has, with what they mark, and none of its own from before.
 *
 * QEMU marks the bitmaps of an image that it opens for writing as being in use, and those of one that it
 * never closed are lost. The child is opened so to be merged. So its bitmaps are copied into a small file
 * first, then taken out of the child, which nothing of ours changes from there on; the journal has it as it
 * then is. After a crash that file counts while the child is still that; if a machine wrote to the child
 * meanwhile, what the file says is out of date, and what the child holds now is taken. Threads: one at a
 * time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_FOREIGN_KEEPER_H
#define REFPOINT_HOST_LAYERS_FOREIGN_KEEPER_H

#include "core/host/layers/file/identity.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/qemu_tools.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/findings.h"

/* Where the bitmaps of one disk's child are kept meanwhile, and who is told. All borrowed. */
struct bitmap_keeper {
    const char *kept; /* path of that file, a temporary name of ours; NULL: the child has none */
    const char *child;
    const char *layer;
    const char *label; /* "web01/vda" */
    const char *point_name;
    int directory_fd; /* of all three */
    struct findings *findings;
    const struct step_hook *hook;
    size_t number; /* of the disk, for the hook */
};

/* While it can still be refused: *some, whether there are bitmaps to be taken over. The image of a machine
 * (`active`) with an inconsistent one is refused, 32775, key "image.bitmap-inconsistent": its tool does not
 * know yet. In a frozen layer those have been let go. */
bool bitmap_keeper_needed(int child_fd, const char *child, bool active, bool *some,
                          struct error *err) WARN_UNUSED;

/* Before the merge, on qcow2 layers; the child is writable. *bare: the child without its bitmaps, as the
 * journal has it; none at first, and to be written there when it changes. Repeatable. */
bool bitmap_keeper_take(const struct bitmap_keeper *keeper, const struct chain_link *link,
                        const struct qemu_layer *child, struct file_identity *bare,
                        struct error *err) WARN_UNUSED;
/* Behind it: into the layer, which has none. */
bool bitmap_keeper_give(const struct bitmap_keeper *keeper, const struct qemu_layer *layer,
                        const struct image_info *layer_info, struct error *err) WARN_UNUSED;
/* When the layer has the child's name. Repeatable. */
bool bitmap_keeper_forget(const struct bitmap_keeper *keeper, struct error *err) WARN_UNUSED;

#endif
