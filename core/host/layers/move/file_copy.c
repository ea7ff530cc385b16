#include "core/host/layers/move/file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/fs.h"

#define BLOCK ((size_t)1 << 20)
#define HOLE_STEP ((uint64_t)256 << 20)

struct copy {
    int from;
    const char *from_path;
    int to;
    const char *to_path;
    struct watch *watch;
    struct digest *digest;
    unsigned char *block;
};

static bool write_block(const struct copy *copy, const unsigned char *data, size_t length, uint64_t at,
                        struct error *err)
{
    while (length > 0) {
        ssize_t put = pwrite(copy->to, data, length, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return error_errno(err, put < 0 ? errno : ENOSPC, "file.write", "cannot write %s", copy->to_path);
        data += put;
        length -= (size_t)put;
        at += (uint64_t)put;
    }
    return true;
}

static bool copy_data(const struct copy *copy, uint64_t at, uint64_t length, struct error *err)
{
    while (length > 0) {
        ssize_t got = pread(copy->from, copy->block, length < BLOCK ? (size_t)length : BLOCK, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, errno, "file.read", "cannot read %s", copy->from_path);
        if (got == 0) {
            error_set(err, RETURN_IN_USE, "file.read", "%s became shorter while it was read",
                      copy->from_path);
            return error_next(err, "End the program that writes to it, then try again.");
        }
        digest_add(copy->digest, copy->block, (size_t)got);
        if (!write_block(copy, copy->block, (size_t)got, at, err))
            return false;
        at += (uint64_t)got;
        length -= (uint64_t)got;
        if (!watch_advance(copy->watch, (uint64_t)got))
            return digest_cancelled(err);
    }
    return true;
}

static bool copy_all(const struct copy *copy, uint64_t size, struct error *err)
{
    for (uint64_t at = 0; at < size;) {
        struct file_stretch stretch = file_stretch_at(copy->from, at, size);
        if (stretch.hole) {
            stretch.length = stretch.length < HOLE_STEP ? stretch.length : HOLE_STEP;
            digest_add_zeroes(copy->digest, stretch.length);
            if (!watch_advance(copy->watch, stretch.length))
                return digest_cancelled(err);
        } else if (!copy_data(copy, at, stretch.length, err)) {
            return false;
        }
        at += stretch.length;
    }
    if (ftruncate(copy->to, (off_t)size) != 0)
        return error_errno(err, errno, "file.write", "cannot write %s", copy->to_path);
    return fs_sync(copy->to, copy->to_path, err);
}

bool file_copy_content(int from, const char *from_path, int to, const char *to_path, struct watch *watch,
                       char sha256[DIGEST_TEXT], struct error *err)
{
    struct stat status;
    char written[DIGEST_TEXT];
    if (fstat(from, &status) != 0)
        return error_errno(err, errno, "file.read", "cannot look at %s", from_path);
    struct copy copy = {.from = from,
                        .from_path = from_path,
                        .to = to,
                        .to_path = to_path,
                        .watch = watch,
                        .digest = digest_new(),
                        .block = mem_alloc(BLOCK)};
    bool ok = copy_all(&copy, (uint64_t)status.st_size, err);
    if (ok)
        digest_end(copy.digest, sha256);
    digest_free(copy.digest);
    free(copy.block);
    /* From the disk, not from memory, as far as the system lets it go. */
    posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED);
    if (!ok || !digest_file(to, to_path, watch, written, err))
        return false;
    if (strcmp(sha256, written) == 0)
        return true;
    error_set(err, RETURN_FAILED, "file.differs", "%s does not read as what was written to it", to_path);
    return error_next(err, "Look at that file system and its disk; do not use them before.");
}
