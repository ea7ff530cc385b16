#include "core/image/bitmaps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/read_at.h"

/* One entry of the directory; extra data and name follow, padded to 8 bytes. */
enum {
    ENTRY_TABLE_OFFSET = 0,
    ENTRY_TABLE_SIZE = 8,
    ENTRY_FLAGS = 12,
    ENTRY_TYPE = 16,
    ENTRY_GRANULARITY_BITS = 17,
    ENTRY_NAME_LENGTH = 18,
    ENTRY_EXTRA_LENGTH = 20,
    ENTRY_LENGTH = 24,
};

enum entry_flag { FLAG_IN_USE = 1 << 0, FLAG_AUTO = 1 << 1 };

#define TYPE_DIRTY_TRACKING 1
#define MIN_GRANULARITY_BITS 9
#define MAX_GRANULARITY_BITS 31
#define MAX_NAME 1023

static uint64_t big_endian(const unsigned char *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static bool damaged(const char *path, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "image.damaged", "%s is damaged: its directory of dirty bitmaps",
              path);
    return error_next(err, "Look at it with \"qemu-img check\", or bring it back from a copy.");
}

static bool read_all(int fd, unsigned char *bytes, uint64_t length, uint64_t offset, const char *path,
                     struct error *err)
{
    ssize_t got = read_at(fd, bytes, (size_t)length, offset);
    if (got < 0)
        return error_errno(err, errno, "image.read", "cannot read the dirty bitmaps of %s", path);
    return (uint64_t)got == length || damaged(path, err);
}

/* The entry at the start of these bytes; *used is how many it takes. */
static bool read_entry(const unsigned char *bytes, uint64_t length, struct image_bitmap *bitmap,
                       uint64_t *used)
{
    if (length < ENTRY_LENGTH)
        return false;
    uint64_t name_length = big_endian(bytes + ENTRY_NAME_LENGTH, 2);
    uint64_t name_offset = ENTRY_LENGTH + big_endian(bytes + ENTRY_EXTRA_LENGTH, 4);
    unsigned bits = bytes[ENTRY_GRANULARITY_BITS];
    *used = (name_offset + name_length + 7) & ~(uint64_t)7;
    if (*used > length || name_length == 0 || name_length > MAX_NAME ||
        memchr(bytes + name_offset, '\0', name_length) || bytes[ENTRY_TYPE] != TYPE_DIRTY_TRACKING ||
        bits < MIN_GRANULARITY_BITS || bits > MAX_GRANULARITY_BITS)
        return false;
    uint32_t flags = (uint32_t)big_endian(bytes + ENTRY_FLAGS, 4);
    *bitmap = (struct image_bitmap){.name = mem_strndup((const char *)bytes + name_offset, name_length),
                                    .granularity = (uint32_t)1 << bits,
                                    .enabled = flags & FLAG_AUTO,
                                    .inconsistent = flags & FLAG_IN_USE,
                                    .table_offset = big_endian(bytes + ENTRY_TABLE_OFFSET, 8),
                                    .table_size = (uint32_t)big_endian(bytes + ENTRY_TABLE_SIZE, 4)};
    return true;
}

static bool read_entries(const unsigned char *bytes, const struct image_info *info,
                         struct image_bitmaps *bitmaps)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < info->bitmap_count; i++) {
        struct image_bitmap bitmap;
        uint64_t used = 0;
        if (!read_entry(bytes + at, info->bitmap_directory_size - at, &bitmap, &used))
            return false;
        *ARRAY_APPEND(bitmaps->items, bitmaps->count) = bitmap;
        at += used;
    }
    return at == info->bitmap_directory_size;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool names_differ(const struct image_bitmaps *bitmaps)
{
    CLEANUP_FREE const char **names = mem_alloc(bitmaps->count * sizeof *names);
    for (size_t i = 0; i < bitmaps->count; i++)
        names[i] = bitmaps->items[i].name;
    qsort(names, bitmaps->count, sizeof *names, compare_names);
    for (size_t i = 1; i < bitmaps->count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0)
            return false;
    }
    return true;
}

bool image_bitmaps_read(int fd, const struct image_info *info, const char *path_for_messages,
                        struct image_bitmaps *bitmaps, struct error *err)
{
    *bitmaps = (struct image_bitmaps){0};
    if (info->bitmap_count == 0)
        return true;
    CLEANUP_FREE unsigned char *bytes = mem_alloc(info->bitmap_directory_size);
    if (!read_all(fd, bytes, info->bitmap_directory_size, info->bitmap_directory_offset, path_for_messages,
                  err))
        return false;
    if (read_entries(bytes, info, bitmaps) && names_differ(bitmaps))
        return true;
    image_bitmaps_clear(bitmaps);
    return damaged(path_for_messages, err);
}

/* An entry of the table: where a cluster of bits is, or that they are all the same. */
#define TABLE_OFFSET_MASK 0x00fffffffffffe00ULL
#define TABLE_ALL_ONES 1ULL
#define MAX_TABLE ((uint64_t)64 << 20)

static uint64_t count_bits(const unsigned char *bytes, uint64_t bits)
{
    uint64_t marked = 0;
    for (uint64_t i = 0; i < bits / 8; i++)
        marked += (uint64_t)__builtin_popcount(bytes[i]);
    if (bits % 8 != 0)
        marked += (uint64_t)__builtin_popcount(bytes[bits / 8] & ((1U << bits % 8) - 1));
    return marked;
}

/* Does the table have just as many entries as the disk needs, and lie in the file? */
static bool table_fits(const struct image_info *info, const struct image_bitmap *bitmap, uint64_t bits)
{
    uint64_t bits_of_entry = (uint64_t)info->cluster_size * 8;
    uint64_t length = (uint64_t)bitmap->table_size * 8;
    return bitmap->table_size == (bits + bits_of_entry - 1) / bits_of_entry && length <= MAX_TABLE &&
           bitmap->table_offset <= info->file_size && length <= info->file_size - bitmap->table_offset;
}

static bool count_table(int fd, const struct image_info *info, const unsigned char *table, uint64_t bits,
                        const char *path, uint64_t *marked, struct error *err)
{
    uint64_t bits_of_entry = (uint64_t)info->cluster_size * 8;
    CLEANUP_FREE unsigned char *cluster = mem_alloc(info->cluster_size);
    for (uint64_t at = 0, i = 0; at < bits; at += bits_of_entry, i++) {
        uint64_t entry = big_endian(table + i * 8, 8);
        uint64_t here = bits - at < bits_of_entry ? bits - at : bits_of_entry;
        if ((entry & TABLE_OFFSET_MASK) == 0) {
            *marked += entry & TABLE_ALL_ONES ? here : 0;
            continue;
        }
        if (!read_all(fd, cluster, (here + 7) / 8, entry & TABLE_OFFSET_MASK, path, err))
            return false;
        *marked += count_bits(cluster, here);
    }
    return true;
}

bool image_bitmap_marked(int fd, const struct image_info *info, const struct image_bitmap *bitmap,
                         const char *path_for_messages, uint64_t *bytes, struct error *err)
{
    uint64_t bits =
        info->virtual_size / bitmap->granularity + (info->virtual_size % bitmap->granularity != 0);
    uint64_t marked = 0;
    *bytes = 0;
    if (!table_fits(info, bitmap, bits))
        return damaged(path_for_messages, err);
    CLEANUP_FREE unsigned char *table = mem_alloc((uint64_t)bitmap->table_size * 8 + 1);
    if (!read_all(fd, table, (uint64_t)bitmap->table_size * 8, bitmap->table_offset, path_for_messages,
                  err) ||
        !count_table(fd, info, table, bits, path_for_messages, &marked, err))
        return false;
    if (__builtin_mul_overflow(marked, bitmap->granularity, bytes) || *bytes > info->virtual_size)
        *bytes = info->virtual_size;
    return true;
}

void image_bitmaps_clear(struct image_bitmaps *bitmaps)
{
    for (size_t i = 0; i < bitmaps->count; i++)
        free(bitmaps->items[i].name);
    free(bitmaps->items);
    *bitmaps = (struct image_bitmaps){0};
}

const struct image_bitmap *image_bitmaps_find(const struct image_bitmaps *bitmaps, const char *name)
{
    for (size_t i = 0; i < bitmaps->count; i++) {
        if (strcmp(bitmaps->items[i].name, name) == 0)
            return &bitmaps->items[i];
    }
    return NULL;
}

bool image_bitmaps_same(const struct image_bitmaps *one, const struct image_bitmaps *other)
{
    if (one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++) {
        const struct image_bitmap *left = &one->items[i];
        const struct image_bitmap *right = image_bitmaps_find(other, left->name);
        if (!right || left->granularity != right->granularity || left->enabled != right->enabled ||
            left->inconsistent != right->inconsistent)
            return false;
    }
    return true;
}
