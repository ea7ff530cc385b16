/* Progress of a job on the command line, and what is said when it has ended.
 *
 * Text: on a terminal one line that is rewritten, elsewhere a line when the percentage or phase changes or
 * five seconds have passed. JSON: an event for each snapshot. Threads: one at a time. */
#ifndef REFPOINT_CLI_FOLLOW_PROGRESS_H
#define REFPOINT_CLI_FOLLOW_PROGRESS_H

#include "core/cli/line/output.h"
#include "core/job/job.h"

struct progress {
    struct output *out;
    bool has_job; /* false: the synchronous form, "job" is null */
    bool shown;
    int64_t shown_ms;
    unsigned percent;
    uint32_t state;
    enum job_phase phase;
    enum job_obstacle obstacle; /* that was said */
    uint64_t revision;
};

void progress_begin(struct progress *progress, struct output *out, bool has_job);
void progress_show(struct progress *progress, const struct job_snapshot *snapshot);
/* The line of text; the caller's. */
char *progress_text(const struct job_snapshot *snapshot);

/* error_code, error_key, error and warning of a job: with ErrorCode 0 what it says is a warning, not an
 * error. */
void progress_put_error(json_t *object, const struct error *err);
/* The last line of an export or attach: {"event":"finished",...}. */
json_t *progress_finished_json(const struct job_snapshot *snapshot, bool has_job, uint32_t return_value);
/* Prints it, in text with the receipt (or why not, and what to do), and gives the exit status. */
int progress_finish(struct output *out, const struct job_snapshot *snapshot, bool has_job,
                    uint32_t return_value);

#endif
