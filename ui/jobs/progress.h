/* How far a job is, drawn: the bar with its percentage, amounts and rates, times; and its rate over the whole
 * time. Pure functions of a snapshot and a canvas. Threads: any. */
#ifndef REFPOINT_UI_JOBS_PROGRESS_H
#define REFPOINT_UI_JOBS_PROGRESS_H

#include "core/job/job.h"
#include "ui/draw/canvas.h"

#define JOB_PROGRESS_ROWS 3
#define JOB_GRAPH_LEAST_ROWS 2
#define JOB_GRAPH_MOST_ROWS 6

/* pause_key: lets a paused one go on; NULL: nothing is said of keys. */
void job_progress_paint(const struct canvas *canvas, int row, const struct job_snapshot *job,
                        const char *pause_key);
/* There is a graph of such a job, or will be. */
bool job_graph_is_wanted(const struct job_snapshot *job, bool ascii);
void job_graph_paint(const struct canvas *canvas, int row, int rows, const struct job_snapshot *job);

#endif
