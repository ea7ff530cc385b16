#include "core/export/verify/extents.h"

#include <stdlib.h>

#include "core/export/copy/buffer.h"
#include "core/export/copy/window_digest.h"

struct comparing {
    const struct verify_extents_spec *spec;
    struct run_reader reader;
    struct run run; /* the one at or behind the position; length 0 = none is left */
    uint64_t position;
    unsigned char *buffer;
};

static bool differ(const struct comparing *comparing, const char *what, struct error *err)
{
    return error_set(err, RETURN_FAILED, "export.verify", "%s: the %s %s at byte %llu",
                     comparing->spec->label, comparing->spec->of_point ? "point" : "written image", what,
                     (unsigned long long)comparing->position);
}

static bool reads_zero(const struct comparing *comparing, uint64_t length, struct error *err)
{
    uint64_t end = comparing->position + length;
    for (uint64_t at = comparing->position; at < end;) {
        size_t step = end - at < WINDOW_SIZE ? (size_t)(end - at) : (size_t)WINDOW_SIZE;
        if (!halt_checkpoint(comparing->spec->halt))
            return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
        if (!nbd_client_read(comparing->spec->client, comparing->buffer, step, at, err))
            return false;
        if (!bytes_are_zero(comparing->buffer, step))
            return differ(comparing, "holds data where there should be zeroes", err);
        at += step;
    }
    return true;
}

/* What was read as data has its digest. */
static bool compare_point(const struct comparing *comparing, enum run_kind kind,
                          const struct nbd_extent *extent, uint64_t length, struct error *err)
{
    if (kind == RUN_SKIP && comparing->spec->differential)
        return !extent->changed || differ(comparing, "changed where the base was left as it is", err);
    return kind == RUN_DATA || extent->zero || reads_zero(comparing, length, err);
}

/* A stretch that is one kind of run and one extent. */
static bool compare(const struct comparing *comparing, enum run_kind kind, const struct nbd_extent *extent,
                    uint64_t length, struct error *err)
{
    bool own = extent->depth == 1;
    if (comparing->spec->of_point)
        return compare_point(comparing, kind, extent, length, err);
    if (comparing->spec->differential) {
        if (own && kind == RUN_SKIP)
            return differ(comparing, "hides its base where nothing changed", err);
        if (!own && kind != RUN_SKIP)
            return differ(comparing, "lets its base through where something changed", err);
        return kind != RUN_ZERO || extent->zero || reads_zero(comparing, length, err);
    }
    return kind == RUN_DATA || extent->zero || reads_zero(comparing, length, err);
}

/* What is planned at the position, and up to where. */
static enum run_kind planned(const struct comparing *comparing, uint64_t *end)
{
    const struct run *run = &comparing->run;
    if (run->length > 0 && comparing->position >= run->offset) {
        *end = run->offset + run->length;
        return run->kind;
    }
    *end = run->length > 0 ? run->offset : comparing->spec->size;
    return RUN_SKIP;
}

static bool compare_extent(struct comparing *comparing, const struct nbd_extent *extent, struct error *err)
{
    uint64_t extent_end = comparing->position + extent->length;
    while (comparing->position < extent_end) {
        uint64_t end;
        enum run_kind kind = planned(comparing, &end);
        uint64_t stop = end < extent_end ? end : extent_end;
        if (!compare(comparing, kind, extent, stop - comparing->position, err))
            return false;
        comparing->position = stop;
        if (kind != RUN_SKIP && stop == end && !run_reader_next(&comparing->reader, &comparing->run, err))
            return false;
    }
    return true;
}

static bool compare_all(struct comparing *comparing, struct error *err)
{
    const struct verify_extents_spec *spec = comparing->spec;
    struct nbd_extents extents = {0};
    bool ok = run_reader_next(&comparing->reader, &comparing->run, err);
    while (ok && comparing->position < spec->size) {
        ok = nbd_client_status(spec->client, comparing->position, spec->size - comparing->position, &extents,
                               err);
        for (size_t i = 0; ok && i < extents.count; i++)
            ok = compare_extent(comparing, &extents.items[i], err);
    }
    nbd_extents_clear(&extents);
    return ok;
}

bool verify_extents(const struct verify_extents_spec *spec, struct error *err)
{
    struct comparing comparing = {.spec = spec, .buffer = copy_buffer_new(err)};
    if (!comparing.buffer)
        return false;
    run_reader_open(&comparing.reader, spec->runs);
    bool ok = compare_all(&comparing, err);
    run_reader_close(&comparing.reader);
    free(comparing.buffer);
    return ok;
}
