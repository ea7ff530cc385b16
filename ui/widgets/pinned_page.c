#include "ui/widgets/pinned_page.h"

#define MORE_COLUMNS 12

int pinned_page_scroll(const struct pinned_page *pinned, int first, int last)
{
    struct page scrolling = *pinned->page;
    scrolling.rows = pinned->buttons_row;
    return page_scroll(&scrolling, pinned->scroll, pinned->layout->fields.rows, first, last);
}

int pinned_page_scrolled(const struct pinned_page *pinned, int rows)
{
    struct pinned_page to = *pinned;
    to.scroll = pinned->scroll + rows < 0 ? 0 : pinned->scroll + rows;
    return pinned_page_scroll(&to, to.scroll, to.scroll);
}

static struct canvas part_of(const struct canvas *body, const struct layout_box *box)
{
    return canvas_part(body, box->row, box->column, box->rows, box->columns);
}

void pinned_page_paint(const struct pinned_page *pinned, const struct canvas *body,
                       const struct page_focus *focus, bool fields, const char *more)
{
    struct canvas top = part_of(body, &pinned->layout->fields);
    struct canvas bottom = part_of(body, &pinned->layout->buttons);
    int left = pinned->buttons_row - pinned->scroll;
    int rows = pinned->layout->fields.rows;
    page_paint(pinned->page, &top, pinned->scroll, left < rows ? left : rows, fields ? focus : NULL);
    page_paint(pinned->page, &bottom, pinned->buttons_row, 1, focus);
    if (left > rows)
        canvas_text(&bottom, 0, bottom.columns - MORE_COLUMNS, ROLE_DIM, more);
}
