/* The disks of a job, a row each: name, kind, state, a bar where there is room, size. Pure functions of a
 * snapshot and a canvas. Threads: any. */
#ifndef REFPOINT_UI_JOBS_DISKS_H
#define REFPOINT_UI_JOBS_DISKS_H

#include "core/job/job.h"
#include "ui/draw/canvas.h"

bool job_disk_is_active(const struct job_disk *disk);
void job_disks_paint_titles(const struct canvas *canvas, int row, const struct job_snapshot *job);
/* Those from `top` on, in so many rows. */
void job_disks_paint(const struct canvas *canvas, int row, int rows, const struct job_snapshot *job,
                     size_t top);

#endif
