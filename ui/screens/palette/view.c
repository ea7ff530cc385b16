/* The picture of the palette: always of the same size, so that nothing moves but the rows. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/screens/palette/state.h"

#define FRAME 2 /* columns on each side: the frame and a blank */
#define WANTED_COLUMNS 78
#define WANTED_ROWS 20
#define HEAD_ROWS 2 /* frame and what is typed */
#define MARKER_COLUMNS 2
#define PROMPT_COLUMNS 2
#define GAP 2
#define LABEL_LEAST 24

void palette_recalc(struct screen *screen, int rows, int columns)
{
    struct palette *self = (struct palette *)screen;
    self->box = layout_dialog(rows, columns, WANTED_ROWS, WANTED_COLUMNS);
    list_view_fit(&self->view, self->box.rows - HEAD_ROWS - 1);
    free(self->shown_line.text);
    line_editor_view(&self->line, (size_t)(self->box.columns - 2 * FRAME - PROMPT_COLUMNS),
                     app_is_ascii(screen->app), &self->shown_line);
}

/* Which letters of a text the words have taken, by the bytes they come from. */
static void find_hits(const char *text, const struct match_query *query, bool *hit)
{
    struct fold_letters letters = {0};
    fold_letters_add(&letters, text);
    const struct match_text searched = {.letters = letters.items, .count = letters.count};
    for (size_t i = 0; i < query->count; i++) {
        size_t hits[MATCH_WORD_LETTERS];
        bool found = letters.count > 0 && match_word(&searched, &query->words[i], hits) > 0;
        for (size_t h = 0; found && h < query->words[i].count; h++)
            hit[letters.items[hits[h]].at] = true;
    }
    free(letters.items);
}

/* The emphasis goes over what is painted already: the same text, cut at the same place. */
static void emphasise(const struct canvas *label, const char *text, const struct match_query *query,
                      enum theme_role role)
{
    size_t length = strlen(text);
    CLEANUP_FREE bool *hit = mem_alloc(length + 1);
    find_hits(text, query, hit);
    struct cells_piece piece;
    bool cut = (int)cells_width(text, canvas_is_ascii(label)) > label->columns;
    int last = label->columns - (cut ? canvas_is_ascii(label) ? 2 : 1 : 0);
    int column = 0;
    for (size_t at = 0; at < length; at += piece.bytes) {
        cells_next_piece(text + at, canvas_is_ascii(label), &piece);
        if (piece.bytes == 0 || column + (int)piece.columns > last)
            return;
        bool any = false;
        for (size_t i = at; i < at + piece.bytes && i < length; i++)
            any = any || hit[i];
        if (any)
            canvas_paint_role(label, 0, column, (int)piece.columns, role);
        column += (int)piece.columns;
    }
}

static char *label_of(const struct palette *self, const struct palette_row *row)
{
    const struct palette_item *item = &self->items.items[row->item];
    return mem_format("%s%s%s", row->verb ? row->verb : "", row->verb ? " " : "", item->shown);
}

/* An action's key, or why it cannot be done; what a thing is. */
static char *about_of(const struct palette *self, const struct palette_row *row, bool *is_key)
{
    const struct palette_item *item = &self->items.items[row->item];
    char keys[64] = "";
    enum ui_action action = item->kind == PALETTE_ACTION ? item->action : row->action;
    if (action != ACTION_NONE)
        keymap_key_label(app_keymap(self->screen.app), action, keys, sizeof keys);
    *is_key = item->kind == PALETTE_ACTION && !item->unavailable;
    if (item->kind == PALETTE_ACTION && !item->unavailable)
        return mem_strdup(*keys ? keys : "no key");
    if (*keys)
        return mem_format("%s   %s", item->about, keys);
    return mem_strdup(item->about);
}

static void paint_row(const struct palette *self, const struct canvas *line, const struct palette_row *row,
                      const struct match_query *query, bool at)
{
    bool is_key = false;
    bool off = self->items.items[row->item].unavailable;
    enum theme_role role = at ? ROLE_SELECTED : ROLE_DIALOG;
    CLEANUP_FREE char *label = label_of(self, row);
    CLEANUP_FREE char *about = about_of(self, row, &is_key);
    int width = (int)cells_width(about, canvas_is_ascii(line));
    int room = line->columns - MARKER_COLUMNS - GAP - LABEL_LEAST;
    width = width < room ? width : room;
    int label_columns = line->columns - MARKER_COLUMNS - GAP - width;
    canvas_field(line, 0, 0, line->columns, role, at ? ">" : off ? "-" : "");
    canvas_field(line, 0, MARKER_COLUMNS, label_columns, role, label);
    canvas_field(line, 0, line->columns - width, width, is_key && !at ? ROLE_DIALOG_BORDER : role, about);
    struct canvas part = canvas_part(line, 0, MARKER_COLUMNS, 1, label_columns);
    emphasise(&part, label, query, at ? ROLE_SELECTED_MATCH : ROLE_MATCH);
}

static void paint_head(const struct palette *self, const struct canvas *box)
{
    int inner = box->columns - 2 * FRAME;
    CLEANUP_FREE char *position = list_view_summary(&self->view);
    canvas_text(box, 0, FRAME, ROLE_DIALOG_BORDER, " Do or go to ");
    int width = (int)cells_width(position, true) + 2;
    if (self->view.count > 0)
        canvas_textf(box, 0, box->columns - FRAME - width, ROLE_DIALOG, " %s ", position);
    canvas_field(box, 1, FRAME, inner, ROLE_FIELD_FOCUSED, ":");
    canvas_text(box, 1, FRAME + PROMPT_COLUMNS, ROLE_FIELD_FOCUSED, self->shown_line.text);
}

unsigned palette_point(struct screen *screen, const struct pointer_event *event)
{
    struct palette *self = (struct palette *)screen;
    if (event->kind != POINTER_PRESS)
        return EFFECT_REDRAW;
    int line = event->row - self->box.row - HEAD_ROWS;
    return list_view_point(&self->view, line) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
}

void palette_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct palette *self = (const struct palette *)screen;
    const struct list_view *view = &self->view;
    struct canvas box =
        canvas_dialog(body, self->box.row, self->box.column, self->box.rows, self->box.columns);
    struct canvas list = canvas_part(&box, HEAD_ROWS, FRAME, view->rows, box.columns - 2 * FRAME);
    struct match_query query;
    match_query_read(&query, line_editor_text(&self->line));
    paint_head(self, &box);
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        struct canvas line = canvas_part(&list, row, 0, 1, list.columns - 1);
        paint_row(self, &line, &self->found.rows[position], &query, position == view->selected);
    }
    if (view->count == 0)
        canvas_wrap(&list, 0, MARKER_COLUMNS, list.rows, list.columns - MARKER_COLUMNS, ROLE_DIALOG,
                    "Nothing matches. Esc clears what was typed.");
    list_view_paint_scroll(view, &list, ROLE_DIALOG);
}

struct screen_spot palette_cursor(const struct screen *screen)
{
    const struct palette *self = (const struct palette *)screen;
    return (struct screen_spot){.row = self->box.row + 1,
                                .column = self->box.column + FRAME + PROMPT_COLUMNS +
                                          (int)self->shown_line.cursor_column};
}
