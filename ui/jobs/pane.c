#include "ui/jobs/pane.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/draw/parts.h"
#include "ui/draw/signs.h"
#include "ui/jobs/disks.h"
#include "ui/jobs/method.h"
#include "ui/jobs/progress.h"
#include "ui/jobs/text.h"

#define MARGIN 1
#define HEAD_ROWS (1 + JOB_PROGRESS_ROWS)
#define COMPACT_ROWS 18 /* with fewer, there are progress and disks, and what they leave */
#define NOTICE_ROWS 6
#define LEAST_DISKS 3
#define LOG_LINES 4 /* before the graph grows no more */

/* --- what is spelled --- */

/* What rows and title show as "?", in full, where there are rows for it. */
static int paint_spelled(const struct canvas *rows, int row, const char *text)
{
    CLEANUP_FREE char *spelled = cells_spelled(text);
    if (!spelled)
        return row;
    if (!rows->surface)
        return row + canvas_wrap_rows(spelled, rows->columns - 2 * MARGIN, false);
    return row +
           canvas_wrap(rows, row, MARGIN, rows->rows - row, rows->columns - 2 * MARGIN, ROLE_DIM, spelled);
}

static int paint_names(const struct canvas *rows, const struct job_snapshot *job, const char *arrow)
{
    CLEANUP_FREE char *subject = job_text_subject(job, arrow);
    int row = paint_spelled(rows, 0, subject);
    for (size_t i = 0; i < job->disk_count; i++) {
        bool same = i > 0 && strcmp(job->disks[i].machine, job->disks[i - 1].machine) == 0;
        row = same ? row : paint_spelled(rows, row, job->disks[i].machine);
    }
    return row;
}

static int names_rows(const struct job_snapshot *job, int columns)
{
    struct canvas nowhere = {.columns = columns};
    return paint_names(&nowhere, job, "->");
}

/* --- where --- */

static const char *pause_key(const struct job_pane_options *options)
{
    return options->pause_key ? options->pause_key : "p";
}

/* In few rows what is needed and what to do; else all that is known. */
static char *notice_text(const struct job_snapshot *job, int rows, const struct job_pane_options *options)
{
    char until[32];
    if (job->obstacle == JOB_OBSTACLE_NONE)
        return NULL;
    if (rows < COMPACT_ROWS)
        return job_text_obstacle(job, pause_key(options));
    CLEANUP_FREE char *all = job_obstacle_text(job);
    moment_format_list(job->obstacle_until, false, until, sizeof until);
    bool ends = job->obstacle_until.seconds > 0;
    return mem_format("%s%s%s%s", all, ends ? " Else it ends as failed at " : "", ends ? until : "",
                      ends ? "." : "");
}

static int take(int *left, int wanted)
{
    int taken = wanted < *left ? wanted : *left;
    taken = taken > 0 ? taken : 0;
    *left -= taken;
    return taken;
}

/* All of it or nothing. */
static int take_whole(int *left, int wanted)
{
    return wanted <= *left ? take(left, wanted) : 0;
}

struct wanted {
    int notice; /* rows of text */
    bool graph;
    int disks;
    int names;
    int method; /* with its heading */
    int log;    /* lines */
};

/* Heading, titles and a few rows; the titles go first. */
static void share_disks(struct job_pane_place *place, int *left, int disks)
{
    int least = disks < LEAST_DISKS ? disks : LEAST_DISKS;
    int taken = disks > 0 && *left >= 2 ? take(left, 2 + least) : 0;
    place->disks_titled = taken > 2;
    place->disk_rows = taken > 0 ? taken - 1 - place->disks_titled : 0;
}

static void share_compact(struct job_pane_place *place, int left, const struct wanted *wanted)
{
    place->notice_rows = take(&left, wanted->notice);
    share_disks(place, &left, wanted->disks);
    place->disk_rows += place->disk_rows > 0 ? take(&left, wanted->disks - place->disk_rows) : 0;
    place->log_rows = take_whole(&left, 2);
    place->method_rows = take_whole(&left, wanted->method);
    place->names_rows = take(&left, wanted->names);
    place->log_rows += place->log_rows > 0 ? take(&left, wanted->log - 1) : 0;
}

static void share(struct job_pane_place *place, int left, const struct wanted *wanted)
{
    place->notice_rows = take(&left, wanted->notice);
    share_disks(place, &left, wanted->disks);
    place->log_rows = take_whole(&left, 2);
    if (wanted->graph && take_whole(&left, 1 + JOB_GRAPH_LEAST_ROWS) > 0)
        place->graph_rows = JOB_GRAPH_LEAST_ROWS;
    place->method_rows = take_whole(&left, wanted->method);
    place->disk_rows += take(&left, wanted->disks - place->disk_rows);
    place->names_rows = take(&left, wanted->names);
    place->log_rows += take(&left, (wanted->log < LOG_LINES ? wanted->log : LOG_LINES) - 1);
    if (place->graph_rows > 0)
        place->graph_rows += take(&left, JOB_GRAPH_MOST_ROWS - JOB_GRAPH_LEAST_ROWS);
    place->log_rows += place->log_rows > 0 ? take(&left, wanted->log - (place->log_rows - 1)) : 0;
}

/* From top to bottom, a blank row before what stands in the place of the graph. */
static void put_in_order(struct job_pane_place *place)
{
    int at = HEAD_ROWS;
    place->notice = at;
    at += place->notice_rows;
    place->graph = at + (place->graph_rows > 0);
    at = place->graph + place->graph_rows;
    place->disks_heading = place->disk_rows > 0 ? at : -1;
    place->disks = at + (place->disk_rows > 0) + place->disks_titled;
    at = place->disks + place->disk_rows;
    place->names = at;
    at += place->names_rows;
    place->method = at;
    at += place->method_rows;
    place->log = at;
}

void job_pane_lay_out(struct job_pane_place *place, const struct job_pane_area *area,
                      const struct job_snapshot *job, const struct job_pane_options *options)
{
    CLEANUP_FREE char *notice = notice_text(job, area->rows, options);
    int notice_rows = notice ? canvas_wrap_rows(notice, area->columns - 2 * MARGIN - 2, area->ascii) : 0;
    struct wanted wanted = {
        .notice = notice_rows < NOTICE_ROWS ? notice_rows : NOTICE_ROWS,
        .graph = job_graph_is_wanted(job, area->ascii),
        .disks = (int)job->disk_count,
        .names = names_rows(job, area->columns),
        .method = 1 + job_method_rows(job, area->columns),
        .log = options->log_count > 0 ? (int)options->log_count : 1,
    };
    int left = area->rows > HEAD_ROWS ? area->rows - HEAD_ROWS : 0;
    *place = (struct job_pane_place){0};
    if (area->rows < COMPACT_ROWS)
        share_compact(place, left, &wanted);
    else
        share(place, left, &wanted);
    put_in_order(place);
}

/* --- disks --- */

static size_t last_top(const struct job_snapshot *job, int disk_rows)
{
    size_t visible = disk_rows > 0 ? (size_t)disk_rows : 1;
    return job->disk_count > visible ? job->disk_count - visible : 0;
}

static size_t active_disk(const struct job_snapshot *job)
{
    size_t at = 0;
    while (at < job->disk_count && !job_disk_is_active(&job->disks[at]))
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

int job_pane_cursor_row(const struct job_snapshot *job, const struct job_pane_place *place,
                        const struct job_pane_options *options)
{
    size_t top = job_pane_top_disk(job, place->disk_rows, options);
    size_t at = active_disk(job);
    if (place->disk_rows == 0)
        return 0;
    bool seen = at >= top && at < top + (size_t)place->disk_rows && at < job->disk_count;
    return seen ? place->disks + (int)(at - top) : place->disks;
}

/* --- painting --- */

static void paint_heading(const struct canvas *canvas, const struct job_snapshot *job)
{
    bool phases = job->phase && !job_text_is_verify(job) && !job_text_is_change(job);
    CLEANUP_FREE char *right = phases ? mem_format("phase %d of %d: %s", (int)job->phase, JOB_PHASE_COUNT,
                                                   job_phase_word(job->phase))
                                      : mem_strdup("");
    part_heading(canvas, 0, 0, canvas->columns,
                 &(struct part_heading){.name = "Progress", .right = right, .focused = true});
}

static void paint_disks(const struct canvas *canvas, const struct job_snapshot *job,
                        const struct job_pane_place *place, const struct job_pane_options *options)
{
    if (place->disk_rows == 0)
        return;
    size_t top = job_pane_top_disk(job, place->disk_rows, options);
    bool all = (size_t)place->disk_rows >= job->disk_count;
    CLEANUP_FREE char *count =
        all ? mem_format("%zu", job->disk_count)
            : mem_format("%zu-%zu of %zu", top + 1, top + (size_t)place->disk_rows, job->disk_count);
    part_heading(canvas, place->disks_heading, 0, canvas->columns,
                 &(struct part_heading){.name = "Disks", .more = count, .more_role = ROLE_DIM});
    if (place->disks_titled)
        job_disks_paint_titles(canvas, place->disks - 1, job);
    job_disks_paint(canvas, place->disks, place->disk_rows, job, top);
}

static void paint_log(const struct canvas *canvas, const struct job_snapshot *job,
                      const struct job_pane_place *place, const struct job_pane_options *options)
{
    if (place->log_rows == 0)
        return;
    part_heading(canvas, place->log, 0, canvas->columns, &(struct part_heading){.name = "Log"});
    int columns = canvas->columns - 2 * MARGIN;
    if (options->log_count == 0)
        canvas_field(canvas, place->log + 1, MARGIN, columns, ROLE_DIM, job->note);
    size_t lines = (size_t)place->log_rows - 1;
    size_t first = options->log_count > lines ? options->log_count - lines : 0;
    for (size_t i = first; i < options->log_count; i++)
        canvas_field(canvas, place->log + 1 + (int)(i - first), MARGIN, columns, ROLE_DIM, options->log[i]);
}

static void paint_notice(const struct canvas *canvas, const struct job_snapshot *job,
                         const struct job_pane_place *place, const struct job_pane_options *options)
{
    CLEANUP_FREE char *notice = notice_text(job, canvas->rows, options);
    if (!notice || place->notice_rows == 0)
        return;
    canvas_text(canvas, place->notice, MARGIN, ROLE_WARNING, sign_mark(canvas, SIGN_WARNING));
    canvas_wrap(canvas, place->notice, MARGIN + 2, place->notice_rows, canvas->columns - 2 * MARGIN - 2,
                ROLE_WARNING, notice);
}

void job_pane_paint(const struct canvas *canvas, const struct job_snapshot *job,
                    const struct job_pane_options *options)
{
    struct job_pane_place place;
    const struct job_pane_area area = {
        .rows = canvas->rows, .columns = canvas->columns, .ascii = canvas_is_ascii(canvas)};
    job_pane_lay_out(&place, &area, job, options);
    paint_heading(canvas, job);
    job_progress_paint(canvas, 1, job, pause_key(options));
    paint_notice(canvas, job, &place, options);
    if (place.graph_rows > 0)
        job_graph_paint(canvas, place.graph, place.graph_rows, job);
    paint_disks(canvas, job, &place, options);
    struct canvas names = canvas_part(canvas, place.names, 0, place.names_rows, canvas->columns);
    if (place.names_rows > 0)
        paint_names(&names, job, sign_arrow(canvas));
    if (place.method_rows > 0) {
        part_heading(canvas, place.method, 0, canvas->columns, &(struct part_heading){.name = "Method"});
        job_method_paint(canvas, place.method + 1, job);
    }
    paint_log(canvas, job, &place, options);
}
