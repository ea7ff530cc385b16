/* What a server says of a range, as extents that each are of one kind.
 *
 * A server answers for each context by itself: the contexts split the range at different places, and each may
 * end early. What all of them speak of is merged; the rest is asked for again.
 *
 * Pure. Threads: any, each its own. Units: bytes. Ownership: nbd_extents_clear, nbd_answers_clear. */
#ifndef REFPOINT_IMAGE_NBD_EXTENTS_H
#define REFPOINT_IMAGE_NBD_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nbd_extent {
    uint64_t length;
    uint32_t depth; /* 0 absent, 1 = the top layer, n = the nth one down; 0 where depth was not asked for */
    bool zero;      /* certainly reads zero */
    bool changed;   /* dirty in the bitmap; false where none was asked for */
};
struct nbd_extents { /* zeroed = empty; reused from call to call */
    struct nbd_extent *items;
    size_t count;
    size_t capacity;
};
void nbd_extents_clear(struct nbd_extents *extents);

enum nbd_context { NBD_CONTEXT_ALLOCATION, NBD_CONTEXT_DEPTH, NBD_CONTEXT_CHANGES, NBD_CONTEXTS };

struct nbd_answer {
    uint32_t *pairs; /* length, flags */
    size_t count;    /* of pairs */
    size_t capacity;
    bool asked; /* the context was negotiated; else it says nothing of any range */
};
struct nbd_answers { /* zeroed = nothing was asked */
    struct nbd_answer of[NBD_CONTEXTS];
};
/* Before each question: forgets what was answered, keeps what is asked. */
void nbd_answers_forget(struct nbd_answers *answers);
/* entries: as libnbd hands them over, lengths and flags in turn. */
void nbd_answers_take(struct nbd_answers *answers, enum nbd_context context, const uint32_t *entries,
                      size_t count);
void nbd_answers_clear(struct nbd_answers *answers);

/* The beginning of the range that every context speaks of, at most `limit`, neighbours of one kind joined. No
 * extents: one of them said nothing. */
void nbd_answers_merge(const struct nbd_answers *answers, uint64_t limit, struct nbd_extents *extents);

#endif
