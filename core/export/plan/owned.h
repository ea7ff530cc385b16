/* Which parts of a disk can have anything in the layers of a chain, by their first tables (L1) alone: where
 * an L1 entry is empty the layer has nothing of its own, neither data nor zeroes. QEMU, asked about such a
 * part, takes a step for each L2 table that is not there: two million in an empty disk of 1 PiB.
 *
 * What lies behind the end of a layer that is shorter than the disk is owned by that layer: it reads zero
 * there, whatever lies beneath. What cannot be told this way (a raw layer, a table that cannot be read)
 * counts as owned, and QEMU is asked. Kept as one bit for each 1/1,048,576 of the disk, never less than 64
 * KiB: 128 KiB of memory for any disk.
 *
 * Source: QEMU's docs/interop/qcow2.txt (cluster mapping). Threads: one. Units: bytes. */
#ifndef REFPOINT_EXPORT_PLAN_OWNED_H
#define REFPOINT_EXPORT_PLAN_OWNED_H

#include "core/image/layer.h"

struct owned {
    uint64_t *bits; /* NULL: all of it */
    uint64_t granule;
    uint64_t size;
};

/* owned_clear releases it. */
void owned_read(struct owned *owned, const struct image_layer *layers, size_t layer_count, uint64_t size);
void owned_clear(struct owned *owned);

/* Can there be anything at this position, which lies in the disk? *end: up to where that holds, at most
 * `limit`. */
bool owned_at(const struct owned *owned, uint64_t position, uint64_t limit, uint64_t *end);
/* The least part of [*start, *end) that holds all that is owned in it; an empty one has start = end. */
void owned_narrow(const struct owned *owned, uint64_t *start, uint64_t *end);

#endif
