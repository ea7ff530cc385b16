#include "core/system/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/read_at.h"

#define BLOCK ((size_t)1 << 20)
#define DIGEST_BYTES 32

static const unsigned char zeroes[1 << 16];

/* OpenSSL fails here without memory only, and then it is as in base/mem.h. */
static void must(int outcome)
{
    if (outcome != 1)
        abort();
}

static EVP_MD_CTX *begin_digest(void)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    must(digest != NULL);
    must(EVP_DigestInit_ex(digest, EVP_sha256(), NULL));
    return digest;
}

static void add_zeroes(EVP_MD_CTX *digest, uint64_t length)
{
    while (length > 0) {
        size_t part = length < sizeof zeroes ? (size_t)length : sizeof zeroes;
        must(EVP_DigestUpdate(digest, zeroes, part));
        length -= part;
    }
}

static void end_digest(EVP_MD_CTX *digest, char text[DIGEST_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    must(EVP_DigestFinal_ex(digest, bytes, NULL));
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[DIGEST_TEXT - 1] = '\0';
}

/* A stretch of a file: data, or a hole. */
struct stretch {
    uint64_t length;
    bool hole;
};

/* What is at `at`, which is before `end`; a file system that cannot tell has data everywhere. */
static struct stretch stretch_at(int fd, uint64_t at, uint64_t end)
{
    uint64_t empty = hole_at(fd, at, end - at);
    if (empty > 0)
        return (struct stretch){.length = empty, .hole = true};
    off_t hole = lseek(fd, (off_t)at, SEEK_HOLE);
    bool known = hole >= 0 && (uint64_t)hole > at && (uint64_t)hole < end;
    return (struct stretch){.length = (known ? (uint64_t)hole : end) - at};
}

bool digest_cancelled(struct error *err)
{
    return error_set(err, RETURN_FAILED, "file.cancelled", "it was cancelled");
}

struct pass {
    int from;
    const char *from_path;
    int to; /* -1: nothing is copied */
    const char *to_path;
    struct watch *watch;
    EVP_MD_CTX *digest;
    unsigned char *block;
};

static bool take_data(const struct pass *pass, uint64_t at, uint64_t length, struct error *err)
{
    while (length > 0) {
        ssize_t got = pread(pass->from, pass->block, length < BLOCK ? (size_t)length : BLOCK, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, errno, "file.read", "cannot read %s", pass->from_path);
        if (got == 0) {
            error_set(err, RETURN_IN_USE, "file.read", "%s became shorter while it was read",
                      pass->from_path);
            return error_next(err, "End the program that writes to it, then try again.");
        }
        must(EVP_DigestUpdate(pass->digest, pass->block, (size_t)got));
        if (pass->to >= 0 && !write_at(pass->to, pass->block, (size_t)got, at))
            return error_errno(err, errno, "file.write", "cannot write %s", pass->to_path);
        at += (uint64_t)got;
        length -= (uint64_t)got;
        if (!watch_advance(pass->watch, (uint64_t)got))
            return digest_cancelled(err);
    }
    return true;
}

static bool take_file(const struct pass *pass, uint64_t end, struct error *err)
{
    for (uint64_t at = 0; at < end;) {
        struct stretch stretch = stretch_at(pass->from, at, end);
        if (stretch.hole) {
            /* In parts: a hole can be long, and somebody may want to end it. */
            stretch.length = stretch.length < 256 * BLOCK ? stretch.length : 256 * BLOCK;
            add_zeroes(pass->digest, stretch.length);
            if (!watch_advance(pass->watch, stretch.length))
                return digest_cancelled(err);
        } else if (!take_data(pass, at, stretch.length, err)) {
            return false;
        }
        at += stretch.length;
    }
    if (pass->to >= 0 && ftruncate(pass->to, (off_t)end) != 0)
        return error_errno(err, errno, "file.write", "cannot write %s", pass->to_path);
    return true;
}

static bool run_pass(struct pass *pass, char text[DIGEST_TEXT], uint64_t *size, struct error *err)
{
    struct stat status;
    if (fstat(pass->from, &status) != 0)
        return error_errno(err, errno, "file.read", "cannot look at %s", pass->from_path);
    pass->digest = begin_digest();
    pass->block = mem_alloc(BLOCK);
    *size = (uint64_t)status.st_size;
    bool ok = take_file(pass, *size, err);
    if (ok)
        end_digest(pass->digest, text);
    EVP_MD_CTX_free(pass->digest);
    free(pass->block);
    return ok;
}

bool digest_file(int fd, const char *path, struct watch *watch, char text[DIGEST_TEXT], struct error *err)
{
    struct pass pass = {.from = fd, .from_path = path, .to = -1, .watch = watch};
    uint64_t size;
    return run_pass(&pass, text, &size, err);
}

bool digest_copy(int from, const char *from_path, int to, const char *to_path, struct watch *watch,
                 char text[DIGEST_TEXT], uint64_t *size, struct error *err)
{
    struct pass pass = {.from = from, .from_path = from_path, .to = to, .to_path = to_path, .watch = watch};
    return run_pass(&pass, text, size, err);
}

/* What is begun is OpenSSL's own context: who includes the header need not know that. */
struct digest *digest_begin(void)
{
    return (struct digest *)begin_digest();
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
    must(EVP_DigestUpdate((EVP_MD_CTX *)digest, bytes, length));
}

void digest_end(struct digest *digest, char text[DIGEST_TEXT])
{
    end_digest((EVP_MD_CTX *)digest, text);
    EVP_MD_CTX_free((EVP_MD_CTX *)digest);
}
