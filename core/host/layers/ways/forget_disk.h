/* One disk of a machine, some of whose layers' points are being forgotten: every chain that leads through
 * them, what of that has to be registered, and what is to be told. Used by forget.c. Ownership:
 * forget_disk_clear. Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_WAYS_FORGET_DISK_H
#define REFPOINT_HOST_LAYERS_WAYS_FORGET_DISK_H

#include "core/host/layers/layers.h"
#include "core/host/layers/ways/loose_chain.h"
#include "core/model/ways.h"

/* Which points go: all of a collection, or one. */
struct forget_what {
    struct guid collection;
    const struct guid *point; /* NULL = all */
};
bool forget_concerns(const struct forget_what *what, const struct layer *layer);

struct forget_reader {         /* a layer whose point stays, and the chain beneath it */
    const struct layer *layer; /* borrowed */
    struct loose_chain chain;
};

struct forget_disk {
    const struct forget_what *what;
    const struct layers *layers;
    struct guid uuid;
    char *image;
    struct loose_chain chain; /* of the image */
    struct forget_reader *readers;
    size_t reader_count;
};

/* image: where the disk's image is, as the machine has it (or had it, when it no longer has the disk). */
void forget_disk_read(struct forget_disk *disk, const struct forget_what *what, const struct layers *layers,
                      const struct guid *uuid, const char *image, enum disk_format format);
void forget_disk_clear(struct forget_disk *disk);

/* Everything that leads through layers without a point may go on reading them. now: the machine's disk; true
 * when it has changed. changed: one for each point of the layers. */
bool forget_disk_register(const struct forget_disk *disk, struct disk *now, bool *changed);
/* What becomes of this layer, which is one of those whose points go. */
void forget_disk_tell(const struct forget_disk *disk, const struct layer *layer, struct left_layer *left);

#endif
