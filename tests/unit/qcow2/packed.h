/* Packed images of plans, of frames that are bytes only: what lies where is what they test, and no
 * decompressor could tell. Everything static. */
#ifndef REFPOINT_TESTS_UNIT_QCOW2_PACKED_H
#define REFPOINT_TESTS_UNIT_QCOW2_PACKED_H

#include <unistd.h>

#include "core/qcow2/compress.h"
#include "core/qcow2/pack.h"
#include "tests/unit/qcow2/plan.h"
#include "tests/unit/qcow2/reader.h"

/* How a cluster of data is stored, by its number: as a frame of this many bytes, or 0: as it is. */
typedef size_t packed_length(const void *context, uint64_t cluster);

static inline void packed_fill(uint64_t cluster, uint8_t *bytes, size_t length)
{
    uint64_t word = (cluster + 1) * 0x9e3779b97f4a7c15 | 1;
    for (size_t at = 0; at < length; at += sizeof word, word += 2 * word + 0x100000001)
        memcpy(bytes + at, &word, length - at < sizeof word ? length - at : sizeof word);
}

static inline bool packed_add(struct qcow2_pack *pack, uint64_t cluster, size_t length, struct error *err)
{
    uint8_t bytes[PLAN_CLUSTER];
    if (length == 0 && cluster % 2 == 0)
        return qcow2_pack_plain(pack, cluster * PLAN_CLUSTER, NULL, err);
    packed_fill(cluster, bytes, length ? length : PLAN_CLUSTER);
    if (length == 0)
        return qcow2_pack_plain(pack, cluster * PLAN_CLUSTER, bytes, err);
    return qcow2_pack_compressed(pack, cluster * PLAN_CLUSTER, bytes, length, err);
}

static inline bool packed_add_extent(struct qcow2_pack *pack, const struct qcow2_extent *extent,
                                     packed_length *length_of, const void *context, struct error *err)
{
    if (extent->kind == QCOW2_ZERO)
        return qcow2_pack_zero(pack, extent->offset, extent->length, err);
    uint64_t first = extent->offset / PLAN_CLUSTER;
    uint64_t count = (extent->length + PLAN_CLUSTER - 1) / PLAN_CLUSTER;
    for (uint64_t i = first; i < first + count; i++) {
        if (!packed_add(pack, i, length_of(context, i), err))
            return false;
    }
    return true;
}

static inline bool packed_write(const struct plan *plan, packed_length *length_of, const void *context,
                                int fd, struct error *err)
{
    struct qcow2_image image = {.virtual_size = plan->virtual_size};
    struct qcow2_file file = {.fd = fd, .path = "image"};
    struct qcow2_pack *pack = qcow2_pack_open(&image, &file, err);
    bool ok = pack != NULL;
    for (size_t i = 0; i < plan->count && ok; i++)
        ok = packed_add_extent(pack, &plan->extents[i], length_of, context, err);
    ok = ok && qcow2_pack_finish(pack, err);
    qcow2_pack_close(pack);
    return ok;
}

/* Asked without reading: that would fill it. */
static inline bool packed_is_hole(int fd, uint64_t offset)
{
    off_t data = lseek(fd, (off_t)offset, SEEK_DATA);
    return data < 0 || (uint64_t)data >= offset + PLAN_CLUSTER;
}

static inline const char *packed_check_data(struct reader *reader, int fd, uint64_t cluster, size_t length)
{
    uint8_t bytes[PLAN_CLUSTER];
    struct place place = reader_find(reader, cluster);
    if (place.kind != (length ? PLACE_PACKED : PLACE_PLAIN))
        return "a cluster is stored in another way";
    if (length && (place.room < length || place.room >= length + 512))
        return "the sectors of a frame are wrong";
    if (length == 0 && cluster % 2 == 0)
        return packed_is_hole(fd, place.offset) ? NULL : "a hole has been written";
    packed_fill(cluster, bytes, length ? length : PLAN_CLUSTER);
    return memcmp(reader->map + place.offset, bytes, length ? length : PLAN_CLUSTER) == 0
               ? NULL
               : "other bytes than were put";
}

/* What is wrong with the image as one of this plan; NULL = nothing. */
static inline const char *packed_check(const struct plan *plan, packed_length *length_of, const void *context,
                                       int fd)
{
    struct reader reader;
    const char *fault = reader_open(&reader, fd);
    uint8_t *kinds = plan_kinds(plan);
    if (!fault && (reader.virtual_size != plan->virtual_size || !reader.zstd))
        fault = "size or compression type";
    for (uint64_t i = 0; i < plan_clusters(plan) && !fault; i++) {
        if (kinds[i] == 1 + QCOW2_DATA)
            fault = packed_check_data(&reader, fd, i, length_of(context, i));
        else if (reader_find(&reader, i).kind != (kinds[i] ? PLACE_ZERO : PLACE_NONE))
            fault = "something where nothing was put";
    }
    free(kinds);
    reader_close(&reader);
    return fault;
}

#endif
