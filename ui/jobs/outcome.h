/* What came of a job, in words: the receipt of a finished one; what, why, what next of a failed one. A pure
 * function of its last snapshot. Threads: any. */
#ifndef REFPOINT_UI_JOBS_OUTCOME_H
#define REFPOINT_UI_JOBS_OUTCOME_H

#include "core/job/job.h"
#include "ui/widgets/facts.h"

/* Adds to facts. */
void job_outcome_make(struct facts *facts, const struct job_snapshot *job, const char *log_path);

#endif
