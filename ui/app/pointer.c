#include "ui/app/pointer.h"

#include "ui/app/frame.h"
#include "ui/app/stack.h"
#include "ui/app/state.h"

#define WHEEL_ROWS 3
#define TWICE_MS 400

static bool is_twice(struct app *app, const struct pointer_event *event)
{
    bool twice = app->pressed_ms && app->now_ms - app->pressed_ms <= TWICE_MS &&
                 event->row == app->pressed.row && event->column == app->pressed.column;
    app->pressed = *event;
    app->pressed_ms = twice ? 0 : app->now_ms; /* a third press is the first again */
    return twice;
}

static enum ui_action footer_action(const struct app *app, int column)
{
    const struct screen *top = stack_top(app);
    const struct canvas whole = canvas_whole(app->surface);
    struct frame_keys keys = {.keymap = app->keymap,
                              .text = top->ops->takes_text && top->ops->takes_text(top)};
    return frame_footer_action(&whole, top->ops->hints(top), &keys, column);
}

/* False: nothing of the screen's is there. */
static bool show_to_screen(struct app *app, const struct pointer_event *event)
{
    struct screen *top = stack_top(app);
    const struct layout_box *body = &app->frame.body;
    struct pointer_event inside = *event;
    inside.row -= body->row;
    inside.column -= body->column;
    if (!top->ops->point || inside.row < 0 || inside.row >= body->rows)
        return false;
    unsigned effects = top->ops->point(top, &inside);
    stack_apply(app, top, effects);
    return !(effects & EFFECT_UNHANDLED);
}

struct pointer_order pointer_act(struct app *app, const struct pointer_event *event, bool footer)
{
    struct pointer_event seen = *event;
    const struct pointer_order nothing = {.action = ACTION_NONE};
    if (!app->surface)
        return nothing;
    if (event->kind != POINTER_PRESS) {
        bool scrolls = show_to_screen(app, &seen) || stack_top(app)->ops->scrolls;
        return (struct pointer_order){.action = event->kind == POINTER_WHEEL_UP ? ACTION_UP : ACTION_DOWN,
                                      .times = scrolls ? WHEEL_ROWS : 0};
    }
    seen.twice = is_twice(app, event);
    if (event->row == app->frame.footer.row)
        return (struct pointer_order){.action = footer ? footer_action(app, event->column) : ACTION_NONE,
                                      .times = 1};
    bool there = show_to_screen(app, &seen);
    return there && seen.twice ? (struct pointer_order){.action = ACTION_OPEN, .times = 1} : nothing;
}
