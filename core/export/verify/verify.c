#include "core/export/verify/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/export/copy/copy.h"
#include "core/export/copy/window.h"
#include "core/export/verify/extents.h"
#include "core/image/image.h"
#include "core/image/qemu_img.h"
#include "core/job/workers.h"

struct verifying { /* shared by the workers */
    const struct verify_spec *spec;
    struct source *source;
    struct window_cursor cursor;
};

struct reading {
    struct source *source;
    struct source_reader *reader;
    struct window window;
    unsigned char *buffer;
};

static bool read_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct reading *reading = context;
    return reading->source->ops->read(reading->reader, reading->buffer + (offset - reading->window.offset),
                                      (size_t)length, offset, err);
}

static bool verify_window(const struct verify_spec *spec, struct reading *reading, struct error *err)
{
    const struct window *window = &reading->window;
    struct window_digest written;
    struct window_digest found;
    if (!spool_get(spec->digests, window->index, &written, 1, err) ||
        !window_each(window, window->data_mask, read_range, reading, err) ||
        !window_digest_make(window, reading->buffer, &found, err))
        return false;
    if (memcmp(&written, &found, sizeof found) != 0)
        return error_set(err, RETURN_FAILED, "export.verify",
                         "%s: what was written at byte %llu differs from what was read at the point",
                         spec->label, (unsigned long long)window->offset);
    uint64_t bytes = window_bytes(window, window->data_mask);
    uint64_t done = atomic_fetch_add(&spec->progress->done, bytes) + bytes;
    job_set_phase_progress(spec->progress->job, done, spec->progress->total);
    return true;
}

static bool verify_windows(struct verifying *verifying, struct reading *reading, struct error *err)
{
    while (halt_checkpoint(verifying->spec->halt)) {
        struct window *window = &reading->window;
        if (!window_cursor_next(&verifying->cursor, window, err))
            return false;
        if (window->length == 0)
            return true;
        if (window->data_mask && !verify_window(verifying->spec, reading, err))
            return false;
    }
    return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
}

static bool work(void *context, struct error *err)
{
    struct verifying *verifying = context;
    struct reading reading = {.source = verifying->source, .buffer = copy_buffer_new(err)};
    bool ok = reading.buffer && reading.source->ops->open_reader(reading.source, &reading.reader, err) &&
              verify_windows(verifying, &reading, err);
    if (reading.reader)
        reading.source->ops->close_reader(reading.reader);
    free(reading.buffer);
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
    if (size == expected)
        return true;
    return error_set(err, RETURN_FAILED, "export.verify", "%s has %llu bytes where %llu were exported",
                     spec->label, (unsigned long long)size, (unsigned long long)expected);
}

/* A difference is an answer; anything else is QEMU's failure to give one. */
static bool is_answer(const struct verify_spec *spec, const struct error *err)
{
    return strcmp(err->key, "export.verify") == 0 || halt_is_cancelled(spec->halt);
}

static bool verify_content(const struct verify_spec *spec, struct error *err)
{
    struct source_nbd_spec source_spec = {.layers = spec->chain,
                                          .layer_count = spec->chain_count,
                                          .readers = spec->workers,
                                          .extents = true,
                                          .label = spec->label,
                                          .halt = spec->halt};
    struct verifying verifying = {.spec = spec};
    if (!source_nbd_open(&source_spec, &verifying.source, err))
        return false;
    struct verify_extents_spec extents = {.client = verifying.source->client,
                                          .runs = spec->runs,
                                          .size = verifying.source->size,
                                          .differential = spec->differential,
                                          .label = spec->label,
                                          .halt = spec->halt};
    bool ok = verify_size(spec, verifying.source, err) && verify_extents(&extents, err);
    if (ok) {
        window_cursor_open(&verifying.cursor, spec->runs, verifying.source->size);
        ok = workers_run(spec->workers, work, &verifying, spec->halt, err);
        window_cursor_close(&verifying.cursor);
    }
    if (!ok && !is_answer(spec, err))
        verifying.source->ops->explain(verifying.source, err);
    verifying.source->ops->close(verifying.source);
    return ok;
}

/* By the file's real path and stored names: this is what stock QEMU will do with it. */
static bool check_image(const struct verify_spec *spec, struct error *err)
{
    if (spec->chain[0].format != DISK_FORMAT_QCOW2)
        return true;
    const char *argv[] = {"qemu-img", "check", "-q", "-f", "qcow2", "--", spec->path, NULL};
    struct qemu_img tool = {.argv = argv, .job = spec->halt->job};
    return qemu_img_run(&tool, "export.verify", err) == 0 || error_context(err, "%s", spec->label);
}

/* The stored name, taken from the image's own place, has to lead to the base package's file. */
static bool check_base(const struct verify_spec *spec, struct error *err)
{
    if (spec->chain[0].format != DISK_FORMAT_QCOW2)
        return true;
    struct image_info info = {0};
    if (!image_inspect(spec->chain[0].fd, DISK_FORMAT_QCOW2, spec->path, &info, err))
        return false;
    bool ok = !info.backing_name == (spec->chain_count == 1);
    if (ok && info.backing_name) {
        const char *slash = strrchr(spec->path, '/');
        CLEANUP_FREE char *base =
            mem_format("%.*s/%s", (int)(slash - spec->path), spec->path, info.backing_name);
        struct stat named;
        struct stat known;
        ok = stat(base, &named) == 0 && fstat(spec->chain[1].fd, &known) == 0 &&
             named.st_dev == known.st_dev && named.st_ino == known.st_ino;
    }
    image_info_clear(&info);
    if (ok)
        return true;
    return error_set(err, RETURN_FAILED, "export.verify",
                     "%s: the written image does not lead to the base package's disk", spec->label);
}

bool verify_disk(const struct verify_spec *spec, struct error *err)
{
    bool ok = check_base(spec, err) && check_image(spec, err) && verify_content(spec, err);
    return ok ||
           error_advise(err, "The storage or the memory of this machine may be failing: look at the system's "
                             "log, then export again.");
}
