/* What the contract's method said of a job: a person's sentence, its numbers behind it. In one row where
 * there is room, else in two. Threads: any. */
#ifndef REFPOINT_UI_JOBS_METHOD_H
#define REFPOINT_UI_JOBS_METHOD_H

#include "core/job/job.h"
#include "ui/draw/canvas.h"

int job_method_rows(const struct job_snapshot *job, int columns);
void job_method_paint(const struct canvas *canvas, int row, const struct job_snapshot *job);

#endif
