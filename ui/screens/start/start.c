#include "ui/screens/start/start.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/app.h"
#include "ui/screens/start/view.h"
#include "ui/widgets/line_editor_key.h"

#define LATE_MS 1000

struct start_screen {
    struct screen screen;
    struct start_view view;
    struct form_page page;
    bool typed; /* since the field was set: Tab completes what a person typed */
    uint64_t completing;
    struct completion candidates;
    uint64_t looking;
    int64_t looking_since_ms;
    char *looked_for;
    uint64_t working;
    int64_t working_since_ms;
    struct demo_task *demo; /* the pool's, while it is under way */
};

static const char *typed_path(const struct start_screen *self)
{
    return line_editor_text(&self->view.path);
}

static void make_command(struct start_screen *self)
{
    const char *path = typed_path(self);
    CLEANUP_FREE char *whole = fs_expand_home(*path ? path : "DIR");
    struct command_line *line = &self->view.command;
    command_line_clear(line);
    command_line_begin(line, self->view.demo ? NULL : "local", self->view.demo ? NULL : whole,
                       self->view.demo ? NULL : app_service_options(self->screen.app)->config);
    if (!self->view.demo)
        return;
    command_line_add(line, "demo");
    command_line_add(line, whole);
}

/* --- what is at the path --- */

static void look(struct start_screen *self);

static unsigned looked(struct screen *screen, void *argument)
{
    struct start_screen *self = (struct start_screen *)screen;
    const struct store_look_task *task = argument;
    self->looking = 0;
    if (strcmp(typed_path(self), task->path) == 0) {
        self->view.looked = true;
        self->view.kind = task->kind;
        self->view.look_err = task->err;
    }
    look(self); /* typed on in the meantime */
    return EFFECT_REDRAW;
}

/* One look at a time, unless it is late. */
static void look(struct start_screen *self)
{
    static const struct work_ops ops = {
        .run = store_look_task_run, .done = looked, .release = store_look_task_release};
    struct app *app = self->screen.app;
    const char *path = typed_path(self);
    bool asked = self->looking && strcmp(self->looked_for, path) == 0;
    bool busy = self->looking && app_now_ms(app) - self->looking_since_ms < LATE_MS;
    if (self->view.looked || asked || busy || (*path != '/' && *path != '~'))
        return;
    if (self->looking)
        app_forget(app, self->looking);
    mem_replace(&self->looked_for, path);
    self->looking_since_ms = app_now_ms(app);
    self->looking = app_post(app, &self->screen, &ops, store_look_task_new(path));
}

static void changed(struct start_screen *self)
{
    completion_clear(&self->candidates);
    self->view.candidates = NULL;
    self->view.refusal = (struct error){0};
    self->view.looked = false;
    self->typed = true;
    make_command(self);
    look(self);
}

/* --- opening and making --- */

static unsigned opened(struct screen *screen, void *argument)
{
    struct start_screen *self = (struct start_screen *)screen;
    struct store_open_task *task = argument;
    self->working = 0;
    self->view.busy = false;
    if (!task->host) {
        self->view.refusal = task->err;
        app_forget_keys(screen->app, screen);
        return EFFECT_REDRAW;
    }
    app_use_host(screen->app, &task->place, task->host);
    task->host = NULL;
    return EFFECT_NONE;
}

static void begin(struct start_screen *self)
{
    self->view.busy = true;
    self->view.stopping = false;
    self->view.busy_seconds = 0;
    self->view.step[0] = '\0';
    self->view.refusal = (struct error){0};
    self->working_since_ms = app_now_ms(self->screen.app);
}

static unsigned open_store(struct start_screen *self, const char *path)
{
    static const struct work_ops ops = {
        .run = store_open_task_run, .done = opened, .release = store_open_task_release};
    struct app *app = self->screen.app;
    begin(self);
    self->working = app_post(app, &self->screen, &ops, store_open_task_new(app_started_place(app), path));
    return EFFECT_REDRAW;
}

static unsigned demo_made(struct screen *screen, void *argument)
{
    struct start_screen *self = (struct start_screen *)screen;
    const struct demo_task *task = argument;
    self->working = 0;
    self->demo = NULL;
    self->view.busy = false;
    if (task->store)
        return open_store(self, task->store);
    self->view.refusal = task->err;
    self->page.scroll = 0;
    self->view.looked = false;
    form_page_focus_on(&self->page, START_PATH, 0, 0);
    app_forget_keys(screen->app, screen);
    look(self);
    return EFFECT_REDRAW;
}

static unsigned make_demo(struct start_screen *self)
{
    static const struct work_ops ops = {
        .run = demo_task_run, .done = demo_made, .give_up = demo_task_give_up, .release = demo_task_release};
    begin(self);
    self->demo = demo_task_new(typed_path(self));
    self->working = app_post(self->screen.app, &self->screen, &ops, self->demo);
    return EFFECT_REDRAW;
}

static unsigned go(struct start_screen *self)
{
    if (self->view.busy)
        return EFFECT_NONE;
    if (start_view_missing(&self->view)) {
        form_page_focus_on(&self->page, START_PATH, 0, 0);
        return EFFECT_REDRAW;
    }
    return self->view.demo ? make_demo(self) : open_store(self, typed_path(self));
}

/* Once while it is made: it ends and takes away what it made, and that is waited for. */
static unsigned leave(struct start_screen *self)
{
    if (!self->demo || self->view.stopping)
        return EFFECT_CLOSE;
    self->view.stopping = true;
    app_give_up(self->screen.app, self->working);
    return EFFECT_REDRAW;
}

/* --- keys --- */

static unsigned completed(struct screen *screen, void *argument)
{
    struct start_screen *self = (struct start_screen *)screen;
    struct path_task *task = argument;
    self->completing = 0;
    if (strcmp(typed_path(self), task->typed) != 0)
        return EFFECT_NONE; /* typed on in the meantime */
    if (!completion_has_effect(&task->completion)) {
        form_page_act(&self->page, ACTION_NEXT_PANE);
        return EFFECT_REDRAW;
    }
    line_editor_set(&self->view.path, task->completion.text);
    changed(self);
    self->candidates = task->completion;
    self->view.candidates = &self->candidates;
    task->completion = (struct completion){0};
    return EFFECT_REDRAW;
}

static unsigned next_field(struct start_screen *self)
{
    static const struct work_ops ops = {
        .run = path_task_run, .done = completed, .release = path_task_release};
    const char *path = typed_path(self);
    bool shown = self->candidates.text && strcmp(self->candidates.text, path) == 0;
    if (self->page.focus.id != START_PATH || !self->typed || self->completing || shown) {
        form_page_act(&self->page, ACTION_NEXT_PANE);
        return EFFECT_REDRAW;
    }
    self->completing = app_post(self->screen.app, &self->screen, &ops, path_task_new(path));
    return EFFECT_NONE;
}

static unsigned press(struct start_screen *self)
{
    switch ((enum start_field)self->page.focus.id) {
    case START_BACK:
        return leave(self);
    case START_GO:
        return go(self);
    case START_PATH:
        form_page_go_on(&self->page);
        return EFFECT_REDRAW;
    }
    return EFFECT_NONE;
}

static unsigned copy(const struct start_screen *self)
{
    CLEANUP_FREE char *text = command_line_text(&self->view.command);
    app_copy(self->screen.app, text);
    return EFFECT_REDRAW;
}

static bool start_takes_text(const struct screen *screen)
{
    const struct start_screen *self = (const struct start_screen *)screen;
    return !self->view.busy && self->page.focus.id == START_PATH;
}

static unsigned start_key(struct screen *screen, const struct key_event *event)
{
    struct start_screen *self = (struct start_screen *)screen;
    if (event->action == ACTION_BACK)
        return leave(self);
    switch (start_takes_text(screen) ? line_editor_key(&self->view.path, event) : LINE_EDITOR_UNHANDLED) {
    case LINE_EDITOR_EDITED:
        changed(self);
        return EFFECT_REDRAW;
    case LINE_EDITOR_HANDLED:
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    switch (event->action) {
    case ACTION_OPEN:
    case ACTION_MARK:
        return press(self);
    case ACTION_NEXT_PANE:
        return next_field(self);
    case ACTION_COPY:
        return copy(self);
    default:
        return form_page_act(&self->page, event->action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
    }
}

static bool start_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct start_screen *self = (const struct start_screen *)screen;
    return self->view.busy && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

static unsigned start_tick(struct screen *screen)
{
    struct start_screen *self = (struct start_screen *)screen;
    look(self); /* where the last look is late */
    if (!self->view.busy)
        return EFFECT_NONE;
    self->view.busy_seconds = (app_now_ms(screen->app) - self->working_since_ms) / 1000;
    if (self->demo)
        demo_task_step(self->demo, self->view.step, sizeof self->view.step);
    return EFFECT_REDRAW;
}

/* --- the picture --- */

static void start_open(struct screen *screen)
{
    struct start_screen *self = (struct start_screen *)screen;
    make_command(self);
    look(self);
}

static void start_close(struct screen *screen)
{
    struct start_screen *self = (struct start_screen *)screen;
    form_page_clear(&self->page);
    line_editor_clear(&self->view.path);
    command_line_clear(&self->view.command);
    completion_clear(&self->candidates);
    free(self->looked_for);
    free(self);
}

static void start_recalc(struct screen *screen, int rows, int columns)
{
    struct start_screen *self = (struct start_screen *)screen;
    form_page_begin(&self->page, columns, app_is_ascii(screen->app));
    start_view_build(&self->page, &self->view);
    form_page_end(&self->page, rows, columns);
}

static void start_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct start_screen *self = (const struct start_screen *)screen;
    const struct part_heading heading = {
        .name = self->view.demo ? "Make the demo here" : "Open another store", .focused = true};
    form_page_paint(&self->page, body, &heading);
}

static struct screen_spot start_cursor(const struct screen *screen)
{
    struct screen_spot spot = {0};
    form_page_spot(&((const struct start_screen *)screen)->page, &spot.row, &spot.column);
    return spot;
}

static void start_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_add(left, ((const struct start_screen *)screen)->view.demo ? "a small store to try everything on"
                                                                      : "another store of this machine");
}

static const struct screen_hint *start_hints(const struct screen *screen)
{
    static const struct screen_hint field[] = {
        {.action = ACTION_OPEN, .label = "go on"},
        {.action = ACTION_NEXT_PANE, .label = "complete", .help = "Complete the path, or go on"},
        {.action = ACTION_BACK},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint buttons[] = {
        {.action = ACTION_OPEN, .label = "press"},
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint making[] = {
        {.action = ACTION_BACK, .label = "stop", .help = "Stop making it, and take away what was made"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct start_screen *self = (const struct start_screen *)screen;
    if (self->view.busy)
        return self->demo && !self->view.stopping ? making : waiting;
    return self->page.focus.id == START_PATH ? field : buttons;
}

#define START_OPS(title_of_help)                                                                             \
    {                                                                                                        \
        .name = (title_of_help), .open = start_open, .close = start_close, .key = start_key,                 \
        .holds_key = start_holds_key, .tick = start_tick, .recalc = start_recalc, .repaint = start_repaint,  \
        .cursor = start_cursor, .title = start_title, .hints = start_hints, .takes_text = start_takes_text,  \
    }

static const struct screen_ops demo_ops = START_OPS("The demo");
static const struct screen_ops store_ops = START_OPS("Another store");

struct screen *demo_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct start_screen *self = mem_alloc(sizeof *self);
    CLEANUP_FREE char *proposed = fs_expand_home("~/refpoint-demo");
    self->screen.ops = &demo_ops;
    self->view.demo = true;
    line_editor_set(&self->view.path, proposed);
    return &self->screen;
}

struct screen *store_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct start_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &store_ops;
    return &self->screen;
}
