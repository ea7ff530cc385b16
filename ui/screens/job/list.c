#include "ui/screens/job/list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/fold.h"
#include "ui/draw/layout.h"
#include "ui/jobs/text.h"
#include "ui/screens/job/actions.h"
#include "ui/widgets/list_view.h"
#include "ui/widgets/problem.h"

#define ID_COLUMNS 4
#define TIME_COLUMNS 16
#define STATE_COLUMNS 15
#define PERCENT_COLUMNS 4

struct job_list {
    struct screen screen;
    struct list_view view;
    struct layout_list layout;
};

static const struct job_snapshot *selected_job(const struct job_list *self)
{
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(self->screen.app, &count);
    size_t row = list_view_row(&self->view);
    return row < count ? &jobs[row] : NULL;
}

static bool match(const void *context, size_t row, const char *folded)
{
    const struct job_list *self = context;
    size_t count = 0;
    const struct job_snapshot *job = &app_jobs(self->screen.app, &count)[row];
    CLEANUP_FREE char *text = mem_format("%s %s %s %s", job->identity.id.text, job_text_state(job),
                                         job->identity.collection, job->identity.directory);
    CLEANUP_FREE char *searched = fold_text(text);
    return strstr(searched, folded) != NULL;
}

static const char *id_of(const void *context, size_t row)
{
    const struct job_list *self = context;
    size_t count = 0;
    return app_jobs(self->screen.app, &count)[row].identity.id.text;
}

static void update(struct job_list *self)
{
    size_t count = 0;
    app_jobs(self->screen.app, &count);
    list_view_update(&self->view,
                     &(struct list_view_rows){.total = count, .id = id_of, .match = match, .context = self});
}

static void job_list_open(struct screen *screen)
{
    update((struct job_list *)screen);
    app_mark_job_seen(screen->app, NULL);
    app_refresh_jobs(screen->app);
}

static void job_list_close(struct screen *screen)
{
    struct job_list *self = (struct job_list *)screen;
    list_view_clear(&self->view);
    free(self);
}

static unsigned act(struct job_list *self, enum ui_action action)
{
    struct screen *screen = &self->screen;
    const struct job_snapshot *job = selected_job(self);
    switch (action) {
    case ACTION_OPEN:
        if (job)
            app_open(screen->app, SCREEN_JOB, &(struct screen_argument){.job = job->identity.id});
        return EFFECT_NONE;
    case ACTION_LOG:
        if (job)
            app_open(screen->app, SCREEN_LOG, &(struct screen_argument){.job = job->identity.id});
        return EFFECT_NONE;
    case ACTION_PAUSE:
        return job_pause(screen, job);
    case ACTION_CANCEL:
        return job_ask_cancel(screen, job);
    case ACTION_DISCARD:
        return job_ask_discard(screen, job);
    case ACTION_REFRESH:
        app_refresh_jobs(screen->app);
        app_say(screen->app, ROLE_INFO, "The jobs are read again.");
        return EFFECT_NONE;
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned job_list_key(struct screen *screen, const struct key_event *event)
{
    struct job_list *self = (struct job_list *)screen;
    switch (list_view_filter_key(&self->view, event)) {
    case FILTER_EDITED:
        update(self);
        return EFFECT_REDRAW;
    case FILTER_HANDLED:
        return EFFECT_REDRAW;
    case FILTER_UNHANDLED:
        break;
    }
    if (list_view_move(&self->view, event->action))
        return EFFECT_REDRAW;
    return act(self, event->action);
}

static unsigned job_list_point(struct screen *screen, const struct pointer_event *event)
{
    struct job_list *self = (struct job_list *)screen;
    bool wheel = event->kind != POINTER_PRESS;
    int line = event->row - self->layout.list.row;
    return wheel || list_view_point(&self->view, line) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
}

static unsigned job_list_jobs_changed(struct screen *screen)
{
    app_mark_job_seen(screen->app, NULL);
    update((struct job_list *)screen);
    return EFFECT_REDRAW;
}

static void job_list_recalc(struct screen *screen, int rows, int columns)
{
    struct job_list *self = (struct job_list *)screen;
    self->layout = layout_list(rows, columns);
    list_view_fit(&self->view, self->layout.list.rows);
}

static void paint_job(const struct canvas *list, int row, const struct job_snapshot *job, bool selected)
{
    char id[8];
    char started[32] = "";
    enum theme_role role = selected ? ROLE_SELECTED : ROLE_NORMAL;
    job_text_short_id(job, id, sizeof id);
    if (job->started.seconds)
        moment_format_list(job->started, false, started, sizeof started);
    CLEANUP_FREE char *percent = mem_format("%u%%", job->percent_complete);
    CLEANUP_FREE char *where = !job_text_is_verify(job) && *job->package
                                   ? mem_format("%s -> %s", job->identity.collection, job->package)
                                   : job_text_subject(job, "->");
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    int at = 2;
    canvas_field(list, row, at, ID_COLUMNS, role, id);
    at += ID_COLUMNS + 1;
    canvas_field(list, row, at, TIME_COLUMNS, role, started);
    at += TIME_COLUMNS + 1;
    canvas_field(list, row, at, STATE_COLUMNS, selected ? role : job_text_role(job), job_text_state(job));
    at += STATE_COLUMNS + 1;
    canvas_field_right(list, row, at, PERCENT_COLUMNS, role, percent);
    at += PERCENT_COLUMNS + 2;
    canvas_path(list, row, at, list->columns - at, role, where);
}

static void job_list_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct job_list *self = (const struct job_list *)screen;
    const struct list_view *view = &self->view;
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(screen->app, &count);
    CLEANUP_FREE char *summary = list_view_summary(view);
    struct canvas list = canvas_part(body, self->layout.list.row, 0, self->layout.list.rows, body->columns);
    int at = canvas_text(body, 0, 0, ROLE_HEADING_FOCUSED, "JOBS");
    at += 1 + canvas_text(body, 0, at + 1, list_view_is_filtered(view) ? ROLE_FILTER : ROLE_DIM, summary);
    if (app_jobs_unread(screen->app) > 0)
        canvas_textf(body, 0, at + 2, ROLE_DIM, "%zu older ones are being read",
                     app_jobs_unread(screen->app));
    if (app_jobs_problem(screen->app)) {
        problem_paint(&list, 0, METHOD_EXPORT_REFERENCE_POINT, app_jobs_problem(screen->app));
        return;
    }
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        if (view->shown[position] < count)
            paint_job(&list, row, &jobs[view->shown[position]], position == view->selected);
    }
    if (view->count == 0)
        canvas_wrap(&list, 0, 0, list.rows, list.columns, ROLE_DIM,
                    count                           ? "No job matches. Esc clears the filter."
                    : !app_jobs_listed(screen->app) ? "Reading the jobs ..."
                                                    : "No jobs yet. Go back, select a point and press e to "
                                                      "export it.");
}

static struct screen_spot job_list_cursor(const struct screen *screen)
{
    const struct job_list *self = (const struct job_list *)screen;
    return (struct screen_spot){.row = self->layout.list.row + (int)(self->view.selected - self->view.top)};
}

static void job_list_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    char offset[16];
    moment_format_offset(app_now(screen->app), offset, sizeof offset);
    strbuf_add(left, "JOBS  all that are on record here");
    strbuf_addf(right, "times %s", offset);
}

static bool job_list_takes_text(const struct screen *screen)
{
    return ((const struct job_list *)screen)->view.filtering;
}

#define MOVES                                                                                                \
    {.action = ACTION_REFRESH}, {.action = ACTION_UP, .help_only = true},                                    \
        {.action = ACTION_DOWN, .help_only = true}, {.action = ACTION_PAGE_UP, .help_only = true},           \
        {.action = ACTION_PAGE_DOWN, .help_only = true}, {.action = ACTION_FIRST, .help_only = true},        \
        {.action = ACTION_LAST, .help_only = true}, {.action = ACTION_QUIT},                                 \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

/* What can be done with the selected job. */
static const struct screen_hint *job_list_hints(const struct screen *screen)
{
    static const struct screen_hint none[] = {{.action = ACTION_BACK}, MOVES};
    static const struct screen_hint running[] = {{.action = ACTION_OPEN},
                                                 {.action = ACTION_BACK},
                                                 {.action = ACTION_FILTER},
                                                 {.action = ACTION_LOG},
                                                 {.action = ACTION_PAUSE},
                                                 {.action = ACTION_CANCEL},
                                                 MOVES};
    static const struct screen_hint paused[] = {{.action = ACTION_OPEN},
                                                {.action = ACTION_BACK},
                                                {.action = ACTION_FILTER},
                                                {.action = ACTION_LOG},
                                                JOB_HINT_RESUME,
                                                {.action = ACTION_CANCEL},
                                                MOVES};
    static const struct screen_hint interrupted[] = {{.action = ACTION_OPEN},
                                                     {.action = ACTION_BACK},
                                                     {.action = ACTION_FILTER},
                                                     {.action = ACTION_LOG},
                                                     JOB_HINT_GO_ON,
                                                     {.action = ACTION_DISCARD},
                                                     MOVES};
    static const struct screen_hint over[] = {{.action = ACTION_OPEN},    {.action = ACTION_BACK},
                                              {.action = ACTION_FILTER},  {.action = ACTION_LOG},
                                              {.action = ACTION_DISCARD}, MOVES};
    const struct job_list *self = (const struct job_list *)screen;
    const struct screen_hint *filter = list_view_filter_hints(&self->view);
    const struct job_snapshot *job = selected_job(self);
    if (filter)
        return filter;
    if (!job)
        return none;
    if (job_text_is_interrupted(job))
        return interrupted;
    if (job_state_is_final(job->state))
        return over;
    return job->state == JOB_STATE_SUSPENDED ? paused : running;
}

static const struct screen_ops job_list_ops = {
    .name = "Jobs",
    .open = job_list_open,
    .close = job_list_close,
    .key = job_list_key,
    .point = job_list_point,
    .jobs_changed = job_list_jobs_changed,
    .recalc = job_list_recalc,
    .repaint = job_list_repaint,
    .cursor = job_list_cursor,
    .title = job_list_title,
    .hints = job_list_hints,
    .takes_text = job_list_takes_text,
};

struct screen *job_list_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct job_list *self = mem_alloc(sizeof *self);
    self->screen.ops = &job_list_ops;
    return &self->screen;
}
