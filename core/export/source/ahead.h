/* Reading ahead in the order of a plan, and leaving nothing behind that was not in the page cache before.
 *
 * The kernel reads ahead of who reads a file in order; a disk lies scattered over its files. So what comes
 * next in the plan is asked for before it is needed, AHEAD_BYTES at most. What was not cached then is dropped
 * again some time after it was read; what was, by a machine perhaps, stays.
 *
 * Threads: any. Units: bytes. Ownership: places and descriptors are borrowed until ahead_close. */
#ifndef REFPOINT_EXPORT_SOURCE_AHEAD_H
#define REFPOINT_EXPORT_SOURCE_AHEAD_H

#include <pthread.h>

#include "core/export/source/place_list.h"

#define AHEAD_BYTES ((uint64_t)16 << 20)
#define AHEAD_RANGES 4096 /* that are remembered to be dropped */

struct ahead_range {
    uint64_t host;
    uint64_t length;
    uint32_t layer;
};

struct ahead {
    pthread_mutex_t lock;
    const int *files; /* descriptors of the layers */
    size_t file_count;
    struct place_reader places;
    uint64_t position; /* of the disk: up to here it has been asked for */
    uint64_t asked;    /* bytes, in all */
    uint64_t read;
    bool ended;               /* no places are left, they cannot be read, or all files live in memory */
    struct ahead_range *ours; /* a ring */
    uint64_t first;
    uint64_t next;
    uint64_t held; /* bytes in the ring */
};

void ahead_open(struct ahead *ahead, const struct place_list *places, const int *files, size_t file_count);
/* The bytes from `offset` of the disk are about to be read. */
void ahead_take(struct ahead *ahead, uint64_t offset, uint64_t length);
/* Drops the rest of what is ours. */
void ahead_close(struct ahead *ahead);

#endif
