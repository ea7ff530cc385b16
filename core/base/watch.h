/* Long work that somebody follows and may end: told after each block, asked whether to go on. What it has
 * given back in the end stands in it, too.
 *
 * Threads: the one that works. Ownership: the caller's. */
#ifndef REFPOINT_BASE_WATCH_H
#define REFPOINT_BASE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch {
    /* Called with what is done of the total, in bytes; false: end as soon as possible. NULL: nobody asks. */
    bool (*go_on)(void *context, uint64_t done, uint64_t total);
    void *context;
    uint64_t done;
    uint64_t total;
    /* Bytes that came back to the file system; negative: it took more. Set by work that ended well and could
     * measure it. */
    int64_t freed;
    bool has_freed;
};

/* watch may be NULL. */
static inline bool watch_advance(struct watch *watch, uint64_t bytes)
{
    if (!watch)
        return true;
    watch->done += bytes;
    return !watch->go_on || watch->go_on(watch->context, watch->done, watch->total);
}

#endif
