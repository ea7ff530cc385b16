/* The content of the demo's disks: generated, the same on every machine, and not all of it compressible.
 * Private to core/cli.
 *
 * Round 0 spreads a disk's data over its whole size. Each later round overwrites some of it, writes
 * elsewhere, zeroes ranges and discards ranges, whole and in part, so that points differ in every way that
 * exports must get right. Threads: one at a time; starts and ends qemu-nbd on the calling one. Units: bytes.
 */
#ifndef REFPOINT_CLI_DEMO_DATA_H
#define REFPOINT_CLI_DEMO_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

struct demo_content {
    const char *label;   /* for messages */
    char *const *layers; /* the image's chain of qcow2 files, top first */
    size_t layer_count;
    uint64_t size;
    uint64_t data; /* how much round 0 writes */
    uint64_t seed;
    unsigned round;
    bool (*stopped)(void *context); /* asked now and then */
    void *context;
};

/* Writes one round; on the disk when it returns true. "image.stopped" when it was asked to stop. */
bool demo_data_write(const struct demo_content *content, struct error *err) WARN_UNUSED;

#endif
