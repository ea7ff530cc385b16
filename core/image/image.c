/* The checks are those of QEMU when it opens an image (docs/interop/qcow2.txt and the limits it names), so
 * that what passes here opens there, and what would make QEMU read anything but this file is known before.
 * The header and its extensions lie in the first cluster: that, at most 2 MiB, is all that is read. */
#include "core/image/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/read_at.h"

enum {
    OFFSET_VERSION = 4,
    OFFSET_BACKING_OFFSET = 8,
    OFFSET_BACKING_LENGTH = 16,
    OFFSET_CLUSTER_BITS = 20,
    OFFSET_SIZE = 24,
    OFFSET_CRYPT_METHOD = 32,
    OFFSET_L1_SIZE = 36,
    OFFSET_L1_OFFSET = 40,
    OFFSET_REFCOUNT_OFFSET = 48,
    OFFSET_REFCOUNT_CLUSTERS = 56,
    OFFSET_SNAPSHOT_COUNT = 60,
    OFFSET_SNAPSHOT_OFFSET = 64,
    HEADER_LENGTH_V2 = 72,
    OFFSET_INCOMPATIBLE = 72,
    OFFSET_AUTOCLEAR = 88,
    OFFSET_REFCOUNT_ORDER = 96,
    OFFSET_HEADER_LENGTH = 100,
    HEADER_LENGTH_V3 = 104,
    OFFSET_COMPRESSION = 104,
};

#define MAGIC 0x514649fbU /* "QFI\xfb" */
#define MIN_CLUSTER_BITS 9U
#define MAX_CLUSTER_BITS 21U
#define MIN_SUBCLUSTER ((uint64_t)512)
#define SUBCLUSTERS ((uint64_t)32)
#define SECTOR ((uint64_t)512)
#define MAX_REFCOUNT_ORDER 6U
#define MAX_CRYPT_METHOD 2U /* 1 AES, 2 LUKS */
#define MAX_COMPRESSION 1U  /* 0 deflate, 1 zstd */
#define MAX_BACKING_NAME ((uint64_t)1023)
#define MAX_BACKING_FORMAT ((uint64_t)15)
#define MAX_L1_BYTES ((uint64_t)32 << 20)
#define MAX_REFCOUNT_TABLE_BYTES ((uint64_t)8 << 20)
#define MAX_SNAPSHOTS 65536U
#define SNAPSHOT_ENTRY ((uint64_t)40)
#define MAX_BITMAPS 65535U
#define MAX_BITMAP_DIRECTORY ((uint64_t)1024 * MAX_BITMAPS)
#define MAX_VIRTUAL_SIZE ((uint64_t)INT64_MAX & ~(((uint64_t)1 << 30) - 1))

enum incompatible_feature {
    FEATURE_DIRTY = 1 << 0,
    FEATURE_CORRUPT = 1 << 1,
    FEATURE_DATA_FILE = 1 << 2,
    FEATURE_COMPRESSION = 1 << 3,
    FEATURE_EXTENDED_L2 = 1 << 4,
    FEATURES_KNOWN = (1 << 5) - 1,
};

enum autoclear_feature { AUTOCLEAR_BITMAPS = 1 << 0 };

enum extension {
    EXTENSION_END = 0,
    EXTENSION_BITMAPS = 0x23852875,
    EXTENSION_BACKING_FORMAT = 0xe2792aca,
    EXTENSION_DATA_FILE = 0x44415441,
};

/* The first cluster, as far as the file has it, and what several checks need. */
struct header {
    const char *path; /* for messages */
    unsigned char *bytes;
    uint64_t length;
    uint64_t file_size;
    uint64_t cluster_size;
    unsigned cluster_bits;
    uint64_t header_length;
    uint64_t incompatible;
    uint64_t autoclear;
    uint64_t backing_offset; /* 0 = none */
    uint64_t backing_length;
};

void image_info_clear(struct image_info *info)
{
    free(info->backing_name);
    free(info->backing_format);
    *info = (struct image_info){0};
}

static uint64_t big_endian(const unsigned char *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static uint32_t header_32(const struct header *header, size_t offset)
{
    return (uint32_t)big_endian(header->bytes + offset, 4);
}

static uint64_t header_64(const struct header *header, size_t offset)
{
    return big_endian(header->bytes + offset, 8);
}

static bool damaged(const struct header *header, const char *why, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "image.damaged", "%s is damaged: %s", header->path, why);
    error_next(err, "Look at it with \"qemu-img check\", or bring it back from a copy.");
    return false;
}

static bool unsupported(const struct header *header, const char *why, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "image.unsupported", "%s cannot be used: %s", header->path, why);
    error_next(err, "Convert it with \"qemu-img convert\" into an image without that feature.");
    return false;
}

static bool read_start(int fd, struct header *header, uint64_t length, struct error *err)
{
    if (length > header->file_size)
        length = header->file_size;
    header->bytes = mem_realloc(header->bytes, length);
    header->length = 0;
    while (header->length < length) {
        ssize_t got =
            pread(fd, header->bytes + header->length, length - header->length, (off_t)header->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, errno, "image.read", "cannot read the header of %s", header->path);
        if (got == 0) {
            error_set(err, RETURN_IN_USE, "image.changing", "%s becomes shorter while it is read",
                      header->path);
            return error_next(err, "End the program that writes to it, then try again.");
        }
        header->length += (uint64_t)got;
    }
    return true;
}

/* The fixed part that both versions share, then the whole first cluster. */
static bool read_header(int fd, struct header *header, struct image_info *info, struct error *err)
{
    if (!read_start(fd, header, HEADER_LENGTH_V2, err))
        return false;
    if (header->length < HEADER_LENGTH_V2 || header_32(header, 0) != MAGIC) {
        error_set(err, RETURN_NOT_SUPPORTED, "image.not-qcow2", "%s is not a qcow2 image", header->path);
        error_cause(err, "it does not begin with a qcow2 header");
        error_next(err, "Give the format that the machine uses for this disk; it is never guessed.");
        return false;
    }
    info->version = header_32(header, OFFSET_VERSION);
    if (info->version != 2 && info->version != 3)
        return unsupported(header, "it is neither version 2 nor version 3 of qcow2", err);
    uint32_t bits = header_32(header, OFFSET_CLUSTER_BITS);
    if (bits < MIN_CLUSTER_BITS || bits > MAX_CLUSTER_BITS)
        return damaged(header, "its cluster size is not between 512 B and 2 MiB", err);
    header->cluster_bits = bits;
    header->cluster_size = (uint64_t)1 << bits;
    info->cluster_size = (uint32_t)1 << bits;
    return read_start(fd, header, header->cluster_size, err);
}

static bool check_compression(const struct header *header, struct error *err)
{
    bool marked = header->incompatible & FEATURE_COMPRESSION;
    unsigned type = header->header_length > OFFSET_COMPRESSION ? header->bytes[OFFSET_COMPRESSION] : 0;
    if (type > MAX_COMPRESSION)
        return unsupported(header, "its compression is neither deflate nor zstd", err);
    return marked == (type != 0) ||
           damaged(header, "its header contradicts itself about the compression", err);
}

static bool read_version_3(struct header *header, struct image_info *info, struct error *err)
{
    header->header_length = HEADER_LENGTH_V2;
    if (info->version == 2)
        return true;
    if (header->length < HEADER_LENGTH_V3)
        return damaged(header, "its header is cut off", err);
    header->header_length = header_32(header, OFFSET_HEADER_LENGTH);
    if (header->header_length < HEADER_LENGTH_V3 || header->header_length > header->length)
        return damaged(header, "its header's length is impossible", err);
    header->incompatible = header_64(header, OFFSET_INCOMPATIBLE);
    header->autoclear = header_64(header, OFFSET_AUTOCLEAR);
    if (header->incompatible & ~(uint64_t)FEATURES_KNOWN)
        return unsupported(header, "it uses a feature of qcow2 that is not known here", err);
    if (header_32(header, OFFSET_REFCOUNT_ORDER) > MAX_REFCOUNT_ORDER)
        return damaged(header, "its reference counts are wider than 64 bits", err);
    info->dirty = header->incompatible & FEATURE_DIRTY;
    info->corrupt = header->incompatible & FEATURE_CORRUPT;
    info->external_data_file = header->incompatible & FEATURE_DATA_FILE;
    info->extended_l2 = header->incompatible & FEATURE_EXTENDED_L2;
    if (info->extended_l2 && header->cluster_size < MIN_SUBCLUSTER * SUBCLUSTERS)
        return damaged(header, "its clusters are too small for extended L2 entries", err);
    return check_compression(header, err);
}

static bool check_table(const struct header *header, uint64_t offset, uint64_t bytes, uint64_t most,
                        const char *table, struct error *err)
{
    CLEANUP_FREE char *why = NULL;
    if (bytes > most)
        why = mem_format("its %s is larger than QEMU allows", table);
    else if ((offset & (header->cluster_size - 1)) != 0 || offset > (uint64_t)INT64_MAX - bytes)
        why = mem_format("its %s is at an impossible place", table);
    return !why || damaged(header, why, err);
}

static bool check_l1(const struct header *header, struct image_info *info, struct error *err)
{
    uint64_t size = header_64(header, OFFSET_SIZE);
    unsigned entry_bits = info->extended_l2 ? 4 : 3;
    unsigned reach_bits = 2 * header->cluster_bits - entry_bits; /* of one L1 entry */
    uint64_t needed = (size >> reach_bits) + ((size & (((uint64_t)1 << reach_bits) - 1)) != 0);
    uint64_t bytes = (uint64_t)header_32(header, OFFSET_L1_SIZE) * 8;
    uint64_t offset = header_64(header, OFFSET_L1_OFFSET);
    if (!check_table(header, offset, bytes, MAX_L1_BYTES, "L1 table", err))
        return false;
    if (bytes / 8 < needed)
        return damaged(header, "its L1 table is too small for its virtual size", err);
    if (bytes > 0 && offset + bytes > header->file_size)
        return damaged(header, "its L1 table lies behind the end of the file", err);
    info->l1_offset = bytes > 0 ? offset : 0;
    info->l1_size = (uint32_t)(bytes / 8);
    return true;
}

static bool check_tables(const struct header *header, struct image_info *info, struct error *err)
{
    uint64_t refcount_clusters = header_32(header, OFFSET_REFCOUNT_CLUSTERS);
    uint64_t refcount_offset = header_64(header, OFFSET_REFCOUNT_OFFSET);
    if (refcount_clusters == 0)
        return damaged(header, "it has no reference counts", err);
    if (!check_table(header, refcount_offset, refcount_clusters * header->cluster_size,
                     MAX_REFCOUNT_TABLE_BYTES, "table of reference counts", err))
        return false;
    if (refcount_offset >= header->file_size)
        return damaged(header, "its table of reference counts lies behind the end of the file", err);
    info->snapshot_count = header_32(header, OFFSET_SNAPSHOT_COUNT);
    return check_table(header, header_64(header, OFFSET_SNAPSHOT_OFFSET),
                       info->snapshot_count * SNAPSHOT_ENTRY, MAX_SNAPSHOTS * SNAPSHOT_ENTRY,
                       "table of snapshots", err) &&
           check_l1(header, info, err);
}

static bool read_backing_name(struct header *header, struct image_info *info, struct error *err)
{
    header->backing_offset = header_64(header, OFFSET_BACKING_OFFSET);
    header->backing_length = header_32(header, OFFSET_BACKING_LENGTH);
    if (header->backing_offset == 0)
        return true;
    if (header->backing_offset < header->header_length || header->backing_offset > header->length)
        return damaged(header, "the name of its backing file is at an impossible place", err);
    if (header->backing_length == 0 || header->backing_length > MAX_BACKING_NAME ||
        header->backing_length > header->length - header->backing_offset)
        return damaged(header, "the name of its backing file has an impossible length", err);
    /* QEMU, too, reads the name up to a zero byte. */
    info->backing_name =
        mem_strndup((const char *)header->bytes + header->backing_offset, header->backing_length);
    return *info->backing_name || damaged(header, "the name of its backing file is empty", err);
}

/* Without its mark the extension is what a program left that knows no bitmaps: they are not valid any more,
 * and QEMU takes no notice of them either. */
static bool read_bitmaps_extension(const struct header *header, uint64_t at, uint64_t length,
                                   struct image_info *info, struct error *err)
{
    enum { COUNT = 0, RESERVED = 4, DIRECTORY_SIZE = 8, DIRECTORY_OFFSET = 16, LENGTH = 24 };
    if (!(header->autoclear & AUTOCLEAR_BITMAPS))
        return true;
    if (length != LENGTH || header_32(header, at + RESERVED) != 0)
        return damaged(header, "its extension for dirty bitmaps is not as it must be", err);
    info->bitmap_count = header_32(header, at + COUNT);
    info->bitmap_directory_size = header_64(header, at + DIRECTORY_SIZE);
    info->bitmap_directory_offset = header_64(header, at + DIRECTORY_OFFSET);
    if (info->bitmap_count == 0 || info->bitmap_count > MAX_BITMAPS)
        return damaged(header, "its number of dirty bitmaps is impossible", err);
    if (!check_table(header, info->bitmap_directory_offset, info->bitmap_directory_size, MAX_BITMAP_DIRECTORY,
                     "directory of dirty bitmaps", err))
        return false;
    return info->bitmap_directory_offset + info->bitmap_directory_size <= header->file_size ||
           damaged(header, "its directory of dirty bitmaps lies behind the end of the file", err);
}

static bool read_extensions(const struct header *header, struct image_info *info, struct error *err)
{
    uint64_t end = header->backing_offset ? header->backing_offset : header->length;
    uint64_t at = header->header_length;
    while (end - at >= 8) {
        uint32_t type = header_32(header, at);
        uint64_t length = header_32(header, at + 4);
        at += 8;
        if (type == EXTENSION_END)
            return true;
        if (length > end - at)
            return damaged(header, "an extension of its header is cut off", err);
        if (type == EXTENSION_BACKING_FORMAT && length > MAX_BACKING_FORMAT)
            return damaged(header, "the format of its backing file has an impossible length", err);
        if (type == EXTENSION_BACKING_FORMAT) {
            free(info->backing_format);
            info->backing_format = mem_strndup((const char *)header->bytes + at, length);
        }
        info->external_data_file |= type == EXTENSION_DATA_FILE;
        if (type == EXTENSION_BITMAPS && !read_bitmaps_extension(header, at, length, info, err))
            return false;
        uint64_t padded = (length + 7) & ~(uint64_t)7;
        at += padded < end - at ? padded : end - at;
    }
    return true;
}

static bool inspect_qcow2(int fd, struct header *header, struct image_info *info, struct error *err)
{
    if (!read_header(fd, header, info, err) || !read_version_3(header, info, err))
        return false;
    uint32_t crypt_method = header_32(header, OFFSET_CRYPT_METHOD);
    if (crypt_method > MAX_CRYPT_METHOD)
        return unsupported(header, "its encryption method is not known", err);
    info->encrypted = crypt_method != 0;
    uint64_t size = header_64(header, OFFSET_SIZE);
    if (size > MAX_VIRTUAL_SIZE)
        return damaged(header, "it claims a virtual size beyond 8 EiB", err);
    info->virtual_size = size / SECTOR * SECTOR; /* QEMU shows whole sectors only */
    return check_tables(header, info, err) && read_backing_name(header, info, err) &&
           read_extensions(header, info, err);
}

bool image_inspect(int fd, enum disk_format format, const char *path_for_messages, struct image_info *info,
                   struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "image.stat", "cannot look at %s", path_for_messages);
    if (!S_ISREG(status.st_mode)) {
        error_set(err, RETURN_NOT_SUPPORTED, "image.kind", "%s is not a regular file", path_for_messages);
        return error_next(err, "Only image files can be used.");
    }
    struct image_info found = {
        .format = format, .virtual_size = (uint64_t)status.st_size, .file_size = (uint64_t)status.st_size};
    struct header header = {.path = path_for_messages, .file_size = found.file_size};
    bool ok = format == DISK_FORMAT_RAW || inspect_qcow2(fd, &header, &found, err);
    free(header.bytes);
    if (ok)
        *info = found;
    else
        image_info_clear(&found);
    return ok;
}

uint64_t image_l1_span(const struct image_info *info)
{
    return (uint64_t)info->cluster_size * (info->cluster_size / (info->extended_l2 ? 16 : 8));
}

bool image_read_l1(int fd, const struct image_info *info, image_take_entry *take, void *context)
{
    unsigned char block[4096];
    uint64_t end = info->l1_size;
    if (info->format != DISK_FORMAT_QCOW2)
        return false;
    for (uint64_t number = 0; number < end;) {
        uint64_t left = (end - number) * 8;
        ssize_t got = read_at(fd, block, left < sizeof block ? (size_t)left : sizeof block,
                              info->l1_offset + number * 8);
        if (got < 8)
            return false;
        for (const unsigned char *at = block; at + 8 <= block + got; at += 8) {
            if (!take(context, number++, big_endian(at, 8)))
                return false;
        }
    }
    return true;
}

static bool is_empty(void *context, uint64_t number, uint64_t entry)
{
    (void)context;
    (void)number;
    return entry == 0;
}

bool image_owns_nothing(int fd, const struct image_info *info)
{
    return image_read_l1(fd, info, is_empty, NULL);
}
