#include "ui/screens/change/change.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/screens/change/view.h"
#include "ui/screens/change/work.h"
#include "ui/widgets/pinned_page.h"
#include "ui/widgets/problem.h"

struct change_screen {
    struct screen screen;
    struct object_path path;
    char *collection_name;
    bool loaded;
    struct error load_error;
    struct point_change change;
    struct change_view view;
    struct layout_form layout;
    struct page_focus focus;
    int scroll;
};

/* --- work --- */

static void make_command(struct change_screen *self, const struct change_load *task)
{
    struct app *app = self->screen.app;
    struct command_line *line = &self->change.command;
    command_line_begin(line, app_host_option(app), app_store_option(app), app_service_options(app)->config);
    command_line_add(line, "point");
    command_line_add(line, self->change.destroy ? "destroy" : "remove-data");
    command_line_add(line, task->collection_word);
    command_line_add(line, task->point_word);
    command_line_add(line, "--job");
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct change_screen *self = (struct change_screen *)screen;
    struct change_load *task = argument;
    struct host *host = app_host(screen->app);
    self->load_error = task->ok ? (struct error){0} : task->err;
    if (!task->ok) {
        app_forget_keys(screen->app, screen);
        return EFFECT_REDRAW;
    }
    self->change.point = task->point;
    self->change.all = task->all;
    task->point = (struct reference_point){0};
    task->all = (struct reference_point_list){0};
    self->change.machines_run = host->ops->capabilities(host)->machine_states;
    make_command(self, task);
    self->loaded = true;
    return EFFECT_REDRAW;
}

static void load(struct change_screen *self)
{
    static const struct work_ops ops = {
        .run = change_load_run, .done = loaded, .release = change_load_release};
    struct app *app = self->screen.app;
    self->load_error = (struct error){0};
    app_post(app, &self->screen, &ops, change_load_new(app_host(app), &self->path));
}

static unsigned started(struct screen *screen, void *argument)
{
    struct change_screen *self = (struct change_screen *)screen;
    const struct change_start *task = argument;
    self->change.starting = false;
    if (task->return_value == RETURN_JOB_STARTED) {
        app_refresh_jobs(screen->app);
        app_show_job(screen->app, &task->job);
        return EFFECT_REDRAW;
    }
    self->change.refusal = task->err;
    self->focus.id = CHANGE_NO;
    self->scroll = 0;
    return EFFECT_REDRAW;
}

static unsigned start(struct change_screen *self)
{
    static const struct work_ops ops = {
        .run = change_start_run, .done = started, .release = change_start_release};
    struct app *app = self->screen.app;
    if (self->change.starting)
        return EFFECT_NONE;
    self->change.starting = true;
    self->change.refusal = (struct error){0};
    app_post(app, &self->screen, &ops,
             change_start_new(app_host(app), app_service_options(app), &self->path, self->change.destroy));
    return EFFECT_REDRAW;
}

/* --- keys --- */

static unsigned focus_on(struct change_screen *self, enum change_stop stop)
{
    self->focus.id = stop;
    return EFFECT_REDRAW;
}

static struct pinned_page pinned(const struct change_screen *self)
{
    return (struct pinned_page){.page = &self->view.page,
                                .buttons_row = self->view.buttons_row,
                                .layout = &self->layout,
                                .scroll = self->scroll};
}

static unsigned scroll_by(struct change_screen *self, int rows)
{
    const struct pinned_page page = pinned(self);
    self->scroll = pinned_page_scrolled(&page, rows);
    return EFFECT_REDRAW;
}

static unsigned copy(const struct change_screen *self)
{
    CLEANUP_FREE char *text = command_line_text(&self->change.command);
    app_copy(self->screen.app, text);
    return EFFECT_REDRAW;
}

static unsigned press(struct change_screen *self)
{
    return self->focus.id == CHANGE_YES ? start(self) : EFFECT_CLOSE;
}

static unsigned act(struct change_screen *self, enum ui_action action)
{
    int page = self->layout.fields.rows > 1 ? self->layout.fields.rows - 1 : 1;
    switch (action) {
    case ACTION_LEFT:
        return focus_on(self, CHANGE_NO);
    case ACTION_RIGHT:
        return focus_on(self, CHANGE_YES);
    case ACTION_NEXT_PANE:
    case ACTION_PREVIOUS_PANE:
        return focus_on(self, self->focus.id == CHANGE_NO ? CHANGE_YES : CHANGE_NO);
    case ACTION_OPEN:
    case ACTION_MARK:
        return press(self);
    case ACTION_UP:
        return scroll_by(self, -1);
    case ACTION_DOWN:
        return scroll_by(self, 1);
    case ACTION_PAGE_UP:
        return scroll_by(self, -page);
    case ACTION_PAGE_DOWN:
        return scroll_by(self, page);
    case ACTION_COPY:
        return copy(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned change_key(struct screen *screen, const struct key_event *event)
{
    struct change_screen *self = (struct change_screen *)screen;
    if (event->action == ACTION_BACK)
        return EFFECT_CLOSE;
    if (self->loaded)
        return act(self, event->action);
    if (event->action != ACTION_REFRESH || !self->load_error.code)
        return EFFECT_UNHANDLED;
    load(self);
    return EFFECT_REDRAW;
}

/* What is typed ahead is meant for the question, once it can be read. */
static bool change_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct change_screen *self = (const struct change_screen *)screen;
    bool ready = self->loaded || self->load_error.code;
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

/* --- the picture --- */

static void change_open(struct screen *screen)
{
    load((struct change_screen *)screen);
}

static void change_close(struct screen *screen)
{
    struct change_screen *self = (struct change_screen *)screen;
    if (self->change.starting)
        app_say(screen->app, ROLE_WARNING, "The start was not waited for; the list of jobs will show it.");
    change_view_clear(&self->view);
    point_change_clear(&self->change);
    free(self->collection_name);
    free(self);
}

static void change_recalc(struct screen *screen, int rows, int columns)
{
    struct change_screen *self = (struct change_screen *)screen;
    if (!self->loaded)
        return;
    self->layout = layout_review(rows, columns);
    change_view_build(&self->view, &self->change, columns, app_is_ascii(screen->app));
    scroll_by(self, 0);
}

static void change_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct change_screen *self = (const struct change_screen *)screen;
    struct canvas within = canvas_part(body, 1, PAGE_MARGIN, body->rows - 1, body->columns - PAGE_MARGIN);
    if (self->load_error.code) {
        problem_paint(&within, 0, METHOD_EXPORT_REFERENCE_POINT, &self->load_error);
        return;
    }
    if (!self->loaded) {
        canvas_text(&within, 0, 0, ROLE_DIM, "Reading the point ...  Esc goes back");
        return;
    }
    const struct pinned_page page = pinned(self);
    pinned_page_paint(&page, body, &self->focus, false, "Down: more");
}

static struct screen_spot change_cursor(const struct screen *screen)
{
    const struct change_screen *self = (const struct change_screen *)screen;
    const struct page_stop *stop = self->loaded ? page_find(&self->view.page, &self->focus) : NULL;
    return (struct screen_spot){.row = stop ? self->layout.buttons.row : 0,
                                .column = stop ? stop->column + stop->cursor : 0};
}

static void change_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct change_screen *self = (const struct change_screen *)screen;
    (void)right;
    const char *name = self->change.point.name;
    strbuf_addf(left, "%s   %s%s%s", self->change.destroy ? "Destroy" : "Remove data", self->collection_name,
                name ? " @ " : "", name ? name : "");
}

static const struct screen_hint *change_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_OPEN, .label = "press"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"},
        {.action = ACTION_BACK},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct change_screen *self = (const struct change_screen *)screen;
    if (self->load_error.code)
        return failed;
    return self->loaded && !self->change.starting ? hints : waiting;
}

static const struct screen_ops change_ops = {
    .name = "Change of a point",
    .open = change_open,
    .close = change_close,
    .key = change_key,
    .holds_key = change_holds_key,
    .recalc = change_recalc,
    .repaint = change_repaint,
    .cursor = change_cursor,
    .title = change_title,
    .hints = change_hints,
};

static struct screen *make(const struct screen_argument *argument, bool destroy)
{
    struct change_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &change_ops;
    self->path = *argument->point;
    self->collection_name = mem_strdup(argument->collection_name);
    self->change.destroy = destroy;
    return &self->screen;
}

struct screen *destroy_screen_new(const struct screen_argument *argument)
{
    return make(argument, true);
}

struct screen *remove_data_screen_new(const struct screen_argument *argument)
{
    return make(argument, false);
}
