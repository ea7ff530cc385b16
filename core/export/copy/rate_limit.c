#include "core/export/copy/rate_limit.h"

#include <time.h>

#include "core/base/units.h"

#define BURST_MS 250
#define SLICE_MS 100

void rate_limit_init(struct rate_limit *limit, uint64_t rate)
{
    *limit = (struct rate_limit){.rate = rate, .counted = monotonic_milliseconds()};
    pthread_mutex_init(&limit->lock, NULL);
}

void rate_limit_destroy(struct rate_limit *limit)
{
    pthread_mutex_destroy(&limit->lock);
}

int rate_limit_try(struct rate_limit *limit, uint64_t bytes, int64_t now_ms)
{
    double per_ms = (double)limit->rate / 1000.0;
    double most = per_ms * BURST_MS;
    limit->tokens += per_ms * (double)(now_ms - limit->counted);
    limit->counted = now_ms;
    if (limit->tokens > most)
        limit->tokens = most;
    if (limit->tokens >= 0) {
        limit->tokens -= (double)bytes;
        return 0;
    }
    double wait = -limit->tokens / per_ms + 1;
    return wait < SLICE_MS ? (int)wait : SLICE_MS;
}

bool rate_limit_take(struct rate_limit *limit, uint64_t bytes, struct halt *halt)
{
    if (limit->rate == 0)
        return true;
    while (!halt_is_asked(halt)) {
        pthread_mutex_lock(&limit->lock);
        int wait = rate_limit_try(limit, bytes, monotonic_milliseconds());
        pthread_mutex_unlock(&limit->lock);
        if (wait == 0)
            return true;
        struct timespec pause = {.tv_nsec = wait * 1000000L};
        nanosleep(&pause, NULL);
    }
    return false;
}
