/* Where a list of any length stands: what is selected and which part is visible. Moving is done on numbers
 * only, so that ten thousand rows scroll as fast as ten. A filter narrows it: `shown` maps visible positions
 * to rows.
 *
 * What is selected is the item of a row, known by its id: it stays selected, in the same line of the screen
 * as far as that goes, when the filter changes and when the rows are others. Where it has gone, or does not
 * pass the filter, the next one behind it is; behind which there is none, the nearest before. While nothing
 * is shown it is remembered.
 *
 * Ownership: ids are copied. Threads: one at a time. */
#ifndef REFPOINT_UI_WIDGETS_LIST_VIEW_H
#define REFPOINT_UI_WIDGETS_LIST_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/draw/canvas.h"
#include "ui/keys/action.h"
#include "ui/keys/hint.h"
#include "ui/keys/key.h"
#include "ui/widgets/line_editor.h"

struct list_view {  /* zeroed = empty */
    size_t *shown;  /* rows that pass the filter, in order */
    size_t *places; /* of each, in the order of all rows */
    size_t count;   /* of shown */
    size_t total;
    size_t selected; /* position in shown */
    size_t top;
    int rows; /* visible at a time */
    struct line_editor filter;
    bool filtering; /* the filter has the keys */

    /* As of the last update that had rows. */
    char *ids; /* of all rows in their order, each with its NUL; NULL: rows are known by their numbers */
    size_t *id_at;
    size_t id_count;
    size_t anchor; /* place of the row that is selected, or would be if it was shown */
    size_t line;   /* of the screen, of the selected row */
};

void list_view_clear(struct list_view *view);
/* Tells whether a row passes the filter; folded as text_fold makes it, never "". */
typedef bool list_view_match(const void *context, size_t row, const char *folded);
/* What a row's item is known by, whichever row it is in; valid until the next call. */
typedef const char *list_view_id(const void *context, size_t row);

struct list_view_rows {
    size_t total;
    list_view_id *id;       /* NULL: rows stay where they are, as those of a log do */
    list_view_match *match; /* NULL: everything passes */
    const void *context;    /* of both */
    const size_t *order;    /* of the rows (sorting.h); NULL: as they come */
};
/* After the rows or the filter changed. */
void list_view_update(struct list_view *view, const struct list_view_rows *rows);
/* From now on it is a list of something else: its first row is selected. The filter stays. */
void list_view_forget(struct list_view *view);
void list_view_select(struct list_view *view, size_t row); /* where it is shown */
/* What stands in this line of the list, from 0 at its top; the filter gives the keys back. False: nothing is
 * there. */
bool list_view_point(struct list_view *view, int line);
void list_view_fit(struct list_view *view, int rows);
size_t list_view_row(const struct list_view *view);                 /* selected row; SIZE_MAX: none */
bool list_view_move(struct list_view *view, enum ui_action action); /* false: not a move, or it was there */

void list_view_start_filter(struct list_view *view); /* the filter has the keys from now on */

void list_view_end_filter(struct list_view *view); /* all is shown again, with the next update */

enum list_view_filter_result { FILTER_UNHANDLED, FILTER_HANDLED, FILTER_EDITED };
/* A key while the filter has them; also opens it. First Esc clears, second leaves; Enter and the arrows go
 * back to the list and keep it. FILTER_EDITED: update the view. */
enum list_view_filter_result list_view_filter_key(struct list_view *view, const struct key_event *event);
/* What the keys do while the filter has them; NULL: it has not. */
const struct screen_hint *list_view_filter_hints(const struct list_view *view);
bool list_view_is_filtered(const struct list_view *view); /* or is about to be */
/* "12"; "17 of 1,000" where not all of them are in sight; with a filter "2 of 12  /web" and "3 of 40 of 1,000
 * /web"; "" while empty. The caller's. */
char *list_view_summary(const struct list_view *view);
/* At the right edge of a list that is longer than its place: which part of it is seen. After its rows;
 * selected: the role of that row. */
void list_view_paint_scroll(const struct list_view *view, const struct canvas *list,
                            enum theme_role selected);

#endif
