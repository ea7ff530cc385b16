#include "core/system/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/fs.h"

#define BLOCK ((size_t)1 << 20)
#define DIGEST_BYTES 32

static const unsigned char zeroes[1 << 16];

struct digest {
    EVP_MD_CTX *context;
};

/* OpenSSL fails here without memory only, and then it is as in base/mem.h. */
static void must(int outcome)
{
    if (outcome != 1)
        abort();
}

struct digest *digest_new(void)
{
    struct digest *digest = mem_alloc(sizeof *digest);
    digest->context = EVP_MD_CTX_new();
    must(digest->context != NULL);
    must(EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL));
    return digest;
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

void digest_add(struct digest *digest, const void *data, size_t length)
{
    must(EVP_DigestUpdate(digest->context, data, length));
}

void digest_add_zeroes(struct digest *digest, uint64_t length)
{
    while (length > 0) {
        size_t part = length < sizeof zeroes ? (size_t)length : sizeof zeroes;
        digest_add(digest, zeroes, part);
        length -= part;
    }
}

void digest_end(struct digest *digest, char text[DIGEST_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    must(EVP_DigestFinal_ex(digest->context, bytes, NULL));
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[DIGEST_TEXT - 1] = '\0';
}

struct file_stretch file_stretch_at(int fd, uint64_t at, uint64_t end)
{
    off_t data = lseek(fd, (off_t)at, SEEK_DATA);
    if (data < 0 && errno == ENXIO)
        return (struct file_stretch){.length = end - at, .hole = true};
    if (data >= 0 && (uint64_t)data > at)
        return (struct file_stretch){.length = ((uint64_t)data < end ? (uint64_t)data : end) - at,
                                     .hole = true};
    off_t hole = data < 0 ? -1 : lseek(fd, (off_t)at, SEEK_HOLE);
    bool known = hole >= 0 && (uint64_t)hole > at && (uint64_t)hole < end;
    return (struct file_stretch){.length = (known ? (uint64_t)hole : end) - at};
}

bool digest_cancelled(struct error *err)
{
    return error_set(err, RETURN_FAILED, "file.cancelled", "it was cancelled");
}

static bool add_data(struct digest *digest, int fd, uint64_t at, uint64_t length, unsigned char *block,
                     const char *path, struct watch *watch, struct error *err)
{
    while (length > 0) {
        ssize_t got = pread(fd, block, length < BLOCK ? (size_t)length : BLOCK, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, errno, "file.read", "cannot read %s", path);
        if (got == 0) {
            error_set(err, RETURN_IN_USE, "file.read", "%s became shorter while it was read", path);
            return error_next(err, "End the program that writes to it, then try again.");
        }
        digest_add(digest, block, (size_t)got);
        at += (uint64_t)got;
        length -= (uint64_t)got;
        if (!watch_advance(watch, (uint64_t)got))
            return digest_cancelled(err);
    }
    return true;
}

static bool add_file(struct digest *digest, int fd, uint64_t end, const char *path, struct watch *watch,
                     struct error *err)
{
    CLEANUP_FREE unsigned char *block = mem_alloc(BLOCK);
    for (uint64_t at = 0; at < end;) {
        struct file_stretch stretch = file_stretch_at(fd, at, end);
        if (stretch.hole) {
            /* In parts: a hole can be long, and somebody may want to end it. */
            stretch.length = stretch.length < 256 * BLOCK ? stretch.length : 256 * BLOCK;
            digest_add_zeroes(digest, stretch.length);
            if (!watch_advance(watch, stretch.length))
                return digest_cancelled(err);
        } else if (!add_data(digest, fd, at, stretch.length, block, path, watch, err)) {
            return false;
        }
        at += stretch.length;
    }
    return true;
}

bool digest_file(int fd, const char *path, struct watch *watch, char text[DIGEST_TEXT], struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "file.read", "cannot look at %s", path);
    struct digest *digest = digest_new();
    bool ok = add_file(digest, fd, (uint64_t)status.st_size, path, watch, err);
    if (ok)
        digest_end(digest, text);
    digest_free(digest);
    return ok;
}

bool digest_copy(int from, int to, const char *name, char text[DIGEST_TEXT], uint64_t *size,
                 struct error *err)
{
    CLEANUP_FREE unsigned char *block = mem_alloc(BLOCK);
    struct digest *digest = digest_new();
    uint64_t done = 0;
    bool ok = true;
    for (;;) {
        ssize_t got = pread(from, block, BLOCK, (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            ok = error_errno(err, errno, "file.read", "cannot read %s", name);
        if (got <= 0)
            break;
        digest_add(digest, block, (size_t)got);
        done += (uint64_t)got;
        ok = fs_write_all(to, block, (size_t)got, name, err);
        if (!ok)
            break;
    }
    if (ok)
        digest_end(digest, text);
    if (size)
        *size = done;
    digest_free(digest);
    return ok;
}
