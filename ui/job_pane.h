/* A job's picture: numbers of the contract, bar, rates, a row per disk, last line of its log; or, once it has
 * ended, what came of it. Used on the first screen (beneath the lists) and by the job's own screen. A pure
 * function of a snapshot and a canvas. Threads: any. */
#ifndef REFPOINT_UI_JOB_PANE_H
#define REFPOINT_UI_JOB_PANE_H

#include "core/job/job.h"
#include "ui/canvas.h"

struct job_pane_options {
    bool heading;    /* the first line says which job; else the title line of the screen does */
    size_t top_disk; /* first visible row of disks */
};

/* Rows wanted for a running job with that many rows of disks, heading included. */
int job_pane_rows(size_t disks);
/* A running job. */
void job_pane_paint(const struct canvas *canvas, const struct job_snapshot *job,
                    const struct job_pane_options *options);
/* Rows of disks that fit there. */
int job_pane_disk_rows(int rows, bool heading);

/* One row for each disk from `top` on. */
void job_pane_paint_disks(const struct canvas *canvas, const struct job_snapshot *job, size_t top);

#endif
