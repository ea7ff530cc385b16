/* How many clusters the refcounts of a file take, which count themselves. Only for this room. */
#ifndef REFPOINT_QCOW2_REFCOUNTS_H
#define REFPOINT_QCOW2_REFCOUNTS_H

#include <stdint.h>

struct qcow2_refcounts {
    uint64_t clusters; /* of the whole file */
    uint64_t blocks;
    uint64_t table_clusters;
};

/* others: clusters of everything else. */
struct qcow2_refcounts qcow2_refcounts_of(uint64_t others);

#endif
