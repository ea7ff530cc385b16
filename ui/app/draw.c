/* One picture per turn: recalc → repaint → cursor → flush. The screen with the keys and, beneath overlays,
 * what they lie on. */
#include "ui/app/draw.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/frame.h"
#include "ui/app/stack.h"
#include "ui/app/state.h"

#define STRIP_LIMIT 64

/* Running jobs, and ended ones that nobody has opened, which the screens do not show by themselves. */
static size_t strip_jobs(const struct app *app, const struct job_snapshot **found)
{
    size_t count = 0;
    size_t total = 0;
    const struct job_snapshot *jobs = jobs_all(app->jobs, &total);
    for (size_t i = 0; i < total && count < STRIP_LIMIT; i++) {
        const struct guid *id = &jobs[i].identity.id;
        bool shown = job_state_is_final(jobs[i].state) && !jobs_is_unseen(app->jobs, i);
        for (size_t s = 0; s < app->depth && !shown; s++) {
            const struct screen *screen = app->stack[s];
            shown = screen->ops->shows_job && screen->ops->shows_job(screen, id);
            shown = shown && (s + 1 == app->depth || app->stack[s + 1]->ops->overlay);
        }
        if (!shown)
            found[count++] = &jobs[i];
    }
    return count;
}

static void fit_surface(struct app *app, int rows, int columns)
{
    const struct canvas whole = app->surface ? canvas_whole(app->surface) : (struct canvas){0};
    if (whole.rows == rows && whole.columns == columns && app->surface)
        return;
    canvas_surface_free(app->surface);
    app->surface = canvas_surface_new(rows, columns, app->signs);
}

static size_t lowest_visible(const struct app *app)
{
    size_t at = app->depth - 1;
    while (at > 0 && app->stack[at]->ops->overlay)
        at--;
    return at;
}

static struct frame_keys keys_of(const struct app *app)
{
    const struct screen *top = stack_top(app);
    return (struct frame_keys){.keymap = app->keymap,
                               .text = top->ops->takes_text && top->ops->takes_text(top)};
}

static void paint_title(const struct app *app, const struct canvas *whole, const struct screen *screen)
{
    struct frame_keys keys = keys_of(app);
    CLEANUP_STRBUF struct strbuf left = {0};
    CLEANUP_STRBUF struct strbuf right = {0};
    screen->ops->title(screen, &left, &right);
    frame_paint_title(whole, left.data ? left.data : "", right.data ? right.data : "", &keys);
}

static void paint_frame(const struct app *app, const struct canvas *whole,
                        const struct job_snapshot *const *strip, size_t strip_count)
{
    const struct screen *top = stack_top(app);
    const struct screen *titled = app->stack[lowest_visible(app)];
    struct frame_keys keys = keys_of(app);
    paint_title(app, whole, titled);
    frame_paint_strip(whole, &app->frame, strip, strip_count);
    if (app->message)
        frame_paint_message(whole, &app->frame, app->message_role, app->message);
    else
        frame_paint_footer(whole, &app->frame, top->ops->hints(top), &keys);
}

static struct screen_spot paint_screens(struct app *app, const struct canvas *whole)
{
    const struct layout_frame *frame = &app->frame;
    struct canvas body =
        canvas_part(whole, frame->body.row, frame->body.column, frame->body.rows, frame->body.columns);
    for (size_t i = lowest_visible(app); i < app->depth; i++) {
        struct screen *screen = app->stack[i];
        screen->ops->recalc(screen, body.rows, body.columns);
        screen->ops->repaint(screen, &body);
    }
    struct screen_spot spot = stack_top(app)->ops->cursor(stack_top(app));
    spot.row = spot.row < 0 ? 0 : spot.row >= body.rows ? body.rows - 1 : spot.row;
    spot.column = spot.column < 0 ? 0 : spot.column >= body.columns ? body.columns - 1 : spot.column;
    spot.row += frame->body.row;
    return spot;
}

void draw_picture(struct app *app)
{
    int rows = 0;
    int columns = 0;
    terminal_size(app->terminal, &rows, &columns);
    fit_surface(app, rows, columns);
    const struct job_snapshot *strip[STRIP_LIMIT];
    struct canvas whole = canvas_whole(app->surface);
    struct screen_spot spot = {0};
    /* Whether a screen shows a job itself depends on its size, which depends on the strip: without it first.
     */
    app->frame = layout_frame(rows, columns, 0);
    if (app->frame.too_small) {
        frame_paint_too_small(&whole);
    } else {
        stack_top(app)->ops->recalc(stack_top(app), app->frame.body.rows, columns);
        size_t count = strip_jobs(app, strip);
        app->frame = layout_frame(rows, columns, (int)count);
        canvas_clear(&whole, ROLE_NORMAL);
        spot = paint_screens(app, &whole);
        paint_frame(app, &whole, strip, count);
    }
    terminal_show(app->terminal, app->surface, spot.row, spot.column);
    app->dirty = false;
}
