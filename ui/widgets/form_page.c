#include "ui/widgets/form_page.h"

#include "ui/widgets/pinned_page.h"

#define HEADING 1 /* rows above the page */
#define MARGIN 0  /* what is on the page has its own */

void form_page_clear(struct form_page *form)
{
    page_clear(&form->page);
    *form = (struct form_page){0};
}

void form_page_begin(struct form_page *form, int columns, bool ascii)
{
    page_clear(&form->page);
    form->page.columns = columns > 2 * MARGIN ? columns - 2 * MARGIN : 1;
    form->page.ascii = ascii;
    form->buttons_row = 0;
}

int form_page_buttons(struct form_page *form)
{
    form->buttons_row = form->page.rows;
    return page_add_row(&form->page);
}

static struct pinned_page pinned(const struct form_page *form)
{
    return (struct pinned_page){.page = &form->page,
                                .buttons_row = form->buttons_row,
                                .layout = &form->layout,
                                .scroll = form->scroll};
}

static void scroll_by(struct form_page *form, int rows)
{
    const struct pinned_page page = pinned(form);
    form->scroll = pinned_page_scrolled(&page, rows);
}

void form_page_end(struct form_page *form, int rows, int columns)
{
    form->layout = layout_review(rows - HEADING, columns - 2 * MARGIN);
    const struct page_stop *stop = page_find(&form->page, &form->focus);
    scroll_by(form, 0);
    if (!stop)
        return;
    form->focus = stop->focus;
    if (stop->row >= form->buttons_row)
        return;
    const struct pinned_page page = pinned(form);
    int last = stop->row + 1 < form->buttons_row ? stop->row + 1 : stop->row; /* a reason may stand there */
    form->scroll = pinned_page_scroll(&page, stop->row > 1 ? stop->row : 0, last);
}

static bool on_button(const struct form_page *form)
{
    const struct page_stop *stop = page_find(&form->page, &form->focus);
    return stop && stop->row >= form->buttons_row;
}

void form_page_focus_on(struct form_page *form, unsigned id, size_t first, size_t second)
{
    form->focus = (struct page_focus){.id = id, .first = first, .second = second};
}

void form_page_go_on(struct form_page *form)
{
    page_move(&form->page, &form->focus, PAGE_NEXT);
    if (on_button(form))
        page_move(&form->page, &form->focus, PAGE_LAST);
}

static bool has_fields(const struct form_page *form)
{
    return form->page.stop_count > 0 && form->page.stops[0].row < form->buttons_row;
}

static bool move(struct form_page *form, enum page_move where)
{
    page_move(&form->page, &form->focus, where);
    return true;
}

/* A question has nothing but buttons: its text is what the arrows move. */
static bool move_rows(struct form_page *form, bool down)
{
    if (has_fields(form))
        return move(form, down ? PAGE_DOWN_ROW : PAGE_UP_ROW);
    scroll_by(form, down ? 1 : -1);
    return true;
}

/* The focus must stay in sight: where it is in what scrolls, it goes along. */
static bool move_page(struct form_page *form, bool down)
{
    int rows = form->layout.fields.rows > 1 ? form->layout.fields.rows - 1 : 1;
    if (on_button(form)) {
        scroll_by(form, down ? rows : -rows);
        return true;
    }
    for (int i = 0; i < rows; i++)
        page_move(&form->page, &form->focus, down ? PAGE_DOWN_ROW : PAGE_UP_ROW);
    return true;
}

bool form_page_act(struct form_page *form, enum ui_action action)
{
    switch (action) {
    case ACTION_UP:
    case ACTION_DOWN:
        return move_rows(form, action == ACTION_DOWN);
    case ACTION_LEFT:
        return move(form, PAGE_LEFT);
    case ACTION_RIGHT:
        return move(form, PAGE_RIGHT);
    case ACTION_NEXT_PANE:
        return move(form, PAGE_NEXT);
    case ACTION_PREVIOUS_PANE:
        return move(form, PAGE_PREVIOUS);
    case ACTION_FIRST:
        return move(form, PAGE_FIRST);
    case ACTION_LAST:
        return move(form, PAGE_LAST);
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        return move_page(form, action == ACTION_PAGE_DOWN);
    default:
        return false;
    }
}

void form_page_paint(const struct form_page *form, const struct canvas *body,
                     const struct part_heading *heading)
{
    struct canvas beneath =
        canvas_part(body, HEADING, MARGIN, body->rows - HEADING, body->columns - 2 * MARGIN);
    const struct pinned_page page = pinned(form);
    part_heading(body, 0, 0, body->columns, heading);
    pinned_page_paint(&page, &beneath, &form->focus, has_fields(form),
                      has_fields(form) ? "PgDn: more" : "Down: more");
}

void form_page_spot(const struct form_page *form, int *row, int *column)
{
    const struct page_stop *stop = page_find(&form->page, &form->focus);
    *row = 0;
    *column = 0;
    if (!stop)
        return;
    bool button = stop->row >= form->buttons_row;
    *row = HEADING + (button ? form->layout.buttons.row : form->layout.fields.row + stop->row - form->scroll);
    *column = MARGIN + stop->column + stop->cursor;
}
