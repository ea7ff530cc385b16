/* The plan of every disk of an export: taken from what an earlier check has found, where that is still so,
 * else walked, as many disks at once as there are cores.
 *
 * A disk's children die with the thread that starts them, so each thread opens and closes its own. Of several
 * disks that fail, the first in the task's order is told of, as if they had been walked one after the other:
 * those behind it are ended.
 *
 * Threads: one, which waits for the others. */
#ifndef REFPOINT_EXPORT_PREPARE_PLANNING_H
#define REFPOINT_EXPORT_PREPARE_PLANNING_H

#include "core/export/plan/kept.h"
#include "core/export/prepare/prepared.h"

/* Fills totals and, with keep_runs, runs of prepared->disks; prepared->layers are open. */
bool planning_run(struct prepared *prepared, bool keep_runs, struct halt *halt,
                  struct error *err) WARN_UNUSED;

/* What whoever exports the same can take over, after a planning_run with runs; the caller's. NULL: it is
 * nothing that can be handed on, or cannot be kept just now. */
struct kept_plan *planning_keep(const struct prepared *prepared);

#endif
