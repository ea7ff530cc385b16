#include "ui/screens/job/list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/fold.h"
#include "ui/draw/layout.h"
#include "ui/draw/parts.h"
#include "ui/draw/signs.h"
#include "ui/jobs/text.h"
#include "ui/screens/job/actions.h"
#include "ui/screens/job/rows.h"
#include "ui/widgets/list_view.h"
#include "ui/widgets/problem.h"

#define MARGIN 1

struct job_list {
    struct screen screen;
    struct list_view view;
    struct layout_jobs layout;
    struct facts detail; /* of the selected job */
    int64_t minute;      /* for which ages are shown */
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
    CLEANUP_FREE char *state = job_row_state(job);
    CLEANUP_FREE char *text =
        mem_format("%s %s %s %s @ %s %s %s", job->identity.id.text, state, job_text_state(job),
                   job->identity.collection, job->identity.point, job->identity.directory, job->package);
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
    facts_clear(&self->detail);
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
    size_t count = 0;
    app_jobs(screen->app, &count);
    self->layout = layout_jobs(rows, columns, count);
    list_view_fit(&self->view, self->layout.list.rows);
    facts_clear(&self->detail);
    self->detail.top = 0;
    const struct job_snapshot *job = selected_job(self);
    if (job)
        job_row_tell(&self->detail, job, app_now(screen->app), sign_arrow_among(app_signs(screen->app)));
    facts_fit(&self->detail, self->layout.detail.rows, self->layout.detail.columns - 2 * MARGIN,
              app_is_ascii(screen->app));
}

static struct canvas part(const struct canvas *canvas, struct layout_box box)
{
    return canvas_part(canvas, box.row, box.column, box.rows, box.columns);
}

static void paint_heading(const struct job_list *self, const struct canvas *body)
{
    const struct layout_box *heading = &self->layout.heading;
    size_t unread = app_jobs_unread(self->screen.app);
    CLEANUP_FREE char *summary = list_view_summary(&self->view);
    CLEANUP_FREE char *right = unread > 0 ? mem_format("%zu older ones are being read", unread) : NULL;
    part_heading(
        body, heading->row, heading->column, heading->columns,
        &(struct part_heading){.name = "Jobs",
                               .more = summary,
                               .more_role = list_view_is_filtered(&self->view) ? ROLE_FILTER : ROLE_DIM,
                               .right = right,
                               .focused = true});
}

static void paint_detail(const struct job_list *self, const struct canvas *body)
{
    const struct layout_box *heading = &self->layout.detail_heading;
    const struct layout_box *divider = &self->layout.detail_divider;
    const struct job_snapshot *job = selected_job(self);
    char id[8] = "";
    if (job)
        job_text_short_id(job, id, sizeof id);
    CLEANUP_FREE char *name = mem_format("Job %s", id);
    if (heading->rows == 0)
        return;
    part_vertical(body, 1, divider->column, divider->rows - 1);
    part_heading(
        body, heading->row, heading->column, heading->columns,
        &(struct part_heading){.name = job ? name : "Job", .right = job ? job_text_state(job) : NULL});
    if (divider->rows > 0)
        part_joint(body, 0, divider->column, false, true);
    struct layout_box inner = self->layout.detail;
    inner.column += MARGIN;
    inner.columns -= 2 * MARGIN;
    struct canvas canvas = part(body, inner);
    facts_paint(&self->detail, &canvas);
}

static void paint_jobs(const struct job_list *self, const struct canvas *list)
{
    const struct list_view *view = &self->view;
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(self->screen.app, &count);
    for (int row = 0; row < list->rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        if (view->shown[position] < count)
            job_row_paint(list, row, &jobs[view->shown[position]], app_now(self->screen.app),
                          position == view->selected);
    }
    if (view->count == 0)
        canvas_wrap(list, 0, MARGIN, list->rows, list->columns - 2 * MARGIN, ROLE_DIM,
                    count                                ? "No job matches. Esc clears the filter."
                    : !app_jobs_listed(self->screen.app) ? "Reading the jobs ..."
                                                         : "No jobs yet. Go back, select a point and press e "
                                                           "to export it.");
}

static void job_list_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct job_list *self = (const struct job_list *)screen;
    struct canvas list = part(body, self->layout.list);
    struct canvas titles = part(body, self->layout.titles);
    paint_heading(self, body);
    if (app_jobs_problem(screen->app)) {
        problem_paint(&list, 0, METHOD_EXPORT_REFERENCE_POINT, app_jobs_problem(screen->app));
        return;
    }
    if (self->view.count > 0)
        job_row_paint_titles(&titles);
    paint_jobs(self, &list);
    paint_detail(self, body);
}

/* Ages grow. */
static unsigned job_list_tick(struct screen *screen)
{
    struct job_list *self = (struct job_list *)screen;
    int64_t minute = app_now(screen->app).seconds / 60;
    bool passed = minute != self->minute;
    self->minute = minute;
    return passed ? EFFECT_REDRAW : EFFECT_NONE;
}

static struct screen_spot job_list_cursor(const struct screen *screen)
{
    const struct job_list *self = (const struct job_list *)screen;
    return (struct screen_spot){.row = self->layout.list.row + (int)(self->view.selected - self->view.top)};
}

static void job_list_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    size_t count = 0;
    size_t running = 0;
    const struct job_snapshot *jobs = app_jobs(screen->app, &count);
    for (size_t i = 0; i < count; i++)
        running += !job_state_is_final(jobs[i].state);
    strbuf_add(left, "jobs   all that are on record here");
    if (running > 0)
        strbuf_addf(right, "%s %zu running", sign_among(app_signs(screen->app), SIGN_RUNNING), running);
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
    .tick = job_list_tick,
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
