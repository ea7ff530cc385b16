/* The page cache of files, as a benchmark wants it.
 *
 *   bench_cache drop FILE...    brings them to the disk and out of the cache
 *   bench_cache load FILE...    reads them, so that they are in it
 *   bench_cache count FILE...   bytes of each that are in it, a line for each
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)1 << 20)

static bool drop(int fd, off_t size)
{
    (void)size;
    return fsync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0;
}

static bool load(int fd, off_t size)
{
    static char block[BLOCK];
    for (off_t at = 0; at < size;) {
        ssize_t got = pread(fd, block, sizeof block, at);
        if (got <= 0)
            return false;
        at += got;
    }
    return true;
}

static bool count(int fd, off_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = ((size_t)size + page - 1) / page;
    size_t present = 0;
    void *mapped = size ? mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0) : NULL;
    unsigned char *is_there = malloc(pages + 1);
    bool ok = is_there && mapped != MAP_FAILED && (!size || mincore(mapped, (size_t)size, is_there) == 0);
    for (size_t i = 0; ok && i < pages; i++)
        present += is_there[i] & 1;
    if (ok)
        printf("%zu\n", present * page);
    if (size && mapped != MAP_FAILED)
        munmap(mapped, (size_t)size);
    free(is_there);
    return ok;
}

static bool act(bool (*action)(int fd, off_t size), const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fstat(fd, &status) == 0 && action(fd, status.st_size);
    if (!ok)
        perror(path);
    if (fd >= 0)
        close(fd);
    return ok;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        bool (*action)(int fd, off_t size);
    } actions[] = {{"drop", drop}, {"load", load}, {"count", count}};
    bool (*action)(int fd, off_t size) = NULL;
    for (size_t i = 0; argc > 2 && i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(argv[1], actions[i].name) == 0)
            action = actions[i].action;
    }
    if (!action) {
        fprintf(stderr, "usage: %s drop|load|count FILE...\n", argv[0]);
        return 2;
    }
    int status = 0;
    for (int i = 2; i < argc; i++)
        status |= !act(action, argv[i]);
    return status;
}
