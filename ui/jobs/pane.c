#include "ui/jobs/pane.h"

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"
#include "ui/draw/layout.h"
#include "ui/draw/parts.h"
#include "ui/jobs/text.h"

#define FIXED_ROWS 5 /* heading, return value, bar, rates; note at the bottom */
#define DISKS_ROW 4  /* behind the first four of these */
#define NAME_COLUMNS 24
#define STATE_COLUMNS 10
#define KIND_COLUMNS 12

int job_pane_rows(size_t disks)
{
    return FIXED_ROWS + (int)disks;
}

int job_pane_disk_rows(int rows)
{
    return rows > FIXED_ROWS ? rows - FIXED_ROWS : 0;
}

static void paint_heading(const struct canvas *canvas, const struct job_snapshot *job)
{
    char id[8];
    char time[32] = "";
    job_text_short_id(job, id, sizeof id);
    if (job->started.seconds)
        moment_format_list(job->started, false, time, sizeof time);
    CLEANUP_FREE char *right =
        job->phase && !job_text_is_verify(job) && !job_text_is_change(job)
            ? mem_format("phase %d/%d %s  started %s", (int)job->phase, JOB_PHASE_COUNT,
                         job_phase_word(job->phase), *time ? time + 11 : "-")
            : mem_strdup(job_text_state(job));
    CLEANUP_FREE char *subject = job_text_subject(job, sign_arrow(canvas));
    CLEANUP_FREE char *left = mem_format("JOB %s  %s", id, subject);
    int right_columns = (int)snprintf(NULL, 0, "%s", right);
    canvas_path(canvas, 0, 0, canvas->columns - right_columns - 2, ROLE_HEADING, left);
    canvas_text(canvas, 0, canvas->columns - right_columns, ROLE_DIM, right);
}

static bool is_active(const struct job_disk *disk)
{
    return disk->state == JOB_DISK_COPYING || disk->state == JOB_DISK_VERIFYING;
}

static const char *marker_of(const struct job_disk *disk)
{
    return is_active(disk) ? ">" : " ";
}

static enum theme_role disk_role(const struct job_disk *disk)
{
    switch (disk->state) {
    case JOB_DISK_DONE:
        return ROLE_SUCCESS;
    case JOB_DISK_FAILED:
        return ROLE_ERROR;
    case JOB_DISK_WAITING:
        return ROLE_DIM;
    default:
        return ROLE_NORMAL;
    }
}

static void paint_disk(const struct canvas *canvas, int row, const struct job_disk *disk)
{
    char size[32];
    size_format(disk->bytes_total, size, sizeof size);
    CLEANUP_FREE char *name = mem_format("%s/%s", disk->machine, disk->disk);
    CLEANUP_FREE char *state = job_text_disk(disk);
    int at = 0;
    canvas_text(canvas, row, at, ROLE_NORMAL, marker_of(disk));
    at += 2;
    int name_columns = canvas->columns < 80 ? NAME_COLUMNS - 6 : NAME_COLUMNS;
    canvas_field(canvas, row, at, name_columns, ROLE_NORMAL, name);
    at += name_columns + 1;
    canvas_field(canvas, row, at, STATE_COLUMNS, disk_role(disk), state);
    at += STATE_COLUMNS + 1;
    canvas_field_right(canvas, row, at, 10, ROLE_NORMAL, size);
    at += 12;
    canvas_field(canvas, row, at, KIND_COLUMNS, ROLE_DIM, disk->kind);
    at += KIND_COLUMNS + 1;
    if (*disk->reason)
        canvas_field(canvas, row, at, canvas->columns - at, ROLE_WARNING, disk->reason);
}

static void paint_disks(const struct canvas *canvas, const struct job_snapshot *job, size_t top)
{
    for (int row = 0; row < canvas->rows && top + (size_t)row < job->disk_count; row++)
        paint_disk(canvas, row, &job->disks[top + (size_t)row]);
}

/* What rows and heading show as "?", in full, where the disks leave rows free. */
static int paint_spelled(const struct canvas *free_rows, int row, const char *text)
{
    CLEANUP_FREE char *spelled = cells_spelled(text);
    if (!spelled || row >= free_rows->rows)
        return row;
    return row +
           canvas_wrap(free_rows, row, 2, free_rows->rows - row, free_rows->columns - 2, ROLE_DIM, spelled);
}

static void paint_names(const struct canvas *disks, const struct job_snapshot *job)
{
    if (job->disk_count >= (size_t)disks->rows)
        return;
    int used = (int)job->disk_count;
    struct canvas rest = canvas_part(disks, used, 0, disks->rows - used, disks->columns);
    CLEANUP_FREE char *subject = job_text_subject(job, sign_arrow(disks));
    int row = paint_spelled(&rest, 0, subject);
    for (size_t i = 0; i < job->disk_count; i++) {
        bool same = i > 0 && strcmp(job->disks[i].machine, job->disks[i - 1].machine) == 0;
        row = same ? row : paint_spelled(&rest, row, job->disks[i].machine);
    }
}

static size_t last_top(const struct job_snapshot *job, int disk_rows)
{
    size_t visible = disk_rows > 0 ? (size_t)disk_rows : 1;
    return job->disk_count > visible ? job->disk_count - visible : 0;
}

static size_t active_disk(const struct job_snapshot *job)
{
    size_t at = 0;
    while (at < job->disk_count && !is_active(&job->disks[at]))
        at++;
    return at;
}

/* Where the work is: the disk before it and what follows. */
static size_t busiest(const struct job_snapshot *job, int disk_rows)
{
    size_t at = active_disk(job);
    size_t last = last_top(job, disk_rows);
    if (at == job->disk_count)
        at = 0;
    at = at > 0 ? at - 1 : 0;
    return at < last ? at : last;
}

size_t job_pane_top_disk(const struct job_snapshot *job, int disk_rows,
                         const struct job_pane_options *options)
{
    size_t last = last_top(job, disk_rows);
    if (options->follow)
        return busiest(job, disk_rows);
    return options->top_disk < last ? options->top_disk : last;
}

int job_pane_cursor_row(const struct job_snapshot *job, int rows, const struct job_pane_options *options)
{
    int visible = job_pane_disk_rows(rows);
    size_t top = job_pane_top_disk(job, visible, options);
    size_t at = active_disk(job);
    if (visible == 0)
        return 0;
    return at >= top && at < top + (size_t)visible && at < job->disk_count ? DISKS_ROW + (int)(at - top)
                                                                           : DISKS_ROW;
}

/* "61%  251.3 GiB / 412.0 GiB", and which disks are seen when not all are. */
static char *amount_text(const struct job_snapshot *job, size_t top, int disk_rows)
{
    CLEANUP_FREE char *amount = job_text_amount(job);
    if (disk_rows <= 0 || (size_t)disk_rows >= job->disk_count)
        return mem_strdup(amount);
    return mem_format("%s  disks %zu-%zu of %zu", amount, top + 1, top + (size_t)disk_rows, job->disk_count);
}

void job_pane_paint(const struct canvas *canvas, const struct job_snapshot *job,
                    const struct job_pane_options *options)
{
    int disk_rows = job_pane_disk_rows(canvas->rows);
    size_t top = job_pane_top_disk(job, disk_rows, options);
    bool narrow = canvas->columns < 80;
    CLEANUP_FREE char *numbers = job_text_return(job, narrow);
    CLEANUP_FREE char *amount = amount_text(job, top, disk_rows);
    CLEANUP_FREE char *rates = job_text_rates(job, narrow);
    paint_heading(canvas, job);
    canvas_field(canvas, 1, 0, canvas->columns, job_text_role(job), numbers);
    int bar = canvas->columns * 2 / 5;
    part_bar(canvas, 2, 0, bar, job->percent_complete, ROLE_PROGRESS_DONE);
    canvas_field(canvas, 2, bar + 1, canvas->columns - bar - 1, ROLE_NORMAL, amount);
    if (job->obstacle != JOB_OBSTACLE_NONE) {
        CLEANUP_FREE char *obstacle = job_text_obstacle(job);
        canvas_field(canvas, 3, 0, canvas->columns, ROLE_WARNING, obstacle);
    } else {
        canvas_field(canvas, 3, 0, canvas->columns, ROLE_NORMAL, rates);
    }
    struct canvas disks = canvas_part(canvas, DISKS_ROW, 0, disk_rows, canvas->columns);
    paint_disks(&disks, job, top);
    paint_names(&disks, job);
    if (canvas->rows >= FIXED_ROWS)
        canvas_field(canvas, canvas->rows - 1, 0, canvas->columns, ROLE_DIM, job->note);
}
