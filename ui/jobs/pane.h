/* A running job's picture: numbers of the contract, bar, rates, a row per disk, last line of its log. Used on
 * the first screen (beneath the lists) and by the job's own screen. What came of an ended job is
 * outcome.h's. A pure function of a snapshot and a canvas. Threads: any. */
#ifndef REFPOINT_UI_JOBS_PANE_H
#define REFPOINT_UI_JOBS_PANE_H

#include "core/job/job.h"
#include "ui/draw/canvas.h"

struct job_pane_options {
    bool follow; /* the rows of disks are those where the work is; else they start with top_disk */
    size_t top_disk;
};

/* Rows wanted for that many rows of disks. */
int job_pane_rows(size_t disks);
void job_pane_paint(const struct canvas *canvas, const struct job_snapshot *job,
                    const struct job_pane_options *options);
/* Rows of disks that fit there. */
int job_pane_disk_rows(int rows);
/* The first disk that is shown in so many rows of disks. */
size_t job_pane_top_disk(const struct job_snapshot *job, int disk_rows,
                         const struct job_pane_options *options);
/* The row of the canvas where the work is: that of the disk marked ">"; the first disk's while none is. */
int job_pane_cursor_row(const struct job_snapshot *job, int rows, const struct job_pane_options *options);

#endif
