/* A sparse file, written by ourselves. The range of each write is handed to the disk at once and without
 * waiting (sync_file_range), so that the last fsync has little left to do and cancelling stays quick. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/sink/sink.h"
#include "core/system/fs.h"

struct sink_raw {
    struct sink sink;
    int fd;
    char *path;
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

static bool fail(const struct sink_raw *sink, int number, struct error *err)
{
    bool no_room = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return error_errno(err, number, no_room ? "image.no-space" : "export.write", "cannot write %s",
                       sink->path);
}

static bool write_bytes(struct sink_writer *writer, const void *data, size_t length, uint64_t offset,
                        struct error *err)
{
    const struct sink_raw *sink = ((struct raw_writer *)writer)->sink;
    if (offset + length > sink->size) /* QEMU's view of an odd size is rounded up */
        length = offset < sink->size ? (size_t)(sink->size - offset) : 0;
    const char *at = data;
    off_t position = (off_t)offset;
    size_t left = length;
    while (left > 0) {
        ssize_t written = pwrite(sink->fd, at, left, position);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(sink, errno, err);
        at += written;
        position += written;
        left -= (size_t)written;
    }
    (void)sync_file_range(sink->fd, (off_t)offset, (off_t)length, SYNC_FILE_RANGE_WRITE);
    return true;
}

/* What was never written is a hole and reads zero; each range is written once, so there is nothing to do. */
static bool zero_bytes(struct sink_writer *writer, uint64_t length, uint64_t offset, struct error *err)
{
    (void)writer;
    (void)length;
    (void)offset;
    (void)err;
    return true;
}

static void close_writer(struct sink_writer *writer)
{
    free(writer);
}

static bool finish(struct sink *base, struct error *err)
{
    const struct sink_raw *sink = (const struct sink_raw *)base;
    return fs_sync(sink->fd, sink->path, err);
}

static void explain(struct sink *sink, struct error *err)
{
    (void)sink;
    (void)err;
}

static void close_sink(struct sink *base)
{
    struct sink_raw *sink = (struct sink_raw *)base;
    free(sink->path);
    free(sink);
}

static const struct sink_ops RAW_OPS = {
    .open_writer = open_writer,
    .write = write_bytes,
    .zero = zero_bytes,
    .close_writer = close_writer,
    .finish = finish,
    .explain = explain,
    .close = close_sink,
};

bool sink_raw_open(const struct sink_spec *spec, struct sink **sink, struct error *err)
{
    struct sink_raw *made = mem_alloc(sizeof *made);
    *made = (struct sink_raw){.sink = {.ops = &RAW_OPS},
                              .fd = spec->fd,
                              .path = mem_strdup(spec->path),
                              .size = spec->virtual_size};
    if (ftruncate(spec->fd, (off_t)spec->virtual_size) != 0) {
        fail(made, errno, err);
        close_sink(&made->sink);
        return false;
    }
    *sink = &made->sink;
    return true;
}
