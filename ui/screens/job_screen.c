/* Shows what the app's list of jobs says about one id; holds no copy of the job. What scrolls are the rows of
 * disks of a running job, or all lines of an ended one's outcome. */
#include "ui/screens/job_screen.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/service/journal.h"
#include "ui/app.h"
#include "ui/job_outcome.h"
#include "ui/job_pane.h"
#include "ui/job_text.h"
#include "ui/screens/job_actions.h"
#include "ui/screens/log_screen.h"

#define LABEL_COLUMNS 10

struct job_screen {
    struct screen screen;
    struct guid id;
    bool over; /* the outcome is shown */
    struct job_outcome outcome;
    int top;     /* first visible row of what scrolls */
    int total;   /* rows of what scrolls */
    int visible; /* of them */
};

static const struct job_snapshot *job_of(const struct job_screen *self)
{
    return app_job(self->screen.app, &self->id);
}

static void job_close(struct screen *screen)
{
    struct job_screen *self = (struct job_screen *)screen;
    job_outcome_clear(&self->outcome);
    free(self);
}

static int line_rows(const struct job_outcome_line *line, int columns, bool ascii)
{
    int rows = canvas_wrap_rows(line->text, columns - LABEL_COLUMNS, ascii);
    return rows > 0 ? rows : 1;
}

static void recalc_outcome(struct job_screen *self, const struct job_snapshot *job, int rows, int columns)
{
    CLEANUP_FREE char *log =
        journal_log_path(app_service_options(self->screen.app)->state_directory, &self->id);
    job_outcome_clear(&self->outcome);
    job_outcome_make(&self->outcome, job, log);
    self->total = 0;
    for (size_t i = 0; i < self->outcome.count; i++)
        self->total += line_rows(&self->outcome.lines[i], columns, app_is_ascii(self->screen.app));
    self->visible = rows;
}

static void job_recalc(struct screen *screen, int rows, int columns)
{
    struct job_screen *self = (struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    bool over = job && job_state_is_final(job->state);
    if (over != self->over)
        self->top = 0;
    self->over = over;
    if (over) {
        recalc_outcome(self, job, rows, columns);
    } else {
        self->total = job ? (int)job->disk_count : 0;
        self->visible = job_pane_disk_rows(rows, true);
    }
    int last = self->total > self->visible ? self->total - self->visible : 0;
    if (self->top > last)
        self->top = last;
}

static unsigned scroll(struct job_screen *self, int to)
{
    int last = self->total > self->visible ? self->total - self->visible : 0;
    to = to < 0 ? 0 : to > last ? last : to;
    if (to == self->top)
        return EFFECT_NONE;
    self->top = to;
    return EFFECT_REDRAW;
}

static unsigned copy(struct job_screen *self)
{
    const struct job_snapshot *job = job_of(self);
    if (!job)
        return EFFECT_NONE;
    CLEANUP_FREE char *log =
        journal_log_path(app_service_options(self->screen.app)->state_directory, &self->id);
    struct job_outcome outcome = {0};
    job_outcome_make(&outcome, job, log);
    CLEANUP_FREE char *text = job_outcome_text(&outcome);
    app_copy(self->screen.app, text);
    job_outcome_clear(&outcome);
    return EFFECT_NONE;
}

static unsigned job_key(struct screen *screen, const struct key_event *event)
{
    struct job_screen *self = (struct job_screen *)screen;
    switch (event->action) {
    case ACTION_UP:
        return scroll(self, self->top - 1);
    case ACTION_DOWN:
        return scroll(self, self->top + 1);
    case ACTION_PAGE_UP:
        return scroll(self, self->top - self->visible);
    case ACTION_PAGE_DOWN:
        return scroll(self, self->top + self->visible);
    case ACTION_FIRST:
        return scroll(self, 0);
    case ACTION_LAST:
        return scroll(self, self->total);
    case ACTION_PAUSE:
        return job_pause(screen, job_of(self));
    case ACTION_CANCEL:
        return job_ask_cancel(screen, job_of(self));
    case ACTION_DISCARD:
        return job_ask_discard(screen, job_of(self));
    case ACTION_LOG:
        app_push(screen->app, log_screen_new(&self->id));
        return EFFECT_NONE;
    case ACTION_COPY:
        return copy(self);
    case ACTION_REFRESH:
        app_refresh_jobs(screen->app);
        return EFFECT_NONE;
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned job_jobs_changed(struct screen *screen)
{
    struct job_screen *self = (struct job_screen *)screen;
    /* Its record was removed, here or elsewhere. */
    if (!job_of(self))
        return EFFECT_CLOSE;
    return EFFECT_REDRAW;
}

static bool job_shows_job(const struct screen *screen, const struct guid *job)
{
    return guid_equal(&((const struct job_screen *)screen)->id, job);
}

static void paint_outcome(const struct job_screen *self, const struct canvas *body)
{
    int row = -self->top;
    bool ascii = canvas_is_ascii(body);
    for (size_t i = 0; i < self->outcome.count && row < body->rows; i++) {
        const struct job_outcome_line *line = &self->outcome.lines[i];
        int rows = line_rows(line, body->columns, ascii);
        canvas_text(body, row, 0, ROLE_HEADING, line->label);
        canvas_wrap(body, row, LABEL_COLUMNS, rows, body->columns - LABEL_COLUMNS, line->role, line->text);
        row += rows;
    }
}

static void job_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (!job)
        return;
    if (self->over)
        paint_outcome(self, body);
    else
        job_pane_paint(body, job, &(struct job_pane_options){.heading = true, .top_disk = (size_t)self->top});
}

static struct screen_spot job_cursor(const struct screen *screen)
{
    (void)screen;
    return (struct screen_spot){0};
}

static void job_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (!job)
        return;
    char id[8];
    char offset[16];
    job_text_short_id(job, id, sizeof id);
    CLEANUP_FREE char *state = mem_strdup(job_text_state(job));
    for (char *at = state; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    strbuf_addf(left, "JOB %s %s", id, state);
    moment_format_offset(app_now(screen->app), offset, sizeof offset);
    strbuf_addf(right, "times %s", offset);
}

static const struct screen_hint *job_hints(const struct screen *screen)
{
    static const struct screen_hint running[] = {
        {.action = ACTION_BACK, .label = "back, the job goes on"},
        {.action = ACTION_PAUSE},
        {.action = ACTION_CANCEL},
        {.action = ACTION_LOG},
        {.action = ACTION_JOBS},
        {.action = ACTION_COPY},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint over[] = {
        {.action = ACTION_BACK},
        {.action = ACTION_LOG},
        {.action = ACTION_COPY, .label = "copy all this"},
        {.action = ACTION_DISCARD},
        {.action = ACTION_JOBS},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    return ((const struct job_screen *)screen)->over ? over : running;
}

static const struct screen_ops job_ops = {
    .name = "Job",
    .close = job_close,
    .key = job_key,
    .jobs_changed = job_jobs_changed,
    .shows_job = job_shows_job,
    .recalc = job_recalc,
    .repaint = job_repaint,
    .cursor = job_cursor,
    .title = job_title,
    .hints = job_hints,
};

struct screen *job_screen_new(const struct guid *job)
{
    struct job_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &job_ops;
    self->id = *job;
    return &self->screen;
}
