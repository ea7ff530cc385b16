#include "ui/screens/store/check.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/screens/store/state.h"

/* --- work --- */

static unsigned measured(struct screen *screen, void *argument)
{
    struct check_screen *self = (struct check_screen *)screen;
    const struct check_measure *task = argument;
    self->measured = task->ok;
    self->bytes = task->bytes;
    self->points = task->points;
    self->rate = task->rate;
    return EFFECT_REDRAW;
}

static void measure(struct check_screen *self)
{
    static const struct work_ops ops = {
        .run = check_measure_run, .done = measured, .release = check_measure_release};
    struct app *app = self->screen.app;
    app_post(app, &self->screen, &ops, check_measure_new(app_host(app)));
}

static unsigned checked(struct screen *screen, void *argument)
{
    struct check_screen *self = (struct check_screen *)screen;
    struct check_work *task = argument;
    self->work = NULL;
    self->ticket = 0;
    self->stage = CHECK_TELLS;
    self->ended = self->ending && !task->ok;
    self->err = task->ok || self->ended ? (struct error){0} : task->err;
    self->elapsed_ms = task->elapsed_ms;
    check_rows_clear(&self->rows);
    check_rows_take(&self->rows, &task->report);
    list_view_forget(&self->view);
    list_view_update(&self->view, &(struct list_view_rows){.total = self->rows.count});
    return EFFECT_REDRAW;
}

static unsigned start(struct check_screen *self)
{
    static const struct work_ops ops = {
        .run = check_work_run, .done = checked, .give_up = check_work_give_up, .release = check_work_release};
    struct app *app = self->screen.app;
    struct host *host = app_host(app);
    if (!host->ops->check_store) {
        app_say(app, ROLE_WARNING, "This host keeps no store that could be checked.");
        return EFFECT_NONE;
    }
    self->work = check_work_new(host, self->deep);
    self->stage = CHECK_RUNS;
    self->ending = false;
    self->since_ms = app_now_ms(app);
    self->ticket = app_post(app, &self->screen, &ops, self->work);
    return EFFECT_REDRAW;
}

/* --- keys --- */

static unsigned copy_command(const struct check_screen *self)
{
    struct command_line line;
    check_screen_command(self, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    app_copy(self->screen.app, text);
    return EFFECT_NONE;
}

static unsigned move(struct check_screen *self, enum page_move where)
{
    page_move(&self->page, &self->focus, where);
    return EFFECT_REDRAW;
}

static unsigned choose(struct check_screen *self, bool deep)
{
    if (self->focus.id != CHECK_DEPTH)
        return move(self, deep ? PAGE_RIGHT : PAGE_LEFT);
    self->deep = deep;
    return EFFECT_REDRAW;
}

static unsigned press(struct check_screen *self, bool enter)
{
    switch (self->focus.id) {
    case CHECK_START:
        return start(self);
    case CHECK_BACK:
        return EFFECT_CLOSE;
    default:
        if (enter)
            self->focus.id = CHECK_START;
        else
            self->deep = !self->deep;
        return EFFECT_REDRAW;
    }
}

static unsigned asking_act(struct check_screen *self, enum ui_action action)
{
    switch (action) {
    case ACTION_LEFT:
        return choose(self, false);
    case ACTION_RIGHT:
        return choose(self, true);
    case ACTION_UP:
        return move(self, PAGE_UP_ROW);
    case ACTION_DOWN:
        return move(self, PAGE_DOWN_ROW);
    case ACTION_NEXT_PANE:
        return move(self, PAGE_NEXT);
    case ACTION_PREVIOUS_PANE:
        return move(self, PAGE_PREVIOUS);
    case ACTION_OPEN:
        return press(self, true);
    case ACTION_MARK:
        return press(self, false);
    case ACTION_COPY:
        return copy_command(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

/* The first Esc ends it between two blocks; one that does not come to an end is left with the second. */
static unsigned end_it(struct check_screen *self)
{
    if (self->ending)
        return EFFECT_CLOSE;
    self->ending = true;
    check_work_give_up(self->work);
    return EFFECT_REDRAW;
}

static unsigned copy_facts(const struct check_screen *self)
{
    if (self->err.code) {
        CLEANUP_FREE char *text = error_text(&self->err);
        app_copy(self->screen.app, text);
        return EFFECT_NONE;
    }
    if (self->facts.count == 0)
        return copy_command(self);
    CLEANUP_FREE char *text = facts_text(&self->facts);
    app_copy(self->screen.app, text);
    return EFFECT_NONE;
}

static unsigned show_whole(struct check_screen *self, bool whole)
{
    self->whole = whole && check_selected(self);
    self->facts.top = 0;
    return EFFECT_REDRAW;
}

static unsigned telling_act(struct check_screen *self, enum ui_action action)
{
    if (self->whole && facts_move(&self->facts, action))
        return EFFECT_REDRAW;
    if (self->whole && (action == ACTION_BACK || action == ACTION_LEFT || action == ACTION_OPEN))
        return show_whole(self, false);
    if (action == ACTION_OPEN)
        return show_whole(self, true);
    if (!self->whole && list_view_move(&self->view, action)) {
        self->facts.top = 0;
        return EFFECT_REDRAW;
    }
    switch (action) {
    case ACTION_COPY:
        return copy_facts(self);
    case ACTION_REFRESH:
        self->whole = false;
        self->stage = CHECK_ASKS;
        self->focus.id = CHECK_START;
        measure(self);
        return EFFECT_REDRAW;
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned check_key(struct screen *screen, const struct key_event *event)
{
    struct check_screen *self = (struct check_screen *)screen;
    switch (self->stage) {
    case CHECK_ASKS:
        return asking_act(self, event->action);
    case CHECK_RUNS:
        return event->action == ACTION_BACK ? end_it(self) : EFFECT_UNHANDLED;
    default:
        return telling_act(self, event->action);
    }
}

static unsigned check_tick(struct screen *screen)
{
    return ((struct check_screen *)screen)->stage == CHECK_RUNS ? EFFECT_REDRAW : EFFECT_NONE;
}

static void check_open(struct screen *screen)
{
    struct check_screen *self = (struct check_screen *)screen;
    self->focus.id = CHECK_START;
    measure(self);
}

static void check_close(struct screen *screen)
{
    struct check_screen *self = (struct check_screen *)screen;
    check_rows_clear(&self->rows);
    list_view_clear(&self->view);
    facts_clear(&self->facts);
    page_clear(&self->page);
    free(self);
}

static void check_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_addf(left, "store check   %s", app_host_identity(screen->app));
}

static const struct screen_hint *check_hints(const struct screen *screen)
{
    static const struct screen_hint asks[] = {
        {.action = ACTION_OPEN, .label = "press", .help = "Begin the check, or go back"},
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_MARK, .label = "choose", .help = "The other way to check"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint runs[] = {
        {.action = ACTION_BACK, .label = "end it", .help = "End the check between two blocks"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint whole[] = {
        {.action = ACTION_BACK},
        {.action = ACTION_COPY},
        {.action = ACTION_REFRESH, .label = "check again", .help = "Check the store again"},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint nothing[] = {
        {.action = ACTION_REFRESH, .label = "check again", .help = "Check the store again"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint tells[] = {
        {.action = ACTION_OPEN, .label = "whole", .help = "Show the finding whole"},
        {.action = ACTION_COPY, .help = "Copy what is said of the selected finding, or the command"},
        {.action = ACTION_REFRESH, .label = "check again", .help = "Check the store again"},
        {.action = ACTION_BACK},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_FIRST, .help_only = true},
        {.action = ACTION_LAST, .help_only = true},
        {.action = ACTION_NONE},
    };
    const struct check_screen *self = (const struct check_screen *)screen;
    if (self->stage == CHECK_ASKS)
        return asks;
    if (self->stage == CHECK_RUNS)
        return runs;
    return self->whole ? whole : check_selected(self) ? tells : nothing;
}

static const struct screen_ops check_ops = {
    .name = "Check",
    .scrolls = true,
    .open = check_open,
    .close = check_close,
    .key = check_key,
    .tick = check_tick,
    .recalc = check_recalc,
    .repaint = check_repaint,
    .cursor = check_cursor,
    .title = check_title,
    .hints = check_hints,
};

struct screen *check_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct check_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &check_ops;
    return &self->screen;
}
