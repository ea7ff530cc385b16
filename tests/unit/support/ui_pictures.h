/* What was painted, as text, for the tests of pictures. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_UI_PICTURES_H
#define REFPOINT_TESTS_UNIT_SUPPORT_UI_PICTURES_H

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/canvas.h"
#include "ui/draw/page.h"

/* Rows separated by newlines without trailing blanks; the caller's. */
static inline char *canvas_to_text(const struct canvas *canvas)
{
    struct strbuf text = {0};
    for (int row = 0; row < canvas->rows; row++) {
        for (int column = 0; column < canvas->columns; column++)
            strbuf_add(&text,
                       canvas_cell_at(canvas->surface, canvas->top + row, canvas->left + column)->text);
        while (text.length > 0 && text.data[text.length - 1] == ' ')
            text.data[--text.length] = '\0';
        strbuf_add(&text, "\n");
    }
    return strbuf_take(&text);
}

/* One row without trailing blanks; the caller's. */
static inline char *page_row_text(const struct page *page, int row)
{
    struct canvas_surface *surface = canvas_surface_new(1, page->columns, page->ascii);
    struct canvas whole = canvas_whole(surface);
    page_paint(page, &whole, row, 1, NULL);
    char *text = canvas_to_text(&whole);
    text[strcspn(text, "\n")] = '\0';
    canvas_surface_free(surface);
    return text;
}

/* All rows, a newline behind each; the caller's. */
static inline char *page_to_text(const struct page *page)
{
    struct strbuf text = {0};
    for (int row = 0; row < page->rows; row++) {
        CLEANUP_FREE char *line = page_row_text(page, row);
        strbuf_addf(&text, "%s\n", line);
    }
    return strbuf_take(&text);
}

#endif
