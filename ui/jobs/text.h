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
/* "return 4096 job started  state 4 Running  error 0": beside job_text_method, never alone. */
char *job_text_numbers(const struct job_snapshot *job);
const char *job_text_method(const struct job_snapshot *job); /* "Started, and running." */
/* "251.3 of 412.0 GiB": of the one total (job.h); "" while that is not known. */
char *job_text_amount(const struct job_snapshot *job);
/* What a suspended job waits for, with what to do, in a line; key: that lets it go on; the caller's. */
char *job_text_obstacle(const struct job_snapshot *job, const char *key);
/* "242 MiB/s", "24.2 MiB/s": three digits are more than is known of a rate. */
char *job_text_rate(uint64_t rate);
const char *job_text_limit(const struct job_snapshot *job); /* "limited by the target"; NULL: not known */
/* "left 10-13 min"; "" while there is no estimate. */
char *job_text_left(const struct job_snapshot *job);

struct job_disk_words {
    enum sign sign;
    char word[16];
};
struct job_disk_words job_text_disk(const struct job_snapshot *job, const struct job_disk *disk);
unsigned job_text_disk_percent(const struct job_disk *disk);

/* Its process died; it can be let go on. */
bool job_text_is_interrupted(const struct job_snapshot *job);
bool job_text_is_verify(const struct job_snapshot *job);
bool job_text_is_change(const struct job_snapshot *job); /* of a point: destroyed, or its data removed */
/* What it is about: "web-prod -> /backup", or what another kind of job works on. The caller's. arrow: as the
 * canvas has it (sign_arrow), "->" in what is copied. */
char *job_text_subject(const struct job_snapshot *job, const char *arrow);

/* The same with the point: "web-prod @ tuesday -> /backup". The caller's. */
char *job_text_title(const struct job_snapshot *job, const char *arrow);

#endif
