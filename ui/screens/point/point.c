#include "ui/screens/point/point.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/screens/point/facts.h"
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
    struct facts facts;
    struct error err;
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
    facts_clear(&self->facts);
    if (task->ok)
        point_facts_make(&self->facts, self->collection_name, &task->point, &task->all);
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

static void point_open(struct screen *screen)
{
    read_point((struct point_screen *)screen);
}

static void point_close(struct screen *screen)
{
    struct point_screen *self = (struct point_screen *)screen;
    facts_clear(&self->facts);
    free(self->collection_name);
    free(self);
}

static unsigned copy(const struct point_screen *self)
{
    if (self->facts.count == 0 && self->err.code == 0) {
        app_say(self->screen.app, ROLE_WARNING, "There is nothing to copy: the point has not been read.");
        return EFFECT_NONE;
    }
    CLEANUP_FREE char *text = self->err.code ? error_text(&self->err) : facts_text(&self->facts);
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

static unsigned point_key(struct screen *screen, const struct key_event *event)
{
    struct point_screen *self = (struct point_screen *)screen;
    if (facts_move(&self->facts, event->action))
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
    facts_fit(&self->facts, rows, columns, app_is_ascii(screen->app));
}

static void point_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct point_screen *self = (const struct point_screen *)screen;
    if (self->err.code)
        problem_paint(body, 0, METHOD_EXPORT_REFERENCE_POINT, &self->err);
    else if (self->facts.count == 0)
        canvas_text(body, 0, 0, ROLE_DIM, "Reading the point ...  Esc goes back");
    else
        facts_paint(&self->facts, body);
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
    strbuf_addf(left, "POINT of %s", self->collection_name);
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
    return self->facts.count == 0 ? waiting : hints;
}

static const struct screen_ops point_ops = {
    .name = "Point",
    .scrolls = true,
    .open = point_open,
    .close = point_close,
    .key = point_key,
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
