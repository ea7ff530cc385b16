/* Screens come and go only between handlers: a pushed one is kept aside until the running handler has
 * returned, and a screen is closed by its returned effect. */
#include "ui/app/stack.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/state.h"
#include "ui/screens/help/help.h"
#include "ui/screens/job/job.h"
#include "ui/screens/job/list.h"
#include "ui/screens/leave/leave.h"
#include "ui/screens/theme/theme.h"

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

static void put_pushed(struct app *app)
{
    struct screen *screen = app->pushed;
    app->pushed = NULL;
    app->stack = mem_grow(app->stack, app->depth, sizeof screen); /* NOLINT(bugprone-sizeof-expression) */
    app->stack[app->depth++] = screen;
    app->dirty = true;
    if (screen->ops->resize)
        screen->ops->resize(screen, app->frame.body.rows, app->frame.body.columns);
    if (screen->ops->open)
        screen->ops->open(screen);
}

void stack_push(struct app *app, struct screen *screen)
{
    if (app->pushed)
        app->pushed->ops->close(app->pushed);
    screen->app = app;
    app->pushed = screen;
}

static void show_job(struct app *app)
{
    while (app->depth > 1)
        close_top(app);
    stack_push(app, job_screen_new(&app->job_to_show));
    app->job_to_show = (struct guid){0};
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
        else if (!app->pushed)
            tell_uncovered(app);
    }
    if (!guid_is_none(&app->job_to_show))
        show_job(app);
    while (app->pushed)
        put_pushed(app);
    if (app->to_perform != ACTION_NONE && stack_top(app) && !app->leaving)
        perform(app);
}

void stack_close_all(struct app *app)
{
    if (app->pushed)
        app->pushed->ops->close(app->pushed);
    app->pushed = NULL;
    while (app->depth > 0)
        close_top(app);
    free(app->stack);
    app->stack = NULL;
}

static bool is_on_top(const struct app *app, const struct screen_ops *ops)
{
    return stack_top(app)->ops == ops;
}

/* Where it is beneath others, it comes to the top. False: it is not on the stack. */
static bool go_back_to(struct app *app, const struct screen_ops *ops)
{
    size_t at = app->depth;
    while (at > 0 && app->stack[at - 1]->ops != ops)
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
        stack_push(app, leave_dialog_new(running));
}

void stack_fallback(struct app *app, struct screen *screen, const struct key_event *event)
{
    switch (event->action) {
    case ACTION_HELP:
        if (!is_on_top(app, &help_screen_ops))
            stack_push(app, help_screen_new(screen, false));
        break;
    case ACTION_PALETTE:
        if (!is_on_top(app, &help_screen_ops))
            stack_push(app, help_screen_new(screen, true));
        break;
    case ACTION_JOBS:
        if (!screen->ops->overlay && !go_back_to(app, &job_list_screen_ops))
            stack_push(app, job_list_screen_new());
        break;
    case ACTION_THEME:
        if (!is_on_top(app, &theme_screen_ops) && !screen->ops->overlay)
            stack_push(app, theme_screen_new());
        break;
    case ACTION_BACK:
        if (app->depth > 1)
            stack_apply(app, screen, EFFECT_CLOSE);
        break;
    case ACTION_REDRAW:
        terminal_invalidate(app->terminal);
        app->dirty = true;
        break;
    case ACTION_QUIT:
        if (!screen->ops->overlay)
            quit(app);
        break;
    default:
        break;
    }
    stack_apply(app, screen, EFFECT_NONE);
}
