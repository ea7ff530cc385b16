#include "core/export/copy/content.h"

#include <stdlib.h>

#include "core/export/copy/buffer.h"
#include "core/export/copy/window_digest.h"
#include "core/job/workers.h"

struct making { /* shared by the workers */
    const struct content_spec *spec;
    struct window_cursor cursor;
};

struct reading {
    const struct content_spec *spec;
    struct source_reader *reader;
    struct window window;
    unsigned char *buffer;
};

static bool read_window(struct reading *reading, struct error *err)
{
    const struct content_spec *spec = reading->spec;
    const struct window *window = &reading->window;
    struct window_digest digest;
    if (!window_digest_read(window, spec->source, reading->reader, reading->buffer, &digest, err) ||
        !spool_put(spec->digests, window->index, &digest, 1, err))
        return false;
    return spec->passed(spec->context, window_bytes(window, window->data_mask)) ||
           error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
}

static bool work(void *context, struct error *err)
{
    struct making *making = context;
    struct reading reading = {.spec = making->spec, .buffer = copy_buffer_new(err)};
    const struct source_ops *ops = making->spec->source->ops;
    bool ok = reading.buffer && ops->open_reader(making->spec->source, &reading.reader, err);
    while (ok) {
        ok = window_cursor_next(&making->cursor, &reading.window, err);
        if (!ok || reading.window.length == 0)
            break;
        ok = halt_checkpoint(making->spec->halt) ||
             error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
        ok = ok && (reading.window.data_mask == 0 || read_window(&reading, err));
    }
    if (reading.reader)
        ops->close_reader(reading.reader);
    free(reading.buffer);
    return ok;
}

bool content_digest_make(const struct content_spec *spec, char text[DISK_DIGEST_TEXT], struct error *err)
{
    struct making making = {.spec = spec};
    window_cursor_open(&making.cursor, spec->runs, spec->source->size);
    bool ok = workers_run(spec->workers, work, &making, spec->halt, err);
    uint64_t windows = making.cursor.next_index;
    window_cursor_close(&making.cursor);
    return ok && disk_digest_make(spec->digests, windows, text, err);
}
