/* Clusters of the file are given out one after the other and never taken back. One of them, the tail, takes
 * the bytes of frames; while it is open others may be given out behind it, and then a frame that does not fit
 * any more begins in a new one: only neighbours can share a frame.
 *
 * The refcount table and the L1 table are made as large as they could ever become, and stand before the data:
 * a few clusters, and so nothing about them has to be remembered. Refcounts are kept for one block, the one
 * that counts the cluster that is given out next. */
#include "core/qcow2/pack.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/qcow2/compress.h"
#include "core/qcow2/extents.h"
#include "core/qcow2/header.h"
#include "core/qcow2/refcounts.h"
#include "core/qcow2/stream.h"
#include "core/qcow2/window.h"

#define L1_BUFFER ((size_t)64 << 10)
#define TABLE_BUFFER ((size_t)4 << 10)
#define NO_TABLE UINT64_MAX

struct qcow2_pack {
    struct qcow2_image image;
    struct qcow2_file file;
    struct qcow2_header header;
    uint64_t end;  /* of what has been added, on the disk */
    uint64_t next; /* cluster of the file to be given out */
    struct qcow2_window window;
    struct qcow2_stream l1;
    struct qcow2_stream refcount_table;
    uint64_t block; /* number of the refcount block in refcounts */
    uint8_t *refcounts;
    uint64_t table; /* number of the L2 table in entries, or NO_TABLE */
    uint8_t *entries;
    uint64_t tail; /* 0 = none is open */
    size_t tail_used;
    uint8_t *tail_bytes;
};

static uint8_t *refcount_at(struct qcow2_pack *pack, uint64_t cluster)
{
    return pack->refcounts + cluster % BLOCK_CLUSTERS * 2;
}

static uint16_t refcount_of(struct qcow2_pack *pack, uint64_t cluster)
{
    return get_16(refcount_at(pack, cluster));
}

static void count_one(struct qcow2_pack *pack, uint64_t cluster)
{
    put_16(refcount_at(pack, cluster), (uint16_t)(refcount_of(pack, cluster) + 1));
}

static bool close_tail(struct qcow2_pack *pack, struct error *err)
{
    uint64_t tail = pack->tail;
    if (tail == 0)
        return true;
    memset(pack->tail_bytes + pack->tail_used, 0, CLUSTER - pack->tail_used);
    pack->tail = 0;
    return qcow2_window_put(&pack->window, tail, pack->tail_bytes, err);
}

static void open_tail(struct qcow2_pack *pack, uint64_t cluster)
{
    pack->tail = cluster;
    pack->tail_used = 0;
}

static void append(struct qcow2_pack *pack, const uint8_t *bytes, size_t length)
{
    memcpy(pack->tail_bytes + pack->tail_used, bytes, length);
    pack->tail_used += length;
    count_one(pack, pack->tail);
}

/* The block in memory is complete and lies in this cluster; the one behind it begins. */
static bool put_block(struct qcow2_pack *pack, uint64_t cluster, struct error *err)
{
    if (pack->block >= pack->header.refcount_table_clusters * ENTRIES)
        return error_set(err, RETURN_NOT_SUPPORTED, "image.unsupported",
                         "the image is larger than QEMU opens");
    if (!qcow2_window_put(&pack->window, cluster, pack->refcounts, err) ||
        !qcow2_stream_put_64(&pack->refcount_table, cluster * CLUSTER, err))
        return false;
    memset(pack->refcounts, 0, CLUSTER);
    pack->block++;
    return true;
}

/* All clusters of the block have been given out, and none is open any more: its own is the first of the next
 * one. */
static bool turn_block(struct qcow2_pack *pack, struct error *err)
{
    uint64_t cluster = pack->next++;
    if (!close_tail(pack, err) || !put_block(pack, cluster, err))
        return false;
    count_one(pack, cluster);
    return true;
}

/* Gives out a cluster; may close the tail. */
static bool take(struct qcow2_pack *pack, uint64_t *cluster, struct error *err)
{
    if (pack->next / BLOCK_CLUSTERS != pack->block && !turn_block(pack, err))
        return false;
    *cluster = pack->next++;
    return true;
}

static bool put_table(struct qcow2_pack *pack, struct error *err)
{
    uint64_t cluster = 0;
    if (pack->table == NO_TABLE)
        return true;
    if (!take(pack, &cluster, err) || !qcow2_window_put(&pack->window, cluster, pack->entries, err))
        return false;
    count_one(pack, cluster);
    return qcow2_stream_skip_to(&pack->l1, pack->header.l1_offset + pack->table * 8, err) &&
           qcow2_stream_put_64(&pack->l1, cluster * CLUSTER | ENTRY_COPIED, err);
}

/* Before an entry of the table that covers this offset is set; one that is complete goes to the file. */
static bool find_table(struct qcow2_pack *pack, uint64_t offset, struct error *err)
{
    uint64_t table = offset / TABLE_SPAN;
    if (table == pack->table)
        return true;
    if (!put_table(pack, err))
        return false;
    memset(pack->entries, 0, CLUSTER);
    pack->table = table;
    return true;
}

static void set_entry(struct qcow2_pack *pack, uint64_t offset, uint64_t entry)
{
    put_64(pack->entries + offset % TABLE_SPAN / CLUSTER * 8, entry);
}

static bool refuse(uint64_t offset, struct error *err)
{
    return error_set(err, RETURN_FAILED, "image.plan",
                     "what is to be written at byte %llu of an image is out of order",
                     (unsigned long long)offset);
}

static bool begin_cluster(struct qcow2_pack *pack, uint64_t offset, struct error *err)
{
    uint64_t left = offset < pack->image.virtual_size ? pack->image.virtual_size - offset : 0;
    uint64_t length = left < CLUSTER ? left : CLUSTER;
    if (!qcow2_range_fits(pack->end, offset, length, pack->image.virtual_size))
        return refuse(offset, err);
    pack->end = offset + length;
    return find_table(pack, offset, err);
}

/* A frame that the tail has no room for: it goes on in the next cluster, or begins there. */
static bool append_across(struct qcow2_pack *pack, const uint8_t *frame, size_t length, uint64_t *offset,
                          struct error *err)
{
    uint64_t cluster = 0;
    size_t fits = 0;
    if (!take(pack, &cluster, err))
        return false;
    if (pack->tail != 0 && cluster == pack->tail + 1)
        fits = CLUSTER - pack->tail_used;
    if (fits > 0) {
        *offset = pack->tail * CLUSTER + pack->tail_used;
        append(pack, frame, fits);
    } else {
        *offset = cluster * CLUSTER;
    }
    if (!close_tail(pack, err))
        return false;
    open_tail(pack, cluster);
    append(pack, frame + fits, length - fits);
    return true;
}

static bool append_frame(struct qcow2_pack *pack, const uint8_t *frame, size_t length, uint64_t *offset,
                         struct error *err)
{
    if (pack->tail != 0 && refcount_of(pack, pack->tail) == UINT16_MAX && !close_tail(pack, err))
        return false;
    if (pack->tail == 0 || length > CLUSTER - pack->tail_used)
        return append_across(pack, frame, length, offset, err);
    *offset = pack->tail * CLUSTER + pack->tail_used;
    append(pack, frame, length);
    return true;
}

bool qcow2_pack_compressed(struct qcow2_pack *pack, uint64_t offset, const void *frame, size_t length,
                           struct error *err)
{
    uint64_t place = 0;
    if (length == 0 || length > QCOW2_FRAME_LIMIT)
        return refuse(offset, err);
    if (!begin_cluster(pack, offset, err) || !append_frame(pack, frame, length, &place, err))
        return false;
    uint64_t sectors = (place + length - 1) / SECTOR - place / SECTOR;
    set_entry(pack, offset, ENTRY_COMPRESSED | sectors << SECTORS_SHIFT | place);
    return true;
}

bool qcow2_pack_plain(struct qcow2_pack *pack, uint64_t offset, const void *cluster, struct error *err)
{
    uint64_t place = 0;
    if (!begin_cluster(pack, offset, err) || !take(pack, &place, err))
        return false;
    count_one(pack, place);
    set_entry(pack, offset, place * CLUSTER | ENTRY_COPIED);
    return !cluster || qcow2_window_put(&pack->window, place, cluster, err);
}

bool qcow2_pack_zero(struct qcow2_pack *pack, uint64_t offset, uint64_t length, struct error *err)
{
    if (!qcow2_range_fits(pack->end, offset, length, pack->image.virtual_size))
        return refuse(offset, err);
    pack->end = offset + length;
    for (uint64_t at = offset; at < pack->end; at += CLUSTER) {
        if (!find_table(pack, at, err))
            return false;
        set_entry(pack, at, ENTRY_ZERO);
    }
    return true;
}

/* What has not been written of the refcounts: one block or, where that itself makes the file reach into
 * another, two. They count themselves. */
static bool put_last_blocks(struct qcow2_pack *pack, struct error *err)
{
    uint64_t first = pack->next;
    uint64_t after = first;
    do
        after++;
    while ((pack->block + after - first) * BLOCK_CLUSTERS < after);
    pack->next = after;
    uint64_t counted = first;
    for (uint64_t cluster = first; cluster < after; cluster++) {
        for (; counted < after && counted / BLOCK_CLUSTERS == pack->block; counted++)
            count_one(pack, counted);
        if (!put_block(pack, cluster, err))
            return false;
    }
    return true;
}

uint64_t qcow2_pack_entry(const struct qcow2_pack *pack, uint64_t offset)
{
    bool has_table = offset / TABLE_SPAN == pack->table;
    return has_table ? get_64(pack->entries + offset % TABLE_SPAN / CLUSTER * 8) : 0;
}

bool qcow2_pack_read(const struct qcow2_file *file, uint64_t entry, uint8_t *frame, size_t *length,
                     void *cluster)
{
    uint64_t place = entry & (((uint64_t)1 << SECTORS_SHIFT) - 1);
    *length = 0;
    if (entry == ENTRY_ZERO) {
        memset(cluster, 0, CLUSTER);
        return true;
    }
    if (entry & ENTRY_COPIED)
        return read_at(file->fd, cluster, CLUSTER, entry & ~ENTRY_COPIED) == (ssize_t)CLUSTER;
    if (!(entry & ENTRY_COMPRESSED))
        return false;
    uint64_t sectors = (entry & ~ENTRY_COMPRESSED) >> SECTORS_SHIFT;
    uint64_t most = (sectors + 1) * SECTOR - place % SECTOR;
    if (most > QCOW2_FRAME_LIMIT)
        most = QCOW2_FRAME_LIMIT;
    ssize_t got = read_at(file->fd, frame, (size_t)most, place);
    return got > 0 && qcow2_decompress_cluster(frame, (size_t)got, length, cluster);
}

bool qcow2_pack_finish(struct qcow2_pack *pack, struct error *err)
{
    if (!put_table(pack, err) || !close_tail(pack, err) || !put_last_blocks(pack, err))
        return false;
    return qcow2_window_flush(&pack->window, err) && qcow2_stream_flush(&pack->l1, err) &&
           qcow2_stream_flush(&pack->refcount_table, err) &&
           qcow2_file_resize(&pack->file, pack->next * CLUSTER, err) &&
           qcow2_header_write(&pack->header, &pack->file, err);
}

/* A cluster of the disk takes at most one of the file. */
static uint64_t refcount_table_clusters(const struct qcow2_header *header)
{
    uint64_t tables = clusters_of(header->l1_entries * 8) + header->l1_entries;
    uint64_t most = qcow2_refcounts_of(1 + tables + clusters_of(header->image->virtual_size)).table_clusters;
    return most < REFCOUNT_TABLE_LIMIT ? most : REFCOUNT_TABLE_LIMIT;
}

static void place_tables(struct qcow2_pack *pack)
{
    struct qcow2_header *header = &pack->header;
    *header = (struct qcow2_header){.image = &pack->image,
                                    .l1_entries = qcow2_l1_entries(pack->image.virtual_size),
                                    .refcount_table_offset = CLUSTER,
                                    .zstd = true};
    header->refcount_table_clusters = refcount_table_clusters(header);
    header->l1_offset = CLUSTER + header->refcount_table_clusters * CLUSTER;
}

/* In front of the data: a file that is kept may have tables of what was behind the end of this one. */
static bool clear_front(struct qcow2_pack *pack, uint64_t clusters, struct error *err)
{
    if (!pack->file.keep)
        return qcow2_file_reset(&pack->file, 0, err);
    memset(pack->tail_bytes, 0, CLUSTER);
    for (uint64_t i = 0; i < clusters; i++) {
        if (!qcow2_file_write(&pack->file, pack->tail_bytes, CLUSTER, i * CLUSTER, err))
            return false;
    }
    return true;
}

static bool prepare(struct qcow2_pack *pack, struct error *err)
{
    uint64_t data = (pack->header.l1_offset + pack->header.l1_entries * 8 + CLUSTER - 1) / CLUSTER;
    pack->refcounts = qcow2_buffer(CLUSTER, err);
    pack->entries = qcow2_buffer(CLUSTER, err);
    pack->tail_bytes = qcow2_buffer(CLUSTER, err);
    if (!pack->refcounts || !pack->entries || !pack->tail_bytes)
        return false;
    while (pack->next < data)
        count_one(pack, pack->next++);
    return qcow2_window_open(&pack->window, &pack->file, err) &&
           qcow2_stream_open(&pack->l1, &pack->file, pack->header.l1_offset, L1_BUFFER, err) &&
           qcow2_stream_open(&pack->refcount_table, &pack->file, pack->header.refcount_table_offset,
                             TABLE_BUFFER, err) &&
           clear_front(pack, data, err);
}

struct qcow2_pack *qcow2_pack_open(const struct qcow2_image *image, const struct qcow2_file *file,
                                   struct error *err)
{
    if (!qcow2_image_check(image, err))
        return NULL;
    struct qcow2_pack *pack = mem_alloc(sizeof *pack);
    *pack = (struct qcow2_pack){.image = *image, .file = *file, .table = NO_TABLE};
    place_tables(pack);
    if (prepare(pack, err))
        return pack;
    qcow2_pack_close(pack);
    return NULL;
}

void qcow2_pack_close(struct qcow2_pack *pack)
{
    if (!pack)
        return;
    qcow2_window_close(&pack->window);
    qcow2_stream_close(&pack->l1);
    qcow2_stream_close(&pack->refcount_table);
    free(pack->refcounts);
    free(pack->entries);
    free(pack->tail_bytes);
    free(pack);
}
