#include "core/export/copy/trail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/export/copy/buffer.h"
#include "core/export/copy/window_digest.h"
#include "core/job/limit.h"
#include "core/system/page_cache.h"
#include "core/system/read_at.h"

#define GAP_STEP ((size_t)256 << 10)

static const unsigned char zeroes[GAP_STEP];

struct trail {
    const struct trail_spec *spec;
    struct lead *lead; /* NULL: nobody writes any more */
    struct digest *digest;
    unsigned char *buffer;       /* of the window */
    unsigned char *gap;          /* between windows */
    const unsigned char *handed; /* the window's bytes in the copier's buffer; NULL: they are read again */
    struct window window;
    uint64_t position; /* of the file: up to here it is hashed */
    uint64_t settled;  /* up to here it is on the storage and out of the cache */
    uint64_t left;     /* up to here nothing is left in the cache */
    uint64_t followed; /* bytes of data */
    bool in_memory;    /* the file: it has no other storage that could be asked */
    uint64_t size;     /* of a file that is finished; 0 = it is not */
    uint64_t told;     /* of the disk's data: as read again */
};

static uint64_t lesser(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* What is read again has to come from the storage. */
static bool settles(const struct trail *trail)
{
    return trail->spec->prove && !trail->in_memory;
}

static void add(struct trail *trail, const unsigned char *bytes, size_t length)
{
    trail->position += length;
    digest_add(trail->digest, bytes, length);
}

/* In the measure of the disk's data, of which the file has fewer bytes. */
static void tell(struct trail *trail)
{
    const struct trail_spec *spec = trail->spec;
    if (!spec->halt->job || trail->size == 0)
        return;
    double part = (double)lesser(trail->position, trail->size) / (double)trail->size;
    uint64_t read = (uint64_t)((double)spec->data * part);
    if (read > trail->told)
        job_add_read_again(spec->halt->job, read - trail->told);
    trail->told = read;
}

static bool read_again(const struct trail *trail, unsigned char *to, size_t length, struct error *err)
{
    const struct trail_spec *spec = trail->spec;
    struct job_stretch stretch;
    job_stretch_begin(&stretch, spec->halt->job);
    ssize_t got = read_at(spec->fd, to, length, trail->position);
    if (got < 0)
        return error_errno(err, errno, "export.read-again", "cannot read %s again", spec->path);
    job_stretch_waited(&stretch, JOB_LIMIT_TARGET);
    return (size_t)got == length ||
           error_set(err, RETURN_FAILED, "export.verify", "%s: %s has become shorter while it was written",
                     spec->label, spec->path);
}

/* Behind the reader, what the writer has left in the cache. */
static void leave_nothing(struct trail *trail, uint64_t keep)
{
    const struct trail_spec *spec = trail->spec;
    struct error ignored = {0}; /* finish says it */
    if (trail->in_memory || trail->position < trail->left + PAGE_CACHE_STEP + keep)
        return;
    uint64_t end = (trail->position - keep) / PAGE_CACHE_STEP * PAGE_CACHE_STEP;
    if (spec->prove || page_cache_settle(spec->fd, spec->path, trail->left, end - trail->left, &ignored))
        page_cache_drop(spec->fd, trail->left, end - trail->left);
    trail->left = end;
}

static bool settle(struct trail *trail, uint64_t end, struct error *err)
{
    const struct trail_spec *spec = trail->spec;
    uint64_t from = trail->settled / PAGE_CACHE_STEP * PAGE_CACHE_STEP;
    struct job_stretch stretch;
    job_stretch_begin(&stretch, spec->halt->job);
    if (!page_cache_settle(spec->fd, spec->path, from, end - from, err))
        return false;
    job_stretch_waited(&stretch, JOB_LIMIT_TARGET);
    page_cache_drop(spec->fd, from, end - from);
    page_cache_ask_ahead(spec->fd, trail->settled, end - trail->settled);
    trail->settled = end;
    return true;
}

static bool may_go_on(const struct trail *trail, struct error *err)
{
    return halt_checkpoint(trail->spec->halt) ||
           error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
}

/* A hole, or what has to be one. */
static bool pass_zeroes(struct trail *trail, uint64_t end, struct error *err)
{
    while (trail->position < end) {
        if (!may_go_on(trail, err))
            return false;
        add(trail, zeroes, (size_t)lesser(end - trail->position, sizeof zeroes));
    }
    return true;
}

static bool pass_bytes(struct trail *trail, uint64_t end, struct error *err)
{
    const struct trail_spec *spec = trail->spec;
    if (settles(trail) && trail->settled <= trail->position &&
        !settle(trail, lesser(end, trail->position + PAGE_CACHE_STEP), err))
        return false;
    uint64_t limit = settles(trail) ? lesser(end, trail->settled) : end;
    size_t step = (size_t)lesser(limit - trail->position, GAP_STEP);
    if (!read_again(trail, trail->gap, step, err))
        return false;
    if (spec->sink->sparse && !bytes_are_zero(trail->gap, step))
        return error_set(err, RETURN_FAILED, "export.verify",
                         "%s: what the storage gives back at byte %llu of the disk is not zero as it was at "
                         "the point",
                         spec->label, (unsigned long long)trail->position);
    add(trail, trail->gap, step);
    tell(trail);
    leave_nothing(trail, PAGE_CACHE_STEP);
    return true;
}

/* Bytes that are no window's: tables in front, a hole, the rest of the last cluster. They are complete. */
static bool pass(struct trail *trail, uint64_t end, struct error *err)
{
    if (trail->spec->sink->sparse && !trail->spec->prove)
        return pass_zeroes(trail, end, err);
    while (trail->position < end) {
        uint64_t hole = hole_at(trail->spec->fd, trail->position, end - trail->position);
        if (!may_go_on(trail, err) || !pass_zeroes(trail, trail->position + hole, err) ||
            (trail->position < end && !pass_bytes(trail, end, err)))
            return false;
    }
    return true;
}

/* The window's range [start, end) of the file, and as much behind it as is complete, is on the storage. */
static bool await(struct trail *trail, uint64_t start, uint64_t end, struct error *err)
{
    uint64_t boundary = (end + PAGE_CACHE_STEP - 1) / PAGE_CACHE_STEP * PAGE_CACHE_STEP;
    uint64_t bytes = trail->followed + (settles(trail) ? boundary - start : 0);
    if (!lead_wait(trail->lead, trail->window.index, &bytes, trail->spec->halt))
        return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
    if (!settles(trail) || trail->settled >= end)
        return true;
    uint64_t complete = (start + bytes - trail->followed) / PAGE_CACHE_STEP * PAGE_CACHE_STEP;
    return settle(trail, complete > end ? complete : end, err);
}

static bool take_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    struct trail *trail = context;
    const struct sink *sink = trail->spec->sink;
    uint64_t place = sink->ops->place(sink, &trail->window, offset);
    size_t kept = (size_t)lesser(length, sink->end - place);
    if (!pass(trail, place, err))
        return false;
    if (trail->handed) {
        add(trail, trail->handed + (offset - trail->window.offset), kept);
        return true;
    }
    unsigned char *at = trail->buffer + (offset - trail->window.offset);
    memset(at + kept, 0, (size_t)length - kept);
    if (!read_again(trail, at, kept, err))
        return false;
    add(trail, at, kept);
    return true;
}

static bool compare(const struct trail *trail, struct error *err)
{
    const struct window *window = &trail->window;
    struct window_digest copied;
    struct window_digest found;
    if (!spool_get(trail->spec->digests, window->index, &copied, 1, err) ||
        !window_digest_make(window, trail->buffer, &found, err))
        return false;
    return memcmp(&copied, &found, sizeof found) == 0 ||
           error_set(
               err, RETURN_FAILED, "export.verify",
               "%s: what the storage gives back at byte %llu of the disk is not what was read at the point",
               trail->spec->label, (unsigned long long)window->offset);
}

static bool follow_window(struct trail *trail, struct error *err)
{
    const struct window *window = &trail->window;
    const struct sink *sink = trail->spec->sink;
    uint64_t bytes = window_bytes(window, window->data_mask);
    unsigned first = (unsigned)__builtin_ctz(window->data_mask);
    unsigned last = 31 - (unsigned)__builtin_clz(window->data_mask);
    uint64_t start = sink->ops->place(sink, window, window->offset + first * RUN_GRANULE);
    uint64_t end = sink->ops->place(sink, window, window->offset + last * RUN_GRANULE) + RUN_GRANULE;
    if (!await(trail, start, lesser(end, sink->end), err))
        return false;
    trail->handed = lead_handed(trail->lead, window->index);
    if (!window_each(window, window->data_mask, take_range, trail, err) ||
        (trail->spec->prove && !compare(trail, err)))
        return false;
    trail->followed += bytes;
    lead_follow(trail->lead, bytes);
    leave_nothing(trail, LEAD_BYTES / 2);
    return true;
}

static bool follow_windows(struct trail *trail, struct error *err)
{
    struct window_cursor cursor;
    window_cursor_open(&cursor, trail->spec->runs, trail->spec->disk_size);
    struct job_stretch stretch;
    bool ok = true;
    while (ok) {
        ok = may_go_on(trail, err) && window_cursor_next(&cursor, &trail->window, err);
        if (!ok || trail->window.length == 0)
            break;
        job_stretch_begin(&stretch, trail->spec->halt->job);
        if (trail->window.data_mask)
            ok = follow_window(trail, err);
        job_stretch_worked(&stretch);
    }
    window_cursor_close(&cursor);
    return ok;
}

static bool pass_rest(struct trail *trail, struct error *err)
{
    struct stat status;
    if (fstat(trail->spec->fd, &status) != 0)
        return error_errno(err, errno, "export.read-again", "cannot look at %s", trail->spec->path);
    if (!trail->lead)
        trail->size = (uint64_t)status.st_size;
    return pass(trail, (uint64_t)status.st_size, err);
}

static bool run(const struct trail_spec *spec, struct lead *lead, char sha256[DIGEST_TEXT], struct error *err)
{
    struct trail trail = {.spec = spec,
                          .lead = lead,
                          .digest = digest_begin(),
                          .buffer = copy_buffer_new(err),
                          .gap = mem_alloc(GAP_STEP),
                          .in_memory = page_cache_is_storage(spec->fd)};
    bool ok = trail.buffer && (!lead || follow_windows(&trail, err)) && pass_rest(&trail, err);
    digest_end(trail.digest, sha256);
    free(trail.gap);
    free(trail.buffer);
    return ok;
}

bool trail_follow(const struct trail_spec *spec, struct lead *lead, char sha256[DIGEST_TEXT],
                  struct error *err)
{
    return run(spec, lead, sha256, err);
}

bool trail_whole(const struct trail_spec *spec, char sha256[DIGEST_TEXT], struct error *err)
{
    return run(spec, NULL, sha256, err);
}
