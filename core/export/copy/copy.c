#include "core/export/copy/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/export/copy/trail.h"
#include "core/export/copy/window_digest.h"
#include "core/export/plan/window.h"
#include "core/job/limit.h"
#include "core/job/workers.h"
#include "core/system/page_cache.h"
#include "core/system/read_at.h"

struct copying { /* shared by the workers */
    const struct copy_spec *spec;
    atomic_bool source_failed;
    struct window_cursor cursor;
    struct lead lead;
};

struct worker {
    struct copying *copying;
    const struct copy_spec *spec;
    struct source_reader *reader;
    struct sink_writer *writer;
    unsigned char *buffer;
    struct window window;
};

struct following {
    struct trail_spec trail;
    struct lead *lead;
    char *sha256;
    bool ok;
    struct error err;
};

/* Passes ok on; remembers that it was the source, so that it is asked for the cause. */
static bool of_source(struct copying *copying, bool ok)
{
    if (!ok && !halt_is_asked(copying->spec->halt))
        atomic_store(&copying->source_failed, true);
    return ok;
}

static bool read_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct worker *worker = context;
    unsigned char *at = worker->buffer + (offset - worker->window.offset);
    if (length % RUN_GRANULE != 0) /* the sink may take the whole last cluster */
        memset(at + length, 0, RUN_GRANULE - length % RUN_GRANULE);
    return of_source(worker->copying,
                     worker->spec->source->ops->read(worker->reader, at, (size_t)length, offset, err));
}

static bool read_window(struct worker *worker, struct window_digest *digest, struct error *err)
{
    const struct window *window = &worker->window;
    const struct copy_spec *spec = worker->spec;
    struct job_stretch stretch;
    job_stretch_begin(&stretch, spec->halt->job);
    if (!rate_limit_take(spec->rate, window_bytes(window, window->data_mask), spec->halt))
        return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
    job_stretch_waited(&stretch, JOB_LIMIT_RATE);
    job_stretch_begin(&stretch, spec->halt->job);
    if (!window_each(window, window->data_mask, read_range, worker, err))
        return false;
    job_stretch_waited(&stretch, JOB_LIMIT_SOURCE);
    return window_digest_make(window, worker->buffer, digest, err) &&
           spool_put(worker->spec->digests, window->index, digest, 1, err);
}

static bool recall_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct worker *worker = context;
    const struct copy_spec *spec = worker->spec;
    unsigned char *at = worker->buffer + (offset - worker->window.offset);
    uint64_t place = spec->sink->ops->place(spec->sink, &worker->window, offset);
    ssize_t got = read_at(spec->fd, at, (size_t)length, place);
    if (got < 0)
        return error_errno(err, errno, "export.read-again", "cannot read %s again", spec->path);
    memset(at + got, 0, (length + RUN_GRANULE - 1) / RUN_GRANULE * RUN_GRANULE - (size_t)got);
    return true;
}

/* What the file holds of the window already, into the buffer. A failure to read it means: nothing. */
static bool recall(struct worker *worker, struct window_digest *found)
{
    const struct window *window = &worker->window;
    const struct sink_ops *ops = worker->spec->sink->ops;
    struct error ignored = {0};
    return (ops->recall ? ops->recall(worker->writer, window, worker->buffer)
                        : window_each(window, window->data_mask, recall_range, worker, &ignored)) &&
           window_digest_make(window, worker->buffer, found, &ignored);
}

enum recalled { RECALLED_WHOLE, RECALLED_OTHER, RECALLED_NOTHING };

static enum recalled look_back(struct worker *worker, struct window_digest *digest)
{
    struct window_digest kept;
    if (!recall(worker, digest))
        return RECALLED_OTHER;
    if (spool_look(worker->spec->digests, worker->window.index, &kept) &&
        memcmp(&kept, digest, sizeof kept) == 0)
        return RECALLED_WHOLE;
    return digest->content_mask == 0 ? RECALLED_NOTHING : RECALLED_OTHER;
}

static bool write_window(struct worker *worker, uint16_t content, struct error *err)
{
    const struct window *window = &worker->window;
    return worker->spec->sink->ops->write(worker->writer, window, content, worker->buffer, err);
}

static bool punch_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct worker *worker = context;
    const struct copy_spec *spec = worker->spec;
    uint64_t place = spec->sink->ops->place(spec->sink, &worker->window, offset);
    return fallocate(spec->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)place, (off_t)length) ==
               0 ||
           error_errno(err, errno, "export.write", "cannot clear a range of %s", spec->path);
}

/* What lies at its place and is something else: a cluster without content is to be a hole again. Where the
 * file system has none, its zeroes are written. */
static uint16_t clear_window(struct worker *worker, uint16_t content)
{
    const struct window *window = &worker->window;
    struct error ignored = {0};
    bool is_clear =
        !worker->spec->sink->ops->place ||
        window_each(window, (uint16_t)(window->data_mask & ~content), punch_range, worker, &ignored);
    return is_clear ? content : window->data_mask;
}

/* *kept: it was there. */
static bool copy_again(struct worker *worker, bool *kept, struct error *err)
{
    const struct window *window = &worker->window;
    const struct sink_ops *ops = worker->spec->sink->ops;
    struct window_digest digest = {0};
    enum recalled recalled = look_back(worker, &digest);
    *kept = recalled == RECALLED_WHOLE;
    if (*kept)
        return !ops->keep || ops->keep(worker->writer, window, digest.content_mask, worker->buffer, err);
    if (!read_window(worker, &digest, err))
        return false;
    uint16_t content = digest.content_mask;
    if (recalled == RECALLED_OTHER)
        content = clear_window(worker, content);
    return write_window(worker, content, err);
}

static bool copy_data(struct worker *worker, bool *kept, struct error *err)
{
    struct window_digest digest = {0};
    if (worker->spec->resumes)
        return copy_again(worker, kept, err);
    return read_window(worker, &digest, err) && write_window(worker, digest.content_mask, err);
}

static bool copy_window(struct worker *worker, struct error *err)
{
    const struct window *window = &worker->window;
    const struct copy_spec *spec = worker->spec;
    bool kept = false;
    uint64_t bytes = window_bytes(window, window->data_mask);
    if (window->data_mask ? !copy_data(worker, &kept, err) : !write_window(worker, 0, err))
        return false;
    if (window->data_mask)
        lead_done(&worker->copying->lead, window->index, bytes, &worker->buffer);
    if (kept)
        job_disk_add_kept(spec->halt->job, spec->job_disk, bytes);
    else
        job_disk_add_done(spec->halt->job, spec->job_disk, bytes);
    job_disk_add_zeroed(spec->halt->job, spec->job_disk, window_bytes(window, window->zero_mask));
    return true;
}

/* false: it is time to stop. */
static bool may_copy(struct worker *worker)
{
    const struct window *window = &worker->window;
    return !window->data_mask || lead_enter(&worker->copying->lead, window->index, worker->spec->halt);
}

static bool copy_windows(struct copying *copying, struct worker *worker, struct error *err)
{
    const struct copy_spec *spec = copying->spec;
    struct job_stretch stretch;
    while (halt_checkpoint(spec->halt)) {
        const struct window *window = &worker->window;
        if (!worker->buffer && !(worker->buffer = lead_lend(&copying->lead, spec->halt, err)))
            return false;
        if (!window_cursor_next(&copying->cursor, &worker->window, err))
            return false;
        if (window->length == 0)
            return true;
        if (!may_copy(worker))
            break;
        job_stretch_begin(&stretch, spec->halt->job);
        if (!copy_window(worker, err))
            return false;
        job_stretch_worked(&stretch);
    }
    return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
}

static bool work(void *context, struct error *err)
{
    struct copying *copying = context;
    const struct copy_spec *spec = copying->spec;
    struct worker worker = {.copying = copying, .spec = spec};
    bool ok = of_source(copying, spec->source->ops->open_reader(spec->source, &worker.reader, err)) &&
              spec->sink->ops->open_writer(spec->sink, &worker.writer, err) &&
              copy_windows(copying, &worker, err);
    if (worker.reader)
        spec->source->ops->close_reader(worker.reader);
    if (worker.writer)
        spec->sink->ops->close_writer(worker.writer);
    lead_give_back(&copying->lead, worker.buffer);
    return ok;
}

static struct trail_spec trail_spec(const struct copy_spec *spec)
{
    return (struct trail_spec){.fd = spec->fd,
                               .path = spec->path,
                               .label = spec->label,
                               .sink = spec->sink,
                               .runs = spec->runs,
                               .disk_size = spec->source->size,
                               .digests = spec->digests,
                               .prove = spec->prove,
                               .data = spec->data,
                               .halt = spec->halt};
}

static void *follow(void *context)
{
    struct following *following = context;
    following->ok = trail_follow(&following->trail, following->lead, following->sha256, &following->err);
    if (!following->ok)
        halt_fail(following->trail.halt);
    return NULL;
}

static bool copy_followed(struct copying *copying, unsigned workers, char *sha256, struct error *err)
{
    const struct copy_spec *spec = copying->spec;
    struct following following = {.trail = trail_spec(spec), .lead = &copying->lead, .sha256 = sha256};
    pthread_t thread;
    if (!worker_start(&thread, follow, &following, err)) {
        halt_fail(spec->halt);
        return false;
    }
    bool ok = workers_run(workers, work, copying, spec->halt, err);
    lead_end(&copying->lead);
    pthread_join(thread, NULL);
    if (!following.ok && (ok || strcmp(following.err.key, "image.stopped") != 0))
        *err = following.err;
    return ok && following.ok;
}

/* A file whose places are known at its end only is read when it is finished. */
static bool copy_and_finish(struct copying *copying, unsigned workers, char *sha256, struct error *err)
{
    const struct copy_spec *spec = copying->spec;
    if (spec->sink->ops->place)
        return copy_followed(copying, workers, sha256, err) && spec->sink->ops->finish(spec->sink, err);
    struct trail_spec trail = trail_spec(spec);
    return workers_run(workers, work, copying, spec->halt, err) && spec->sink->ops->finish(spec->sink, err) &&
           trail_whole(&trail, sha256, err);
}

bool copy_disk(const struct copy_spec *spec, struct copy_result *result, struct error *err)
{
    struct copying copying = {.spec = spec};
    window_cursor_open(&copying.cursor, spec->runs, spec->source->size);
    unsigned workers = spec->source->one_reader ? 1 : spec->workers;
    enum lead_kind followed = spec->prove ? LEAD_FILE : LEAD_BUFFERS;
    bool on_storage = spec->prove && !page_cache_is_storage(spec->fd);
    lead_open(&copying.lead, spec->sink->ops->place ? followed : LEAD_ALONE,
              on_storage ? LEAD_BYTES : LEAD_CACHED_BYTES, spec->buffers);
    bool ok = copy_and_finish(&copying, workers, result->sha256, err);
    result->windows = copying.cursor.next_index;
    lead_close(&copying.lead);
    window_cursor_close(&copying.cursor);
    if (atomic_load(&copying.source_failed))
        spec->source->ops->explain(spec->source, err);
    if (ok && fstat(spec->fd, &result->as_read) != 0)
        ok = error_errno(err, errno, "export.write", "cannot look at %s", spec->path);
    return ok;
}
