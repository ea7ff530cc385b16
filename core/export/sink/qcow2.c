/* Without compression: all tables first, from the plan; then each window to its place. A cluster of data that
 * is all zero stays a hole of the file. What lies beneath is never opened: clusters are written whole. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/sink/planned.h"
#include "core/export/sink/sink.h"
#include "core/export/sink/write_at.h"
#include "core/qcow2/layout.h"
#include "core/system/fs.h"

struct sink_qcow2 {
    struct sink sink;
    struct sink_file file;
    struct qcow2_layout layout;
};

struct qcow2_writer {
    struct sink_qcow2 *sink;
};

struct piece { /* of a window */
    struct sink_qcow2 *sink;
    const struct window *window;
    const unsigned char *data;
};

static bool open_writer(struct sink *sink, struct sink_writer **writer, struct error *err)
{
    (void)err;
    struct qcow2_writer *made = mem_alloc(sizeof *made);
    made->sink = (struct sink_qcow2 *)sink;
    *writer = (struct sink_writer *)made;
    return true;
}

static uint64_t place(const struct sink *base, const struct window *window, uint64_t offset)
{
    const struct sink_qcow2 *sink = (const struct sink_qcow2 *)base;
    return qcow2_data_offset(&sink->layout, window_rank(window, offset));
}

static bool write_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct piece *piece = context;
    struct sink_qcow2 *sink = piece->sink;
    const unsigned char *at = piece->data + (offset - piece->window->offset);
    return sink_write_at(&sink->file, at, (size_t)length, place(&sink->sink, piece->window, offset), err);
}

static bool write_window(struct sink_writer *writer, const struct window *window, uint16_t content,
                         const unsigned char *data, struct error *err)
{
    struct piece piece = {
        .sink = ((const struct qcow2_writer *)writer)->sink, .window = window, .data = data};
    return window_each(window, content, write_range, &piece, err);
}

static void close_writer(struct sink_writer *writer)
{
    free(writer);
}

static bool finish(struct sink *base, struct error *err)
{
    const struct sink_qcow2 *sink = (const struct sink_qcow2 *)base;
    return fs_sync(sink->file.fd, sink->file.path, err);
}

static void close_sink(struct sink *base)
{
    sink_file_close(&((struct sink_qcow2 *)base)->file);
    free(base);
}

static const struct sink_ops QCOW2_OPS = {
    .open_writer = open_writer,
    .write = write_window,
    .close_writer = close_writer,
    .place = place,
    .finish = finish,
    .close = close_sink,
};

bool sink_qcow2_open(const struct sink_spec *spec, struct sink **sink, struct error *err)
{
    struct sink_qcow2 *made = mem_alloc(sizeof *made);
    *made = (struct sink_qcow2){.sink = {.ops = &QCOW2_OPS, .end = UINT64_MAX}};
    sink_file_open(&made->file, spec->fd, spec->path, spec->halt);
    struct qcow2_image image = sink_image(spec);
    struct qcow2_file file = {
        .fd = spec->fd, .path = made->file.path, .patience = &made->file.patient, .keep = spec->resumes};
    struct sink_planned planned;
    sink_planned_open(&planned, spec->runs, spec->halt);
    bool ok = qcow2_layout_make(&image, &planned.extents, &made->layout, err) &&
              qcow2_front_write(&made->layout, &planned.extents, &file, err);
    sink_planned_close(&planned);
    if (!ok) {
        close_sink(&made->sink);
        return false;
    }
    *sink = &made->sink;
    return true;
}
