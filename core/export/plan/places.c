#include "core/export/plan/places.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/image/image.h"
#include "core/image/image_map.h"
#include "core/model/model.h"

struct layer {
    bool is_plain; /* its data lies in its file as it is read */
    enum disk_format format;
    uint64_t file_size;
    uint64_t cluster_size; /* qcow2 */
};

struct places {
    struct place_list *list;
    struct image_map *map; /* NULL: one raw file, which is its own map */
    struct image_map_range range;
    struct layer *layers;
    size_t layer_count;
    bool is_cut;
    uint64_t position;
    char *label;
};

static struct layer look_at(const struct image_layer *from, const char *label)
{
    struct layer layer = {.format = from->format};
    struct image_info info = {0};
    struct error unused = {0}; /* QEMU says what is wrong with an image that it cannot open */
    struct stat status;
    if (fstat(from->fd, &status) == 0 && S_ISREG(status.st_mode) &&
        image_inspect(from->fd, from->format, label, &info, &unused)) {
        layer.is_plain = !info.encrypted && !info.external_data_file &&
                         (from->format == DISK_FORMAT_QCOW2 || from->format == DISK_FORMAT_RAW);
        layer.file_size = (uint64_t)status.st_size;
        layer.cluster_size = info.cluster_size;
    }
    image_info_clear(&info);
    return layer;
}

bool places_open(const struct places_spec *spec, struct place_list *list, struct places **places,
                 struct error *err)
{
    struct places *made = mem_alloc(sizeof *made);
    *made = (struct places){.list = list,
                            .layers = mem_alloc((spec->layer_count + 1) * sizeof *made->layers),
                            .layer_count = spec->layer_count,
                            .is_cut = spec->is_cut,
                            .position = spec->start,
                            .label = mem_strdup(spec->label)};
    struct image_map_spec map = {.layers = spec->layers,
                                 .layer_count = spec->layer_count,
                                 .start = spec->start,
                                 .end = spec->end,
                                 .label = spec->label,
                                 .stopped = halt_is_asked,
                                 .context = spec->halt};
    *places = NULL;
    bool is_file = spec->layer_count == 1 && spec->layers[0].format == DISK_FORMAT_RAW;
    if (!is_file && !image_map_open(&map, &made->map, err)) {
        places_close(made);
        return false;
    }
    for (size_t i = 0; i < spec->layer_count; i++) /* while the child starts */
        made->layers[i] = look_at(&spec->layers[i], spec->label);
    *places = made;
    return true;
}

void places_close(struct places *places)
{
    if (!places)
        return;
    image_map_close(places->map);
    free(places->layers);
    free(places->label);
    free(places);
}

static bool is_possible(const struct layer *layer, const struct image_map_range *range)
{
    if (!layer->is_plain)
        return false;
    if (layer->format == DISK_FORMAT_RAW)
        return range->offset == range->start;
    return (range->offset - range->start) % layer->cluster_size == 0;
}

static bool is_data_of_both(const struct places *places, const struct nbd_extent *extent)
{
    const struct image_map_range *range = &places->range;
    return !extent->zero && !range->zero && range->data && range->present && range->has_offset &&
           range->depth < places->layer_count && extent->depth == range->depth + 1 &&
           is_possible(&places->layers[range->depth], range);
}

static bool is_zero_of_both(const struct places *places, const struct nbd_extent *extent)
{
    return extent->zero && places->range.zero && (extent->depth > 0 || !places->is_cut);
}

static bool too_short(const struct places *places, const struct place *place, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "export.layer-short",
              "%s: layer %u of its chain ends before its data", places->label, place->layer + 1);
    error_cause(err, "the file has %llu bytes, and data of the disk lies at %llu",
                (unsigned long long)places->layers[place->layer].file_size, (unsigned long long)place->host);
    return error_next(err,
                      "The file has been cut off. Look at it with \"qemu-img check\", bring it back from a "
                      "copy, or export another point.");
}

static uint64_t whole_clusters(const struct layer *layer, uint64_t bytes)
{
    return (bytes + layer->cluster_size - 1) / layer->cluster_size * layer->cluster_size;
}

/* Of a small image that is cut off QEMU believes that what is behind the end was only ever prepared, and
 * tells zeroes: data that reads zero. What is prepared lies in the file, as a hole; what was zeroed is no
 * data. */
static bool check_end(const struct places *places, struct error *err)
{
    const struct image_map_range *range = &places->range;
    if (!range->data || !range->zero || !range->has_offset || range->depth >= places->layer_count)
        return true;
    const struct layer *layer = &places->layers[range->depth];
    if (!layer->is_plain || layer->format != DISK_FORMAT_QCOW2 ||
        range->offset + range->length <= whole_clusters(layer, layer->file_size))
        return true;
    struct place lost = {.layer = range->depth, .host = range->offset};
    if (lost.host < layer->file_size)
        lost.host = layer->file_size;
    return too_short(places, &lost, err);
}

/* A place in a file, as far as the file has it. */
static bool add_held(struct places *places, struct place place, struct error *err)
{
    const struct layer *layer = &places->layers[place.layer];
    uint64_t end = place.host + place.length;
    if (end <= layer->file_size)
        return place_list_add(places->list, &place, err);
    bool is_raw = layer->format == DISK_FORMAT_RAW;
    if (end > (is_raw ? size_whole_sectors(layer->file_size) : whole_clusters(layer, layer->file_size)))
        return too_short(places, &place, err);
    uint64_t held = place.host < layer->file_size ? layer->file_size - place.host : 0;
    if (is_raw)
        place.padding = (uint32_t)(place.length - held);
    else
        place.length = held;
    return place.length == 0 || place_list_add(places->list, &place, err);
}

/* A piece of the disk of which extent and range say one thing each. */
static bool add_piece(struct places *places, const struct nbd_extent *extent, uint64_t begin, uint64_t end,
                      struct error *err)
{
    const struct image_map_range *range = &places->range;
    struct place place = {.offset = begin, .length = end - begin, .layer = PLACE_ZERO};
    if (begin >= end)
        return true;
    if (is_zero_of_both(places, extent))
        return place_list_add(places->list, &place, err);
    if (!is_data_of_both(places, extent))
        return true;
    place.layer = range->depth;
    place.host = range->offset + (begin - range->start);
    return add_held(places, place, err);
}

/* Where the clusters of the package begin and end that this piece has a part of only. */
static bool add_edges(struct places *places, const struct nbd_extent *extent, uint64_t begin, uint64_t end,
                      struct error *err)
{
    uint64_t first = (begin + RUN_GRANULE - 1) / RUN_GRANULE * RUN_GRANULE;
    uint64_t last = end / RUN_GRANULE * RUN_GRANULE;
    if (first >= last)
        return add_piece(places, extent, begin, end, err);
    return add_piece(places, extent, begin, first, err) && add_piece(places, extent, last, end, err);
}

/* What a raw file's extent says of itself. */
static void take_own(struct places *places, const struct nbd_extent *extent)
{
    places->range = (struct image_map_range){.start = places->position,
                                             .length = extent->length,
                                             .offset = places->position,
                                             .has_offset = true,
                                             .present = true,
                                             .zero = extent->zero,
                                             .data = !extent->zero};
}

bool places_take(struct places *places, const struct nbd_extent *extent, enum run_kind kind,
                 struct error *err)
{
    uint64_t end = places->position + extent->length;
    if (!places->map)
        take_own(places, extent);
    while (places->position < end) {
        const struct image_map_range *range = &places->range;
        while (range->start + range->length <= places->position) {
            if (!image_map_next(places->map, &places->range, err))
                return false;
            if (range->length == 0) { /* QEMU's map has no more: what it does not know has no place */
                places->position = end;
                return true;
            }
            if (!check_end(places, err))
                return false;
        }
        uint64_t range_end = range->start + range->length;
        uint64_t piece = range_end < end ? range_end : end;
        bool ok = kind == RUN_DATA ? add_piece(places, extent, places->position, piece, err)
                                   : add_edges(places, extent, places->position, piece, err);
        if (!ok)
            return false;
        places->position = piece;
    }
    return true;
}

void places_skip(struct places *places, uint64_t position)
{
    places->position = position;
}

bool places_finish(struct places *places, struct error *err)
{
    struct image_map_range *range = &places->range;
    if (!places->map)
        return true;
    do {
        if (!image_map_next(places->map, range, err))
            return false;
    } while (range->length > 0);
    return true;
}

static bool count_run(struct place_reader *reader, const struct run *run, uint64_t *elsewhere,
                      struct error *err)
{
    uint64_t end = run->offset + run->length;
    struct place place;
    for (uint64_t at = run->offset; at < end; at += place.length) {
        if (!place_reader_find(reader, at, &place, err))
            return false;
        if (place.length > end - at)
            place.length = end - at;
        if (place.layer == PLACE_NONE)
            *elsewhere += place.length;
    }
    return true;
}

bool places_count_elsewhere(struct place_list *list, const struct run_list *runs, struct error *err)
{
    struct run_reader reader;
    struct place_reader places;
    struct run run = {.length = 1};
    bool ok = true;
    list->bytes_elsewhere = 0;
    run_reader_open(&reader, runs);
    place_reader_open(&places, list);
    while (ok && run.length > 0) {
        ok = run_reader_next(&reader, &run, err);
        if (ok && run.kind == RUN_DATA)
            ok = count_run(&places, &run, &list->bytes_elsewhere, err);
    }
    place_reader_close(&places);
    run_reader_close(&reader);
    return ok;
}
