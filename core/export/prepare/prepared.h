/* What an export stands on once nothing refuses it: base, layout, layers that are open, and the plan of each
 * disk. prepare.h makes it, planning.h fills in the plans.
 *
 * Threads: one at a time. Ownership: the task is borrowed; prepared_clear. Units: bytes. */
#ifndef REFPOINT_EXPORT_PREPARE_PREPARED_H
#define REFPOINT_EXPORT_PREPARE_PREPARED_H

#include "core/export/package/check/base.h"
#include "core/export/package/find_base.h"
#include "core/export/package/write/layout.h"
#include "core/export/package/write/ledger.h"
#include "core/export/plan/kept.h"
#include "core/export/plan/layer_files.h"
#include "core/export/plan/plan.h"

struct prepared_disk {
    char *label; /* "web01/vda", escaped */
    bool differential;
    const char *reason; /* why full although differential was asked; NULL */
    char *own_reason;
    uint64_t virtual_size;
    struct plan_totals totals;
    struct run_list runs;     /* only when they were asked for */
    struct place_list places; /* with the runs */
};

struct prepared_begun { /* what an export that is gone on with has left */
    char *partial;      /* its name in the export directory; NULL = nothing */
    struct package_ledger_terms terms;
};

struct prepared {
    const struct export_task *task;
    bool has_base;
    struct base_package base;
    struct base_state base_state; /* what is known of it */
    struct package_layout layout;
    struct layer_files layers;
    struct prepared_disk *disks; /* as task->disks */
    size_t disk_count;
    uint64_t bytes_needed;
    uint64_t bytes_available;    /* also what has been begun takes already */
    struct prepared_begun begun; /* of resuming.h */
    /* Of planning.h: */
    bool taken;            /* the plan is task->handed */
    const char *not_taken; /* why it is not, a sentence's end; NULL: it is, or there was none */
    bool can_be_kept;      /* for who exports the same, under this key */
    struct kept_key key;
};

void prepared_clear(struct prepared *prepared);

bool prepared_is_differential(const struct prepared *prepared); /* a disk of it is */
const struct member_point *prepared_member(const struct prepared *prepared, size_t disk);
const struct disk_point *prepared_disk_point(const struct prepared *prepared, size_t disk);

#endif
