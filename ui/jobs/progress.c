#include "ui/jobs/progress.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"
#include "ui/draw/parts.h"
#include "ui/draw/signs.h"
#include "ui/jobs/text.h"

#define MARGIN 1
#define GAP 2 /* at least */
#define PERCENT_COLUMNS 5
#define SECOND_COLUMN 22
#define THIRD_COLUMN 38
#define FOURTH_COLUMN 58
#define AXIS_COLUMNS 12 /* " 320 MiB/s ┤" */

/* Figures in columns of their own, so that they stand still while they change; the column behind them. A word
 * that does not fit any more is left out. */
static int paint_figure(const struct canvas *canvas, int row, int at, int column, enum theme_role role,
                        const char *text)
{
    int from = at > MARGIN && at + GAP > column ? at + GAP : column;
    int columns = text ? (int)cells_width(text, canvas_is_ascii(canvas)) : 0;
    if (columns == 0 || from + columns > canvas->columns)
        return at;
    return from + canvas_text(canvas, row, from, role, text);
}

static int paint_label(const struct canvas *canvas, int row, int at, int column, const char *label,
                       const char *text)
{
    CLEANUP_FREE char *both = mem_format("%s %s", label, text);
    int behind = paint_figure(canvas, row, at, column, ROLE_NORMAL, both);
    if (behind > at)
        canvas_paint_role(canvas, row, behind - (int)cells_width(both, canvas_is_ascii(canvas)),
                          (int)strlen(label), ROLE_DIM);
    return behind;
}

static void paint_bar(const struct canvas *canvas, int row, const struct job_snapshot *job)
{
    bool stands = job->state == JOB_STATE_SUSPENDED || job_text_is_interrupted(job) ||
                  job->state == JOB_STATE_TERMINATED;
    bool failed = job_text_sign(job) == SIGN_BAD;
    enum theme_role role = failed ? ROLE_JOB_FAILED : stands ? ROLE_JOB_PAUSED : ROLE_PROGRESS_DONE;
    int columns = canvas->columns - 2 * MARGIN - 2 - PERCENT_COLUMNS;
    CLEANUP_FREE char *percent = mem_format("%3u %%", job->percent_complete);
    part_bar(canvas, row, MARGIN, columns, job->percent_complete, role);
    canvas_field_right(canvas, row, canvas->columns - MARGIN - PERCENT_COLUMNS, PERCENT_COLUMNS, ROLE_NORMAL,
                       percent);
}

static void paint_amounts(const struct canvas *canvas, int row, const struct job_snapshot *job)
{
    CLEANUP_FREE char *amount = job_text_amount(job);
    bool looks = !*amount && !job_text_is_change(job) && !job_state_is_final(job->state);
    int at = paint_figure(canvas, row, 0, MARGIN, looks ? ROLE_DIM : ROLE_NORMAL,
                          looks ? "finding out how much there is to copy" : amount);
    if (job->rate_now && job->state == JOB_STATE_RUNNING) {
        CLEANUP_FREE char *now = job_text_rate(job->rate_now);
        at = paint_label(canvas, row, at, SECOND_COLUMN, "now", now);
    }
    if (job->rate_average) {
        CLEANUP_FREE char *average = job_text_rate(job->rate_average);
        at = paint_label(canvas, row, at, THIRD_COLUMN, "average", average);
    }
    paint_figure(canvas, row, at, FOURTH_COLUMN, ROLE_NORMAL, job_text_limit(job));
}

static void paint_times(const struct canvas *canvas, int row, const struct job_snapshot *job,
                        const char *pause_key)
{
    char started[32] = "";
    CLEANUP_FREE char *elapsed = job_elapsed_text(job);
    CLEANUP_FREE char *left = job_text_left(job);
    int at = paint_label(canvas, row, 0, MARGIN, "elapsed", elapsed);
    if (job->state == JOB_STATE_SUSPENDED) {
        CLEANUP_FREE char *paused =
            mem_format("%s %s%s%s%s", sign_mark(canvas, SIGN_PAUSED), job_text_state(job),
                       pause_key ? ", " : "", pause_key ? pause_key : "", pause_key ? " goes on" : "");
        at = paint_figure(canvas, row, at, SECOND_COLUMN, ROLE_JOB_PAUSED, paused);
    } else if (*left) {
        at = paint_label(canvas, row, at, SECOND_COLUMN, "left", left + strlen("left "));
    }
    if (!job->started.seconds)
        return;
    moment_format_list(job->started, true, started, sizeof started);
    const char *clock = strchr(started, ' ');
    paint_label(canvas, row, at, THIRD_COLUMN, "started", clock ? clock + 1 : started);
}

void job_progress_paint(const struct canvas *canvas, int row, const struct job_snapshot *job,
                        const char *pause_key)
{
    paint_bar(canvas, row, job);
    paint_amounts(canvas, row + 1, job);
    paint_times(canvas, row + 2, job, pause_key);
}

bool job_graph_is_wanted(const struct job_snapshot *job, bool ascii)
{
    bool has = job->history.count > 1;
    return !ascii && !job_text_is_change(job) && (has || !job_state_is_final(job->state));
}

/* The next round number above, of few, so that the axis seldom changes: 320 MiB/s. */
static uint64_t round_up(uint64_t rate)
{
    static const double steps[] = {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6.4, 8, 10};
    double unit = 1;
    while ((double)rate >= 1024 * unit)
        unit *= 1024;
    double decade = unit;
    while ((double)rate > 10 * decade)
        decade *= 10;
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        if ((double)rate <= steps[i] * decade)
            return (uint64_t)(steps[i] * decade);
    }
    return rate;
}

/* Pairs become their mean until they fit. */
static size_t narrow(uint64_t *rates, size_t count, int columns)
{
    while (columns > 0 && count > (size_t)columns) {
        size_t half = (count + 1) / 2;
        for (size_t i = 0; i < half; i++) {
            size_t second = 2 * i + 1 < count ? 2 * i + 1 : 2 * i;
            rates[i] = (rates[2 * i] + rates[second]) / 2;
        }
        count = half;
    }
    return count;
}

static void paint_axis(const struct canvas *canvas, int row, int rows, uint64_t most)
{
    CLEANUP_FREE char *label = job_text_rate(most);
    char *zero = strstr(label, ".0 "); /* it is a round number */
    if (zero)
        memmove(zero, zero + 2, strlen(zero + 2) + 1);
    int line = MARGIN + AXIS_COLUMNS - 2;
    for (int i = 0; i < rows; i++)
        canvas_text(canvas, row + i, line, ROLE_RULE, i > 0 && i + 1 < rows ? "│" : "┤");
    canvas_field_right(canvas, row, 0, line - 1, ROLE_DIM, most ? label : "");
    canvas_field_right(canvas, row + rows - 1, 0, line - 1, ROLE_DIM, "0");
}

void job_graph_paint(const struct canvas *canvas, int row, int rows, const struct job_snapshot *job)
{
    uint64_t rates[JOB_HISTORY_SLICES];
    uint64_t most = 0;
    int left = MARGIN + AXIS_COLUMNS - 1;
    size_t count = narrow(rates, job_history_rates(&job->history, rates), canvas->columns - left - MARGIN);
    for (size_t i = 0; i < count; i++)
        most = rates[i] > most ? rates[i] : most;
    most = most ? round_up(most) : 0;
    paint_axis(canvas, row, rows, most);
    part_graph(canvas, row, left, rows, rates, count, most, ROLE_JOB_RUNNING);
}
