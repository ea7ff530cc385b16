#include "core/qcow2/header.h"

#include "core/qcow2/format.h"
#include "core/qcow2/stream.h"

#define MAGIC 0x514649FBU /* "QFI\xfb" */
#define HEADER_LENGTH 112
#define EXTENSION_BACKING_FORMAT 0xE2792ACAU
#define FEATURE_COMPRESSION_TYPE ((uint64_t)1 << 3)
#define COMPRESSION_ZSTD 1
#define REFCOUNT_ORDER 4

/* Whatever the size of the disk, there is a table: offset and size of none would be a case of its own. */
uint64_t qcow2_l1_entries(uint64_t virtual_size)
{
    uint64_t entries = virtual_size / TABLE_SPAN + (virtual_size % TABLE_SPAN != 0);
    return entries > 0 ? entries : 1;
}

static void put_fields(uint8_t *start, const struct qcow2_header *header)
{
    put_32(start, MAGIC);
    put_32(start + 4, 3);
    put_32(start + 20, CLUSTER_BITS);
    put_64(start + 24, header->image->virtual_size);
    put_32(start + 36, (uint32_t)header->l1_entries);
    put_64(start + 40, header->l1_offset);
    put_64(start + 48, header->refcount_table_offset);
    put_32(start + 56, (uint32_t)header->refcount_table_clusters);
    put_64(start + 72, header->zstd ? FEATURE_COMPRESSION_TYPE : 0);
    put_32(start + 96, REFCOUNT_ORDER);
    put_32(start + 100, HEADER_LENGTH);
    start[104] = header->zstd ? COMPRESSION_ZSTD : 0;
}

static size_t put_text(uint8_t *at, const char *text)
{
    size_t length = 0;
    for (; text[length]; length++)
        at[length] = (uint8_t)text[length];
    return length;
}

/* The extensions, of which the last is one of type and length 0, and the name behind them; the end of it all.
 */
static size_t put_backing(uint8_t *start, const struct qcow2_image *image)
{
    uint8_t *extension = start + HEADER_LENGTH;
    size_t format_length = put_text(extension + 8, disk_format_word(image->backing_format));
    size_t at = HEADER_LENGTH + 8 + (format_length + 7) / 8 * 8 + 8;
    size_t name_length = put_text(start + at, image->backing_name);
    put_32(extension, EXTENSION_BACKING_FORMAT);
    put_32(extension + 4, (uint32_t)format_length);
    put_64(start + 8, at);
    put_32(start + 16, (uint32_t)name_length);
    return at + name_length;
}

bool qcow2_header_write(const struct qcow2_header *header, const struct qcow2_file *file, struct error *err)
{
    uint8_t start[2048] = {0};
    size_t length = HEADER_LENGTH + 8;
    put_fields(start, header);
    if (header->image->backing_name)
        length = put_backing(start, header->image);
    return qcow2_file_write(file, start, length, 0, err);
}
