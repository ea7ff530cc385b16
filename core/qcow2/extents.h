/* The plan of one disk as its writer is told it: what has data, what reads zero; what is between is left to
 * the backing file. Read several times and never kept, so that it costs no memory.
 *
 * Extents come in rising order without overlap, begin at multiples of QCOW2_CLUSTER and have such a length;
 * only the end of the disk cuts the last one. Neighbours may be of one kind. Threads: the one that calls the
 * writer. */
#ifndef REFPOINT_QCOW2_EXTENTS_H
#define REFPOINT_QCOW2_EXTENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"

enum qcow2_kind { QCOW2_DATA, QCOW2_ZERO };

struct qcow2_extent {
    uint64_t offset;
    uint64_t length; /* 0 = there are no more */
    enum qcow2_kind kind;
};

struct qcow2_extents {
    bool (*rewind)(void *context, struct error *err);
    bool (*next)(void *context, struct qcow2_extent *extent, struct error *err);
    void *context;
};

/* One pass that holds the plan to the rules above; "image.plan" where it breaks them. For this room. */
struct qcow2_walk {
    const struct qcow2_extents *extents;
    uint64_t virtual_size;
    uint64_t end; /* of the extent before */
};
bool qcow2_walk_start(struct qcow2_walk *walk, const struct qcow2_extents *extents, uint64_t virtual_size,
                      struct error *err) WARN_UNUSED;
bool qcow2_walk_next(struct qcow2_walk *walk, struct qcow2_extent *extent, struct error *err) WARN_UNUSED;
/* Whether what begins at `offset` may follow what ended at `end`. */
bool qcow2_range_fits(uint64_t end, uint64_t offset, uint64_t length, uint64_t virtual_size);

#endif
