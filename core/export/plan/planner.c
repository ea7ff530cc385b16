#include "core/export/plan/planner.h"

#define TABLE_SPAN (RUN_GRANULE / 8 * RUN_GRANULE) /* an L2 table: a cluster of 8-byte entries */
#define REFCOUNTS_PER_CLUSTER (RUN_GRANULE / 2)

void planner_begin(struct planner *planner, struct run_list *list)
{
    *planner = (struct planner){.list = list};
}

static void count(struct planner *planner, const struct run *run)
{
    if (run->kind == RUN_SKIP) {
        planner->totals.bytes_skipped += run->length;
        return;
    }
    *(run->kind == RUN_DATA ? &planner->totals.bytes_data : &planner->totals.bytes_zero) += run->length;
    uint64_t first =
        run->offset > planner->table_end ? run->offset / TABLE_SPAN * TABLE_SPAN : planner->table_end;
    uint64_t end = (run->offset + run->length + TABLE_SPAN - 1) / TABLE_SPAN * TABLE_SPAN;
    if (end > first) {
        planner->totals.tables += (end - first) / TABLE_SPAN;
        planner->table_end = end;
    }
}

static bool flush(struct planner *planner, struct error *err)
{
    const struct run *run = &planner->pending;
    if (run->length == 0)
        return true;
    count(planner, run);
    return run->kind == RUN_SKIP || !planner->list || run_list_add(planner->list, run, err);
}

static bool emit(struct planner *planner, enum run_kind kind, uint64_t offset, uint64_t length,
                 struct error *err)
{
    struct run *run = &planner->pending;
    if (run->length > 0 && run->kind == kind) {
        run->length += length;
        return true;
    }
    if (!flush(planner, err))
        return false;
    *run = (struct run){.offset = offset, .length = length, .kind = kind};
    return true;
}

static bool end_cluster(struct planner *planner, struct error *err)
{
    uint64_t start = (planner->position - 1) / RUN_GRANULE * RUN_GRANULE;
    enum run_kind kind = planner->seen == 1U << RUN_SKIP   ? RUN_SKIP
                         : planner->seen == 1U << RUN_ZERO ? RUN_ZERO
                                                           : RUN_DATA;
    planner->seen = 0;
    return emit(planner, kind, start, planner->position - start, err);
}

bool planner_feed(struct planner *planner, enum run_kind kind, uint64_t length, struct error *err)
{
    while (length > 0) {
        uint64_t inside = planner->position % RUN_GRANULE;
        uint64_t step = RUN_GRANULE - inside;
        if (inside == 0 && length >= RUN_GRANULE) {
            step = length - length % RUN_GRANULE;
            if (!emit(planner, kind, planner->position, step, err))
                return false;
            planner->position += step;
        } else {
            step = step < length ? step : length;
            planner->seen |= 1U << kind;
            planner->position += step;
            if (planner->position % RUN_GRANULE == 0 && !end_cluster(planner, err))
                return false;
        }
        length -= step;
    }
    return true;
}

bool planner_finish(struct planner *planner, struct error *err)
{
    if (planner->seen != 0 && !end_cluster(planner, err))
        return false;
    return flush(planner, err) && (!planner->list || run_list_finish(planner->list, err));
}

static uint64_t clusters_of(uint64_t bytes)
{
    return (bytes + RUN_GRANULE - 1) / RUN_GRANULE;
}

uint64_t plan_qcow2_size(const struct plan_totals *totals, uint64_t virtual_size)
{
    uint64_t level1 = clusters_of((virtual_size + TABLE_SPAN - 1) / TABLE_SPAN * 8);
    uint64_t clusters = 1 + level1 + totals->tables + clusters_of(totals->bytes_data);
    uint64_t refcount_blocks = clusters / REFCOUNTS_PER_CLUSTER + 2;
    uint64_t refcount_table = clusters_of(refcount_blocks * 8) * 2; /* moved once when it grows */
    return (clusters + refcount_blocks + refcount_table) * RUN_GRANULE;
}
