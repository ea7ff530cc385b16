#include "ui/screens/review/review.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/screens/form/step_title.h"
#include "ui/screens/form/work.h"
#include "ui/screens/review/view.h"
#include "ui/widgets/pinned_page.h"

struct review_screen {
    struct screen screen;
    struct review review;
    struct review_view view;
    struct layout_form layout;
    struct page_focus focus;
    int scroll;
    bool starting;
};

static void review_close(struct screen *screen)
{
    struct review_screen *self = (struct review_screen *)screen;
    if (self->starting)
        app_say(screen->app, ROLE_WARNING, "The start was not waited for; the list of jobs will show it.");
    review_view_clear(&self->view);
    review_clear(&self->review);
    free(self);
}

static void say_not_remembered(struct app *app, const struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    app_say(app, ROLE_WARNING, "%s", text);
}

/* How many of several there are now, and why the first of those is not there that are not. */
static void say_of_others(struct app *app, const struct form_start *task)
{
    const struct error *refused = NULL;
    size_t jobs = 1;
    for (size_t i = 0; i < task->also_count; i++) {
        bool is_started = !guid_is_none(&task->also[i].job);
        jobs += is_started;
        if (!is_started && !refused)
            refused = &task->also[i].err;
    }
    if (refused)
        app_say(app, ROLE_ERROR, "%zu of %zu jobs were started. Refused: %s. Export that point alone.", jobs,
                task->also_count + 1, refused->what);
    else if (jobs > 1)
        app_say(app, ROLE_INFO, "%zu jobs were started; this is the first of them.", jobs);
}

static void ring_when_ended(struct app *app, const struct form_start *task)
{
    app_ring_when_ended(app, &task->job);
    for (size_t i = 0; i < task->also_count; i++) {
        if (!guid_is_none(&task->also[i].job))
            app_ring_when_ended(app, &task->also[i].job);
    }
}

static unsigned started(struct screen *screen, void *argument)
{
    struct review_screen *self = (struct review_screen *)screen;
    const struct form_start *task = argument;
    self->starting = false;
    if (task->return_value == RETURN_JOB_STARTED) {
        if (task->err.code != 0)
            say_not_remembered(screen->app, &task->err);
        if (self->review.last.bell)
            ring_when_ended(screen->app, task);
        last_export_clear(app_form_draft(screen->app));
        app_refresh_jobs(screen->app);
        say_of_others(screen->app, task);
        app_show_job(screen->app, &task->job);
        return EFFECT_REDRAW;
    }
    self->review.refusal = task->err;
    self->focus.id = REVIEW_BACK;
    self->scroll = 0;
    return EFFECT_REDRAW;
}

static const struct work_ops start_work = {
    .run = form_start_run, .done = started, .release = form_start_release};

static unsigned start(struct review_screen *self)
{
    if (self->starting)
        return EFFECT_NONE;
    struct app *app = self->screen.app;
    self->starting = true;
    self->review.refusal = (struct error){0};
    struct form_start *task = form_start_new(app_host(app), app_service_options(app), &self->review.request,
                                             self->review.estimate.plan, &self->review.last);
    form_start_also(task, self->review.also, self->review.also_count);
    app_post(app, &self->screen, &start_work, task);
    return EFFECT_REDRAW;
}

static unsigned press(struct review_screen *self)
{
    return self->focus.id == REVIEW_START ? start(self) : EFFECT_CLOSE;
}

static struct pinned_page pinned(const struct review_screen *self)
{
    return (struct pinned_page){.page = &self->view.page,
                                .buttons_row = self->view.buttons_row,
                                .layout = &self->layout,
                                .scroll = self->scroll};
}

static unsigned scroll_by(struct review_screen *self, int rows)
{
    const struct pinned_page page = pinned(self);
    self->scroll = pinned_page_scrolled(&page, rows);
    return self->scroll == page.scroll ? EFFECT_NONE : EFFECT_REDRAW;
}

static unsigned focus_on(struct review_screen *self, enum review_stop stop)
{
    self->focus.id = stop;
    return EFFECT_REDRAW;
}

static unsigned review_key(struct screen *screen, const struct key_event *event)
{
    struct review_screen *self = (struct review_screen *)screen;
    int page = self->layout.fields.rows > 1 ? self->layout.fields.rows - 1 : 1;
    switch (event->action) {
    case ACTION_LEFT:
        return focus_on(self, REVIEW_BACK);
    case ACTION_RIGHT:
        return focus_on(self, REVIEW_START);
    case ACTION_NEXT_PANE:
    case ACTION_PREVIOUS_PANE:
        return focus_on(self, self->focus.id == REVIEW_BACK ? REVIEW_START : REVIEW_BACK);
    case ACTION_OPEN:
    case ACTION_MARK:
        return press(self);
    case ACTION_BACK:
        return EFFECT_CLOSE;
    case ACTION_UP:
        return scroll_by(self, -1);
    case ACTION_DOWN:
        return scroll_by(self, 1);
    case ACTION_PAGE_UP:
        return scroll_by(self, -page);
    case ACTION_PAGE_DOWN:
        return scroll_by(self, page);
    case ACTION_FIRST:
        return scroll_by(self, -self->view.page.rows);
    case ACTION_LAST:
        return scroll_by(self, self->view.page.rows);
    case ACTION_COPY: {
        CLEANUP_FREE char *command = command_line_text(&self->review.command);
        app_copy(screen->app, command);
        return EFFECT_REDRAW;
    }
    default:
        return EFFECT_UNHANDLED;
    }
}

static void review_recalc(struct screen *screen, int rows, int columns)
{
    struct review_screen *self = (struct review_screen *)screen;
    self->layout = layout_review(rows, columns);
    review_view_build(&self->view, &self->review, columns, app_is_ascii(screen->app), self->starting);
    scroll_by(self, 0);
}

static void review_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct review_screen *self = (const struct review_screen *)screen;
    const struct pinned_page page = pinned(self);
    pinned_page_paint(&page, body, &self->focus, false, "Down: more");
}

static struct screen_spot review_cursor(const struct screen *screen)
{
    const struct review_screen *self = (const struct review_screen *)screen;
    const struct page_stop *stop = page_find(&self->view.page, &self->focus);
    return (struct screen_spot){.row = self->layout.buttons.row,
                                .column = stop ? stop->column + stop->cursor : 0};
}

static void review_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct review_screen *self = (const struct review_screen *)screen;
    (void)right;
    CLEANUP_FREE char *subject = step_title_several(self->review.title, self->review.also_count);
    const struct step_title title = {.subject = subject, .number = "2 of 3", .word = "review"};
    CLEANUP_FREE char *text = step_title_text(&title, self->layout.fields.columns, app_is_ascii(screen->app));
    strbuf_add(left, text);
}

static const struct screen_hint *review_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_NEXT_PANE, .label = "next button", .help = "The other button"},
        {.action = ACTION_OPEN, .label = "press", .help = "Press the button"},
        {.action = ACTION_BACK,
         .label = "back (values kept)",
         .help = "Go back to the form, which keeps its values"},
        {.action = ACTION_COPY,
         .label = "copy the command",
         .help = "Copy the command to the terminal's clipboard"},
        {.action = ACTION_DOWN, .help = "Scroll down", .help_only = true},
        {.action = ACTION_UP, .help = "Scroll up", .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint starting[] = {
        {.action = ACTION_BACK, .help = "Go back to the form, which keeps its values"},
        {.action = ACTION_COPY,
         .label = "copy the command",
         .help = "Copy the command to the terminal's clipboard"},
        {.action = ACTION_NONE},
    };
    return ((const struct review_screen *)screen)->starting ? starting : hints;
}

static const struct screen_ops review_ops = {
    .name = "Review of the export",
    .close = review_close,
    .key = review_key,
    .recalc = review_recalc,
    .repaint = review_repaint,
    .cursor = review_cursor,
    .title = review_title,
    .hints = review_hints,
};

struct screen *review_screen_new(const struct screen_argument *argument)
{
    struct review_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &review_ops;
    review_from_form(&self->review, argument->form);
    self->focus.id = REVIEW_BACK;
    return &self->screen;
}
