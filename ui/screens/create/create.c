#include "ui/screens/create/create.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/screens/create/view.h"
#include "ui/screens/create/work.h"
#include "ui/widgets/line_editor_key.h"
#include "ui/widgets/pinned_page.h"
#include "ui/widgets/problem.h"

#define NAME_LIMIT 255 /* bytes, as the host has it */

struct create_screen {
    struct screen screen;
    struct guid collection;
    char *collection_name;
    bool loaded;
    struct error load_error;
    struct create_form form;
    struct create_outcome outcome;
    struct create_view view;
    struct layout_form layout;
    struct page_focus focus;
    int scroll;
};

/* --- work --- */

static unsigned loaded(struct screen *screen, void *argument)
{
    struct create_screen *self = (struct create_screen *)screen;
    struct create_load *task = argument;
    struct app *app = screen->app;
    self->load_error = task->ok ? (struct error){0} : task->err;
    if (!task->ok) {
        app_forget_keys(app, screen);
        return EFFECT_REDRAW;
    }
    self->form = task->form;
    task->form = (struct create_form){0};
    self->form.name.limit = NAME_LIMIT;
    command_line_begin(&self->form.start, app_host_option(app), app_store_option(app),
                       app_service_options(app)->config);
    command_line_add(&self->form.start, "point");
    command_line_add(&self->form.start, "create");
    command_line_add(&self->form.start, task->word);
    self->loaded = true;
    self->focus.id = CREATE_NAME;
    return EFFECT_REDRAW;
}

static void load(struct create_screen *self)
{
    static const struct work_ops ops = {
        .run = create_load_run, .done = loaded, .release = create_load_release};
    struct app *app = self->screen.app;
    self->load_error = (struct error){0};
    app_post(app, &self->screen, &ops, create_load_new(app_host(app), &self->collection));
}

static unsigned created(struct screen *screen, void *argument)
{
    struct create_screen *self = (struct create_screen *)screen;
    struct create_start *task = argument;
    create_outcome_clear(&self->outcome);
    self->outcome = task->outcome;
    task->outcome = (struct create_outcome){0};
    self->focus.id = self->outcome.made ? CREATE_CLOSE : CREATE_NAME;
    self->scroll = 0;
    return EFFECT_REDRAW;
}

static unsigned start(struct create_screen *self)
{
    static const struct work_ops ops = {
        .run = create_start_run, .done = created, .release = create_start_release};
    struct app *app = self->screen.app;
    create_outcome_clear(&self->outcome);
    self->outcome.busy = true;
    app_post(app, &self->screen, &ops,
             create_start_new(app_host(app), app_service_options(app), &self->form));
    return EFFECT_REDRAW;
}

/* --- keys --- */

static bool is_button(unsigned field)
{
    return field == CREATE_BACK || field == CREATE_START || field == CREATE_CLOSE;
}

static unsigned leave(struct create_screen *self)
{
    if (self->outcome.busy)
        app_say(self->screen.app, ROLE_WARNING,
                "The point was not waited for; the list of points will show it.");
    return EFFECT_CLOSE;
}

static unsigned press(struct create_screen *self)
{
    switch (self->focus.id) {
    case CREATE_BACK:
    case CREATE_CLOSE:
        return leave(self);
    case CREATE_START:
        return self->outcome.busy ? EFFECT_NONE : start(self);
    case CREATE_TYPE:
    case CREATE_CONSISTENCY: /* the cursor is on the chosen value, which Space chooses again */
        app_say(self->screen.app, ROLE_INFO, "It is chosen; Left and Right choose another.");
        return EFFECT_REDRAW;
    default:
        return create_form_toggle(&self->form, (enum create_field)self->focus.id) ? EFFECT_REDRAW
                                                                                  : EFFECT_NONE;
    }
}

static unsigned move(struct create_screen *self, enum page_move where)
{
    page_move(&self->view.page, &self->focus, where);
    return EFFECT_REDRAW;
}

static bool is_chosen_right(const struct create_screen *self)
{
    return self->focus.id == CREATE_TYPE ? self->form.rct : self->form.application;
}

static unsigned move_sideways(struct create_screen *self, bool right)
{
    bool choice = self->focus.id == CREATE_TYPE || self->focus.id == CREATE_CONSISTENCY;
    if (!choice)
        return move(self, right ? PAGE_RIGHT : PAGE_LEFT);
    if (is_chosen_right(self) != right)
        create_form_toggle(&self->form, (enum create_field)self->focus.id);
    return EFFECT_REDRAW;
}

static struct pinned_page pinned(const struct create_screen *self)
{
    return (struct pinned_page){.page = &self->view.page,
                                .buttons_row = self->view.buttons_row,
                                .layout = &self->layout,
                                .scroll = self->scroll};
}

static unsigned scroll_by(struct create_screen *self, int rows)
{
    const struct pinned_page page = pinned(self);
    self->scroll = pinned_page_scrolled(&page, rows);
    return EFFECT_REDRAW;
}

/* Enter on a field goes on: from the last one to the button that does it. */
static unsigned go_on(struct create_screen *self)
{
    move(self, PAGE_NEXT);
    return self->focus.id == CREATE_BACK ? move(self, PAGE_LAST) : EFFECT_REDRAW;
}

static unsigned copy(struct create_screen *self)
{
    struct command_line line;
    create_form_command(&self->form, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    app_copy(self->screen.app, text);
    return EFFECT_REDRAW;
}

static unsigned act(struct create_screen *self, enum ui_action action)
{
    int page = self->layout.fields.rows > 1 ? self->layout.fields.rows - 1 : 1;
    switch (action) {
    case ACTION_UP:
        return self->outcome.made ? scroll_by(self, -1) : move(self, PAGE_UP_ROW);
    case ACTION_DOWN:
        return self->outcome.made ? scroll_by(self, 1) : move(self, PAGE_DOWN_ROW);
    case ACTION_LEFT:
        return move_sideways(self, false);
    case ACTION_RIGHT:
        return move_sideways(self, true);
    case ACTION_PAGE_UP:
        return scroll_by(self, -page);
    case ACTION_PAGE_DOWN:
        return scroll_by(self, page);
    case ACTION_FIRST:
        return move(self, PAGE_FIRST);
    case ACTION_LAST:
        return move(self, PAGE_LAST);
    case ACTION_NEXT_PANE:
        return move(self, PAGE_NEXT);
    case ACTION_PREVIOUS_PANE:
        return move(self, PAGE_PREVIOUS);
    case ACTION_OPEN:
        return is_button(self->focus.id) ? press(self) : go_on(self);
    case ACTION_MARK:
        return press(self);
    case ACTION_COPY:
        return copy(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

static bool takes_text(const struct create_screen *self)
{
    return self->loaded && !self->outcome.busy && !self->outcome.made && self->focus.id == CREATE_NAME;
}

static unsigned create_key(struct screen *screen, const struct key_event *event)
{
    struct create_screen *self = (struct create_screen *)screen;
    if (event->action == ACTION_BACK)
        return leave(self);
    if (!self->loaded) {
        if (event->action != ACTION_REFRESH || !self->load_error.code)
            return EFFECT_UNHANDLED;
        load(self);
        return EFFECT_REDRAW;
    }
    switch (takes_text(self) ? line_editor_key(&self->form.name, event) : LINE_EDITOR_UNHANDLED) {
    case LINE_EDITOR_EDITED:
    case LINE_EDITOR_HANDLED:
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    return act(self, event->action);
}

/* What is typed ahead waits for the form, and for the point. Whoever leaves the program waits for the point
 * too: without it nobody would be told what became of it. */
static bool create_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct create_screen *self = (const struct create_screen *)screen;
    bool ready = self->load_error.code || (self->loaded && !self->outcome.busy);
    bool leaves = event->action == ACTION_BACK || (event->action == ACTION_QUIT && !self->outcome.busy);
    return !ready && !leaves;
}

/* --- the picture --- */

static void create_open(struct screen *screen)
{
    load((struct create_screen *)screen);
}

static void create_close(struct screen *screen)
{
    struct create_screen *self = (struct create_screen *)screen;
    create_view_clear(&self->view);
    create_form_clear(&self->form);
    create_outcome_clear(&self->outcome);
    free(self->collection_name);
    free(self);
}

static void follow_focus(struct create_screen *self)
{
    const struct page_stop *stop = page_find(&self->view.page, &self->focus);
    if (!stop || stop->row >= self->view.buttons_row || self->outcome.made) {
        scroll_by(self, 0);
        return;
    }
    self->focus = stop->focus;
    const struct pinned_page page = pinned(self);
    self->scroll = pinned_page_scroll(&page, stop->row > 1 ? stop->row : 0, stop->row);
}

static void create_recalc(struct screen *screen, int rows, int columns)
{
    struct create_screen *self = (struct create_screen *)screen;
    if (!self->loaded)
        return;
    self->layout = layout_review(rows, columns);
    create_view_build(&self->view, &self->form, &self->outcome, columns, app_is_ascii(screen->app));
    follow_focus(self);
}

static void create_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct create_screen *self = (const struct create_screen *)screen;
    struct canvas within = canvas_part(body, 1, PAGE_MARGIN, body->rows - 1, body->columns - PAGE_MARGIN);
    if (self->load_error.code) {
        problem_paint(&within, 0, METHOD_EXPORT_REFERENCE_POINT, &self->load_error);
        return;
    }
    if (!self->loaded) {
        canvas_text(&within, 0, 0, ROLE_DIM, "Reading the collection's machines ...  Esc goes back");
        return;
    }
    const struct pinned_page page = pinned(self);
    pinned_page_paint(&page, body, &self->focus, true, "PgDn: more");
}

static struct screen_spot create_cursor(const struct screen *screen)
{
    const struct create_screen *self = (const struct create_screen *)screen;
    const struct page_stop *stop = self->loaded ? page_find(&self->view.page, &self->focus) : NULL;
    if (!stop)
        return (struct screen_spot){0};
    bool button = stop->row >= self->view.buttons_row;
    return (struct screen_spot){.row = button ? self->layout.buttons.row
                                              : self->layout.fields.row + stop->row - self->scroll,
                                .column = stop->column + stop->cursor};
}

static void create_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct create_screen *self = (const struct create_screen *)screen;
    (void)right;
    strbuf_addf(left, "new point   %s", self->collection_name);
}

static const struct screen_hint *create_hints(const struct screen *screen)
{
    static const struct screen_hint form[] = {
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_MARK, .label = "toggle"},
        {.action = ACTION_OPEN, .label = "go on"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint made[] = {
        {.action = ACTION_OPEN, .label = "close"},
        {.action = ACTION_BACK},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"},
        {.action = ACTION_BACK},
        {.action = ACTION_NONE},
    };
    const struct create_screen *self = (const struct create_screen *)screen;
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    if (self->load_error.code)
        return failed;
    if (!self->loaded || self->outcome.busy)
        return waiting;
    return self->outcome.made ? made : form;
}

static bool create_takes_text(const struct screen *screen)
{
    return takes_text((const struct create_screen *)screen);
}

static const struct screen_ops create_ops = {
    .name = "New point",
    .open = create_open,
    .close = create_close,
    .key = create_key,
    .holds_key = create_holds_key,
    .recalc = create_recalc,
    .repaint = create_repaint,
    .cursor = create_cursor,
    .title = create_title,
    .hints = create_hints,
    .takes_text = create_takes_text,
};

struct screen *create_screen_new(const struct screen_argument *argument)
{
    struct create_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &create_ops;
    self->collection = argument->point->collection_id;
    self->collection_name = mem_strdup(argument->collection_name);
    return &self->screen;
}
