/* What export_check and export_run have in common: every refusal, in the contract's order, then the plan of
 * every disk. Leaves nothing behind; while it is held, the layers are open and pinned.
 *
 * Threads: one, which outlives the call (children). Ownership: the task and the halt are borrowed;
 * prepared_clear. Units: bytes. */
#ifndef REFPOINT_EXPORT_PREPARE_PREPARE_H
#define REFPOINT_EXPORT_PREPARE_PREPARE_H

#include "core/base/error.h"
#include "core/export/prepare/prepared.h"
#include "core/job/halt.h"

/* Every refusal for which no disk has to be read; layers and totals stay empty. job may be NULL. */
bool prepare_unread(const struct export_task *task, struct job *job, struct prepared *prepared,
                    struct error *err) WARN_UNUSED;
/* Opens and pins the layers, after that; then the rest. Each clears what has been prepared when it fails.
 * keep_runs: keep what is to be done, not only how much. */
bool prepare_open(struct prepared *prepared, struct error *err) WARN_UNUSED;
bool prepare_plan(struct prepared *prepared, bool keep_runs, struct halt *halt,
                  struct error *err) WARN_UNUSED;
/* With `strict`, all disks are differential that were to be. */
bool prepare_check_strict(const struct prepared *prepared, struct error *err) WARN_UNUSED;
/* All of it. */
bool prepare_export(const struct export_task *task, bool keep_runs, struct halt *halt,
                    struct prepared *prepared, struct error *err) WARN_UNUSED;

#endif
