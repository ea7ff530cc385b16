#include "ui/screens/dialog/dialog.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/cells.h"
#include "ui/draw/layout.h"

#define TEXT_COLUMNS 56
#define BORDER 4 /* columns of frame and room, on each side */
#define AROUND 6 /* rows of frame, room and buttons: all but the text */
#define GAP 2    /* between buttons */
#define ENDS 4   /* "< " and " >" */

struct dialog_screen {
    struct screen screen;
    struct dialog dialog;
    char *title;
    char *text;
    char *buttons[DIALOG_BUTTONS];
    size_t count;
    size_t selected;
    struct layout_box box;
    struct screen_spot spot;
};

static void dialog_close(struct screen *screen)
{
    struct dialog_screen *self = (struct dialog_screen *)screen;
    free(self->title);
    free(self->text);
    for (size_t i = 0; i < self->count; i++)
        free(self->buttons[i]);
    free(self->dialog.context);
    free(self);
}

static unsigned choose(struct dialog_screen *self, size_t button)
{
    self->dialog.chosen(&self->screen, button, self->dialog.context);
    return EFFECT_CLOSE;
}

static unsigned select_button(struct dialog_screen *self, size_t button)
{
    self->selected = button;
    return EFFECT_REDRAW;
}

static unsigned dialog_key(struct screen *screen, const struct key_event *event)
{
    struct dialog_screen *self = (struct dialog_screen *)screen;
    size_t last = self->count - 1;
    switch (event->action) {
    case ACTION_LEFT:
    case ACTION_UP:
    case ACTION_PREVIOUS_PANE:
        return select_button(self, self->selected > 0 ? self->selected - 1 : last);
    case ACTION_RIGHT:
    case ACTION_DOWN:
    case ACTION_NEXT_PANE:
        return select_button(self, self->selected < last ? self->selected + 1 : 0);
    case ACTION_OPEN:
        return choose(self, self->selected);
    case ACTION_BACK:
        return choose(self, self->dialog.escape);
    default:
        return EFFECT_UNHANDLED;
    }
}

static int buttons_columns(const struct dialog_screen *self)
{
    int columns = 0;
    for (size_t i = 0; i < self->count; i++)
        columns += (int)cells_width(self->buttons[i], false) + ENDS + (i > 0 ? GAP : 0);
    return columns;
}

static void dialog_recalc(struct screen *screen, int rows, int columns)
{
    struct dialog_screen *self = (struct dialog_screen *)screen;
    int inner = buttons_columns(self) > TEXT_COLUMNS ? buttons_columns(self) : TEXT_COLUMNS;
    if (inner > columns - 2 * BORDER)
        inner = columns - 2 * BORDER;
    int text_rows = canvas_wrap_rows(self->text, inner, app_is_ascii(screen->app));
    self->box = layout_dialog(rows, columns, text_rows + AROUND, inner + 2 * BORDER);
}

static void dialog_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct dialog_screen *self = (const struct dialog_screen *)screen;
    struct canvas box =
        canvas_dialog(body, self->box.row, self->box.column, self->box.rows, self->box.columns);
    canvas_textf(&box, 0, BORDER - 1, ROLE_DIALOG_BORDER, " %s ", self->title);
    int inner = box.columns - 2 * BORDER;
    canvas_wrap(&box, 2, BORDER, box.rows - AROUND, inner, ROLE_DIALOG, self->text);
    int at = BORDER;
    for (size_t i = 0; i < self->count; i++) {
        enum theme_role role = i == self->selected ? ROLE_BUTTON_FOCUSED : ROLE_BUTTON;
        at += canvas_textf(&box, box.rows - 3, at, role, "%s %s %s", i == self->selected ? ">" : "<",
                           self->buttons[i], i == self->selected ? "<" : ">");
        at += GAP;
    }
}

static struct screen_spot dialog_cursor(const struct screen *screen)
{
    const struct dialog_screen *self = (const struct dialog_screen *)screen;
    int at = self->box.column + BORDER;
    for (size_t i = 0; i < self->selected; i++)
        at += (int)cells_width(self->buttons[i], false) + ENDS + GAP;
    return (struct screen_spot){.row = self->box.row + self->box.rows - 3, .column = at};
}

static void dialog_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_add(left, ((const struct dialog_screen *)screen)->title);
}

static const struct screen_hint *dialog_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_NEXT_PANE, .label = "next"},
        {.action = ACTION_OPEN, .label = "press"},
        {.action = ACTION_BACK},
        {.action = ACTION_NONE},
    };
    (void)screen;
    return hints;
}

static const struct screen_ops dialog_ops = {
    .name = "Question",
    .overlay = true,
    .close = dialog_close,
    .key = dialog_key,
    .recalc = dialog_recalc,
    .repaint = dialog_repaint,
    .cursor = dialog_cursor,
    .title = dialog_title,
    .hints = dialog_hints,
};

struct screen *dialog_screen_new(const struct screen_argument *argument)
{
    const struct dialog *dialog = argument->dialog;
    struct dialog_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &dialog_ops;
    self->dialog = *dialog;
    self->title = mem_strdup(dialog->title);
    self->text = mem_strdup(dialog->text);
    self->selected = dialog->selected;
    while (self->count < DIALOG_BUTTONS && dialog->buttons[self->count]) {
        self->buttons[self->count] = mem_strdup(dialog->buttons[self->count]);
        self->count++;
    }
    return &self->screen;
}
