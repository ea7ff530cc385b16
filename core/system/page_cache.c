#include "core/system/page_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/base/mem.h"

void page_cache_write_back(int fd, uint64_t offset, uint64_t length)
{
    (void)sync_file_range(fd, (off_t)offset, (off_t)length, SYNC_FILE_RANGE_WRITE);
}

/* Where the file system cannot do it by ranges, fsync at the end does it for the whole. */
bool page_cache_settle(int fd, const char *path, uint64_t offset, uint64_t length, struct error *err)
{
    unsigned whole = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (sync_file_range(fd, (off_t)offset, (off_t)length, whole) == 0 || errno == ESPIPE || errno == ENOSYS ||
        errno == EINVAL)
        return true;
    int number = errno;
    bool no_room = number == ENOSPC || number == EDQUOT;
    return error_errno(err, number, no_room ? "image.no-space" : "export.write", "cannot write %s", path);
}

void page_cache_drop(int fd, uint64_t offset, uint64_t length)
{
    (void)posix_fadvise(fd, (off_t)offset, (off_t)length, POSIX_FADV_DONTNEED);
}

static uint64_t count_held(void *mapped, size_t length, size_t page)
{
    size_t pages = (length + page - 1) / page;
    unsigned char *held = mem_alloc(pages);
    uint64_t count = 0;
    bool told = mincore(mapped, length, held) == 0;
    for (size_t i = 0; told && i < pages; i++)
        count += held[i] & 1;
    free(held);
    return told ? count * page : length;
}

/* A mapping that is never read: mincore wants an address. */
uint64_t page_cache_held(int fd, uint64_t offset, uint64_t length)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint64_t start = offset / page * page;
    size_t whole = (size_t)(offset + length - start);
    void *mapped = mmap(NULL, whole, PROT_NONE, MAP_SHARED, fd, (off_t)start);
    if (mapped == MAP_FAILED)
        return length;
    uint64_t held = count_held(mapped, whole, page);
    munmap(mapped, whole);
    return held;
}

bool page_cache_is_storage(int fd)
{
    struct statfs status;
    return fstatfs(fd, &status) == 0 && (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

void page_cache_no_guessing(int fd)
{
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
}

void page_cache_ask_ahead(int fd, uint64_t offset, uint64_t length)
{
    (void)posix_fadvise(fd, (off_t)offset, (off_t)length, POSIX_FADV_WILLNEED);
}
