/* A page whose buttons, in its last row, stay where they are while the rows before them scroll. Threads: one
 * at a time. */
#ifndef REFPOINT_UI_WIDGETS_PINNED_PAGE_H
#define REFPOINT_UI_WIDGETS_PINNED_PAGE_H

#include "ui/draw/layout.h"
#include "ui/draw/page.h"

struct pinned_page {
    const struct page *page;
    int buttons_row;
    const struct layout_form *layout;
    int scroll; /* first row shown */
};

/* The scroll that shows rows first..last, as near to that of the page as it goes. */
int pinned_page_scroll(const struct pinned_page *pinned, int first, int last);
/* The scroll that is `rows` further. */
int pinned_page_scrolled(const struct pinned_page *pinned, int rows);
/* fields: the focus may be in the rows that scroll. more: how to see what is beneath them. */
void pinned_page_paint(const struct pinned_page *pinned, const struct canvas *body,
                       const struct page_focus *focus, bool fields, const char *more);

#endif
