/* How a report is held, laid out, painted and made text. What it says: report_make.c. */
#include "ui/jobs/report.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "ui/draw/parts.h"
#include "ui/jobs/disks.h"
#include "ui/jobs/progress.h"
#include "ui/jobs/text.h"

#define MARGIN 1
#define SIGN_COLUMNS 2
#define GRAPH_ROWS 3

void job_report_clear(struct job_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->parts[i].text);
        facts_clear(&report->parts[i].facts);
    }
    free(report->parts);
    report->parts = NULL;
    report->count = 0;
}

static int text_columns(int columns)
{
    return columns - 2 * MARGIN;
}

static int rows_of(struct job_report_part *part, const struct job_snapshot *job, int columns, bool ascii)
{
    switch (part->kind) {
    case REPORT_LINE:
        return canvas_wrap_rows(part->text, text_columns(columns) - SIGN_COLUMNS, ascii);
    case REPORT_FACTS:
        facts_fit(&part->facts, 0, text_columns(columns), ascii);
        return part->facts.total;
    case REPORT_PROGRESS:
        return JOB_PROGRESS_ROWS;
    case REPORT_GRAPH:
        return job_graph_is_wanted(job, ascii) ? 1 + GRAPH_ROWS : 0;
    case REPORT_DISKS:
        return 1 + (int)job->disk_count;
    default:
        return 1;
    }
}

static int last_top(const struct job_report *report)
{
    return report->total > report->visible ? report->total - report->visible : 0;
}

void job_report_fit(struct job_report *report, const struct job_snapshot *job, int rows, int columns,
                    bool ascii)
{
    report->total = 0;
    for (size_t i = 0; i < report->count; i++)
        report->total += rows_of(&report->parts[i], job, columns, ascii);
    report->visible = rows;
    if (report->top > last_top(report))
        report->top = last_top(report);
}

bool job_report_move(struct job_report *report, enum ui_action action)
{
    int to = facts_target(action, report->top, report->visible, last_top(report));
    bool moved = to != report->top;
    report->top = to;
    return moved;
}

/* --- painting --- */

static int paint_line(const struct job_report_part *part, const struct canvas *canvas, int row)
{
    int columns = text_columns(canvas->columns) - SIGN_COLUMNS;
    int rows = canvas_wrap_rows(part->text, columns, canvas_is_ascii(canvas));
    canvas_text(canvas, row, MARGIN, part->role, sign_mark(canvas, part->sign));
    canvas_wrap(canvas, row, MARGIN + SIGN_COLUMNS, rows, columns, part->role, part->text);
    return rows;
}

static void paint_heading(const struct job_report_part *part, const struct job_snapshot *job,
                          const struct canvas *canvas, int row)
{
    if (row < 0)
        return;
    bool counts = strcmp(part->text, "Disks") == 0;
    bool stopped = strcmp(part->text, "Progress") == 0;
    CLEANUP_FREE char *more = counts ? mem_format("%zu", job->disk_count) : NULL;
    CLEANUP_FREE char *right = stopped ? mem_format("ended in phase %d of %d: %s", (int)job->phase,
                                                    JOB_PHASE_COUNT, job_phase_word(job->phase))
                                       : NULL;
    part_heading(canvas, row, 0, canvas->columns,
                 &(struct part_heading){.name = part->text,
                                        .more = more,
                                        .more_role = ROLE_DIM,
                                        .right = job->phase ? right : NULL,
                                        .focused = stopped});
}

static int paint_facts(const struct job_report_part *part, const struct canvas *canvas, int row)
{
    struct canvas rest = canvas_part(canvas, row > 0 ? row : 0, MARGIN, canvas->rows - (row > 0 ? row : 0),
                                     text_columns(canvas->columns));
    struct facts shown = part->facts;
    shown.top = row < 0 ? -row : 0;
    facts_paint(&shown, &rest);
    return part->facts.total;
}

static int paint_graph(const struct job_snapshot *job, const struct canvas *canvas, int row)
{
    if (!job_graph_is_wanted(job, canvas_is_ascii(canvas)))
        return 0;
    job_graph_paint(canvas, row + 1, GRAPH_ROWS, job);
    return 1 + GRAPH_ROWS;
}

static int paint_part(const struct job_report_part *part, const struct job_snapshot *job,
                      const struct canvas *canvas, int row)
{
    switch (part->kind) {
    case REPORT_LINE:
        return paint_line(part, canvas, row);
    case REPORT_HEADING:
        paint_heading(part, job, canvas, row);
        return 1;
    case REPORT_FACTS:
        return paint_facts(part, canvas, row);
    case REPORT_PROGRESS:
        job_progress_paint(canvas, row, job, NULL);
        return JOB_PROGRESS_ROWS;
    case REPORT_GRAPH:
        return paint_graph(job, canvas, row);
    case REPORT_DISKS:
        job_disks_paint_titles(canvas, row, job);
        job_disks_paint(canvas, row + 1, (int)job->disk_count, job, 0);
        return 1 + (int)job->disk_count;
    default:
        return 1;
    }
}

void job_report_paint(const struct job_report *report, const struct job_snapshot *job,
                      const struct canvas *canvas)
{
    int row = -report->top;
    for (size_t i = 0; i < report->count && row < canvas->rows; i++)
        row += paint_part(&report->parts[i], job, canvas, row);
}

/* --- as text --- */

static void add_disks(struct strbuf *text, const struct job_snapshot *job)
{
    for (size_t i = 0; i < job->disk_count; i++) {
        const struct job_disk *disk = &job->disks[i];
        struct job_disk_words words = job_text_disk(job, disk);
        char size[32];
        size_format(disk->bytes_done, size, sizeof size);
        CLEANUP_FREE char *line = mem_format("%s/%s  %s, %s, %s%s%s", disk->machine, disk->disk, disk->kind,
                                             size, words.word, *disk->reason ? "; " : "", disk->reason);
        CLEANUP_FREE char *safe = text_escape(line);
        strbuf_addf(text, "%s\n", safe);
    }
}

static void add_progress(struct strbuf *text, const struct job_snapshot *job)
{
    CLEANUP_FREE char *amount = job_text_amount(job);
    CLEANUP_FREE char *elapsed = job_elapsed_text(job);
    strbuf_addf(text, "%u %%%s%s, elapsed %s\n", job->percent_complete, *amount ? ", " : "", amount, elapsed);
}

static void add_part(struct strbuf *text, const struct job_report_part *part, const struct job_snapshot *job)
{
    CLEANUP_FREE char *safe = part->text ? text_escape(part->text) : NULL;
    CLEANUP_FREE char *facts = part->kind == REPORT_FACTS ? facts_text(&part->facts) : NULL;
    switch (part->kind) {
    case REPORT_LINE:
        strbuf_addf(text, "%s\n", safe);
        break;
    case REPORT_HEADING:
        strbuf_addf(text, "\n-- %s --\n", safe);
        break;
    case REPORT_FACTS:
        strbuf_add(text, facts);
        break;
    case REPORT_PROGRESS:
        add_progress(text, job);
        break;
    case REPORT_DISKS:
        add_disks(text, job);
        break;
    default:
        break;
    }
}

char *job_report_text(const struct job_report *report, const struct job_snapshot *job)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < report->count; i++)
        add_part(&text, &report->parts[i], job);
    return strbuf_take(&text);
}
