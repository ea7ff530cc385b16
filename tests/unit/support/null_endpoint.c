#include "tests/unit/support/null_endpoint.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct source_null {
    struct source source;
    uint64_t fail_at;
};

struct sink_null {
    struct sink sink;
    uint64_t size;
    uint64_t fail_at;
    bool writes_zeroes;
    _Atomic unsigned char *clusters; /* enum null_state */
    atomic_size_t largest;
};

struct null_connection {
    void *endpoint;
};

unsigned char null_byte(uint64_t offset)
{
    uint64_t cluster = offset / RUN_GRANULE;
    return cluster % 7 == 0 ? 0 : (unsigned char)(1 + cluster % 250);
}

static struct null_connection *connection_new(void *endpoint)
{
    struct null_connection *made = mem_alloc(sizeof *made);
    made->endpoint = endpoint;
    return made;
}

static bool open_reader(struct source *source, struct source_reader **reader, struct error *err)
{
    (void)err;
    *reader = (struct source_reader *)connection_new(source);
    return true;
}

static bool read_bytes(struct source_reader *reader, void *data, size_t length, uint64_t offset,
                       struct error *err)
{
    const struct source_null *source = ((struct null_connection *)reader)->endpoint;
    if (source->fail_at >= offset && source->fail_at < offset + length)
        return error_errno(err, EIO, "null.read", "reading at byte %llu failed", (unsigned long long)offset);
    unsigned char *at = data;
    for (uint64_t end = offset + length; offset < end;) {
        uint64_t next = (offset / RUN_GRANULE + 1) * RUN_GRANULE;
        size_t part = (size_t)((next < end ? next : end) - offset);
        memset(at, null_byte(offset), part);
        at += part;
        offset += part;
    }
    return true;
}

static void close_reader(struct source_reader *reader)
{
    free(reader);
}

static void explain_source(struct source *source, struct error *err)
{
    (void)source;
    (void)err;
}

static void close_source(struct source *source)
{
    free(source);
}

static const struct source_ops SOURCE_OPS = {
    .open_reader = open_reader,
    .read = read_bytes,
    .close_reader = close_reader,
    .explain = explain_source,
    .close = close_source,
};

struct source *source_null_open(uint64_t size, uint64_t fail_at)
{
    struct source_null *made = mem_alloc(sizeof *made);
    *made = (struct source_null){.source = {.ops = &SOURCE_OPS, .size = size}, .fail_at = fail_at};
    return &made->source;
}

static void mark(struct sink_null *sink, uint64_t offset, uint64_t length, enum null_state state)
{
    bool whole = offset % RUN_GRANULE == 0 && (length % RUN_GRANULE == 0 || offset + length == sink->size);
    for (uint64_t end = offset + length; offset < end; offset += RUN_GRANULE) {
        unsigned char untouched = NULL_UNTOUCHED;
        unsigned char now = (unsigned char)(whole ? state : NULL_WRONG);
        if (!atomic_compare_exchange_strong(&sink->clusters[offset / RUN_GRANULE], &untouched, now))
            atomic_store(&sink->clusters[offset / RUN_GRANULE], NULL_TWICE);
    }
}

static bool open_writer(struct sink *sink, struct sink_writer **writer, struct error *err)
{
    (void)err;
    *writer = (struct sink_writer *)connection_new(sink);
    return true;
}

struct piece { /* of a window */
    struct sink_null *sink;
    const struct window *window;
    const unsigned char *data;
};

static bool write_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct piece *piece = context;
    struct sink_null *sink = piece->sink;
    if (sink->fail_at >= offset && sink->fail_at < offset + length)
        return error_errno(err, ENOSPC, "image.no-space", "writing at byte %llu failed",
                           (unsigned long long)offset);
    const unsigned char *bytes = piece->data + (offset - piece->window->offset);
    bool right = true;
    for (size_t i = 0; i < length; i += 512)
        right = right && bytes[i] == null_byte(offset + i) && bytes[i + 511] == null_byte(offset + i + 511);
    mark(sink, offset, length, right ? NULL_WRITTEN : NULL_WRONG);
    size_t largest = atomic_load(&sink->largest);
    while (length > largest && !atomic_compare_exchange_weak(&sink->largest, &largest, (size_t)length))
        ;
    return true;
}

static bool zero_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    (void)err;
    mark(((const struct piece *)context)->sink, offset, length, NULL_ZEROED);
    return true;
}

static bool write_window(struct sink_writer *writer, const struct window *window, uint16_t content,
                         const unsigned char *data, struct error *err)
{
    struct sink_null *sink = ((struct null_connection *)writer)->endpoint;
    struct piece piece = {.sink = sink, .window = window, .data = data};
    uint16_t zero = sink->writes_zeroes ? (window->zero_mask | (window->data_mask & (uint16_t)~content)) : 0;
    return window_each(window, content, write_range, &piece, err) &&
           window_each(window, zero, zero_range, &piece, err);
}

static void close_writer(struct sink_writer *writer)
{
    free(writer);
}

static bool finish(struct sink *sink, struct error *err)
{
    (void)sink;
    (void)err;
    return true;
}

static void close_sink(struct sink *base)
{
    struct sink_null *sink = (struct sink_null *)base;
    free(sink->clusters);
    free(sink);
}

static const struct sink_ops SINK_OPS = {
    .open_writer = open_writer,
    .write = write_window,
    .close_writer = close_writer,
    .finish = finish,
    .close = close_sink,
};

struct sink *sink_null_open(uint64_t size, bool writes_zeroes, uint64_t fail_at)
{
    struct sink_null *made = mem_alloc(sizeof *made);
    *made = (struct sink_null){.sink = {.ops = &SINK_OPS, .end = UINT64_MAX},
                               .writes_zeroes = writes_zeroes,
                               .size = size,
                               .fail_at = fail_at,
                               .clusters = mem_alloc((size_t)(size / RUN_GRANULE) + 1)};
    return &made->sink;
}

enum null_state sink_null_state(const struct sink *sink, uint64_t offset)
{
    return atomic_load(&((const struct sink_null *)sink)->clusters[offset / RUN_GRANULE]);
}

size_t sink_null_largest(const struct sink *sink)
{
    return atomic_load(&((const struct sink_null *)sink)->largest);
}
