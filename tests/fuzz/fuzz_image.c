/* Headers of images. What passes is within QEMU's limits. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/image/image.h"
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct image_info info = {0};
    CLEANUP_FD int fd = memfd_create("image", MFD_CLOEXEC);
    FUZZ_PROMISE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    if (image_inspect(fd, DISK_FORMAT_QCOW2, "input", &info, &err))
        check(&info, size);
    else
        fuzz_check_refusal(&err);
    image_info_clear(&info);
    return 0;
}
