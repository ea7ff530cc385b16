/* The arithmetic of planning: ranges as QEMU tells them become runs on the package's clusters.
 *
 * Fed with the whole disk in order, in ranges of any size: skip, zero or data. Each cluster of the package
 * becomes skip or zero only when all of it is; else data, so that its edges are filled with what the point
 * reads there (traps.md 8). Pure: no image, no I/O but that of the list. Threads: one. Units: bytes. */
#ifndef REFPOINT_EXPORT_PLAN_PLANNER_H
#define REFPOINT_EXPORT_PLAN_PLANNER_H

#include "core/base/error.h"
#include "core/export/plan/run_list.h"

struct plan_totals {
    uint64_t bytes_data;
    uint64_t bytes_zero;
    uint64_t bytes_skipped;
    uint64_t tables; /* L2 tables of a qcow2 image with clusters of RUN_GRANULE that the runs touch */
};

struct planner {
    struct run_list *list; /* NULL = totals only */
    struct plan_totals totals;
    uint64_t position;
    unsigned seen;      /* kinds in the unfinished cluster, as bits */
    struct run pending; /* not yet in the list */
    uint64_t table_end; /* end of the last L2 table that was counted */
};

void planner_begin(struct planner *planner, struct run_list *list);
bool planner_feed(struct planner *planner, enum run_kind kind, uint64_t length,
                  struct error *err) WARN_UNUSED;
bool planner_finish(struct planner *planner, struct error *err) WARN_UNUSED;

/* Upper bound of what a qcow2 image of these totals takes on disk, its metadata included. */
uint64_t plan_qcow2_size(const struct plan_totals *totals, uint64_t virtual_size);

#endif
