/* How far the copiers of a disk are ahead of the one that reads behind them (trail.h).
 *
 * Windows are taken in order and done in any order; the follower may go as far as all before are done. The
 * lead is bounded, in windows and in bytes, so that one slow window, or a slow follower, does not let the
 * page cache grow.
 *
 * Where nothing is to be proven, the follower takes the bytes from the copiers' buffers rather than from the
 * file: a copier gives its buffer away with its window and takes another before it takes the next window, so
 * that the window all wait for always has one.
 *
 * Threads: any. Units: bytes of data. Ownership: buffers are the lead's, but for those that are lent. */
#ifndef REFPOINT_EXPORT_COPY_LEAD_H
#define REFPOINT_EXPORT_COPY_LEAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/job/halt.h"

#define LEAD_WINDOWS 256
#define LEAD_BYTES ((uint64_t)64 << 20)
#define LEAD_CACHED_BYTES ((uint64_t)16 << 20) /* few enough to be in the processor's caches yet */
#define LEAD_BATCH ((uint64_t)2 << 20)         /* that a follower who has nothing waits for */
#define LEAD_BUFFERS_LIMIT 64

enum lead_kind {
    LEAD_ALONE,   /* nobody follows */
    LEAD_FILE,    /* the follower reads the file */
    LEAD_BUFFERS, /* the follower takes the buffers */
};

struct lead {
    pthread_mutex_t lock;
    pthread_cond_t room;    /* for copiers: the lead is shorter, or a buffer free */
    pthread_cond_t arrived; /* for the follower: what it waits for, and no sooner */
    uint64_t wanted_index;
    uint64_t wanted_bytes;
    uint64_t done; /* windows, none before them missing */
    uint64_t done_bytes;
    uint64_t followed;
    uint64_t followed_bytes;
    uint64_t beyond[LEAD_WINDOWS]; /* bytes of a window that is done before others; 0 = it is not */
    enum lead_kind kind;
    uint64_t longest; /* bytes */
    size_t buffers_limit;
    size_t buffers_made;
    size_t free_count;
    unsigned char *free[LEAD_BUFFERS_LIMIT];
    unsigned char *handed[LEAD_WINDOWS]; /* of windows that are done and not yet followed */
    bool ended;                          /* no more windows are to come */
};

/* longest: LEAD_BYTES or LEAD_CACHED_BYTES. buffers: how many there may be, more than there are copiers and
 * at most LEAD_BUFFERS_LIMIT. */
void lead_open(struct lead *lead, enum lead_kind kind, uint64_t longest, size_t buffers);
void lead_close(struct lead *lead);
/* Lends a copier one, zeroed when it is new; waits while there is none. NULL: err, or it is time to stop. */
unsigned char *lead_lend(struct lead *lead, struct halt *halt, struct error *err);
void lead_give_back(struct lead *lead, unsigned char *buffer); /* NULL is allowed */
/* Before a window is copied: waits while the lead is too long. false: it is time to stop. */
bool lead_enter(struct lead *lead, uint64_t index, struct halt *halt);
/* bytes: of the window, not 0. *buffer becomes NULL where the follower takes it. */
void lead_done(struct lead *lead, uint64_t index, uint64_t bytes, unsigned char **buffer);
void lead_end(struct lead *lead);

/* The follower waits until `index` and, where they come, `bytes` in all are done, or half of the longest lead
 * is, or the end has come. *bytes: how many are. false: it is time to stop. */
bool lead_wait(struct lead *lead, uint64_t index, uint64_t *bytes, struct halt *halt);
/* The buffer of a window that is done; NULL where the follower reads the file. Good until lead_follow. */
const unsigned char *lead_handed(struct lead *lead, uint64_t index);
/* The follower is done with a window. */
void lead_follow(struct lead *lead, uint64_t bytes);

#endif
