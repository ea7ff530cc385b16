#include "ui/screens/form/base_list.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/screens/form/model/form.h"
#include "ui/widgets/list_view.h"

#define FRAME 2  /* columns on each side */
#define TOP 3    /* rows of frame, room and titles */
#define AROUND 5 /* the same, with room and frame beneath */
#define MARKER 1
#define GAP 2
#define WHEN_COLUMNS 36 /* "2026-09-23 02:00 +02:00, log removed" */
#define WANTED_COLUMNS 64

struct base_screen {
    struct screen screen;
    struct export_form *form; /* borrowed */
    struct list_view list;
    struct layout_box box;
};

static void base_close(struct screen *screen)
{
    struct base_screen *self = (struct base_screen *)screen;
    list_view_clear(&self->list);
    free(self);
}

static unsigned base_key(struct screen *screen, const struct key_event *event)
{
    struct base_screen *self = (struct base_screen *)screen;
    switch (event->action) {
    case ACTION_OPEN:
    case ACTION_MARK:
        export_form_choose_base(self->form, list_view_row(&self->list));
        return EFFECT_CLOSE;
    case ACTION_BACK:
    case ACTION_LEFT:
        return EFFECT_CLOSE;
    default:
        return list_view_move(&self->list, event->action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
    }
}

static void base_recalc(struct screen *screen, int rows, int columns)
{
    struct base_screen *self = (struct base_screen *)screen;
    int wanted = self->form->of->base_count < (size_t)rows ? (int)self->form->of->base_count : rows;
    self->box = layout_dialog(rows, columns, wanted + AROUND, WANTED_COLUMNS);
    list_view_fit(&self->list, self->box.rows - AROUND);
}

static void paint_base(const struct canvas *box, int row, const struct form_base *base, bool selected)
{
    enum theme_role role = selected ? ROLE_SELECTED : ROLE_DIALOG;
    struct canvas line = canvas_part(box, row, FRAME, 1, box->columns - 2 * FRAME);
    int when_at = line.columns - WHEN_COLUMNS;
    canvas_field(&line, 0, 0, line.columns, role, selected ? ">" : "");
    if (guid_is_none(&base->id)) {
        canvas_text(&line, 0, MARKER, role, "none: every disk in full");
        return;
    }
    CLEANUP_FREE char *when = form_base_when(base);
    canvas_field(&line, 0, MARKER, when_at - MARKER - GAP, role, base->name);
    canvas_text(&line, 0, when_at, role, when);
}

static void base_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct base_screen *self = (const struct base_screen *)screen;
    struct canvas box =
        canvas_dialog(body, self->box.row, self->box.column, self->box.rows, self->box.columns);
    bool live = export_form_kind(self->form) == FORM_LIVE;
    canvas_text(&box, 0, FRAME, ROLE_DIALOG_BORDER,
                live ? " RCT based points, the base of the difference "
                     : " Older points, the base of the difference ");
    canvas_text(&box, TOP - 1, FRAME + MARKER, ROLE_COLUMN, "NAME");
    canvas_text(&box, TOP - 1, box.columns - FRAME - WHEN_COLUMNS, ROLE_COLUMN, "CREATED");
    for (size_t row = 0; row < (size_t)self->list.rows && self->list.top + row < self->list.count; row++) {
        size_t position = self->list.top + row;
        paint_base(&box, TOP + (int)row, &self->form->of->bases[self->list.shown[position]],
                   position == self->list.selected);
    }
}

static struct screen_spot base_cursor(const struct screen *screen)
{
    const struct base_screen *self = (const struct base_screen *)screen;
    return (struct screen_spot){.row = self->box.row + TOP + (int)(self->list.selected - self->list.top),
                                .column = self->box.column + FRAME};
}

static void base_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)screen;
    (void)right;
    strbuf_add(left, "base");
}

static const struct screen_hint *base_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_OPEN, .label = "choose"},
        {.action = ACTION_BACK},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    (void)screen;
    return hints;
}

static const struct screen_ops base_ops = {
    .name = "Base of the export",
    .scrolls = true,
    .overlay = true,
    .close = base_close,
    .key = base_key,
    .recalc = base_recalc,
    .repaint = base_repaint,
    .cursor = base_cursor,
    .title = base_title,
    .hints = base_hints,
};

struct screen *base_screen_new(const struct screen_argument *argument)
{
    struct base_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &base_ops;
    self->form = argument->form;
    list_view_update(&self->list, &(struct list_view_rows){.total = self->form->of->base_count});
    list_view_select(&self->list, self->form->of->base);
    return &self->screen;
}
