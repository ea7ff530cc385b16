/* A job that is not over, on its screen: progress, the graph of its rate, what stands in its way, a row per
 * disk, the numbers of the contract, the last lines of its log; in few rows the first and the last of these
 * stay. What came of an ended job is report.h's. A pure function of a snapshot and a canvas. Threads: any. */
#ifndef REFPOINT_UI_JOBS_PANE_H
#define REFPOINT_UI_JOBS_PANE_H

#include "core/job/job.h"
#include "ui/draw/canvas.h"

struct job_pane_options {
    bool follow; /* the rows of disks are those where the work is; else they start with top_disk */
    size_t top_disk;
    const char *const *log; /* its last lines, the newest last; none: the one in the snapshot. Borrowed */
    size_t log_count;
    const char *pause_key; /* as the person has it; NULL: "p" */
};

/* Where everything is: rows of the canvas, 0 rows = not there. */
struct job_pane_place {
    int notice; /* what stands in its way, in the place of the graph */
    int notice_rows;
    int graph;
    int graph_rows;
    int disks_heading; /* -1: none */
    int disks;         /* titles before them, where there is room */
    bool disks_titled;
    int disk_rows;
    int names; /* whole ones, beneath */
    int names_rows;
    int method;
    int method_rows; /* with its heading; so is the next */
    int log;
    int log_rows;
};
struct job_pane_area {
    int rows;
    int columns;
    bool ascii;
};
void job_pane_lay_out(struct job_pane_place *place, const struct job_pane_area *area,
                      const struct job_snapshot *job, const struct job_pane_options *options);

void job_pane_paint(const struct canvas *canvas, const struct job_snapshot *job,
                    const struct job_pane_options *options);
/* The first disk that is shown in so many rows of disks. */
size_t job_pane_top_disk(const struct job_snapshot *job, int disk_rows,
                         const struct job_pane_options *options);
/* The row of the canvas where the work is: that of the first disk marked ">"; the first disk's while none is.
 */
int job_pane_cursor_row(const struct job_snapshot *job, const struct job_pane_place *place,
                        const struct job_pane_options *options);

#endif
