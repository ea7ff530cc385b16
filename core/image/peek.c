/* Layouts: QEMU's docs/interop/qcow2.txt and qed_spec.txt; magic numbers: the probing functions in its
 * block/. qcow, the first version, has magic and the place of the backing file's name as qcow2 has. */
#include "core/image/peek.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/read_at.h"

#define START_LENGTH 72
#define NAME_LIMIT 1023

/* false at the end of the file too. */
static bool read_whole(int fd, void *bytes, size_t length, uint64_t offset)
{
    return read_at(fd, bytes, length, offset) == (ssize_t)length;
}

static uint64_t big_endian(const unsigned char *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static uint32_t little_endian_32(const unsigned char *bytes)
{
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

char *image_peek_backing(int fd)
{
    unsigned char start[START_LENGTH];
    uint64_t offset = 0;
    uint64_t length = 0;
    if (!read_whole(fd, start, sizeof start, 0))
        return NULL;
    if (memcmp(start, "QFI\xfb", 4) == 0) {
        offset = big_endian(start + 8, 8);
        length = big_endian(start + 16, 4);
    } else if (memcmp(start, "QED", 4) == 0) {
        offset = little_endian_32(start + 56);
        length = little_endian_32(start + 60);
    }
    if (offset == 0 || length == 0 || length > NAME_LIMIT || offset > (uint64_t)INT64_MAX - length)
        return NULL;
    char name[NAME_LIMIT];
    if (!read_whole(fd, name, length, offset))
        return NULL;
    return mem_strndup(name, length);
}

uint32_t image_peek_cluster_size(int fd)
{
    unsigned char start[24];
    if (!read_whole(fd, start, sizeof start, 0) || memcmp(start, "QFI\xfb", 4) != 0)
        return 0;
    uint64_t bits = big_endian(start + 20, 4);
    return bits >= 9 && bits <= 21 ? 1U << bits : 0;
}

/* Shorter files than the longest of these are looked at as far as they go. */
static size_t read_start(int fd, unsigned char *bytes, size_t length)
{
    ssize_t got = read_at(fd, bytes, length, 0);
    return got > 0 ? (size_t)got : 0;
}

const char *image_peek_format(int fd)
{
    static const struct {
        const char *format;
        const char *magic;
        size_t length;
        size_t offset;
    } known[] = {
        {"qcow", "QFI\xfb\0\0\0\1", 8, 0},
        {"qcow2", "QFI\xfb", 4, 0},
        {"qed", "QED\0", 4, 0},
        {"vmdk", "KDMV", 4, 0},
        {"vmdk", "COWD", 4, 0},
        {"vmdk", "# Disk DescriptorFile", 21, 0},
        {"vdi", "\x7f\x10\xda\xbe", 4, 64},
        {"vhdx", "vhdxfile", 8, 0},
        {"vhd", "conectix", 8, 0},
        {"parallels", "WithoutFreeSpace", 16, 0},
        {"parallels", "WithouFreSpacExt", 16, 0},
        {"luks", "LUKS\xba\xbe", 6, 0},
    };
    unsigned char start[START_LENGTH];
    size_t length = read_start(fd, start, sizeof start);
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (known[i].offset + known[i].length <= length &&
            memcmp(start + known[i].offset, known[i].magic, known[i].length) == 0)
            return known[i].format;
    }
    return NULL;
}
