#include "ui/screens/collection/define.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/screens/collection/define_view.h"
#include "ui/screens/collection/work.h"
#include "ui/widgets/line_editor_key.h"
#include "ui/widgets/problem.h"

struct define_screen {
    struct screen screen;
    bool loaded;
    bool busy;
    struct error load_error;
    struct error refusal;
    struct define_form form;
    struct form_page page;
};

/* --- work --- */

static unsigned loaded(struct screen *screen, void *argument)
{
    struct define_screen *self = (struct define_screen *)screen;
    struct objects_load *task = argument;
    struct app *app = screen->app;
    self->load_error = task->ok ? (struct error){0} : task->err;
    if (!task->ok) {
        app_forget_keys(app, screen);
        return EFFECT_REDRAW;
    }
    define_form_take(&self->form, &task->machines, &task->collections, &task->memberships);
    command_line_begin(&self->form.start, app_host_option(app), app_store_option(app),
                       app_service_options(app)->config);
    command_line_add(&self->form.start, "collection");
    command_line_add(&self->form.start, "define");
    self->loaded = true;
    return EFFECT_REDRAW;
}

static void load(struct define_screen *self)
{
    static const struct work_ops ops = {
        .run = objects_load_run, .done = loaded, .release = objects_load_release};
    struct app *app = self->screen.app;
    self->load_error = (struct error){0};
    app_post(app, &self->screen, &ops, objects_load_new(app_host(app)));
}

static unsigned defined(struct screen *screen, void *argument)
{
    struct define_screen *self = (struct define_screen *)screen;
    const struct define_task *task = argument;
    self->busy = false;
    if (task->ok) {
        app_say(screen->app, ROLE_SUCCESS, "The collection %s is defined.", task->name);
        return EFFECT_CLOSE;
    }
    self->refusal = task->err;
    self->page.scroll = 0;
    form_page_focus_on(&self->page, DEFINE_NAME, 0, 0);
    return EFFECT_REDRAW;
}

static unsigned define(struct define_screen *self)
{
    static const struct work_ops ops = {
        .run = define_task_run, .done = defined, .release = define_task_release};
    struct app *app = self->screen.app;
    size_t count = 0;
    enum define_field field;
    self->form.touched = true;
    if (define_form_missing(&self->form, &field)) {
        form_page_focus_on(&self->page, field, 0, 0);
        return EFFECT_REDRAW;
    }
    struct guid *members = define_form_members(&self->form, &count);
    self->busy = true;
    self->refusal = (struct error){0};
    app_post(app, &self->screen, &ops,
             define_task_new(app_host(app), line_editor_text(&self->form.name), members, count));
    return EFFECT_REDRAW;
}

/* --- keys --- */

static unsigned leave(struct define_screen *self)
{
    if (self->busy)
        app_say(self->screen.app, ROLE_WARNING,
                "Its definition was not waited for; the list of collections will show it.");
    return EFFECT_CLOSE;
}

static unsigned tick(struct define_screen *self)
{
    define_form_tick(&self->form, self->page.focus.first);
    self->form.touched = true;
    return EFFECT_REDRAW;
}

static unsigned press(struct define_screen *self, bool enter)
{
    switch ((enum define_field)self->page.focus.id) {
    case DEFINE_BACK:
        return leave(self);
    case DEFINE_START:
        return define(self);
    case DEFINE_MACHINE:
        if (!enter)
            return tick(self);
        break;
    case DEFINE_NAME:
    case DEFINE_FILTER:
        break;
    }
    form_page_go_on(&self->page);
    return EFFECT_REDRAW;
}

static unsigned copy(const struct define_screen *self)
{
    struct command_line line;
    define_form_command(&self->form, SIZE_MAX, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    app_copy(self->screen.app, text);
    return EFFECT_REDRAW;
}

static unsigned act(struct define_screen *self, enum ui_action action)
{
    switch (action) {
    case ACTION_OPEN:
        return press(self, true);
    case ACTION_MARK:
        return press(self, false);
    case ACTION_MARK_ALL:
        define_form_tick_all(&self->form);
        return EFFECT_REDRAW;
    case ACTION_FILTER:
        if (!define_form_filters(&self->form))
            return EFFECT_UNHANDLED;
        form_page_focus_on(&self->page, DEFINE_FILTER, 0, 0);
        return EFFECT_REDRAW;
    case ACTION_COPY:
        return copy(self);
    default:
        return form_page_act(&self->page, action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
    }
}

static bool define_takes_text(const struct screen *screen)
{
    const struct define_screen *self = (const struct define_screen *)screen;
    bool text = self->page.focus.id == DEFINE_NAME || self->page.focus.id == DEFINE_FILTER;
    return self->loaded && !self->busy && text;
}

static enum line_editor_result edit(struct define_screen *self, const struct key_event *event)
{
    bool filter = self->page.focus.id == DEFINE_FILTER;
    enum line_editor_result result = line_editor_key(filter ? &self->form.filter : &self->form.name, event);
    if (result != LINE_EDITOR_EDITED || filter)
        return result;
    self->refusal = (struct error){0};
    self->form.touched = true;
    return result;
}

static unsigned define_key(struct screen *screen, const struct key_event *event)
{
    struct define_screen *self = (struct define_screen *)screen;
    if (event->action == ACTION_BACK)
        return leave(self);
    if (!self->loaded) {
        if (event->action != ACTION_REFRESH || !self->load_error.code)
            return EFFECT_UNHANDLED;
        load(self);
        return EFFECT_REDRAW;
    }
    switch (define_takes_text(screen) ? edit(self, event) : LINE_EDITOR_UNHANDLED) {
    case LINE_EDITOR_EDITED:
    case LINE_EDITOR_HANDLED:
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    return act(self, event->action);
}

static bool define_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct define_screen *self = (const struct define_screen *)screen;
    bool ready = self->load_error.code || (self->loaded && !self->busy);
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

/* --- the picture --- */

static void define_open(struct screen *screen)
{
    load((struct define_screen *)screen);
}

static void define_close(struct screen *screen)
{
    struct define_screen *self = (struct define_screen *)screen;
    form_page_clear(&self->page);
    define_form_clear(&self->form);
    free(self);
}

static void define_recalc(struct screen *screen, int rows, int columns)
{
    struct define_screen *self = (struct define_screen *)screen;
    if (!self->loaded)
        return;
    form_page_begin(&self->page, columns, app_is_ascii(screen->app));
    define_view_build(&self->page, &self->form, &self->refusal, self->busy);
    form_page_end(&self->page, rows, columns);
}

static void define_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct define_screen *self = (const struct define_screen *)screen;
    struct canvas within = canvas_part(body, 2, 1, body->rows - 2, body->columns - 2);
    CLEANUP_FREE char *more =
        mem_format("%zu of %zu machines", define_form_ticked(&self->form), self->form.machines.count);
    const struct part_heading heading = {
        .name = "New collection", .more = self->loaded ? more : NULL, .more_role = ROLE_DIM, .focused = true};
    if (self->loaded) {
        form_page_paint(&self->page, body, &heading);
        return;
    }
    part_heading(body, 0, 0, body->columns, &heading);
    if (self->load_error.code)
        problem_paint(&within, 0, METHOD_EXPORT_REFERENCE_POINT, &self->load_error);
    else
        canvas_text(&within, 0, 0, ROLE_DIM, "Reading the machines ...  Esc goes back");
}

static struct screen_spot define_cursor(const struct screen *screen)
{
    struct screen_spot spot = {0};
    form_page_spot(&((const struct define_screen *)screen)->page, &spot.row, &spot.column);
    return spot;
}

static void define_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_addf(left, "define a collection  %s", app_host_identity(screen->app));
}

static const struct screen_hint *define_hints(const struct screen *screen)
{
    static const struct screen_hint form[] = {
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_OPEN, .label = "go on"},
        {.action = ACTION_BACK},
        {.action = ACTION_MARK, .label = "tick", .help_only = true},
        {.action = ACTION_MARK_ALL, .help_only = true},
        {.action = ACTION_COPY, .label = "copy command", .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint machines[] = {
        {.action = ACTION_MARK, .label = "tick"},
        {.action = ACTION_MARK_ALL},
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_OPEN, .label = "go on"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint many[] = {
        {.action = ACTION_MARK, .label = "tick"},
        {.action = ACTION_FILTER},
        {.action = ACTION_MARK_ALL},
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_OPEN, .label = "go on"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint buttons[] = {
        {.action = ACTION_OPEN, .label = "press"},
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_MARK_ALL, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"}, {.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct define_screen *self = (const struct define_screen *)screen;
    if (self->load_error.code)
        return failed;
    if (!self->loaded || self->busy)
        return waiting;
    if (define_takes_text(screen))
        return form;
    if (self->page.focus.id != DEFINE_MACHINE)
        return buttons;
    return define_form_filters(&self->form) ? many : machines;
}

static const struct screen_ops define_ops = {
    .name = "New collection",
    .open = define_open,
    .close = define_close,
    .key = define_key,
    .holds_key = define_holds_key,
    .recalc = define_recalc,
    .repaint = define_repaint,
    .cursor = define_cursor,
    .title = define_title,
    .hints = define_hints,
    .takes_text = define_takes_text,
};

struct screen *define_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct define_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &define_ops;
    return &self->screen;
}
