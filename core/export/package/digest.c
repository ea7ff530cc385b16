/* Workers take files from a shared counter, the biggest first, so that one long file at the end does not
 * leave the other cores idle. A file is one worker's from start to end: SHA-256 is sequential. Holes count as
 * the zeroes that they read as, but are not read: of a sparse raw disk nearly everything is one. */
#include "core/export/package/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/job/halt.h"
#include "core/system/beneath.h"
#include "core/system/read_at.h"

#define BUFFER_SIZE ((size_t)256 * 1024)
#define WORKER_LIMIT 64

static const unsigned char zeroes[BUFFER_SIZE];

bool package_progress_step(struct package_progress *progress, uint64_t bytes)
{
    uint64_t done = atomic_fetch_add(&progress->done, bytes) + bytes;
    if (!progress->job)
        return true;
    if (bytes > 0)
        job_set_phase_progress(progress->job, done < progress->total ? done : progress->total,
                               progress->total);
    return job_checkpoint(progress->job);
}

static void to_text(const unsigned char *digest, char text[PACKAGE_DIGEST_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[64] = '\0';
}

void package_digest_bytes(const void *data, size_t length, char text[PACKAGE_DIGEST_TEXT])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) != 1)
        abort(); /* only without memory, as in base/mem.h */
    to_text(digest, text);
}

bool package_digest_is_text(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

struct pool {
    int package;
    struct package_digest *items;
    const size_t *order;
    size_t count;
    struct package_progress *progress;
    _Atomic size_t next;
    _Atomic bool stop;    /* cancelled */
    _Atomic bool starved; /* no memory */
};

/* The next bytes of a file that had this size: their number, 0 at the end, -1 with errno. */
static ssize_t next_bytes(int fd, uint64_t at, uint64_t size, unsigned char *buffer,
                          const unsigned char **bytes)
{
    uint64_t left = at < size ? size - at : 0;
    uint64_t hole = hole_at(fd, at, left < sizeof zeroes ? left : sizeof zeroes);
    *bytes = hole ? zeroes : buffer;
    return hole ? (ssize_t)hole : read_at(fd, buffer, BUFFER_SIZE, at);
}

static bool hash_open_file(struct pool *pool, struct package_digest *item, int fd, EVP_MD_CTX *context,
                           unsigned char *buffer, struct error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "package.read", "cannot read %s", item->file);
    if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        return error_set(err, RETURN_FAILED, "package.digest", "cannot hash %s", item->file);
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    item->size = 0;
    for (;;) {
        const unsigned char *bytes;
        ssize_t got = next_bytes(fd, item->size, (uint64_t)status.st_size, buffer, &bytes);
        if (got < 0)
            return error_errno(err, errno, "package.read", "cannot read %s", item->file);
        if (got == 0)
            break;
        if (EVP_DigestUpdate(context, bytes, (size_t)got) != 1)
            return error_set(err, RETURN_FAILED, "package.digest", "cannot hash %s", item->file);
        item->size += (uint64_t)got;
        if (!package_progress_step(pool->progress, (uint64_t)got)) {
            atomic_store(&pool->stop, true);
            return halt_cancelled(err);
        }
    }
    if (EVP_DigestFinal_ex(context, digest, NULL) != 1)
        return error_set(err, RETURN_FAILED, "package.digest", "cannot hash %s", item->file);
    to_text(digest, item->sha256);
    return true;
}

static void hash_file(struct pool *pool, struct package_digest *item, EVP_MD_CTX *context,
                      unsigned char *buffer)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    if (package_path_open_file(pool->package, item->file, &fd, NULL, &err) &&
        hash_open_file(pool, item, fd, context, buffer, &err))
        return;
    item->failure = mem_alloc(sizeof err);
    *item->failure = err;
}

static void *work(void *argument)
{
    struct pool *pool = argument;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char *buffer = malloc(BUFFER_SIZE);
    if (!context || !buffer) {
        atomic_store(&pool->starved, true);
    } else {
        size_t at;
        while (!atomic_load(&pool->stop) && (at = atomic_fetch_add(&pool->next, 1)) < pool->count)
            hash_file(pool, &pool->items[pool->order[at]], context, buffer);
    }
    free(buffer);
    EVP_MD_CTX_free(context);
    return NULL;
}

struct weight {
    size_t index;
    uint64_t size;
};

static int heavier_first(const void *left, const void *right)
{
    uint64_t a = ((const struct weight *)left)->size;
    uint64_t b = ((const struct weight *)right)->size;
    return a < b ? 1 : a > b ? -1 : 0;
}

static size_t *order_by_size(int package, const struct package_digest *items, size_t count)
{
    struct weight *weights = mem_alloc(count * sizeof *weights);
    size_t *order = mem_alloc(count * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        bool known = beneath_stat(package, items[i].file, &status) == 0;
        weights[i] = (struct weight){.index = i, .size = known ? (uint64_t)status.st_size : 0};
    }
    qsort(weights, count, sizeof *weights, heavier_first);
    for (size_t i = 0; i < count; i++)
        order[i] = weights[i].index;
    free(weights);
    return order;
}

static size_t core_count(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? (size_t)count : 1;
}

/* Signals stay with the caller's threads. The caller itself works too, so no thread is a reason to fail. */
static void run_pool(struct pool *pool)
{
    pthread_t threads[WORKER_LIMIT];
    size_t wanted = core_count() - 1;
    if (wanted > WORKER_LIMIT)
        wanted = WORKER_LIMIT;
    if (wanted >= pool->count)
        wanted = pool->count - 1;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, work, pool) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(pool);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

bool package_digest_files(int package, struct package_digest *items, size_t count,
                          struct package_progress *progress, struct error *err)
{
    if (count == 0)
        return true;
    CLEANUP_FREE size_t *order = order_by_size(package, items, count);
    struct pool pool = {
        .package = package, .items = items, .order = order, .count = count, .progress = progress};
    run_pool(&pool);
    if (atomic_load(&pool.stop))
        return halt_cancelled(err);
    if (atomic_load(&pool.starved) && atomic_load(&pool.next) < count) {
        error_set(err, RETURN_OUT_OF_MEMORY, "package.memory", "no memory to hash the package");
        return error_next(err, "Free some memory, then try again.");
    }
    return true;
}

void package_digest_clear(struct package_digest *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(items[i].failure);
        items[i].failure = NULL;
    }
}
