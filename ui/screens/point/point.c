#include "ui/screens/point/point.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/screens/point/view.h"
#include "ui/widgets/facts.h"
#include "ui/widgets/problem.h"

struct point_task {
    struct host *host;
    struct object_path path;
    struct reference_point point;
    struct reference_point_list all;
    bool ok;
    struct error err;
};

struct point_screen {
    struct screen screen;
    struct object_path path;
    char *collection_name;
    uint64_t ticket;
    bool read; /* what follows is there */
    struct reference_point point;
    struct reference_point_list all;
    struct error err;
    uint64_t looking; /* for its packages: ticket */
    struct exported_list exported;
    bool exported_known;
    struct page page;
    int top;
    int rows; /* shown of it */
};

static void point_run(void *argument)
{
    struct point_task *task = argument;
    const struct host_ops *ops = task->host->ops;
    task->ok = ops->read_point(task->host, &task->path, &task->point, &task->err) &&
               ops->list_points(task->host, &task->path.collection_id, &task->all, &task->err);
}

static unsigned point_done(struct screen *screen, void *argument)
{
    struct point_screen *self = (struct point_screen *)screen;
    struct point_task *task = argument;
    self->ticket = 0;
    self->err = task->ok ? (struct error){0} : task->err;
    self->read = task->ok;
    if (!task->ok)
        return EFFECT_REDRAW;
    reference_point_clear(&self->point);
    reference_point_list_clear(&self->all);
    self->point = task->point;
    self->all = task->all;
    task->point = (struct reference_point){0};
    task->all = (struct reference_point_list){0};
    return EFFECT_REDRAW;
}

static void point_release(void *argument)
{
    struct point_task *task = argument;
    reference_point_clear(&task->point);
    reference_point_list_clear(&task->all);
    free(task);
}

static void read_point(struct point_screen *self)
{
    static const struct work_ops ops = {.run = point_run, .done = point_done, .release = point_release};
    if (self->ticket)
        app_forget(self->screen.app, self->ticket);
    struct point_task *task = mem_alloc(sizeof *task);
    task->host = app_host(self->screen.app);
    task->path = self->path;
    self->ticket = app_post(self->screen.app, &self->screen, &ops, task);
}

static unsigned exports_done(struct screen *screen, void *argument)
{
    struct point_screen *self = (struct point_screen *)screen;
    struct load_exports *task = argument;
    self->looking = 0;
    exported_list_clear(&self->exported);
    self->exported = task->exported;
    self->exported_known = true;
    task->exported = (struct exported_list){0};
    return EFFECT_REDRAW;
}

static void look_for_exports(struct point_screen *self)
{
    static const struct work_ops ops = {
        .run = load_exports_run, .done = exports_done, .release = load_exports_release};
    struct app *app = self->screen.app;
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(app, &count);
    if (!app_jobs_listed(app))
        return; /* jobs_changed comes once they are */
    if (self->looking)
        app_forget(app, self->looking);
    self->looking = app_post(app, &self->screen, &ops, load_exports_new(jobs, count));
}

static void point_open(struct screen *screen)
{
    read_point((struct point_screen *)screen);
    look_for_exports((struct point_screen *)screen);
}

/* A job that has ended may have left a package. */
static unsigned point_jobs_changed(struct screen *screen)
{
    look_for_exports((struct point_screen *)screen);
    return EFFECT_NONE;
}

static void point_close(struct screen *screen)
{
    struct point_screen *self = (struct point_screen *)screen;
    page_clear(&self->page);
    reference_point_clear(&self->point);
    reference_point_list_clear(&self->all);
    exported_list_clear(&self->exported);
    free(self->collection_name);
    free(self);
}

static struct point_view view_of(const struct point_screen *self)
{
    return (struct point_view){.collection = self->collection_name,
                               .point = &self->point,
                               .all = &self->all,
                               .exported = &self->exported,
                               .exported_known = self->exported_known,
                               .now = app_now(self->screen.app)};
}

static unsigned copy(const struct point_screen *self)
{
    if (!self->read && self->err.code == 0) {
        app_say(self->screen.app, ROLE_WARNING, "There is nothing to copy: the point has not been read.");
        return EFFECT_NONE;
    }
    const struct point_view view = view_of(self);
    CLEANUP_FREE char *text = self->err.code ? error_text(&self->err) : point_view_text(&view);
    app_copy(self->screen.app, text);
    return EFFECT_NONE;
}

static unsigned open_for(const struct point_screen *self, enum screen_id id)
{
    if (self->err.code) {
        app_say(self->screen.app, ROLE_ERROR, "Nothing is done with a point that cannot be read: %s",
                self->err.what);
        return EFFECT_NONE;
    }
    app_open(self->screen.app, id,
             &(struct screen_argument){.point = &self->path, .collection_name = self->collection_name});
    return EFFECT_NONE;
}

/* False: not a move, or it was there. */
static bool scroll(struct point_screen *self, enum ui_action action)
{
    int last = self->page.rows > self->rows ? self->page.rows - self->rows : 0;
    int to = facts_target(action, self->top, self->rows, last);
    bool moved = to != self->top;
    self->top = to;
    return moved;
}

static unsigned point_key(struct screen *screen, const struct key_event *event)
{
    struct point_screen *self = (struct point_screen *)screen;
    if (scroll(self, event->action))
        return EFFECT_REDRAW;
    switch (event->action) {
    case ACTION_EXPORT:
        return open_for(self, SCREEN_EXPORT_FORM);
    case ACTION_REMOVE_DATA:
        return open_for(self, SCREEN_REMOVE_DATA);
    case ACTION_DESTROY:
        return open_for(self, SCREEN_DESTROY);
    case ACTION_REFRESH:
        read_point(self);
        look_for_exports(self);
        app_say(screen->app, ROLE_INFO, "The point is read again.");
        return EFFECT_NONE;
    case ACTION_COPY:
        return copy(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

static void point_recalc(struct screen *screen, int rows, int columns)
{
    struct point_screen *self = (struct point_screen *)screen;
    page_clear(&self->page);
    self->rows = rows;
    self->page.columns = columns;
    self->page.ascii = app_is_ascii(screen->app);
    if (!self->read)
        return;
    const struct point_view view = view_of(self);
    point_view_build(&view, &self->page);
    self->top = page_scroll(&self->page, self->top, rows, self->top, self->top);
}

static void point_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct point_screen *self = (const struct point_screen *)screen;
    struct canvas within = canvas_part(body, 1, PAGE_MARGIN, body->rows - 1, body->columns - PAGE_MARGIN);
    if (self->err.code)
        problem_paint(&within, 0, METHOD_EXPORT_REFERENCE_POINT, &self->err);
    else if (!self->read)
        canvas_text(&within, 0, 0, ROLE_DIM, "Reading the point ...  Esc goes back");
    else
        page_paint(&self->page, body, self->top, body->rows, NULL);
}

static struct screen_spot point_cursor(const struct screen *screen)
{
    (void)screen;
    return (struct screen_spot){0};
}

static void point_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct point_screen *self = (const struct point_screen *)screen;
    (void)right;
    const char *name = self->read ? self->point.name : NULL;
    strbuf_addf(left, "point   %s%s%s", self->collection_name, name ? " @ " : "", name ? name : "");
}

static const struct screen_hint *point_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_EXPORT},
        {.action = ACTION_BACK},
        {.action = ACTION_REMOVE_DATA},
        {.action = ACTION_DESTROY},
        {.action = ACTION_COPY},
        {.action = ACTION_REFRESH},
        {.action = ACTION_JOBS},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {
        {.action = ACTION_BACK}, {.action = ACTION_JOBS}, {.action = ACTION_QUIT}, {.action = ACTION_NONE}};
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    const struct point_screen *self = (const struct point_screen *)screen;
    if (self->err.code)
        return failed;
    return self->read ? hints : waiting;
}

static const struct screen_ops point_ops = {
    .name = "Point",
    .scrolls = true,
    .open = point_open,
    .close = point_close,
    .key = point_key,
    .jobs_changed = point_jobs_changed,
    .recalc = point_recalc,
    .repaint = point_repaint,
    .cursor = point_cursor,
    .title = point_title,
    .hints = point_hints,
};

struct screen *point_screen_new(const struct screen_argument *argument)
{
    struct point_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &point_ops;
    self->path = *argument->point;
    self->collection_name = mem_strdup(argument->collection_name);
    return &self->screen;
}
