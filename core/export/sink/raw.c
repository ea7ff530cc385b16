/* A sparse file, written by ourselves. The range of each write is handed to the disk at once and without
 * waiting (sync_file_range), so that the last fsync has little left to do and cancelling stays quick. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/sink/sink.h"
#include "core/export/sink/write_at.h"
#include "core/system/fs.h"

struct sink_raw {
    struct sink sink;
    struct sink_file file;
    uint64_t size;
};

struct raw_writer {
    struct sink_raw *sink;
};

static bool open_writer(struct sink *sink, struct sink_writer **writer, struct error *err)
{
    (void)err;
    struct raw_writer *made = mem_alloc(sizeof *made);
    made->sink = (struct sink_raw *)sink;
    *writer = (struct sink_writer *)made;
    return true;
}

struct piece { /* of a window */
    struct sink_raw *sink;
    const struct window *window;
    const unsigned char *data;
};

static bool write_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct piece *piece = context;
    struct sink_raw *sink = piece->sink;
    if (offset + length > sink->size) /* QEMU's view of an odd size is rounded up */
        length = offset < sink->size ? sink->size - offset : 0;
    const unsigned char *at = piece->data + (offset - piece->window->offset);
    return sink_write_at(&sink->file, at, (size_t)length, offset, err);
}

/* What was never written is a hole and reads zero. */
static bool write_window(struct sink_writer *writer, const struct window *window, uint16_t content,
                         const unsigned char *data, struct error *err)
{
    struct piece piece = {.sink = ((struct raw_writer *)writer)->sink, .window = window, .data = data};
    return window_each(window, content, write_range, &piece, err);
}

static uint64_t place(const struct sink *sink, const struct window *window, uint64_t offset)
{
    (void)sink;
    (void)window;
    return offset;
}

static void close_writer(struct sink_writer *writer)
{
    free(writer);
}

static bool finish(struct sink *base, struct error *err)
{
    const struct sink_raw *sink = (const struct sink_raw *)base;
    return fs_sync(sink->file.fd, sink->file.path, err);
}

static void close_sink(struct sink *base)
{
    struct sink_raw *sink = (struct sink_raw *)base;
    sink_file_close(&sink->file);
    free(sink);
}

static const struct sink_ops RAW_OPS = {
    .open_writer = open_writer,
    .write = write_window,
    .close_writer = close_writer,
    .place = place,
    .finish = finish,
    .close = close_sink,
};

bool sink_raw_open(const struct sink_spec *spec, struct sink **sink, struct error *err)
{
    struct sink_raw *made = mem_alloc(sizeof *made);
    *made = (struct sink_raw){.sink = {.ops = &RAW_OPS, .end = spec->virtual_size, .sparse = true},
                              .size = spec->virtual_size};
    sink_file_open(&made->file, spec->fd, spec->path, spec->halt);
    if (ftruncate(spec->fd, (off_t)spec->virtual_size) != 0) {
        (void)sink_write_failed(made->file.path, errno, err);
        close_sink(&made->sink);
        return false;
    }
    *sink = &made->sink;
    return true;
}
