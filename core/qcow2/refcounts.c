#include "core/qcow2/refcounts.h"

#include <stdbool.h>

#include "core/qcow2/format.h"

static uint64_t parts(uint64_t count, uint64_t size)
{
    return count / size + (count % size != 0);
}

/* More refcounts make a larger file and never a smaller one, so this ends at the smallest answer. */
struct qcow2_refcounts qcow2_refcounts_of(uint64_t others)
{
    struct qcow2_refcounts found = {.clusters = others};
    bool settled = false;
    while (!settled) {
        found.blocks = parts(found.clusters, BLOCK_CLUSTERS);
        found.table_clusters = parts(found.blocks, ENTRIES);
        uint64_t clusters = others + found.blocks + found.table_clusters;
        settled = clusters == found.clusters;
        found.clusters = clusters;
    }
    return found;
}
