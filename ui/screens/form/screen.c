/* Keys change the form (keys.c), the form says what should be asked, workers ask (asking.c), results come
 * back to the form; the picture is made from it alone (view.c). */
#include "ui/screens/form/screen.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/screens/form/asking.h"
#include "ui/screens/form/keys.h"
#include "ui/screens/form/load.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/form/model/make.h"
#include "ui/screens/form/state.h"
#include "ui/screens/form/step_title.h"
#include "ui/screens/form/view.h"
#include "ui/widgets/problem.h"

static void form_open(struct screen *screen)
{
    form_screen_load((struct form_screen *)screen);
}

static void form_close(struct screen *screen)
{
    struct form_screen *self = (struct form_screen *)screen;
    completion_clear(&self->candidates);
    export_form_view_clear(&self->view);
    export_form_free(self->form);
    free(self->collection_name);
    free(self->also);
    free(self);
}

/* Back from the review: what it said may have been refused since, or be old. */
static unsigned form_uncovered(struct screen *screen)
{
    struct form_screen *self = (struct form_screen *)screen;
    if (self->was_reviewed)
        export_form_check_again(self->form);
    self->was_reviewed = false;
    if (self->form)
        form_screen_ask(self);
    return EFFECT_REDRAW;
}

static void form_recalc(struct screen *screen, int rows, int columns)
{
    struct form_screen *self = (struct form_screen *)screen;
    enum form_field field = FORM_FIELD_COUNT;
    self->input.layout = layout_form(rows, columns);
    self->input.ascii = app_is_ascii(screen->app);
    if (!self->form)
        return;
    export_form_view_build(&self->view, self->form, &self->input);
    const struct page_stop *stop = page_find(&self->view.page, &self->input.focus);
    if (stop && !page_focus_equal(&stop->focus, &self->input.focus)) { /* its field is gone */
        self->input.focus = stop->focus;
        export_form_view_build(&self->view, self->form, &self->input);
    }
    if (export_form_state(self->form, &field) != FORM_BLOCKED)
        field = FORM_FIELD_COUNT;
    self->scroll = export_form_view_scroll(&self->view, &self->input, self->scroll, field);
}

static void paint_rows(const struct form_screen *self, const struct canvas *body,
                       const struct layout_box *box, int from, int behind)
{
    struct canvas part = canvas_part(body, box->row, box->column, box->rows, box->columns);
    int rows = behind - from < box->rows ? behind - from : box->rows;
    page_paint(&self->view.page, &part, from, rows, &self->input.focus);
}

static void form_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct form_screen *self = (const struct form_screen *)screen;
    struct canvas within = canvas_part(body, 0, PAGE_MARGIN, body->rows, body->columns - PAGE_MARGIN);
    if (self->failed)
        problem_paint(&within, 1, METHOD_EXPORT_REFERENCE_POINT, &self->load_error);
    else if (!self->form)
        canvas_text(&within, 1, 0, ROLE_DIM, "Reading what can be exported ...  Esc goes back");
    if (!self->form)
        return;
    const struct layout_form *layout = &self->input.layout;
    paint_rows(self, body, &layout->fields, self->scroll, self->view.command_row);
    paint_rows(self, body, &layout->command, self->view.command_row, self->view.buttons_row);
    paint_rows(self, body, &layout->buttons, self->view.buttons_row, self->view.page.rows);
}

static struct screen_spot form_cursor(const struct screen *screen)
{
    const struct form_screen *self = (const struct form_screen *)screen;
    const struct page_stop *stop = self->form ? page_find(&self->view.page, &self->input.focus) : NULL;
    if (!stop)
        return (struct screen_spot){.row = 1};
    const struct layout_form *layout = &self->input.layout;
    int row = stop->row >= self->view.buttons_row ? layout->buttons.row
                                                  : layout->fields.row + stop->row - self->scroll;
    return (struct screen_spot){.row = row, .column = stop->column + stop->cursor};
}

static void form_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct form_screen *self = (const struct form_screen *)screen;
    (void)right;
    CLEANUP_FREE char *subject =
        step_title_several(self->form ? self->form->of->title : self->collection_name, self->also_count);
    const struct step_title title = {.subject = subject, .number = "1 of 3", .word = "settings"};
    CLEANUP_FREE char *text =
        step_title_text(&title, self->input.layout.fields.columns, app_is_ascii(screen->app));
    strbuf_add(left, text);
}

/* Whoever knows the way types ahead; Esc, and what leads elsewhere and is no character, works at once. */
static bool form_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct form_screen *self = (const struct form_screen *)screen;
    if (self->form || self->failed)
        return false;
    switch (*event->text ? ACTION_NONE : event->action) {
    case ACTION_BACK:
    case ACTION_HELP:
    case ACTION_JOBS:
    case ACTION_PALETTE:
    case ACTION_THEME:
    case ACTION_REDRAW:
    case ACTION_QUIT:
        return false;
    default:
        return true;
    }
}

static bool form_takes_text(const struct screen *screen)
{
    const struct form_screen *self = (const struct form_screen *)screen;
    return form_screen_takes_text(self) || (!self->form && !self->failed);
}

/* On all that is no text field. */
#define BACK_AND_MOVES                                                                                       \
    {.action = ACTION_REVIEW},                                                                               \
        {.action = ACTION_BACK,                                                                              \
         .label = "back (values kept)",                                                                      \
         .help = "Go back; the form keeps its values"},                                                      \
        {.action = ACTION_MARK_ALL, .help = "Mark all disks, or none", .help_only = true},                   \
        {.action = ACTION_COPY, .help = "Copy the command to the terminal's clipboard"},                     \
        {.action = ACTION_REFRESH, .help = "Check everything again", .help_only = true},                     \
        {.action = ACTION_PREVIOUS_PANE, .help_only = true}, {.action = ACTION_UP, .help_only = true},       \
        {.action = ACTION_DOWN, .help_only = true},                                                          \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

static const struct screen_hint *form_hints(const struct screen *screen)
{
    static const struct screen_hint text_hints[] = {
        {.action = ACTION_NEXT_PANE,
         .label = "complete",
         .help = "Complete the path, or list what fits; else the next field"},
        {.action = ACTION_OPEN, .label = "next", .help = "Next field"},
        {.action = ACTION_REVIEW},
        {.action = ACTION_BACK, .label = "back (values kept)", .help = "Go back; the form keeps its values"},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_PREVIOUS_PANE, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint list_hints[] = {
        {.action = ACTION_DOWN, .label = "choose", .help = "The next one of the list"},
        {.action = ACTION_UP, .help = "The one before; the field", .help_only = true},
        {.action = ACTION_OPEN, .label = "take", .help = "Take what is chosen; else the next field"},
        {.action = ACTION_BACK, .label = "close the list", .help = "Close the list"},
        {.action = ACTION_NEXT_PANE, .label = "next", .help = "Next field"},
        {.action = ACTION_REVIEW},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint choice_hints[] = {
        {.action = ACTION_NEXT_PANE, .label = "next", .help = "Next field"},
        {.action = ACTION_LEFT, .label = "choose", .help = "The choice to the left, the field there"},
        {.action = ACTION_RIGHT, .label = "choose", .help = "The choice to the right, the field there"},
        {.action = ACTION_OPEN, .label = "next", .help = "Next field"},
        BACK_AND_MOVES,
    };
    static const struct screen_hint box_hints[] = {
        {.action = ACTION_NEXT_PANE, .label = "next", .help = "Next field"},
        {.action = ACTION_MARK, .label = "toggle", .help = "Mark what the cursor is on, or not"},
        {.action = ACTION_OPEN, .label = "next", .help = "Next field"},
        {.action = ACTION_LEFT, .help = "The field to the left", .help_only = true},
        {.action = ACTION_RIGHT, .help = "The field to the right", .help_only = true},
        BACK_AND_MOVES,
    };
    static const struct screen_hint button_hints[] = {
        {.action = ACTION_NEXT_PANE, .label = "next", .help = "Next field"},
        {.action = ACTION_OPEN, .label = "press", .help = "Press the button; next field"},
        {.action = ACTION_MARK, .help = "Press the button", .help_only = true},
        {.action = ACTION_LEFT, .help = "The field to the left; an older base", .help_only = true},
        {.action = ACTION_RIGHT, .help = "The field to the right", .help_only = true},
        BACK_AND_MOVES,
    };
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"}, {.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct form_screen *self = (const struct form_screen *)screen;
    if (!self->form)
        return self->failed ? failed : waiting;
    return form_screen_lists(self)          ? list_hints
           : form_screen_takes_text(self)   ? text_hints
           : form_screen_is_on_button(self) ? button_hints
           : form_screen_is_on_choice(self) ? choice_hints
                                            : box_hints;
}

static const struct screen_ops form_ops = {
    .name = "Export",
    .open = form_open,
    .close = form_close,
    .uncovered = form_uncovered,
    .key = form_screen_key,
    .holds_key = form_holds_key,
    .tick = form_screen_tick,
    .recalc = form_recalc,
    .repaint = form_repaint,
    .cursor = form_cursor,
    .title = form_title,
    .hints = form_hints,
    .takes_text = form_takes_text,
};

struct screen *export_form_screen_new(const struct screen_argument *argument)
{
    struct form_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &form_ops;
    self->path = *argument->point;
    self->collection_name = mem_strdup(argument->collection_name ? argument->collection_name : "");
    for (size_t i = 0; i < argument->also_count; i++)
        *ARRAY_APPEND(self->also, self->also_count) = argument->also[i];
    return &self->screen;
}
