/* Headers of images. What passes is within QEMU's limits. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/image/bitmaps.h"
#include "core/image/image.h"
#include "core/image/peek.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct image_info *info, size_t size)
{
    FUZZ_PROMISE(info->file_size == size);
    FUZZ_PROMISE(info->version == 2 || info->version == 3);
    FUZZ_PROMISE(info->cluster_size >= 512 && info->cluster_size <= 2 << 20);
    FUZZ_PROMISE((info->cluster_size & (info->cluster_size - 1)) == 0);
    FUZZ_PROMISE(info->virtual_size <= INT64_MAX && info->virtual_size % 512 == 0);
    FUZZ_PROMISE(info->snapshot_count <= 65536);
    FUZZ_PROMISE(!info->backing_name || (*info->backing_name && strlen(info->backing_name) <= 1023));
    FUZZ_PROMISE(!info->backing_format || strlen(info->backing_format) <= 15);
    FUZZ_PROMISE(info->l1_offset + (uint64_t)info->l1_size * 8 <= size);
    FUZZ_PROMISE(info->bitmap_directory_offset + info->bitmap_directory_size <= size);
}

static void check_bitmaps(int fd, const struct image_info *info)
{
    struct error err = {0};
    struct image_bitmaps bitmaps;
    if (!image_bitmaps_read(fd, info, "input", &bitmaps, &err)) {
        fuzz_check_refusal(&err);
        return;
    }
    FUZZ_PROMISE(bitmaps.count == info->bitmap_count && image_bitmaps_same(&bitmaps, &bitmaps));
    for (size_t i = 0; i < bitmaps.count; i++) {
        const struct image_bitmap *bitmap = &bitmaps.items[i];
        FUZZ_PROMISE(*bitmap->name && strlen(bitmap->name) <= 1023);
        uint64_t marked = 0;
        if (image_bitmap_marked(fd, info, bitmap, "input", &marked, &err))
            FUZZ_PROMISE(marked <= info->virtual_size);
        else
            fuzz_check_refusal(&err);
        FUZZ_PROMISE(bitmap->granularity >= 512 && (bitmap->granularity & (bitmap->granularity - 1)) == 0);
    }
    image_bitmaps_clear(&bitmaps);
}

/* What is looked at before anybody has said what it is. */
static void check_peek(int fd)
{
    CLEANUP_FREE char *backing = image_peek_backing(fd);
    FUZZ_PROMISE(!backing || strlen(backing) <= 1023);
    const char *format = image_peek_format(fd);
    FUZZ_PROMISE(!format || *format);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct image_info info = {0};
    CLEANUP_FD int fd = memfd_create("image", MFD_CLOEXEC);
    FUZZ_PROMISE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    if (image_inspect(fd, DISK_FORMAT_QCOW2, "input", &info, &err)) {
        check(&info, size);
        check_bitmaps(fd, &info);
        image_owns_nothing(fd, &info);
    } else {
        fuzz_check_refusal(&err);
    }
    check_peek(fd);
    image_info_clear(&info);
    return 0;
}
