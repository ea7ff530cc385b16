/* The unit of work of copy and verify: a window of 1 MiB with what is planned in it.
 *
 * The runs of a disk are cut at multiples of WINDOW_SIZE, so that every pass over the same runs sees the same
 * windows in the same order; the clusters of a window are bits of a mask. Long zero ranges come as one unit
 * of many windows, without data.
 *
 * A window's digest covers those of its data clusters that are not all zero, so a digest says what content
 * is, not how it happened to be stored. Units: bytes. Threads: see each. */
#ifndef REFPOINT_EXPORT_PLAN_WINDOW_H
#define REFPOINT_EXPORT_PLAN_WINDOW_H

#include <pthread.h>

#include "core/base/error.h"
#include "core/export/plan/run_list.h"

#define WINDOW_CLUSTERS 16
#define WINDOW_SIZE (RUN_GRANULE * WINDOW_CLUSTERS)
#define WINDOW_ZERO_LIMIT (WINDOW_SIZE * 256)

struct window {
    uint64_t offset;
    uint64_t length;    /* up to the end of the window or of the disk; longer only without data */
    uint64_t index;     /* number among the windows with data */
    uint64_t rank;      /* data clusters of the disk before this window */
    uint16_t data_mask; /* clusters to be copied; bit 0 = the first */
    uint16_t zero_mask; /* clusters to be written as zero */
};

struct window_cursor { /* shared by workers */
    pthread_mutex_t lock;
    struct run_reader reader;
    struct run run; /* what is left of the current one */
    uint64_t disk_size;
    uint64_t next_index;
    uint64_t next_rank;
};
/* disk_size: the end of the last run at most. */
void window_cursor_open(struct window_cursor *cursor, const struct run_list *list, uint64_t disk_size);
/* The next one, length 0 at the end. Threads: any. */
bool window_cursor_next(struct window_cursor *cursor, struct window *window, struct error *err) WARN_UNUSED;
void window_cursor_close(struct window_cursor *cursor);

/* Ranges of a mask: calls each(context, offset, length) for neighbouring clusters together, lengths cut at
 * the end of the window. Offsets are those of the disk. */
bool window_each(const struct window *window, uint16_t mask,
                 bool (*each)(void *context, uint64_t offset, uint64_t length, struct error *err),
                 void *context, struct error *err) WARN_UNUSED;
uint64_t window_bytes(const struct window *window, uint16_t mask);
/* Data clusters of the disk before the one of the window at `offset`. */
uint64_t window_rank(const struct window *window, uint64_t offset);

#endif
