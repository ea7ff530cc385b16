/* What export_check and export_run have in common: every refusal, in the contract's order, then the plan of
 * every disk. Leaves nothing behind; while it is held, the layers are open and pinned.
 *
 * Threads: one, which outlives the call (children). Ownership: the task and the halt are borrowed;
 * prepared_clear. Units: bytes. */
#ifndef REFPOINT_EXPORT_PREPARE_H
#define REFPOINT_EXPORT_PREPARE_H

#include "core/base/error.h"
#include "core/export/package/find_base.h"
#include "core/export/package/write/layout.h"
#include "core/export/plan/layer_files.h"
#include "core/export/plan/plan.h"

struct prepared_disk {
    char *label; /* "web01/vda", escaped */
    bool differential;
    const char *reason; /* why full although differential was asked; NULL */
    char *own_reason;
    uint64_t virtual_size;
    struct plan_totals totals;
    struct run_list runs; /* only when they were asked for */
};

struct prepared {
    const struct export_task *task;
    bool has_base;
    struct base_package base;
    struct package_layout layout;
    struct layer_files layers;
    struct prepared_disk *disks; /* as task->disks */
    size_t disk_count;
    uint64_t bytes_needed;
    uint64_t bytes_available;
};

/* Every refusal for which no disk has to be read; layers and totals stay empty. */
bool prepare_unread(const struct export_task *task, struct prepared *prepared, struct error *err) WARN_UNUSED;
/* All of it. keep_runs: keep what is to be done, not only how much. */
bool prepare_export(const struct export_task *task, bool keep_runs, struct halt *halt,
                    struct prepared *prepared, struct error *err) WARN_UNUSED;
void prepared_clear(struct prepared *prepared);

const struct member_point *prepared_member(const struct prepared *prepared, size_t disk);
const struct disk_point *prepared_disk_point(const struct prepared *prepared, size_t disk);

#endif
