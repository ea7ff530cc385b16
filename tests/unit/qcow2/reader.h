/* A reader of qcow2 images for tests, made from the format's text (docs/interop/qcow2.txt) and from nothing
 * of core/qcow2: what it finds wrong is a fault's sentence. It is stricter than QEMU's check: every cluster
 * of the file is used, every unused byte of a table is zero. Everything static. */
#ifndef REFPOINT_TESTS_UNIT_QCOW2_READER_H
#define REFPOINT_TESTS_UNIT_QCOW2_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum place_kind { PLACE_NONE, PLACE_ZERO, PLACE_PLAIN, PLACE_PACKED };

struct place {
    enum place_kind kind;
    uint64_t offset; /* in the file */
    uint64_t room;   /* PLACE_PACKED: up to the end of its last sector */
};

struct reader {
    const uint8_t *map;
    uint64_t size;
    uint64_t virtual_size;
    uint64_t l1_offset;
    uint64_t l1_entries;
    uint64_t table_offset;
    uint64_t table_clusters;
    bool zstd;
    uint16_t *counted; /* by cluster of the file */
    const char *fault; /* the first; NULL = none */
};

#define READER_CLUSTER ((uint64_t)65536)

static inline uint64_t reader_number(const struct reader *reader, uint64_t offset, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | reader->map[offset + i];
    return value;
}

static inline bool reader_expect(struct reader *reader, bool condition, const char *fault)
{
    if (!condition && !reader->fault)
        reader->fault = fault;
    return condition;
}

static inline void reader_count(struct reader *reader, uint64_t offset, uint64_t length)
{
    if (!reader_expect(reader, offset <= reader->size && length <= reader->size - offset,
                       "something lies behind the end of the file"))
        return;
    for (uint64_t i = offset / READER_CLUSTER; length > 0 && i <= (offset + length - 1) / READER_CLUSTER; i++)
        reader_expect(reader, reader->counted[i]++ < UINT16_MAX, "a refcount overflows");
}

/* A table or a standard cluster: whole ones. */
static inline bool reader_count_clusters(struct reader *reader, uint64_t offset, uint64_t length)
{
    length = (length + READER_CLUSTER - 1) / READER_CLUSTER * READER_CLUSTER;
    reader_expect(reader, offset % READER_CLUSTER == 0, "a cluster is not aligned");
    reader_count(reader, offset, length);
    return !reader->fault;
}

static inline void reader_header(struct reader *reader)
{
    uint64_t features = reader_number(reader, 72, 8);
    uint64_t name = reader_number(reader, 8, 8);
    reader->virtual_size = reader_number(reader, 24, 8);
    reader->l1_entries = reader_number(reader, 36, 4);
    reader->l1_offset = reader_number(reader, 40, 8);
    reader->table_offset = reader_number(reader, 48, 8);
    reader->table_clusters = reader_number(reader, 56, 4);
    reader->zstd = features == 8;
    reader_expect(reader, memcmp(reader->map, "QFI\xfb\0\0\0\3", 8) == 0, "not qcow2 of version 3");
    reader_expect(reader, reader_number(reader, 20, 4) == 16, "no clusters of 64 KiB");
    reader_expect(reader, reader_number(reader, 32, 4) == 0, "encrypted");
    reader_expect(reader, reader_number(reader, 60, 4) == 0, "snapshots");
    reader_expect(reader, features == 0 || features == 8, "unknown incompatible features");
    reader_expect(reader, reader_number(reader, 80, 8) == 0 && reader_number(reader, 88, 8) == 0, "features");
    reader_expect(reader, reader_number(reader, 96, 4) == 4, "refcounts not of 16 bits");
    reader_expect(reader, reader_number(reader, 100, 4) == 112, "header length");
    reader_expect(reader, reader->map[104] == (reader->zstd ? 1 : 0), "compression type");
    reader_expect(reader, name == 0 || name + reader_number(reader, 16, 4) <= READER_CLUSTER, "backing name");
    reader_expect(reader, reader->l1_entries <= 4194304 && reader->table_clusters <= 128, "tables too large");
    reader_expect(reader, reader->table_clusters > 0, "no refcount table");
    reader_expect(reader, reader->virtual_size <= reader->l1_entries * 8192 * READER_CLUSTER, "L1 too small");
}

static inline struct place reader_place(struct reader *reader, uint64_t entry)
{
    uint64_t offset = entry & 0x00fffffffffffe00;
    if (entry == 0)
        return (struct place){.kind = PLACE_NONE};
    if (entry == 1)
        return (struct place){.kind = PLACE_ZERO};
    if (entry >> 62 == 1) {
        offset = entry & (((uint64_t)1 << 54) - 1);
        uint64_t sectors = (entry >> 54 & 0xff) + 1;
        reader_expect(reader, reader->zstd, "compressed, but by nothing");
        return (struct place){PLACE_PACKED, offset, sectors * 512 - offset % 512};
    }
    reader_expect(reader, entry >> 62 == 2 && (entry & 0x3f000000000001ff) == 0, "bits of an L2 entry");
    return (struct place){.kind = PLACE_PLAIN, .offset = offset};
}

static inline void reader_l2(struct reader *reader, uint64_t index, uint64_t offset)
{
    uint64_t used = 0;
    for (uint64_t i = 0; i < 8192 && !reader->fault; i++) {
        struct place place = reader_place(reader, reader_number(reader, offset + i * 8, 8));
        used += place.kind != PLACE_NONE;
        reader_expect(reader,
                      place.kind == PLACE_NONE || (index * 8192 + i) * READER_CLUSTER < reader->virtual_size,
                      "an entry behind the end of the disk");
        if (place.kind == PLACE_PLAIN)
            reader_count_clusters(reader, place.offset, READER_CLUSTER);
        if (place.kind == PLACE_PACKED)
            reader_count(reader, place.offset, place.room);
    }
    reader_expect(reader, used > 0, "an L2 table for nothing");
}

static inline void reader_l1(struct reader *reader)
{
    for (uint64_t i = 0; i < reader->l1_entries && !reader->fault; i++) {
        uint64_t entry = reader_number(reader, reader->l1_offset + i * 8, 8);
        if (entry == 0)
            continue;
        uint64_t offset = entry & 0x00fffffffffffe00;
        reader_expect(reader, entry == (offset | (uint64_t)1 << 63), "bits of an L1 entry");
        if (reader_count_clusters(reader, offset, READER_CLUSTER))
            reader_l2(reader, i, offset);
    }
}

/* The blocks count as used, so all are found before any is compared. */
static inline void reader_blocks(struct reader *reader)
{
    uint64_t blocks = reader->table_clusters * 8192;
    for (uint64_t i = 0; i < blocks && !reader->fault; i++) {
        uint64_t block = reader_number(reader, reader->table_offset + i * 8, 8);
        if (block != 0)
            reader_count_clusters(reader, block, READER_CLUSTER);
    }
}

static inline void reader_refcounts(struct reader *reader)
{
    uint64_t clusters = reader->size / READER_CLUSTER;
    reader_expect(reader, reader->table_clusters * 8192 * 32768 >= clusters, "refcount table too small");
    for (uint64_t i = 0; i < reader->table_clusters * 8192 && !reader->fault; i++) {
        uint64_t block = reader_number(reader, reader->table_offset + i * 8, 8);
        reader_expect(reader, (block != 0) == (i * 32768 < clusters), "a refcount block too many or too few");
        for (uint64_t k = 0; block != 0 && k < 32768 && !reader->fault; k++) {
            uint64_t cluster = i * 32768 + k;
            uint64_t is = reader_number(reader, block + k * 2, 2);
            uint64_t ought = cluster < clusters ? reader->counted[cluster] : 0;
            reader_expect(reader, is == ought, "a refcount is wrong");
            reader_expect(reader, cluster >= clusters || is > 0, "a cluster of the file is not used");
        }
    }
}

/* Whole: an image that is finished. NULL = nothing is wrong. */
static inline const char *reader_open(struct reader *reader, int fd)
{
    struct stat status;
    *reader = (struct reader){0};
    if (fstat(fd, &status) != 0 || status.st_size < (off_t)READER_CLUSTER)
        return reader->fault = "no header";
    reader->size = (uint64_t)status.st_size;
    void *map = mmap(NULL, reader->size, PROT_READ, MAP_SHARED, fd, 0);
    reader->counted = calloc(reader->size / READER_CLUSTER + 1, sizeof *reader->counted);
    if (map == MAP_FAILED || !reader->counted)
        abort();
    reader->map = map;
    reader_expect(reader, reader->size % READER_CLUSTER == 0, "the file ends within a cluster");
    reader_header(reader);
    if (!reader->fault && reader_count_clusters(reader, 0, READER_CLUSTER) &&
        reader_count_clusters(reader, reader->table_offset, reader->table_clusters * READER_CLUSTER) &&
        reader_count_clusters(reader, reader->l1_offset, reader->l1_entries * 8)) {
        reader_blocks(reader);
        reader_l1(reader);
    }
    if (!reader->fault)
        reader_refcounts(reader);
    return reader->fault;
}

static inline void reader_close(struct reader *reader)
{
    if (reader->map)
        munmap((void *)(uintptr_t)reader->map, reader->size);
    free(reader->counted);
    *reader = (struct reader){0};
}

/* Where a cluster of the disk lies. */
static inline struct place reader_find(struct reader *reader, uint64_t cluster)
{
    uint64_t table = reader_number(reader, reader->l1_offset + cluster / 8192 * 8, 8) & 0x00fffffffffffe00;
    if (table == 0)
        return (struct place){.kind = PLACE_NONE};
    return reader_place(reader, reader_number(reader, table + cluster % 8192 * 8, 8));
}

#endif
