#include "core/export/plan/plan.h"

#include "core/export/plan/owned.h"
#include "core/export/plan/places.h"
#include "core/export/source/source.h"

enum reading {                  /* what extents of a server mean */
               READ_ALLOCATED,  /* full: what is not zero */
               READ_OWNED,      /* differential: what has a depth above the cut */
               READ_DIRTY,      /* the same, of a disk that has a bitmap: what that has */
               READ_ALL_CHANGED /* differential, behind the end of the base */
};

static enum run_kind kind_of(const struct nbd_extent *extent, enum reading reading)
{
    switch (reading) {
    case READ_ALLOCATED:
        return extent->zero ? RUN_SKIP : RUN_DATA;
    case READ_OWNED:
        if (extent->depth == 0)
            return RUN_SKIP;
        break;
    case READ_DIRTY:
        if (!extent->changed)
            return RUN_SKIP;
        break;
    case READ_ALL_CHANGED:
        break;
    }
    return extent->zero ? RUN_ZERO : RUN_DATA;
}

/* One walk over extents, and what it makes. */
struct walk {
    const struct plan_spec *spec;
    struct source *source;
    struct owned owned;
    struct places *places; /* NULL = not wanted, or nothing is there */
    struct planner *planner;
};

static bool ask(const struct walk *walk, uint64_t length, struct nbd_extents *extents, struct error *err)
{
    if (nbd_client_status(walk->source->client, walk->planner->position, length, extents, err))
        return true;
    if (!halt_is_asked(walk->spec->halt))
        walk->source->ops->explain(walk->source, err);
    return false;
}

static bool take(const struct walk *walk, const struct nbd_extent *extent, enum reading reading,
                 struct error *err)
{
    enum run_kind kind = kind_of(extent, reading);
    return (!walk->places || places_take(walk->places, extent, kind, err)) &&
           planner_feed(walk->planner, kind, extent->length, err);
}

/* What no layer has: QEMU need not be asked to know what it would answer. */
static bool take_nothing(const struct walk *walk, uint64_t end, enum reading reading, struct error *err)
{
    const struct nbd_extent nothing = {.zero = true, .length = end - walk->planner->position};
    if (walk->places)
        places_skip(walk->places, end);
    return planner_feed(walk->planner, kind_of(&nothing, reading), nothing.length, err);
}

static bool read_extents(const struct walk *walk, uint64_t end, enum reading reading, struct error *err)
{
    struct nbd_extents extents = {0};
    bool ok = true;
    while (ok && walk->planner->position < end) {
        uint64_t part = 0;
        if (!halt_checkpoint(walk->spec->halt)) {
            ok = error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
        } else if (!owned_at(&walk->owned, walk->planner->position, end, &part)) {
            ok = take_nothing(walk, part, reading, err);
        } else {
            ok = ask(walk, part - walk->planner->position, &extents, err);
            for (size_t i = 0; ok && i < extents.count; i++)
                ok = take(walk, &extents.items[i], reading, err);
        }
    }
    nbd_extents_clear(&extents);
    return ok;
}

static bool check_size(const struct plan_spec *spec, uint64_t size, struct error *err)
{
    if (size == size_whole_sectors(spec->virtual_size))
        return true;
    error_set(err, RETURN_INVALID_STATE, "export.size",
              "%s: the image has %llu bytes, the point's record %llu", spec->label, (unsigned long long)size,
              (unsigned long long)spec->virtual_size);
    return error_next(err, "Look at the store (refpoint store check) and export another point.");
}

static bool open_layers(const struct plan_spec *spec, size_t layer_count, const char *bitmap,
                        struct source **source, struct error *err)
{
    struct source_nbd_spec source_spec = {.layers = spec->layers,
                                          .layer_count = layer_count,
                                          .extents = true,
                                          .bitmap = bitmap,
                                          .label = spec->label,
                                          .halt = spec->halt};
    return source_nbd_open(&source_spec, source, err);
}

struct planning {
    const struct plan_spec *spec;
    struct planner planner;
    struct place_list *places; /* NULL */
    uint64_t end;
};

/* What is to be read with the first layer_count layers of the chain. */
struct part {
    size_t layer_count;
    const char *bitmap;
    uint64_t end;
    bool (*read)(const struct walk *walk, uint64_t end, struct error *err);
};

static bool open_places(const struct planning *planning, const struct part *part, struct walk *walk,
                        struct error *err)
{
    const struct plan_spec *spec = planning->spec;
    struct places_spec wanted = {.layers = spec->layers,
                                 .layer_count = part->layer_count,
                                 .is_cut = part->layer_count < spec->layer_count,
                                 .start = planning->planner.position,
                                 .end = part->end,
                                 .label = spec->label,
                                 .halt = spec->halt};
    owned_narrow(&walk->owned, &wanted.start, &wanted.end);
    return !planning->places || wanted.start == wanted.end ||
           places_open(&wanted, planning->places, &walk->places, err);
}

/* Both children run at once; the places first, since a server can be asked only when it is there. */
static bool plan_part(struct planning *planning, const struct part *part, struct error *err)
{
    const struct plan_spec *spec = planning->spec;
    struct walk walk = {.spec = spec, .planner = &planning->planner};
    if (planning->planner.position >= part->end)
        return true;
    /* Marks say what has changed wherever it lies. */
    if (!part->bitmap)
        owned_read(&walk.owned, spec->layers, part->layer_count, planning->end);
    bool ok = open_places(planning, part, &walk, err);
    bool is_open = ok && open_layers(spec, part->layer_count, part->bitmap, &walk.source, err);
    ok = is_open && check_size(spec, walk.source->size, err) && part->read(&walk, part->end, err) &&
         (!walk.places || places_finish(walk.places, err));
    if (is_open)
        walk.source->ops->close(walk.source);
    places_close(walk.places);
    owned_clear(&walk.owned);
    return ok;
}

/* Where the part ends that the base has too: at a cluster's start, since the one that the base's end cuts is
 * changed as a whole. */
static uint64_t end_in_common(const struct plan_spec *spec, uint64_t end)
{
    uint64_t base_end = size_whole_sectors(spec->base_virtual_size);
    return base_end < end ? base_end / RUN_GRANULE * RUN_GRANULE : end;
}

static bool read_allocated(const struct walk *walk, uint64_t end, struct error *err)
{
    return read_extents(walk, end, READ_ALLOCATED, err);
}

static bool read_owned(const struct walk *walk, uint64_t end, struct error *err)
{
    return read_extents(walk, end, READ_OWNED, err);
}

static bool read_all_changed(const struct walk *walk, uint64_t end, struct error *err)
{
    return read_extents(walk, end, READ_ALL_CHANGED, err);
}

static bool read_marked(const struct walk *walk, uint64_t end, struct error *err)
{
    return read_extents(walk, end_in_common(walk->spec, end), READ_DIRTY, err) &&
           read_extents(walk, end, READ_ALL_CHANGED, err);
}

static bool plan_layers(struct planning *planning, struct error *err)
{
    const struct plan_spec *spec = planning->spec;
    struct part whole = {.layer_count = spec->layer_count, .end = planning->end, .read = read_allocated};
    if (!spec->differential)
        return plan_part(planning, &whole, err);
    if (spec->bitmap) {
        whole.bitmap = spec->bitmap;
        whole.read = read_marked;
        return plan_part(planning, &whole, err);
    }
    struct part above = {
        .layer_count = spec->base_layer, .end = end_in_common(spec, planning->end), .read = read_owned};
    whole.read = read_all_changed;
    return plan_part(planning, &above, err) && plan_part(planning, &whole, err);
}

static bool plan_served(struct planning *planning, struct error *err)
{
    const struct plan_spec *spec = planning->spec;
    struct source_served_spec source_spec = {.socket = spec->served->socket,
                                             .name = spec->served->name,
                                             .extents = true,
                                             .changes = spec->differential ? spec->served->changes : NULL,
                                             .label = spec->label,
                                             .halt = spec->halt};
    struct walk walk = {.spec = spec, .planner = &planning->planner};
    if (!source_served_open(&source_spec, &walk.source, err))
        return false;
    bool ok = check_size(spec, walk.source->size, err) &&
              (spec->differential ? read_marked(&walk, planning->end, err)
                                  : read_allocated(&walk, planning->end, err));
    walk.source->ops->close(walk.source);
    return ok;
}

/* A disk that is served has an empty list of places, and its data is elsewhere. */
static bool finish(struct planning *planning, struct run_list *list, struct error *err)
{
    if (!planner_finish(&planning->planner, err))
        return false;
    return !planning->places ||
           (place_list_finish(planning->places, err) && places_count_elsewhere(planning->places, list, err));
}

bool plan_disk(const struct plan_spec *spec, struct run_list *list, struct place_list *places,
               struct plan_totals *totals, struct error *err)
{
    struct planning planning = {
        .spec = spec, .places = places, .end = size_whole_sectors(spec->virtual_size)};
    planner_begin(&planning.planner, list);
    bool ok = (spec->served ? plan_served(&planning, err) : plan_layers(&planning, err)) &&
              finish(&planning, list, err);
    *totals = planning.planner.totals;
    return ok;
}
