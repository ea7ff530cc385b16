/* Going on with an export whose process died: with the partial that its job has begun, where the files that
 * are read and the base package are what they were.
 *
 * Threads: one at a time. Errors: 32775, "export.source-changed" and
 * "export.base-changed". */
#ifndef REFPOINT_EXPORT_PREPARE_RESUMING_H
#define REFPOINT_EXPORT_PREPARE_RESUMING_H

#include "core/export/prepare/prepared.h"

/* Another process could go on with this export: its data does not end with ours. */
bool resuming_is_possible(const struct export_task *task);
/* Between prepare_open and prepare_plan: looks for what task->resumed_job has begun, into prepared->begun.
 * None is no error: there is nothing to go on with, and nothing to lose. */
bool resuming_look(struct prepared *prepared, struct error *err) WARN_UNUSED;
/* After prepare_plan: what has been begun was planned the same way. */
bool resuming_fits(const struct prepared *prepared);
/* What is kept with what is begun now; false: the layers cannot be looked at. */
bool resuming_terms(const struct prepared *prepared, const struct guid *job,
                    struct package_ledger_terms *terms) WARN_UNUSED;

#endif
