/* A form or a question: a heading in a rule, beneath it a page that scrolls, and buttons in the last row. It
 * keeps the focus in sight. Build it anew in recalc: form_page_begin, the rows, form_page_end.
 * Ownership: form_page_clear; zeroed is empty. Threads: one at a time. */
#ifndef REFPOINT_UI_WIDGETS_FORM_PAGE_H
#define REFPOINT_UI_WIDGETS_FORM_PAGE_H

#include "ui/draw/layout.h"
#include "ui/draw/page.h"
#include "ui/draw/parts.h"
#include "ui/keys/action.h"

struct form_page {
    struct page page;
    int buttons_row;
    struct layout_form layout; /* beneath the heading */
    struct page_focus focus;
    int scroll;
};

void form_page_clear(struct form_page *form);
/* Empties it; columns: of the body. The focus and the place stay. */
void form_page_begin(struct form_page *form, int columns, bool ascii);
/* The row for the buttons, in which the page ends. */
int form_page_buttons(struct form_page *form);
/* rows, columns: of the body. */
void form_page_end(struct form_page *form, int rows, int columns);

/* Moves the focus, or the rows. False: the action moves nothing. */
bool form_page_act(struct form_page *form, enum ui_action action);
/* Enter on a field: to the next one; behind the last field to the last button. */
void form_page_go_on(struct form_page *form);
void form_page_focus_on(struct form_page *form, unsigned id, size_t first, size_t second);

void form_page_paint(const struct form_page *form, const struct canvas *body,
                     const struct part_heading *heading);
/* Of the hardware cursor, in the body. */
void form_page_spot(const struct form_page *form, int *row, int *column);

#endif
