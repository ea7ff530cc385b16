/* Shows what the app's list of jobs says about one id; holds no copy of the job. What scrolls are the rows of
 * disks of a running job, or all lines of an ended one's outcome. */
#include "ui/screens/job/job.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/service/journal/journal.h"
#include "ui/app/app.h"
#include "ui/jobs/outcome.h"
#include "ui/jobs/pane.h"
#include "ui/jobs/text.h"
#include "ui/screens/job/actions.h"

struct job_screen {
    struct screen screen;
    struct guid id;
    bool over; /* the outcome is shown */
    struct facts outcome;
    struct job_pane_options pane; /* of a running job: follows the work until it is scrolled */
    int rows;                     /* of the body */
};

static const struct job_snapshot *job_of(const struct job_screen *self)
{
    return app_job(self->screen.app, &self->id);
}

static void job_close(struct screen *screen)
{
    struct job_screen *self = (struct job_screen *)screen;
    facts_clear(&self->outcome);
    free(self);
}

static char *log_path(const struct job_screen *self)
{
    return journal_log_path(app_service_options(self->screen.app)->state_directory, &self->id);
}

static void recalc_outcome(struct job_screen *self, const struct job_snapshot *job, int rows, int columns)
{
    CLEANUP_FREE char *log = log_path(self);
    facts_clear(&self->outcome);
    job_outcome_make(&self->outcome, job, log);
    facts_fit(&self->outcome, rows, columns, app_is_ascii(self->screen.app));
}

static void job_recalc(struct screen *screen, int rows, int columns)
{
    struct job_screen *self = (struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    self->over = job && job_state_is_final(job->state);
    self->rows = rows;
    if (self->over)
        app_mark_job_seen(screen->app, &self->id);
    if (self->over)
        recalc_outcome(self, job, rows, columns);
}

static bool scroll_disks(struct job_screen *self, const struct job_snapshot *job, enum ui_action action)
{
    int visible = job_pane_disk_rows(self->rows);
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
        return facts_move(&self->outcome, action);
    return job && scroll_disks(self, job, action);
}

static unsigned copy(struct job_screen *self)
{
    const struct job_snapshot *job = job_of(self);
    if (!job)
        return EFFECT_NONE;
    CLEANUP_FREE char *log = log_path(self);
    struct facts outcome = {0};
    job_outcome_make(&outcome, job, log);
    CLEANUP_FREE char *text = facts_text(&outcome);
    app_copy(self->screen.app, text);
    facts_clear(&outcome);
    return EFFECT_NONE;
}

static unsigned job_key(struct screen *screen, const struct key_event *event)
{
    struct job_screen *self = (struct job_screen *)screen;
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

static void job_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (!job)
        return;
    if (self->over)
        facts_paint(&self->outcome, body);
    else
        job_pane_paint(body, job, &self->pane);
}

static struct screen_spot job_cursor(const struct screen *screen)
{
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (!job || self->over)
        return (struct screen_spot){0};
    return (struct screen_spot){.row = job_pane_cursor_row(job, self->rows, &self->pane)};
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

/* Behind the way back, and the word for pausing. */
#define REST_WHILE_IT_GOES_ON                                                                                \
    {.action = ACTION_CANCEL}, {.action = ACTION_LOG}, {.action = ACTION_JOBS}, {.action = ACTION_COPY},     \
        {.action = ACTION_UP, .help_only = true}, {.action = ACTION_DOWN, .help_only = true},                \
        {.action = ACTION_QUIT},                                                                             \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

#define REST_WHEN_OVER                                                                                       \
    {.action = ACTION_LOG},                                                                                  \
        {.action = ACTION_COPY, .label = "copy all this", .help = "Copy all this to the clipboard"},         \
        {.action = ACTION_DISCARD}, {.action = ACTION_JOBS}, {.action = ACTION_UP, .help_only = true},       \
        {.action = ACTION_DOWN, .help_only = true}, {.action = ACTION_PAGE_UP, .help_only = true},           \
        {.action = ACTION_PAGE_DOWN, .help_only = true}, {.action = ACTION_QUIT},                            \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
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
    static const struct screen_hint interrupted[] = {{.action = ACTION_BACK}, JOB_HINT_GO_ON, REST_WHEN_OVER};
    static const struct screen_hint over[] = {{.action = ACTION_BACK}, REST_WHEN_OVER};
    const struct job_screen *self = (const struct job_screen *)screen;
    const struct job_snapshot *job = job_of(self);
    if (self->over)
        return job && job_text_is_interrupted(job) ? interrupted : over;
    return job && job->state == JOB_STATE_SUSPENDED ? paused : running;
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

struct screen *job_screen_new(const struct screen_argument *argument)
{
    struct job_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &job_ops;
    self->id = argument->job;
    self->pane = (struct job_pane_options){.follow = true};
    return &self->screen;
}
