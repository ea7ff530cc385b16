#include "core/export/copy/copy.h"

#include <stdlib.h>
#include <string.h>

#include "core/export/copy/window.h"
#include "core/job/workers.h"

#define BUFFER_ALIGNMENT 4096

_Static_assert(WORKERS_LIMIT *WINDOW_SIZE <= COPY_BUFFER_LIMIT, "the buffers of all workers fit");

enum side { SIDE_NEITHER, SIDE_SOURCE, SIDE_SINK };

struct copying { /* shared by the workers */
    const struct copy_spec *spec;
    _Atomic enum side failed; /* the first one that did */
    struct window_cursor cursor;
};

struct worker {
    struct copying *copying;
    const struct copy_spec *spec;
    struct source_reader *reader;
    struct sink_writer *writer;
    unsigned char *buffer;
    struct window window;
};

/* Passes ok on; remembers whose failure it was, so that the right one is asked for the cause. */
static bool blame(struct copying *copying, enum side side, bool ok)
{
    enum side neither = SIDE_NEITHER;
    if (!ok && !halt_is_asked(copying->spec->halt))
        atomic_compare_exchange_strong(&copying->failed, &neither, side);
    return ok;
}

unsigned char *copy_buffer_new(struct error *err)
{
    void *buffer = NULL;
    if (posix_memalign(&buffer, BUFFER_ALIGNMENT, WINDOW_SIZE) != 0) {
        error_set(err, RETURN_OUT_OF_MEMORY, "export.memory", "there is no memory for a buffer of %llu bytes",
                  (unsigned long long)WINDOW_SIZE);
        error_next(err, "Free some memory, then export again.");
        return NULL;
    }
    memset(buffer, 0, WINDOW_SIZE);
    return buffer;
}

static bool read_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct worker *worker = context;
    unsigned char *at = worker->buffer + (offset - worker->window.offset);
    if (length % RUN_GRANULE != 0) /* the sink may take the whole last cluster */
        memset(at + length, 0, RUN_GRANULE - length % RUN_GRANULE);
    return blame(worker->copying, SIDE_SOURCE,
                 worker->spec->source->ops->read(worker->reader, at, (size_t)length, offset, err));
}

static bool write_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct worker *worker = context;
    const unsigned char *at = worker->buffer + (offset - worker->window.offset);
    return blame(worker->copying, SIDE_SINK,
                 worker->spec->sink->ops->write(worker->writer, at, (size_t)length, offset, err));
}

static bool zero_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct worker *worker = context;
    return blame(worker->copying, SIDE_SINK,
                 worker->spec->sink->ops->zero(worker->writer, length, offset, err));
}

static bool read_window(struct worker *worker, struct window_digest *digest, struct error *err)
{
    const struct window *window = &worker->window;
    return window_each(window, window->data_mask, read_range, worker, err) &&
           window_digest_make(window, worker->buffer, digest, err) &&
           spool_put(worker->spec->digests, window->index, digest, 1, err);
}

static bool copy_window(struct worker *worker, struct error *err)
{
    const struct window *window = &worker->window;
    const struct copy_spec *spec = worker->spec;
    struct window_digest digest = {0};
    if (window->data_mask && !read_window(worker, &digest, err))
        return false;
    uint16_t zero_mask = window->zero_mask | (window->data_mask & (uint16_t)~digest.content_mask);
    if (!spec->sink->writes_zeroes)
        zero_mask = 0;
    if (!window_each(window, digest.content_mask, write_range, worker, err) ||
        !window_each(window, zero_mask, zero_range, worker, err))
        return false;
    job_disk_add_done(spec->halt->job, spec->job_disk, window_bytes(window, window->data_mask));
    job_disk_add_zeroed(spec->halt->job, spec->job_disk, window_bytes(window, window->zero_mask));
    return true;
}

static bool copy_windows(struct copying *copying, struct worker *worker, struct error *err)
{
    const struct copy_spec *spec = copying->spec;
    while (halt_checkpoint(spec->halt)) {
        const struct window *window = &worker->window;
        if (!window_cursor_next(&copying->cursor, &worker->window, err))
            return false;
        if (window->length == 0)
            return true;
        if (window->data_mask &&
            !rate_limit_take(spec->rate, window_bytes(window, window->data_mask), spec->halt))
            break;
        if (!copy_window(worker, err))
            return false;
    }
    return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
}

static bool work(void *context, struct error *err)
{
    struct copying *copying = context;
    const struct copy_spec *spec = copying->spec;
    struct worker worker = {.copying = copying, .spec = spec, .buffer = copy_buffer_new(err)};
    bool ok =
        worker.buffer &&
        blame(copying, SIDE_SOURCE, spec->source->ops->open_reader(spec->source, &worker.reader, err)) &&
        blame(copying, SIDE_SINK, spec->sink->ops->open_writer(spec->sink, &worker.writer, err)) &&
        copy_windows(copying, &worker, err);
    if (worker.reader)
        spec->source->ops->close_reader(worker.reader);
    if (worker.writer)
        spec->sink->ops->close_writer(worker.writer);
    free(worker.buffer);
    return ok;
}

bool copy_disk(const struct copy_spec *spec, uint64_t *windows, struct error *err)
{
    struct copying copying = {.spec = spec};
    window_cursor_open(&copying.cursor, spec->runs, spec->source->size);
    unsigned workers = spec->source->one_reader ? 1 : spec->workers;
    bool ok = workers_run(workers, work, &copying, spec->halt, err);
    *windows = copying.cursor.next_index;
    window_cursor_close(&copying.cursor);
    if (atomic_load(&copying.failed) == SIDE_SOURCE)
        spec->source->ops->explain(spec->source, err);
    else if (atomic_load(&copying.failed) == SIDE_SINK)
        spec->sink->ops->explain(spec->sink, err);
    return ok;
}
