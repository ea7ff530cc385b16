/* A job as a row of the list of jobs, and in a few lines beneath it. Threads: any; no curses. */
#ifndef REFPOINT_UI_SCREENS_JOB_ROWS_H
#define REFPOINT_UI_SCREENS_JOB_ROWS_H

#include "core/job/job.h"
#include "ui/draw/canvas.h"
#include "ui/widgets/facts.h"

void job_row_paint_titles(const struct canvas *titles);
void job_row_paint(const struct canvas *list, int row, const struct job_snapshot *job, struct moment now,
                   bool selected);
/* "verified", "copy 61 %": in as many columns as a list has for it. The caller's. */
char *job_row_state(const struct job_snapshot *job);
/* Adds to facts. */
void job_row_tell(struct facts *facts, const struct job_snapshot *job, struct moment now, const char *arrow);

#endif
