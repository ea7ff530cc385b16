/* Shows what the app's list of jobs says about one id; holds no copy of the job. What scrolls are the rows of
 * disks of a running job, or all of the report of an ended one. */
#include "ui/screens/job/job.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/service/journal/journal.h"
#include "ui/app/app.h"
#include "ui/jobs/pane.h"
#include "ui/jobs/report.h"
#include "ui/jobs/text.h"
#include "ui/screens/job/actions.h"
#include "ui/screens/job/keep.h"
#include "ui/screens/job/look.h"

struct job_screen {
    struct screen screen;
    struct guid id;
    char *log_path;
    bool over; /* the report is shown */
    struct job_report report;
    struct job_pane_options pane; /* of a running job: follows the work until it is scrolled */
    struct job_look look;
    struct keep keep;
    char pause_key[32];
    int rows; /* of the body */
    int columns;
};

static const struct job_snapshot *job_of(const struct job_screen *self)
{
    return app_job(self->screen.app, &self->id);
}

static void ask(struct job_screen *self)
{
    const struct job_snapshot *job = job_of(self);
    if (job)
        job_look_ask(&self->look, &self->screen, job->note);
}

static void job_open(struct screen *screen)
{
    struct job_screen *self = (struct job_screen *)screen;
    self->log_path = journal_log_path(app_service_options(screen->app)->state_directory, &self->id);
    ask(self);
}

static void job_close(struct screen *screen)
{
    struct job_screen *self = (struct job_screen *)screen;
    job_report_clear(&self->report);
    job_look_clear(&self->look);
    keep_clear(&self->keep);
    free(self->log_path);
    free(self);
}

/* --- what is shown --- */

static void make_report(const struct job_screen *self, const struct job_snapshot *job,
                        struct job_report *report)
{
    const struct again *again = &self->look.again;
    const struct job_report_source source = {
        .log_path = self->log_path,
        .log = (const char *const *)self->look.lines,
        .log_count = self->look.count,
        .settings = again->settings,
        .again = again->is_export ? &again->command : NULL,
        .pause_key = *self->pause_key ? self->pause_key : NULL,
        .is_live = again->is_live,
    };
    job_report_clear(report);
    job_report_make(report, job, &source);
}

static struct job_pane_options pane_options(const struct job_screen *self)
{
    struct job_pane_options options = self->pane;
    options.log = (const char *const *)self->look.lines;
    options.log_count = self->look.count;
    options.pause_key = *self->pause_key ? self->pause_key : NULL;
    return options;
}

static int shown_rows(const struct job_screen *self)
{
    return self->rows - keep_rows(&self->keep, self->columns, app_is_ascii(self->screen.app));
}

static struct job_pane_place place_of(const struct job_screen *self, const struct job_snapshot *job)
{
    struct job_pane_place place;
    const struct job_pane_options options = pane_options(self);
    const struct job_pane_area area = {
        .rows = shown_rows(self), .columns = self->columns, .ascii = app_is_ascii(self->screen.app)};
    job_pane_lay_out(&place, &area, job, &options);
    return place;
}

static void job_recalc(struct screen *screen, int rows, int columns)
{
    struct job_screen *self = (struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    self->over = job && job_state_is_final(job->state);
    self->rows = rows;
    self->columns = columns;
    keymap_key_label(app_keymap(screen->app), ACTION_PAUSE, self->pause_key, sizeof self->pause_key);
    if (!self->over)
        return;
    app_mark_job_seen(screen->app, &self->id);
    make_report(self, job, &self->report);
    job_report_fit(&self->report, job, shown_rows(self), columns, app_is_ascii(screen->app));
}

static void job_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (!job)
        return;
    int rows = shown_rows(self);
    struct canvas upper = canvas_part(body, 0, 0, rows, body->columns);
    const struct job_pane_options options = pane_options(self);
    if (self->over)
        job_report_paint(&self->report, job, &upper);
    else
        job_pane_paint(&upper, job, &options);
    struct canvas lower = canvas_part(body, rows, 0, body->rows - rows, body->columns);
    if (self->keep.asking)
        keep_paint(&self->keep, &lower);
}

static struct screen_spot job_cursor(const struct screen *screen)
{
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (self->keep.asking) {
        struct screen_spot spot = keep_cursor(&self->keep, self->columns, app_is_ascii(screen->app));
        spot.row += shown_rows(self);
        return spot;
    }
    if (!job || self->over)
        return (struct screen_spot){0};
    const struct job_pane_place place = place_of(self, job);
    return (struct screen_spot){.row = job_pane_cursor_row(job, &place, &self->pane)};
}

static void job_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (!job)
        return;
    char id[8];
    enum canvas_signs signs = app_signs(screen->app);
    job_text_short_id(job, id, sizeof id);
    CLEANUP_FREE char *subject = job_text_title(job, sign_arrow_among(signs));
    strbuf_addf(left, "job %s   %s", id, subject);
    strbuf_addf(right, "%s %s", sign_among(signs, job_text_sign(job)), job_text_state(job));
}

/* --- keys --- */

static bool scroll_disks(struct job_screen *self, const struct job_snapshot *job, enum ui_action action)
{
    int visible = place_of(self, job).disk_rows;
    int from = (int)job_pane_top_disk(job, visible, &self->pane);
    int last = (int)job->disk_count > visible ? (int)job->disk_count - visible : 0;
    int to = facts_target(action, from, visible, last);
    if (to == from)
        return false;
    self->pane.follow = false;
    self->pane.top_disk = (size_t)to;
    return true;
}

static bool scroll(struct job_screen *self, enum ui_action action)
{
    const struct job_snapshot *job = job_of(self);
    if (self->over)
        return job_report_move(&self->report, action);
    return job && scroll_disks(self, job, action);
}

static char *text_of(const struct screen *screen)
{
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    struct job_report report = {0};
    if (!job)
        return mem_strdup("");
    make_report(self, job, &report);
    char *text = job_report_text(&report, job);
    job_report_clear(&report);
    return text;
}

static unsigned copy(struct job_screen *self)
{
    CLEANUP_FREE char *text = text_of(&self->screen);
    app_copy(self->screen.app, text);
    return EFFECT_NONE;
}

/* Beside the package, not in it: its files are those of its list. */
static unsigned ask_where(struct job_screen *self)
{
    const struct job_snapshot *job = job_of(self);
    char id[8];
    if (!job || !self->over)
        return EFFECT_UNHANDLED;
    job_text_short_id(job, id, sizeof id);
    bool beside = *job->package && !job_text_is_verify(job);
    CLEANUP_FREE char *path =
        beside ? mem_format("%s-receipt.txt", job->package) : mem_format("~/refpoint-job-%s.txt", id);
    keep_ask(&self->keep, path);
    return EFFECT_REDRAW;
}

static unsigned again(struct job_screen *self)
{
    struct again *known = &self->look.again;
    struct app *app = self->screen.app;
    if (!self->over || !known->can_fill)
        return EFFECT_UNHANDLED;
    last_export_clear(app_form_draft(app));
    last_export_copy(app_form_draft(app), &known->values);
    app_form_draft(app)->bell = app_wants_bell(app);
    app_open(app, SCREEN_EXPORT_FORM,
             &(struct screen_argument){.point = &known->point, .collection_name = known->collection});
    return EFFECT_NONE;
}

static unsigned job_key(struct screen *screen, const struct key_event *event)
{
    struct job_screen *self = (struct job_screen *)screen;
    if (self->keep.asking)
        return keep_key(&self->keep, screen, event, text_of);
    if (scroll(self, event->action))
        return EFFECT_REDRAW;
    switch (event->action) {
    case ACTION_PAUSE:
        return job_pause(screen, job_of(self));
    case ACTION_CANCEL:
        return job_ask_cancel(screen, job_of(self));
    case ACTION_DISCARD:
        return job_ask_discard(screen, job_of(self));
    case ACTION_LOG:
        app_open(screen->app, SCREEN_LOG, &(struct screen_argument){.job = self->id});
        return EFFECT_NONE;
    case ACTION_COPY:
        return copy(self);
    case ACTION_WRITE:
        return ask_where(self);
    case ACTION_EXPORT:
        return again(self);
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
    ask(self);
    return EFFECT_REDRAW;
}

static bool job_shows_job(const struct screen *screen, const struct guid *job)
{
    return guid_equal(&((const struct job_screen *)screen)->id, job);
}

static bool job_takes_text(const struct screen *screen)
{
    return ((const struct job_screen *)screen)->keep.asking;
}

/* --- hints --- */

/* Behind the way back, and the word for pausing. */
#define REST_WHILE_IT_GOES_ON                                                                                \
    {.action = ACTION_CANCEL}, {.action = ACTION_LOG}, {.action = ACTION_COPY}, {.action = ACTION_JOBS},     \
        {.action = ACTION_UP, .help_only = true}, {.action = ACTION_DOWN, .help_only = true},                \
        {.action = ACTION_QUIT},                                                                             \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

#define HINT_AGAIN                                                                                           \
    {                                                                                                        \
        .action = ACTION_EXPORT, .label = "again",                                                           \
        .help = "Open the export form of its point, filled with the settings of this job"                    \
    }

#define REST_WHEN_OVER                                                                                       \
    {.action = ACTION_WRITE, .label = "write to a file", .help = "Write all this to a file"},                \
        {.action = ACTION_COPY, .label = "copy", .help = "Copy all this to the clipboard"},                  \
        {.action = ACTION_LOG}, {.action = ACTION_DISCARD}, {.action = ACTION_JOBS},                         \
        {.action = ACTION_UP, .help_only = true}, {.action = ACTION_DOWN, .help_only = true},                \
        {.action = ACTION_PAGE_UP, .help_only = true}, {.action = ACTION_PAGE_DOWN, .help_only = true},      \
        {.action = ACTION_QUIT},                                                                             \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

static const struct screen_hint *hints_when_over(const struct job_screen *self)
{
    static const struct screen_hint over[] = {{.action = ACTION_BACK}, REST_WHEN_OVER};
    static const struct screen_hint again[] = {{.action = ACTION_BACK}, HINT_AGAIN, REST_WHEN_OVER};
    static const struct screen_hint interrupted[] = {{.action = ACTION_BACK}, JOB_HINT_GO_ON, REST_WHEN_OVER};
    static const struct screen_hint both[] = {
        {.action = ACTION_BACK}, JOB_HINT_GO_ON, HINT_AGAIN, REST_WHEN_OVER};
    const struct job_snapshot *job = job_of(self);
    bool goes_on = job && job_text_is_interrupted(job) && !self->look.again.is_live;
    if (goes_on)
        return self->look.again.can_fill ? both : interrupted;
    return self->look.again.can_fill ? again : over;
}

static const struct screen_hint *job_hints(const struct screen *screen)
{
    static const struct screen_hint running[] = {
        {.action = ACTION_BACK, .label = "back, the job goes on", .help = "Go back; the job goes on"},
        {.action = ACTION_PAUSE},
        REST_WHILE_IT_GOES_ON,
    };
    static const struct screen_hint paused[] = {
        {.action = ACTION_BACK},
        JOB_HINT_RESUME,
        REST_WHILE_IT_GOES_ON,
    };
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (self->keep.asking)
        return keep_hints();
    if (self->over)
        return hints_when_over(self);
    return job && job->state == JOB_STATE_SUSPENDED ? paused : running;
}

static const struct screen_ops job_ops = {
    .name = "Job",
    .scrolls = true,
    .open = job_open,
    .close = job_close,
    .key = job_key,
    .jobs_changed = job_jobs_changed,
    .shows_job = job_shows_job,
    .recalc = job_recalc,
    .repaint = job_repaint,
    .cursor = job_cursor,
    .title = job_title,
    .hints = job_hints,
    .takes_text = job_takes_text,
};

struct screen *job_screen_new(const struct screen_argument *argument)
{
    struct job_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &job_ops;
    self->id = argument->job;
    self->look.id = argument->job;
    self->pane = (struct job_pane_options){.follow = true};
    return &self->screen;
}
