/* A page: rows of text with roles, and the places in them that take the focus. What a screen with a form
 * makes in recalc and paints in repaint; without a terminal, so that it can be tested as text.
 *
 * Rows count from 0, columns are those of the page. Stops are in reading order. What a stop means is its
 * owner's: an id (of a field or button) and two numbers (of a machine, of a disk). Ownership: page_clear.
 * Threads: one at a time. */
#ifndef REFPOINT_UI_DRAW_PAGE_H
#define REFPOINT_UI_DRAW_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/draw/canvas.h"
#include "ui/draw/signs.h"

#define PAGE_MARGIN                                                                                          \
    1 /* columns at the left, where ">" marks the row that has the focus; one at the right                   \
       */

struct page_span {
    int row;
    int column;
    enum theme_role role;
    char *text;     /* safe (cells.h); NULL: the sign, in what the canvas has for it */
    enum sign sign; /* without a text */
};

struct page_heading {
    int row;
    char *name; /* NULL: no heading, but the end of what is beneath the one before */
    char *more; /* may be NULL */
};

struct page_label {
    int row;
    int column;
    int columns; /* 0: none */
};

struct page_focus {
    unsigned id;
    size_t first;
    size_t second;
};

struct page_stop {
    struct page_focus focus;
    int row;
    int column;
    int columns;
    enum theme_role role;    /* while it has the focus */
    int cursor;              /* of the hardware cursor, from column */
    struct page_label label; /* is shown as focused too; page_add_stop finds it */
};

struct page {
    struct page_span *spans;
    size_t span_count;
    struct page_stop *stops;
    size_t stop_count;
    struct page_heading *headings; /* in order */
    size_t heading_count;
    struct page_label label; /* the last one */
    int rows;
    int columns;
    bool ascii;
};

void page_clear(struct page *page); /* keeps columns and ascii */
/* A new row at the end; its number. */
int page_add_row(struct page *page);
/* Onto an existing row; cut at the page's edge. Returns the column behind it. */
int page_text(struct page *page, int row, int column, enum theme_role role, const char *text);
int page_textf(struct page *page, int row, int column, enum theme_role role, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* One column. */
void page_sign(struct page *page, int row, int column, enum theme_role role, enum sign sign);
/* The name of the field that follows in this row; the column behind it. */
int page_label(struct page *page, int row, int column, const char *text);
/* A new row: the heading of a section, in its rule (parts.h), focused while a stop beneath it is. more: NULL
 * or "" = nothing. */
void page_heading(struct page *page, const char *name, const char *more);
/* What follows belongs to none. */
void page_end_section(struct page *page);
/* As many new rows as the wrapped text takes, at most `limit`. */
void page_wrap(struct page *page, int column, int limit, enum theme_role role, const char *text);
void page_add_stop(struct page *page, const struct page_stop *stop);

bool page_focus_equal(const struct page_focus *left, const struct page_focus *right);
/* The stop with this focus; else the first of its id; else the first one. NULL: the page has none. */
const struct page_stop *page_find(const struct page *page, const struct page_focus *focus);

enum page_move {
    PAGE_UP_ROW, /* to the nearest column in the row above that has stops */
    PAGE_DOWN_ROW,
    PAGE_LEFT, /* within the row */
    PAGE_RIGHT,
    PAGE_PREVIOUS, /* to another id: the field before; round at the ends */
    PAGE_NEXT,
    PAGE_FIRST,
    PAGE_LAST
};
/* Moves the focus; false: there is nothing in that direction. */
bool page_move(const struct page *page, struct page_focus *focus, enum page_move move);

/* The first row to show so that rows first..last (the focused one and what belongs to it) are visible in
 * `rows`; as near to `scroll` as that allows. */
int page_scroll(const struct page *page, int scroll, int rows, int first, int last);

/* Paints `rows` rows from `from` on at the top of the canvas; focus: NULL = nobody has it. */
void page_paint(const struct page *page, const struct canvas *canvas, int from, int rows,
                const struct page_focus *focus);

#endif
