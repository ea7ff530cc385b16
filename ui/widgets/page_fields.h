/* Fields of a page: a line of text, a choice, a box to tick. Each is one row's part, with a stop whose id is
 * the field's. Return the column behind them. Threads: any. */
#ifndef REFPOINT_UI_WIDGETS_PAGE_FIELDS_H
#define REFPOINT_UI_WIDGETS_PAGE_FIELDS_H

#include "ui/draw/page.h"
#include "ui/widgets/line_editor.h"

/* A field of `columns`, and one more at each end, scrolled to the cursor. */
int page_add_text_field(struct page *page, unsigned id, struct line_editor *editor, int row, int column,
                        int columns);

/* Beneath it, in rows of their own: what the last key could not put in. */
void page_add_loss(struct page *page, const struct line_editor *editor, int column);

struct page_choice {
    const char *word;
    bool chosen;
};
/* "(o) this  ( ) that": the chosen one takes the focus. */
int page_add_choice(struct page *page, unsigned id, int row, int column, const struct page_choice *choices,
                    size_t count);
int page_add_tick_box(struct page *page, unsigned id, int row, int column, bool ticked);

#endif
