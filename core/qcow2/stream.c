#include "core/qcow2/stream.h"
#include "core/system/read_at.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Gaps that are smaller are written as zeroes: a hole saves nothing there, and costs a call. */
#define SPARSE_GAP ((size_t)16 << 10)

static bool fail(const struct qcow2_file *file, int number, struct error *err)
{
    bool no_room = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return error_errno(err, number, no_room ? "image.no-space" : "image.write", "cannot write %s",
                       file->path);
}

bool qcow2_file_resize(const struct qcow2_file *file, uint64_t size, struct error *err)
{
    return ftruncate(file->fd, (off_t)size) == 0 || fail(file, errno, err);
}

bool qcow2_file_reset(const struct qcow2_file *file, uint64_t size, struct error *err)
{
    return (file->keep || qcow2_file_resize(file, 0, err)) && qcow2_file_resize(file, size, err);
}

/* The file holds these bytes already. */
static bool holds(const struct qcow2_file *file, const uint8_t *bytes, size_t length, uint64_t offset)
{
    uint8_t block[16 << 10];
    while (length > 0) {
        size_t step = length < sizeof block ? length : sizeof block;
        if (read_at(file->fd, block, step, offset) != (ssize_t)step || memcmp(block, bytes, step) != 0)
            return false;
        bytes += step;
        length -= step;
        offset += step;
    }
    return true;
}

bool qcow2_file_write(const struct qcow2_file *file, const void *bytes, size_t length, uint64_t offset,
                      struct error *err)
{
    return (file->keep && holds(file, bytes, length, offset)) ||
           write_at_patiently(file->fd, bytes, length, offset, file->patience) || fail(file, errno, err);
}

void *qcow2_buffer(size_t size, struct error *err)
{
    void *buffer = calloc(1, size);
    if (!buffer)
        error_errno(err, ENOMEM, "image.memory", "cannot write an image");
    return buffer;
}

bool qcow2_stream_open(struct qcow2_stream *stream, const struct qcow2_file *file, uint64_t offset,
                       size_t capacity, struct error *err)
{
    *stream = (struct qcow2_stream){
        .file = file, .offset = offset, .buffer = qcow2_buffer(capacity, err), .capacity = capacity};
    return stream->buffer != NULL;
}

bool qcow2_stream_flush(struct qcow2_stream *stream, struct error *err)
{
    if (!qcow2_file_write(stream->file, stream->buffer, stream->used, stream->offset, err))
        return false;
    stream->offset += stream->used;
    stream->used = 0;
    return true;
}

void qcow2_stream_close(struct qcow2_stream *stream)
{
    free(stream->buffer);
    stream->buffer = NULL;
}

bool qcow2_stream_skip_to(struct qcow2_stream *stream, uint64_t offset, struct error *err)
{
    uint64_t gap = offset - stream->offset - stream->used;
    if (gap < SPARSE_GAP && gap <= stream->capacity - stream->used) {
        memset(stream->buffer + stream->used, 0, (size_t)gap);
        stream->used += (size_t)gap;
        return true;
    }
    if (!qcow2_stream_flush(stream, err))
        return false;
    stream->offset = offset;
    return true;
}
