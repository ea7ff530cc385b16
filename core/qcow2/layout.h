/* An image without compression, whose tables are written from the plan before its data.
 *
 * The file: header, refcount table, refcount blocks, L1 table, the L2 tables that are needed, then a cluster
 * for each planned cluster of data, in the order of the disk. So where everything lies is known beforehand:
 *
 *     qcow2_layout_make      reads the plan once; nothing is written
 *     qcow2_front_write      reads it again; the file has its full size and all but the data
 *     pwrite by the caller   of the n-th planned cluster of data at qcow2_data_offset(layout, n), in any
 * order and by any threads; one that is not written reads zero. The last cluster may be cut by the end of the
 * disk: the rest of it is there and zero.
 *
 * Memory: below 1 MiB, whatever the size. The plan is a stream (extents.h) that must say the same each time.
 * Errors: see image.h; "image.plan"; what the plan's functions say. Nothing is synced. */
#ifndef REFPOINT_QCOW2_LAYOUT_H
#define REFPOINT_QCOW2_LAYOUT_H

#include "core/base/error.h"
#include "core/qcow2/extents.h"
#include "core/qcow2/image.h"

struct qcow2_layout {
    struct qcow2_image image;
    uint64_t data_clusters;
    uint64_t l2_tables;
    uint64_t l1_entries;
    uint64_t refcount_blocks;
    uint64_t refcount_table_clusters;
    /* Offsets in the file: */
    uint64_t refcount_table_offset;
    uint64_t refcount_blocks_offset;
    uint64_t l1_offset;
    uint64_t l2_offset;
    uint64_t data_offset;
    uint64_t file_size;
};

/* image is copied, its name borrowed for as long as the layout is used. "image.unsupported" also where the
 * file would be larger than QEMU opens. */
bool qcow2_layout_make(const struct qcow2_image *image, const struct qcow2_extents *extents,
                       struct qcow2_layout *layout, struct error *err) WARN_UNUSED;
/* The file is emptied first. */
bool qcow2_front_write(const struct qcow2_layout *layout, const struct qcow2_extents *extents,
                       const struct qcow2_file *file, struct error *err) WARN_UNUSED;

static inline uint64_t qcow2_data_offset(const struct qcow2_layout *layout, uint64_t rank)
{
    return layout->data_offset + rank * QCOW2_CLUSTER;
}

#endif
