/* Screens come and go only between handlers: an opened one is kept aside until the running handler has
 * returned, and a screen is closed by its returned effect. */
#include "ui/app/stack.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/state.h"
#include "ui/app/useless.h"

struct screen *stack_top(const struct app *app)
{
    return app->depth ? app->stack[app->depth - 1] : NULL;
}

static bool on_stack(const struct app *app, const struct screen *screen)
{
    for (size_t i = 0; i < app->depth; i++) {
        if (app->stack[i] == screen)
            return true;
    }
    return false;
}

void stack_forget_keys(struct app *app, const struct screen *screen)
{
    if (app->held_for != screen)
        return;
    held_keys_clear(&app->held);
    app->held_for = NULL;
}

static void close_top(struct app *app)
{
    struct screen *screen = app->stack[--app->depth];
    stack_forget_keys(app, screen);
    work_forget_screen(app->work, screen);
    screen->ops->close(screen);
    app->dirty = true;
}

static void tell_uncovered(struct app *app)
{
    struct screen *top = stack_top(app);
    if (top && top->ops->uncovered)
        stack_apply(app, top, top->ops->uncovered(top));
}

static void put_opened(struct app *app)
{
    struct screen *screen = app->opened;
    app->opened = NULL;
    app->stack = mem_grow(app->stack, app->depth, sizeof screen); /* NOLINT(bugprone-sizeof-expression) */
    app->stack[app->depth++] = screen;
    app->dirty = true;
    if (screen->ops->resize)
        screen->ops->resize(screen, app->frame.body.rows, app->frame.body.columns);
    if (screen->ops->open)
        screen->ops->open(screen);
}

void stack_open(struct app *app, enum screen_id id, const struct screen_argument *argument)
{
    static const struct screen_argument nothing = {0};
    struct screen *screen = app->screens[id](argument ? argument : &nothing);
    if (app->opened)
        app->opened->ops->close(app->opened);
    screen->app = app;
    screen->id = id;
    app->opened = screen;
}

static void show_job(struct app *app)
{
    while (app->depth > 1)
        close_top(app);
    stack_open(app, SCREEN_JOB, &(struct screen_argument){.job = app->job_to_show});
    app->job_to_show = (struct guid){0};
}

static void start_over(struct app *app)
{
    app->start_over = false;
    while (app->depth > 0)
        close_top(app);
    stack_open(app, SCREEN_BROWSE, NULL);
}

static void go(struct app *app)
{
    struct place_to_go place = app->to_go;
    app->to_go = (struct place_to_go){0};
    while (app->depth > 1)
        close_top(app);
    struct screen *first = stack_top(app);
    if (first && first->ops->go)
        stack_apply(app, first, first->ops->go(first, &place));
}

static void perform(struct app *app)
{
    struct key_event event = {.key = KEY_CODE_NONE, .action = app->to_perform, .text = ""};
    struct screen *screen = stack_top(app);
    app->to_perform = ACTION_NONE;
    unsigned effects = screen->ops->key(screen, &event);
    if (effects & EFFECT_UNHANDLED)
        stack_fallback(app, screen, &event);
    stack_apply(app, screen, effects);
}

void stack_apply(struct app *app, struct screen *screen, unsigned effects)
{
    if (effects & EFFECT_REDRAW)
        app->dirty = true;
    if ((effects & EFFECT_CLOSE) && on_stack(app, screen)) {
        while (stack_top(app) != screen)
            close_top(app);
        close_top(app);
        if (app->depth == 0)
            app->leaving = true;
        else if (!app->opened)
            tell_uncovered(app);
    }
    if (!guid_is_none(&app->job_to_show))
        show_job(app);
    if (app->start_over)
        start_over(app);
    if (!guid_is_none(&app->to_go.collection))
        go(app);
    while (app->opened)
        put_opened(app);
    if (app->to_perform != ACTION_NONE && stack_top(app) && !app->leaving)
        perform(app);
}

void stack_close_all(struct app *app)
{
    if (app->opened)
        app->opened->ops->close(app->opened);
    app->opened = NULL;
    while (app->depth > 0)
        close_top(app);
    free(app->stack);
    app->stack = NULL;
}

static bool is_on_top(const struct app *app, enum screen_id id)
{
    return stack_top(app)->id == id;
}

/* Where it is beneath others, it comes to the top. False: it is not on the stack. */
static bool go_back_to(struct app *app, enum screen_id id)
{
    size_t at = app->depth;
    while (at > 0 && app->stack[at - 1]->id != id)
        at--;
    if (at == 0)
        return false;
    if (at == app->depth)
        return true;
    while (app->depth > at)
        close_top(app);
    tell_uncovered(app);
    return true;
}

/* Leaves the program, after asking when jobs run. */
static void quit(struct app *app)
{
    size_t count = 0;
    size_t running = 0;
    const struct job_snapshot *jobs = jobs_all(app->jobs, &count);
    for (size_t i = 0; i < count; i++)
        running += !job_state_is_final(jobs[i].state);
    if (running == 0)
        app->leaving = true;
    else
        stack_open(app, SCREEN_LEAVE, &(struct screen_argument){.running = running});
}

/* False: it is nobody's here. */
static bool fall_back(struct app *app, struct screen *screen, enum ui_action action)
{
    switch (action) {
    case ACTION_HELP:
        if (is_on_top(app, SCREEN_HELP))
            return false;
        stack_open(app, SCREEN_HELP, &(struct screen_argument){.of = screen});
        return true;
    case ACTION_PALETTE:
        if (is_on_top(app, SCREEN_HELP) || is_on_top(app, SCREEN_PALETTE))
            return false;
        stack_open(app, SCREEN_PALETTE, &(struct screen_argument){.of = screen});
        return true;
    case ACTION_JOBS:
        if (screen->ops->overlay)
            return false;
        if (!go_back_to(app, SCREEN_JOB_LIST))
            stack_open(app, SCREEN_JOB_LIST, NULL);
        return true;
    case ACTION_THEME:
        if (is_on_top(app, SCREEN_THEME) || screen->ops->overlay)
            return false;
        stack_open(app, SCREEN_THEME, NULL);
        return true;
    case ACTION_BACK:
        if (app->depth > 1)
            stack_apply(app, screen, EFFECT_CLOSE);
        return true;
    case ACTION_REDRAW:
        terminal_invalidate(app->terminal);
        app->dirty = true;
        return true;
    case ACTION_QUIT:
        if (screen->ops->overlay)
            return false;
        quit(app);
        return true;
    default:
        return false;
    }
}

void stack_fallback(struct app *app, struct screen *screen, const struct key_event *event)
{
    if (!fall_back(app, screen, event->action))
        useless_tell(app, screen, event);
    stack_apply(app, screen, EFFECT_NONE);
}
