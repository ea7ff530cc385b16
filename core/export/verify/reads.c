#include "core/export/verify/reads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/export/copy/buffer.h"
#include "core/export/copy/window_digest.h"
#include "core/export/plan/window.h"
#include "core/export/verify/extents.h"
#include "core/export/verify/picks.h"
#include "core/job/workers.h"
#include "core/system/read_at.h"

struct verifying { /* shared by the workers */
    const struct verify_spec *spec;
    struct source *source;
    struct picks picks;
    struct window_cursor cursor; /* of a compressed image, in place of picks */
};

struct reading {
    struct verifying *verifying;
    struct source *source;
    struct source_reader *reader;
    struct window window;
    unsigned char *buffer;
    unsigned char *file; /* what the file has there */
};

static void progress(const struct verify_spec *spec, uint64_t bytes)
{
    uint64_t done = atomic_fetch_add(&spec->progress->done, bytes) + bytes;
    job_set_phase_progress(spec->progress->job, done, spec->progress->total);
}

static bool hold_data(const struct verify_spec *spec, uint64_t offset, struct error *err)
{
    return error_set(err, RETURN_FAILED, "export.verify",
                     "%s: the written image holds data where there should be zeroes at byte %llu",
                     spec->label, (unsigned long long)offset);
}

static bool differ(const struct verify_spec *spec, uint64_t offset, struct error *err)
{
    return error_set(err, RETURN_FAILED, "export.verify",
                     "%s: what was written at byte %llu differs from what was read at the point", spec->label,
                     (unsigned long long)offset);
}

/* --- compressed: every window --- */

static bool read_zeroes(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct reading *reading = context;
    for (uint64_t end = offset + length; offset < end; offset += WINDOW_SIZE) {
        size_t step = end - offset < WINDOW_SIZE ? (size_t)(end - offset) : (size_t)WINDOW_SIZE;
        if (!halt_checkpoint(reading->verifying->spec->halt))
            return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
        if (!reading->source->ops->read(reading->reader, reading->buffer, step, offset, err))
            return false;
        if (!bytes_are_zero(reading->buffer, step))
            return hold_data(reading->verifying->spec, offset, err);
    }
    return true;
}

static bool verify_window(struct reading *reading, struct error *err)
{
    const struct verify_spec *spec = reading->verifying->spec;
    const struct window *window = &reading->window;
    struct window_digest written;
    struct window_digest found;
    if (!window_each(window, window->zero_mask, read_zeroes, reading, err))
        return false;
    if (window->data_mask == 0)
        return true;
    if (!spool_get(spec->digests, window->index, &written, 1, err) ||
        !window_digest_read(window, reading->source, reading->reader, reading->buffer, &found, err))
        return false;
    if (memcmp(&written, &found, sizeof found) != 0)
        return differ(spec, window->offset, err);
    progress(spec, window_bytes(window, window->data_mask));
    return true;
}

static bool verify_windows(struct reading *reading, struct error *err)
{
    struct verifying *verifying = reading->verifying;
    while (halt_checkpoint(verifying->spec->halt)) {
        if (!window_cursor_next(&verifying->cursor, &reading->window, err))
            return false;
        if (reading->window.length == 0)
            return true;
        if (!verify_window(reading, err))
            return false;
    }
    return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
}

/* --- else: what was picked --- */

static uint64_t place_of(const struct verify_spec *spec, const struct pick *pick)
{
    return spec->chain[0].format == DISK_FORMAT_RAW ? pick->offset : spec->place + pick->rank * RUN_GRANULE;
}

/* The file may end within the last sector of a raw image. */
static bool read_file(const struct reading *reading, const struct pick *pick, struct error *err)
{
    const struct verify_spec *spec = reading->verifying->spec;
    uint64_t place = place_of(spec, pick);
    memset(reading->file, 0, (size_t)pick->length);
    return read_at(spec->chain[0].fd, reading->file, (size_t)pick->length, place) >= 0 ||
           error_errno(err, errno, "export.read-again", "cannot read %s again", spec->path);
}

static bool verify_pick(const struct reading *reading, const struct pick *pick, struct error *err)
{
    const struct verify_spec *spec = reading->verifying->spec;
    if (!reading->source->ops->read(reading->reader, reading->buffer, (size_t)pick->length, pick->offset,
                                    err) ||
        (!pick->zero && !read_file(reading, pick, err)))
        return false;
    bool right = pick->zero ? bytes_are_zero(reading->buffer, (size_t)pick->length)
                            : memcmp(reading->buffer, reading->file, (size_t)pick->length) == 0;
    if (!right)
        return (pick->zero ? hold_data : differ)(spec, pick->offset, err);
    progress(spec, pick->passed);
    return true;
}

static bool verify_picks(const struct reading *reading, struct error *err)
{
    struct verifying *verifying = reading->verifying;
    while (halt_checkpoint(verifying->spec->halt)) {
        struct pick pick;
        if (!picks_next(&verifying->picks, &pick, err))
            return false;
        if (pick.length == 0)
            return true;
        if (!verify_pick(reading, &pick, err))
            return false;
    }
    return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
}

static bool work(void *context, struct error *err)
{
    struct verifying *verifying = context;
    struct reading reading = {.verifying = verifying,
                              .source = verifying->source,
                              .buffer = copy_buffer_new(err),
                              .file = copy_buffer_new(err)};
    bool ok = reading.buffer && reading.file &&
              reading.source->ops->open_reader(reading.source, &reading.reader, err) &&
              (verifying->spec->compressed ? verify_windows(&reading, err) : verify_picks(&reading, err));
    if (reading.reader)
        reading.source->ops->close_reader(reading.reader);
    free(reading.buffer);
    free(reading.file);
    return ok;
}

static bool verify_size(const struct verify_spec *spec, const struct source *source, struct error *err)
{
    uint64_t size = source->size;
    uint64_t expected = size_whole_sectors(spec->virtual_size);
    if (spec->chain[0].format == DISK_FORMAT_RAW) {
        struct stat status;
        if (fstat(spec->chain[0].fd, &status) != 0)
            return error_errno(err, errno, "export.verify", "cannot look at %s", spec->path);
        size = (uint64_t)status.st_size;
        expected = spec->virtual_size;
    }
    return size == expected ||
           error_set(err, RETURN_FAILED, "export.verify", "%s has %llu bytes where %llu were exported",
                     spec->label, (unsigned long long)size, (unsigned long long)expected);
}

/* A raw file has no map of its own: what is skipped reads zero, which is asked or read. */
static bool verify_raw(const struct verify_spec *spec, const struct source *source, struct error *err)
{
    struct verify_extents_spec extents = {.client = source->client,
                                          .runs = spec->runs,
                                          .size = source->size,
                                          .label = spec->label,
                                          .halt = spec->halt};
    return spec->chain[0].format != DISK_FORMAT_RAW || verify_extents(&extents, err);
}

static bool read_all(struct verifying *verifying, struct error *err)
{
    const struct verify_spec *spec = verifying->spec;
    picks_open(&verifying->picks, spec->runs);
    window_cursor_open(&verifying->cursor, spec->runs, verifying->source->size);
    bool ok = workers_run(spec->workers, work, verifying, spec->halt, err);
    window_cursor_close(&verifying->cursor);
    picks_close(&verifying->picks);
    return ok;
}

/* A difference is an answer; anything else is QEMU's failure to give one. */
static bool is_answer(const struct verify_spec *spec, const struct error *err)
{
    return strcmp(err->key, "export.verify") == 0 || halt_is_cancelled(spec->halt);
}

bool verify_reads(const struct verify_spec *spec, struct error *err)
{
    struct source_nbd_spec source = {.layers = spec->chain,
                                     .layer_count = spec->chain_count,
                                     .readers = spec->workers,
                                     .extents = spec->chain[0].format == DISK_FORMAT_RAW,
                                     .label = spec->label,
                                     .halt = spec->halt};
    struct verifying verifying = {.spec = spec};
    if (!source_nbd_open(&source, &verifying.source, err))
        return false;
    bool ok = verify_size(spec, verifying.source, err) && verify_raw(spec, verifying.source, err) &&
              read_all(&verifying, err);
    if (!ok && !is_answer(spec, err))
        verifying.source->ops->explain(verifying.source, err);
    verifying.source->ops->close(verifying.source);
    return ok;
}

uint64_t verify_reads_bytes(uint64_t data, const struct run_list *runs, bool compressed)
{
    uint64_t picked = data / PICKS_ONE_IN + runs->count * 2 * RUN_GRANULE;
    return compressed || picked > data ? data : picked;
}
