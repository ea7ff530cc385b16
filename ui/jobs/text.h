/* A job in words: what the strip, the job's pane and the list of jobs say about it. From a snapshot, without
 * a terminal. Strings are the caller's. Threads: any. */
#ifndef REFPOINT_UI_JOBS_TEXT_H
#define REFPOINT_UI_JOBS_TEXT_H

#include "core/job/job.h"
#include "ui/draw/signs.h"
#include "ui/draw/theme.h"

enum theme_role job_text_role(const struct job_snapshot *job);
const char *job_text_state(const struct job_snapshot *job); /* "running", "cancelling", "interrupted" */
void job_text_short_id(const struct job_snapshot *job, char *field, size_t size); /* "7f3a" */

enum sign job_text_sign(const struct job_snapshot *job);
/* "job 7f3a copy  web-prod -> /backup/web"; of an ended one what came of it. */
char *job_text_strip(const struct job_snapshot *job, const char *arrow);
/* "return 4096 job started     state 4 Running     error 0" */
char *job_text_return(const struct job_snapshot *job, bool narrow);
/* "61%  251.3 GiB / 412.0 GiB": of the one total (job.h). */
char *job_text_amount(const struct job_snapshot *job);
/* What a suspended job waits for, with what to do, in a line; the caller's. */
char *job_text_obstacle(const struct job_snapshot *job);
/* "now 24.2 MiB/s  avg 24.0 MiB/s  elapsed 0:17:52  left 10-13 min (target-limited)"; what limits is left out
 * where 80 columns are too few. */
char *job_text_rates(const struct job_snapshot *job, bool narrow);
/* "left 10-13 min"; "" while there is no estimate. */
char *job_text_left(const struct job_snapshot *job);
/* "34% copy", "done", "waiting" */
char *job_text_disk(const struct job_disk *disk);

/* Its process died; it can be let go on. */
bool job_text_is_interrupted(const struct job_snapshot *job);
bool job_text_is_verify(const struct job_snapshot *job);
bool job_text_is_change(const struct job_snapshot *job); /* of a point: destroyed, or its data removed */
/* What it is about: "web-prod -> /backup", or what another kind of job works on. The caller's. arrow: as the
 * canvas has it (sign_arrow), "->" in what is copied. */
char *job_text_subject(const struct job_snapshot *job, const char *arrow);

#endif
