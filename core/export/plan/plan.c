#include "core/export/plan/plan.h"

#include "core/export/plan/task.h"
#include "core/export/source/source.h"

enum reading {                  /* what extents of a server mean */
               READ_ALLOCATED,  /* full: what is not zero */
               READ_OWNED,      /* differential: what has a depth above the cut */
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
        return extent->zero ? RUN_ZERO : RUN_DATA;
    case READ_ALL_CHANGED:
        break;
    }
    return extent->zero ? RUN_ZERO : RUN_DATA;
}

static bool walk(struct source *source, uint64_t end, enum reading reading, struct halt *halt,
                 struct planner *planner, struct error *err)
{
    struct nbd_client *client = source_nbd_client(source);
    struct nbd_extents extents = {0};
    bool ok = true;
    while (ok && planner->position < end) {
        if (!halt_checkpoint(halt)) {
            ok = error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
            break;
        }
        ok = nbd_client_status(client, planner->position, end - planner->position, &extents, err);
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

/* Plans up to `end` with the first layer_count layers of the chain. */
static bool plan_part(const struct plan_spec *spec, size_t layer_count, uint64_t end, enum reading reading,
                      struct planner *planner, struct error *err)
{
    if (planner->position >= end)
        return true;
    struct source_nbd_spec source_spec = {.layers = spec->layers,
                                          .layer_count = layer_count,
                                          .extents = true,
                                          .label = spec->label,
                                          .halt = spec->halt};
    struct source *source;
    if (!source_nbd_open(&source_spec, &source, err))
        return false;
    bool ok = check_size(spec, source->size, err);
    if (ok && !walk(source, end, reading, spec->halt, planner, err)) {
        ok = false;
        if (!halt_is_asked(spec->halt))
            source->ops->explain(source, err);
    }
    source->ops->close(source);
    return ok;
}

bool plan_disk(const struct plan_spec *spec, struct run_list *list, struct plan_totals *totals,
               struct error *err)
{
    struct planner planner;
    planner_begin(&planner, list);
    uint64_t end = size_whole_sectors(spec->virtual_size);
    bool ok;
    if (spec->base_layer == EXPORT_NO_BASE) {
        ok = plan_part(spec, spec->layer_count, end, READ_ALLOCATED, &planner, err);
    } else {
        uint64_t base_end = size_whole_sectors(spec->base_virtual_size);
        /* From a cluster's start: the one that the base's end cuts is changed as a whole. */
        uint64_t common = base_end < end ? base_end / RUN_GRANULE * RUN_GRANULE : end;
        ok = plan_part(spec, spec->base_layer, common, READ_OWNED, &planner, err) &&
             plan_part(spec, spec->layer_count, end, READ_ALL_CHANGED, &planner, err);
    }
    ok = ok && planner_finish(&planner, err);
    *totals = planner.totals;
    return ok;
}
