/* Reading the list of jobs on a worker: for the rest of this folder. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_JOBS_LIST_H
#define REFPOINT_UI_APP_JOBS_LIST_H

struct jobs;

/* When there is none yet: what changed last comes first, the rest behind it. */
void jobs_read_first(struct jobs *jobs);
/* Soon; while one is being read, once more after it. */
void jobs_read_list(struct jobs *jobs);

#endif
