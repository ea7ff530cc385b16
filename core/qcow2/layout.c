#include "core/qcow2/layout.h"

#include "core/base/return_code.h"
#include "core/qcow2/format.h"
#include "core/qcow2/header.h"
#include "core/qcow2/refcounts.h"

static bool count(const struct qcow2_extents *extents, struct qcow2_layout *layout, struct error *err)
{
    struct qcow2_walk walk;
    struct qcow2_extent extent;
    uint64_t next_table = 0; /* the first that no extent has touched */
    if (!qcow2_walk_start(&walk, extents, layout->image.virtual_size, err))
        return false;
    while (true) {
        if (!qcow2_walk_next(&walk, &extent, err))
            return false;
        if (extent.length == 0)
            return true;
        uint64_t first = extent.offset / TABLE_SPAN;
        uint64_t after = (extent.offset + extent.length - 1) / TABLE_SPAN + 1;
        layout->l2_tables += after - (first < next_table ? next_table : first);
        next_table = after;
        if (extent.kind == QCOW2_DATA)
            layout->data_clusters += clusters_of(extent.length);
    }
}

static void place(struct qcow2_layout *layout)
{
    uint64_t l1_clusters = clusters_of(layout->l1_entries * 8);
    struct qcow2_refcounts refcounts =
        qcow2_refcounts_of(1 + l1_clusters + layout->l2_tables + layout->data_clusters);
    layout->refcount_blocks = refcounts.blocks;
    layout->refcount_table_clusters = refcounts.table_clusters;
    layout->refcount_table_offset = CLUSTER;
    layout->refcount_blocks_offset = layout->refcount_table_offset + refcounts.table_clusters * CLUSTER;
    layout->l1_offset = layout->refcount_blocks_offset + refcounts.blocks * CLUSTER;
    layout->l2_offset = layout->l1_offset + l1_clusters * CLUSTER;
    layout->data_offset = layout->l2_offset + layout->l2_tables * CLUSTER;
    layout->file_size = refcounts.clusters * CLUSTER;
}

bool qcow2_layout_make(const struct qcow2_image *image, const struct qcow2_extents *extents,
                       struct qcow2_layout *layout, struct error *err)
{
    *layout = (struct qcow2_layout){.image = *image, .l1_entries = qcow2_l1_entries(image->virtual_size)};
    if (!qcow2_image_check(image, err) || !count(extents, layout, err))
        return false;
    place(layout);
    if (layout->refcount_table_clusters > REFCOUNT_TABLE_LIMIT)
        return error_set(err, RETURN_NOT_SUPPORTED, "image.unsupported",
                         "an image with %llu clusters of data would be larger than QEMU opens",
                         (unsigned long long)layout->data_clusters);
    return true;
}
