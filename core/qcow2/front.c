/* The tables of an image from its plan. L1 and L2 are two streams that go on side by side, so that one pass
 * fills both. */
#include "core/base/return_code.h"
#include "core/qcow2/format.h"
#include "core/qcow2/header.h"
#include "core/qcow2/layout.h"
#include "core/qcow2/stream.h"

#define SMALL_BUFFER ((size_t)64 << 10)
#define LARGE_BUFFER ((size_t)512 << 10)
#define NO_TABLE UINT64_MAX

struct front {
    const struct qcow2_layout *layout;
    struct qcow2_stream l1;
    struct qcow2_stream l2;
    uint64_t table;       /* the one that is being filled, by its place on the disk */
    uint64_t tables;      /* begun */
    uint64_t next_offset; /* of the next cluster of data */
};

static bool put_refcounts(const struct qcow2_layout *layout, struct qcow2_stream *stream, struct error *err)
{
    for (uint64_t i = 0; i < layout->refcount_blocks; i++) {
        if (!qcow2_stream_put_64(stream, layout->refcount_blocks_offset + i * CLUSTER, err))
            return false;
    }
    if (!qcow2_stream_skip_to(stream, layout->refcount_blocks_offset, err))
        return false;
    for (uint64_t i = 0; i < layout->file_size / CLUSTER; i++) {
        if (!qcow2_stream_put_16(stream, 1, err))
            return false;
    }
    return qcow2_stream_flush(stream, err);
}

static bool write_refcounts(const struct qcow2_layout *layout, const struct qcow2_file *file,
                            struct error *err)
{
    struct qcow2_stream stream;
    bool ok = qcow2_stream_open(&stream, file, layout->refcount_table_offset, LARGE_BUFFER, err) &&
              put_refcounts(layout, &stream, err);
    qcow2_stream_close(&stream);
    return ok;
}

static bool changed(struct error *err)
{
    return error_set(err, RETURN_FAILED, "image.plan", "the plan of an image changed while it was written");
}

static bool begin_table(struct front *front, uint64_t table, struct error *err)
{
    const struct qcow2_layout *layout = front->layout;
    uint64_t offset = layout->l2_offset + front->tables * CLUSTER;
    if (front->tables == layout->l2_tables)
        return changed(err);
    front->table = table;
    front->tables++;
    return qcow2_stream_skip_to(&front->l1, layout->l1_offset + table * 8, err) &&
           qcow2_stream_put_64(&front->l1, offset | ENTRY_COPIED, err);
}

static bool put_entries(struct front *front, enum qcow2_kind kind, uint64_t clusters, struct error *err)
{
    if (kind == QCOW2_DATA && clusters > (front->layout->file_size - front->next_offset) / CLUSTER)
        return changed(err);
    for (uint64_t i = 0; i < clusters; i++) {
        uint64_t entry = ENTRY_ZERO;
        if (kind == QCOW2_DATA) {
            entry = front->next_offset | ENTRY_COPIED;
            front->next_offset += CLUSTER;
        }
        if (!qcow2_stream_put_64(&front->l2, entry, err))
            return false;
    }
    return true;
}

/* The part of an extent that lies in one table. */
static bool put_part(struct front *front, const struct qcow2_extent *part, struct error *err)
{
    uint64_t table = part->offset / TABLE_SPAN;
    if (table != front->table && !begin_table(front, table, err))
        return false;
    uint64_t start = front->layout->l2_offset + (front->tables - 1) * CLUSTER;
    return qcow2_stream_skip_to(&front->l2, start + part->offset % TABLE_SPAN / CLUSTER * 8, err) &&
           put_entries(front, part->kind, clusters_of(part->length), err);
}

static bool put_extent(struct front *front, struct qcow2_extent extent, struct error *err)
{
    while (extent.length > 0) {
        struct qcow2_extent part = extent;
        uint64_t room = TABLE_SPAN - extent.offset % TABLE_SPAN;
        if (part.length > room)
            part.length = room;
        if (!put_part(front, &part, err))
            return false;
        extent.offset += part.length;
        extent.length -= part.length;
    }
    return true;
}

static bool put_tables(struct front *front, const struct qcow2_extents *extents, struct error *err)
{
    struct qcow2_walk walk;
    struct qcow2_extent extent;
    if (!qcow2_walk_start(&walk, extents, front->layout->image.virtual_size, err))
        return false;
    do {
        if (!qcow2_walk_next(&walk, &extent, err) || !put_extent(front, extent, err))
            return false;
    } while (extent.length > 0);
    if (front->tables != front->layout->l2_tables || front->next_offset != front->layout->file_size)
        return changed(err);
    return qcow2_stream_flush(&front->l1, err) && qcow2_stream_flush(&front->l2, err);
}

static bool write_tables(const struct qcow2_layout *layout, const struct qcow2_extents *extents,
                         const struct qcow2_file *file, struct error *err)
{
    struct front front = {.layout = layout, .table = NO_TABLE, .next_offset = layout->data_offset};
    bool ok = qcow2_stream_open(&front.l1, file, layout->l1_offset, SMALL_BUFFER, err) &&
              qcow2_stream_open(&front.l2, file, layout->l2_offset, LARGE_BUFFER, err) &&
              put_tables(&front, extents, err);
    qcow2_stream_close(&front.l1);
    qcow2_stream_close(&front.l2);
    return ok;
}

bool qcow2_front_write(const struct qcow2_layout *layout, const struct qcow2_extents *extents,
                       const struct qcow2_file *file, struct error *err)
{
    struct qcow2_header header = {.image = &layout->image,
                                  .l1_offset = layout->l1_offset,
                                  .l1_entries = layout->l1_entries,
                                  .refcount_table_offset = layout->refcount_table_offset,
                                  .refcount_table_clusters = layout->refcount_table_clusters};
    return qcow2_file_reset(file, layout->file_size, err) && qcow2_header_write(&header, file, err) &&
           write_refcounts(layout, file, err) && write_tables(layout, extents, file, err);
}
