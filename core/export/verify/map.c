#include "core/export/verify/map.h"

#include "core/export/copy/window_digest.h"
#include "core/export/plan/window.h"
#include "core/image/image_map.h"

enum wanted { WANT_BASE, WANT_ZERO, WANT_DATA, WANT_DATA_OF_ZEROES };

struct mapping {
    const struct verify_spec *spec;
    uint64_t size; /* of the disk, a multiple of 512 */
    struct image_map *map;
    struct image_map_range range; /* what is left of it */
    uint64_t position;
};

static bool differ(const struct mapping *mapping, const char *what, struct error *err)
{
    return error_set(err, RETURN_FAILED, "export.verify", "%s: the written image %s at byte %llu",
                     mapping->spec->label, what, (unsigned long long)mapping->position);
}

static bool check_data(const struct mapping *mapping, uint64_t place, struct error *err)
{
    const struct image_map_range *range = &mapping->range;
    if (!range->data)
        return differ(mapping, "differs: it holds no data where there should be some", err);
    if (place == VERIFY_NO_PLACE)
        return true;
    return (range->has_offset && range->offset == place) ||
           differ(mapping, "differs: it has its data at another place of the file than was planned", err);
}

/* A stretch that is wanted in one way and lies in one range of the map. */
static bool check(const struct mapping *mapping, enum wanted wanted, uint64_t place, struct error *err)
{
    const struct image_map_range *range = &mapping->range;
    bool own = range->present && range->depth == 0;
    if (mapping->spec->differential && own && wanted == WANT_BASE)
        return differ(mapping, "hides its base where nothing changed", err);
    if (mapping->spec->differential && !own && wanted != WANT_BASE)
        return differ(mapping, "lets its base through where something changed", err);
    switch (wanted) {
    case WANT_BASE:
        return mapping->spec->differential || range->zero ||
               differ(mapping, "holds data where there should be zeroes", err);
    case WANT_ZERO:
        return range->zero || differ(mapping, "holds data where there should be zeroes", err);
    case WANT_DATA:
        if (range->zero || !own)
            return differ(mapping, "differs: it reads zero where there should be data", err);
        return check_data(mapping, place, err);
    case WANT_DATA_OF_ZEROES:
        /* A hole at its place, which file systems without holes call data. */
        return mapping->spec->place == VERIFY_NO_PLACE ? range->zero || differ(mapping, "holds data", err)
                                                       : own && check_data(mapping, place, err);
    }
    return false;
}

/* Up to `end`; place: of the stretch's data, which goes on from there. */
static bool check_stretch(struct mapping *mapping, uint64_t end, enum wanted wanted, uint64_t place,
                          struct error *err)
{
    while (mapping->position < end) {
        struct image_map_range *range = &mapping->range;
        if (range->length == 0 && !image_map_next(mapping->map, range, err))
            return false;
        if (range->length == 0)
            return differ(mapping, "ends", err);
        uint64_t step = end - mapping->position < range->length ? end - mapping->position : range->length;
        if (!check(mapping, wanted, place, err))
            return false;
        mapping->position += step;
        range->length -= step;
        range->offset += step;
        if (place != VERIFY_NO_PLACE)
            place += step;
    }
    return true;
}

static enum wanted wanted_of(const struct window *window, uint16_t content, unsigned cluster)
{
    if (content >> cluster & 1)
        return WANT_DATA;
    if (window->data_mask >> cluster & 1)
        return WANT_DATA_OF_ZEROES;
    return window->zero_mask >> cluster & 1 ? WANT_ZERO : WANT_BASE;
}

static bool check_window(struct mapping *mapping, const struct window *window, struct error *err)
{
    const struct verify_spec *spec = mapping->spec;
    struct window_digest digest = {0};
    if (window->data_mask == 0 && window->zero_mask == UINT16_MAX)
        return check_stretch(mapping, window->offset + window->length, WANT_ZERO, VERIFY_NO_PLACE, err);
    if (window->data_mask && !spool_get(spec->digests, window->index, &digest, 1, err))
        return false;
    uint64_t end = window->offset + window->length;
    for (unsigned i = 0; i < WINDOW_CLUSTERS && mapping->position < end; i++) {
        uint64_t offset = window->offset + i * RUN_GRANULE;
        uint64_t stop = end - offset < RUN_GRANULE ? end : offset + RUN_GRANULE;
        uint64_t place = spec->place == VERIFY_NO_PLACE
                             ? VERIFY_NO_PLACE
                             : spec->place + window_rank(window, offset) * RUN_GRANULE;
        if (!check_stretch(mapping, stop, wanted_of(window, digest.content_mask, i), place, err))
            return false;
    }
    return true;
}

static bool check_all(struct mapping *mapping, struct error *err)
{
    struct window_cursor cursor;
    struct window window;
    window_cursor_open(&cursor, mapping->spec->runs, mapping->size);
    bool ok = true;
    do {
        ok = halt_checkpoint(mapping->spec->halt) ||
             error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
        ok = ok && window_cursor_next(&cursor, &window, err);
        uint64_t start = ok && window.length > 0 ? window.offset : mapping->size;
        ok = ok && check_stretch(mapping, start, WANT_BASE, VERIFY_NO_PLACE, err) &&
             (window.length == 0 || check_window(mapping, &window, err));
    } while (ok && window.length > 0);
    window_cursor_close(&cursor);
    return ok;
}

bool verify_map(const struct verify_spec *spec, struct error *err)
{
    struct mapping mapping = {.spec = spec, .size = size_whole_sectors(spec->virtual_size)};
    struct image_map_spec map = {.layers = spec->chain,
                                 .layer_count = spec->chain_count,
                                 .path = spec->path,
                                 .end = mapping.size,
                                 .label = spec->label,
                                 .stopped = halt_is_asked,
                                 .context = spec->halt};
    bool ok = image_map_open(&map, &mapping.map, err) && check_all(&mapping, err);
    if (ok && (!image_map_next(mapping.map, &mapping.range, err) || mapping.range.length > 0))
        ok = mapping.range.length > 0 ? differ(&mapping, "goes on", err) : false;
    image_map_close(mapping.map);
    return ok;
}
