#include "core/export/plan/plan.h"

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

static bool walk(struct source *source, uint64_t end, enum reading reading, struct halt *halt,
                 struct planner *planner, struct error *err)
{
    struct nbd_extents extents = {0};
    bool ok = true;
    while (ok && planner->position < end) {
        if (!halt_checkpoint(halt)) {
            ok = error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
            break;
        }
        ok = nbd_client_status(source->client, planner->position, end - planner->position, &extents, err);
        for (size_t i = 0; ok && i < extents.count; i++)
            ok = planner_feed(planner, kind_of(&extents.items[i], reading), extents.items[i].length, err);
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

static bool read_extents(const struct plan_spec *spec, struct source *source, uint64_t end,
                         enum reading reading, struct planner *planner, struct error *err)
{
    if (walk(source, end, reading, spec->halt, planner, err))
        return true;
    if (!halt_is_asked(spec->halt))
        source->ops->explain(source, err);
    return false;
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

/* Plans up to `end` with the first layer_count layers of the chain. */
static bool plan_part(const struct plan_spec *spec, size_t layer_count, uint64_t end, enum reading reading,
                      struct planner *planner, struct error *err)
{
    struct source *source;
    if (planner->position >= end)
        return true;
    if (!open_layers(spec, layer_count, NULL, &source, err))
        return false;
    bool ok = check_size(spec, source->size, err) && read_extents(spec, source, end, reading, planner, err);
    source->ops->close(source);
    return ok;
}

/* Where the part ends that the base has too: at a cluster's start, since the one that the base's end cuts is
 * changed as a whole. */
static uint64_t end_in_common(const struct plan_spec *spec, uint64_t end)
{
    uint64_t base_end = size_whole_sectors(spec->base_virtual_size);
    return base_end < end ? base_end / RUN_GRANULE * RUN_GRANULE : end;
}

static bool read_marked(const struct plan_spec *spec, struct source *source, uint64_t end,
                        struct planner *planner, struct error *err)
{
    return read_extents(spec, source, end_in_common(spec, end), READ_DIRTY, planner, err) &&
           read_extents(spec, source, end, READ_ALL_CHANGED, planner, err);
}

static bool plan_marked(const struct plan_spec *spec, uint64_t end, struct planner *planner,
                        struct error *err)
{
    struct source *source;
    if (!open_layers(spec, spec->layer_count, spec->bitmap, &source, err))
        return false;
    bool ok = check_size(spec, source->size, err) && read_marked(spec, source, end, planner, err);
    source->ops->close(source);
    return ok;
}

static bool plan_layers(const struct plan_spec *spec, uint64_t end, struct planner *planner,
                        struct error *err)
{
    if (!spec->differential)
        return plan_part(spec, spec->layer_count, end, READ_ALLOCATED, planner, err);
    if (spec->bitmap)
        return plan_marked(spec, end, planner, err);
    return plan_part(spec, spec->base_layer, end_in_common(spec, end), READ_OWNED, planner, err) &&
           plan_part(spec, spec->layer_count, end, READ_ALL_CHANGED, planner, err);
}

static bool plan_served(const struct plan_spec *spec, uint64_t end, struct planner *planner,
                        struct error *err)
{
    struct source_served_spec source_spec = {.socket = spec->served->socket,
                                             .name = spec->served->name,
                                             .extents = true,
                                             .changes = spec->differential ? spec->served->changes : NULL,
                                             .label = spec->label,
                                             .halt = spec->halt};
    struct source *source;
    if (!source_served_open(&source_spec, &source, err))
        return false;
    bool ok = check_size(spec, source->size, err);
    if (spec->differential)
        ok = ok && read_marked(spec, source, end, planner, err);
    else
        ok = ok && read_extents(spec, source, end, READ_ALLOCATED, planner, err);
    source->ops->close(source);
    return ok;
}

bool plan_disk(const struct plan_spec *spec, struct run_list *list, struct plan_totals *totals,
               struct error *err)
{
    struct planner planner;
    planner_begin(&planner, list);
    uint64_t end = size_whole_sectors(spec->virtual_size);
    bool ok = spec->served ? plan_served(spec, end, &planner, err) : plan_layers(spec, end, &planner, err);
    ok = ok && planner_finish(&planner, err);
    *totals = planner.totals;
    return ok;
}
