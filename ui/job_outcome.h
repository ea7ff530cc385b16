/* What came of a job, in words: the receipt of a finished one; what, why, what next of a failed one. A pure
 * function of its last snapshot. Threads: any. */
#ifndef REFPOINT_UI_JOB_OUTCOME_H
#define REFPOINT_UI_JOB_OUTCOME_H

#include "core/job/job.h"
#include "ui/theme.h"

struct job_outcome_line {
    const char *label; /* "What", "Next"; "" under another */
    char *text;
    enum theme_role role;
};

struct job_outcome {
    struct job_outcome_line *lines;
    size_t count;
};

void job_outcome_make(struct job_outcome *outcome, const struct job_snapshot *job, const char *log_path);
void job_outcome_clear(struct job_outcome *outcome);
/* All of it as text, to be copied. The caller's. */
char *job_outcome_text(const struct job_outcome *outcome);

#endif
