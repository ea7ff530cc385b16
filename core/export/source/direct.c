#include "core/export/source/direct.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/source/ahead.h"
#include "core/job/obstacle.h"
#include "core/system/read_at.h"

struct source_direct {
    struct source source;
    const struct place_list *places;
    int *files; /* descriptors of the layers, borrowed */
    size_t file_count;
    struct ahead ahead;
    struct source *qemu;     /* NULL: every byte has a place */
    atomic_bool qemu_failed; /* rather than a file */
    struct halt *halt;
    char *label;
};

struct direct_reader {
    struct source_direct *source;
    struct place_reader places;
    struct source_reader *qemu; /* opened when it is first needed */
};

static bool open_reader(struct source *base, struct source_reader **reader, struct error *err)
{
    (void)err;
    struct direct_reader *made = mem_alloc(sizeof *made);
    made->source = (struct source_direct *)base;
    place_reader_open(&made->places, made->source->places);
    *reader = (struct source_reader *)made;
    return true;
}

static void close_reader(struct source_reader *base)
{
    struct direct_reader *reader = (struct direct_reader *)base;
    if (reader->qemu)
        reader->source->qemu->ops->close_reader(reader->qemu);
    place_reader_close(&reader->places);
    free(reader);
}

/* For messages; the file may have another name by now, or none. */
static char *name_of(int fd)
{
    char link[32];
    char name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name);
    return length > 0 ? mem_strndup(name, (size_t)length) : mem_strdup("a layer");
}

static bool too_short(const struct source_direct *source, int fd, uint64_t offset, struct error *err)
{
    CLEANUP_FREE char *name = name_of(fd);
    error_set(err, RETURN_FAILED, "export.layer-short", "%s: %s ends before its data", source->label, name);
    error_cause(err, "there is nothing at %llu, where data of the disk should be",
                (unsigned long long)offset);
    return error_next(err, "Find out what cuts this file off; what the point held is no longer whole. Export "
                           "another point.");
}

static bool is_worth_another_try(const struct source_direct *source, const char *name, int number)
{
    struct patience patience = {.halt = source->halt, .path = name, .of_source = true};
    return source->halt && patience_wait(&patience, number);
}

static bool read_file(const struct source_direct *source, int fd, char *data, size_t length, uint64_t offset,
                      struct error *err)
{
    ssize_t got;
    while ((got = read_at(fd, data, length, offset)) < 0) {
        int number = errno;
        CLEANUP_FREE char *name = name_of(fd);
        if (!is_worth_another_try(source, name, number))
            return error_errno(err, number, "export.layer", "%s: cannot read %s", source->label, name);
    }
    return (size_t)got == length || too_short(source, fd, offset + (uint64_t)got, err);
}

/* length: of the place, or less. */
static bool read_place(const struct source_direct *source, const struct place *place, char *data,
                       size_t length, struct error *err)
{
    if (place->layer == PLACE_ZERO) {
        memset(data, 0, length);
        return true;
    }
    if (place->layer >= source->file_count)
        return error_set(err, RETURN_FAILED, "export.plan", "%s: a place in a layer that there is not",
                         source->label);
    uint64_t held = place->length - place->padding; /* by the file */
    size_t step = length < held ? length : (size_t)held;
    memset(data + step, 0, length - step);
    return read_file(source, source->files[place->layer], data, step, place->host, err);
}

static bool read_by_qemu(struct direct_reader *reader, void *data, size_t length, uint64_t offset,
                         struct error *err)
{
    struct source_direct *source = reader->source;
    if (!source->qemu)
        return error_set(err, RETURN_FAILED, "export.plan", "%s: %llu was not planned to be read",
                         source->label, (unsigned long long)offset);
    bool ok = (reader->qemu || source->qemu->ops->open_reader(source->qemu, &reader->qemu, err)) &&
              source->qemu->ops->read(reader->qemu, data, length, offset, err);
    if (!ok)
        atomic_store(&source->qemu_failed, true);
    return ok;
}

static bool read_bytes(struct source_reader *base, void *data, size_t length, uint64_t offset,
                       struct error *err)
{
    struct direct_reader *reader = (struct direct_reader *)base;
    ahead_take(&reader->source->ahead, offset, length);
    for (char *at = data; length > 0;) {
        struct place place;
        if (!place_reader_find(&reader->places, offset, &place, err))
            return false;
        size_t step = place.length < length ? (size_t)place.length : length;
        bool ok = place.layer == PLACE_NONE ? read_by_qemu(reader, at, step, offset, err)
                                            : read_place(reader->source, &place, at, step, err);
        if (!ok)
            return false;
        at += step;
        offset += step;
        length -= step;
    }
    return true;
}

static void explain(struct source *base, struct error *err)
{
    struct source_direct *source = (struct source_direct *)base;
    if (source->qemu && atomic_load(&source->qemu_failed))
        source->qemu->ops->explain(source->qemu, err);
}

static void close_source(struct source *base)
{
    struct source_direct *source = (struct source_direct *)base;
    if (source->qemu)
        source->qemu->ops->close(source->qemu);
    ahead_close(&source->ahead);
    free(source->files);
    free(source->label);
    free(source);
}

static const struct source_ops DIRECT_OPS = {
    .open_reader = open_reader,
    .read = read_bytes,
    .close_reader = close_reader,
    .explain = explain,
    .close = close_source,
};

static bool open_qemu(const struct source_direct_spec *spec, struct source_direct *source, struct error *err)
{
    if (spec->places->bytes_elsewhere == 0)
        return true;
    if (!source_nbd_open(&spec->chain, &source->qemu, err))
        return false;
    source->source.client = source->qemu->client;
    source->source.one_reader = source->qemu->one_reader;
    return source->qemu->size == spec->size ||
           error_set(err, RETURN_INVALID_STATE, "export.size", "%s has another size than when it was planned",
                     spec->chain.label);
}

bool source_direct_open(const struct source_direct_spec *spec, struct source **source, struct error *err)
{
    struct source_direct *made = mem_alloc(sizeof *made);
    *made = (struct source_direct){.source = {.ops = &DIRECT_OPS, .size = spec->size},
                                   .places = spec->places,
                                   .files = mem_alloc((spec->chain.layer_count + 1) * sizeof *made->files),
                                   .file_count = spec->chain.layer_count,
                                   .halt = spec->chain.halt,
                                   .label = mem_strdup(spec->chain.label)};
    for (size_t i = 0; i < made->file_count; i++)
        made->files[i] = spec->chain.layers[i].fd;
    ahead_open(&made->ahead, made->places, made->files, made->file_count);
    if (!open_qemu(spec, made, err)) {
        close_source(&made->source);
        return false;
    }
    *source = &made->source;
    return true;
}
