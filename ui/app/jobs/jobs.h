/* The jobs that the screen knows: all in the journal, the running ones followed live.
 *
 * Jobs are processes of their own; this module only reads, and forgets what the settings do not keep. The
 * list is read by a worker (journal_list) at the start, when a directory appears beside the others (inotify),
 * and on request; running jobs are connected to by a worker (follow_open) and then read on the screen's
 * thread, which never blocks. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_JOBS_JOBS_H
#define REFPOINT_UI_APP_JOBS_JOBS_H

#include "core/job/job.h"
#include "ui/app/work/work.h"

struct jobs;

/* Borrows work and state_directory. Forgets, on a worker, jobs that ended more than so many days ago; 0 =
 * none does. */
struct jobs *jobs_new(struct work *work, const char *state_directory, uint64_t keep_days);
void jobs_free(struct jobs *jobs); /* before the pool */

void jobs_refresh(struct jobs *jobs);
/* A job that has just been started: known at once, whatever the list says. */
void jobs_follow(struct jobs *jobs, const struct guid *id);

/* Descriptors to wait for; returns how many there are, at most `limit`. */
size_t jobs_descriptors(const struct jobs *jobs, int *descriptors, size_t limit);
void jobs_read(struct jobs *jobs); /* what those have */
/* When jobs_tick has something to do: a list to be read again, a connection to be tried again; 0 = never. */
int64_t jobs_due_ms(const struct jobs *jobs);
void jobs_tick(struct jobs *jobs, int64_t now_ms);

enum jobs_news {
    JOBS_NO_NEWS,
    JOBS_PROGRESS, /* numbers moved */
    JOBS_CHANGED   /* a job came, went or changed its state */
};
enum jobs_news jobs_take_news(struct jobs *jobs); /* since the last call */

const struct job_snapshot *jobs_all(const struct jobs *jobs, size_t *count); /* newest first; borrowed */
const struct job_snapshot *jobs_find(const struct jobs *jobs, const struct guid *id);
/* The job at this place of jobs_all ended while this program looked on, and has not yet been opened by
 * anyone: it must not go unnoticed. */
bool jobs_is_unseen(const struct jobs *jobs, size_t at);
void jobs_mark_seen(struct jobs *jobs, const struct guid *id); /* NULL: all */

bool jobs_is_listed(const struct jobs *jobs); /* some list has been read; else there may be jobs */
/* How many more jobs there are, which are still being read. */
size_t jobs_unread(const struct jobs *jobs);
/* Why the list could not be read; NULL: it was. */
const struct error *jobs_problem(const struct jobs *jobs);

#endif
