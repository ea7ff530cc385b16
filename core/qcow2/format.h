/* Numbers of the format that the writers of this room share; only for it. The images are of version 3 (compat
 * 1.1) with clusters of 64 KiB and refcounts of 16 bits, all numbers big endian.
 *
 * Source: QEMU's docs/interop/qcow2.txt; the limits of the tables are those of its block/qcow2.h. */
#ifndef REFPOINT_QCOW2_FORMAT_H
#define REFPOINT_QCOW2_FORMAT_H

#include <stdint.h>

#define CLUSTER_BITS 16
#define CLUSTER ((uint64_t)1 << CLUSTER_BITS)
#define ENTRIES (CLUSTER / 8)            /* of an L1, L2 or refcount table in one cluster */
#define TABLE_SPAN (CLUSTER * ENTRIES)   /* bytes of the disk that an L2 table covers: 512 MiB */
#define BLOCK_CLUSTERS (CLUSTER / 2)     /* clusters of the file that a refcount block counts: 2 GiB */
#define L1_ENTRIES_LIMIT (32 * 131072)   /* 32 MiB: 2 PiB of disk */
#define REFCOUNT_TABLE_LIMIT 128         /* clusters, 8 MiB: 2 PiB of file */
#define ENTRY_COPIED ((uint64_t)1 << 63) /* the refcount is exactly one */
#define ENTRY_COMPRESSED ((uint64_t)1 << 62)
#define ENTRY_ZERO ((uint64_t)1)
#define SECTORS_SHIFT (62 - (CLUSTER_BITS - 8)) /* of a compressed cluster's descriptor */
#define SECTOR 512

static inline uint64_t clusters_of(uint64_t bytes)
{
    return bytes / CLUSTER + (bytes % CLUSTER != 0);
}

static inline void put_16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put_32(uint8_t *at, uint32_t value)
{
    put_16(at, (uint16_t)(value >> 16));
    put_16(at + 2, (uint16_t)value);
}

static inline void put_64(uint8_t *at, uint64_t value)
{
    put_32(at, (uint32_t)(value >> 32));
    put_32(at + 4, (uint32_t)value);
}

static inline uint64_t get_64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

static inline uint16_t get_16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

#endif
