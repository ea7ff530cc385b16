/* The jobs that are known, and how each is kept fresh: for the rest of this folder. Threads: the one that
 * owns curses. */
#ifndef REFPOINT_UI_APP_JOBS_LINKS_H
#define REFPOINT_UI_APP_JOBS_LINKS_H

#include "core/job/job.h"

struct jobs;
struct link;

size_t jobs_index(const struct jobs *jobs, const struct guid *id); /* their count: not known */
/* Takes the snapshot over. */
void jobs_insert_first(struct jobs *jobs, const struct link *link, const struct job_snapshot *snapshot);
void jobs_clear(struct jobs *jobs);

/* Follows the job at this place, unless it is followed already. */
void jobs_start_following(struct jobs *jobs, size_t at);
void jobs_read_links(struct jobs *jobs); /* what those that are followed have to say */

#endif
