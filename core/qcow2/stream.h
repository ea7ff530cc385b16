/* Writing to an image: at a place, and in rising order through a buffer. Only for this room.
 *
 * The file is emptied before it is written, so what is skipped reads zero and takes no room. Errors: see
 * image.h. Ownership: stream_close releases the buffer and writes nothing. */
#ifndef REFPOINT_QCOW2_STREAM_H
#define REFPOINT_QCOW2_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/qcow2/format.h"
#include "core/qcow2/image.h"

/* Empties the file, unless it is to be kept, and gives it this size. */
bool qcow2_file_reset(const struct qcow2_file *file, uint64_t size, struct error *err) WARN_UNUSED;
bool qcow2_file_resize(const struct qcow2_file *file, uint64_t size, struct error *err) WARN_UNUSED;
bool qcow2_file_write(const struct qcow2_file *file, const void *bytes, size_t length, uint64_t offset,
                      struct error *err) WARN_UNUSED;
/* A buffer that is checked: NULL with the error of a lack of memory. */
void *qcow2_buffer(size_t size, struct error *err);

struct qcow2_stream {
    const struct qcow2_file *file;
    uint64_t offset; /* of the buffer in the file */
    uint8_t *buffer;
    size_t capacity;
    size_t used;
};

bool qcow2_stream_open(struct qcow2_stream *stream, const struct qcow2_file *file, uint64_t offset,
                       size_t capacity, struct error *err) WARN_UNUSED;
bool qcow2_stream_flush(struct qcow2_stream *stream, struct error *err) WARN_UNUSED;
void qcow2_stream_close(struct qcow2_stream *stream);
/* On to this offset, which is not before what has been put. */
bool qcow2_stream_skip_to(struct qcow2_stream *stream, uint64_t offset, struct error *err) WARN_UNUSED;

static inline bool WARN_UNUSED qcow2_stream_put_64(struct qcow2_stream *stream, uint64_t value,
                                                   struct error *err)
{
    if (stream->capacity - stream->used < 8 && !qcow2_stream_flush(stream, err))
        return false;
    put_64(stream->buffer + stream->used, value);
    stream->used += 8;
    return true;
}

static inline bool WARN_UNUSED qcow2_stream_put_16(struct qcow2_stream *stream, uint16_t value,
                                                   struct error *err)
{
    if (stream->capacity - stream->used < 2 && !qcow2_stream_flush(stream, err))
        return false;
    put_16(stream->buffer + stream->used, value);
    stream->used += 2;
    return true;
}

#endif
