/* A limit in bytes per second over all workers and disks of an export.
 *
 * A token bucket that may go into debt: a block is never split, the next taker waits until the debt is paid.
 * What was not used in a pause is not saved up (a quarter of a second at most). Threads: any. */
#ifndef REFPOINT_EXPORT_COPY_RATE_LIMIT_H
#define REFPOINT_EXPORT_COPY_RATE_LIMIT_H

#include <pthread.h>
#include <stdint.h>

#include "core/job/halt.h"

struct rate_limit {
    pthread_mutex_t lock;
    uint64_t rate;   /* bytes per second; 0 = no limit */
    double tokens;   /* bytes; below 0 = debt */
    int64_t counted; /* moment up to which tokens were given, monotonic milliseconds */
};

void rate_limit_init(struct rate_limit *limit, uint64_t rate);
void rate_limit_destroy(struct rate_limit *limit);
/* Returns when the bytes may be moved; false when it is time to stop. */
bool rate_limit_take(struct rate_limit *limit, uint64_t bytes, struct halt *halt);
/* The arithmetic alone: 0 = taken, else milliseconds until it is worth asking again. */
int rate_limit_try(struct rate_limit *limit, uint64_t bytes, int64_t now_ms);

#endif
