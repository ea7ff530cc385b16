/* Where a list of any length stands: which row is selected and which part is visible. Numbers only, so that
 * ten thousand rows scroll as fast as ten. A filter narrows it: `shown` maps visible positions to rows.
 * Threads: one at a time. */
#ifndef REFPOINT_UI_WIDGETS_LIST_VIEW_H
#define REFPOINT_UI_WIDGETS_LIST_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/keys/action.h"
#include "ui/keys/hint.h"
#include "ui/keys/key.h"
#include "ui/widgets/line_editor.h"

struct list_view { /* zeroed = empty */
    size_t *shown; /* rows that pass the filter, in order */
    size_t count;  /* of shown */
    size_t total;
    size_t selected; /* position in shown */
    size_t top;
    int rows; /* visible at a time */
    struct line_editor filter;
    bool filtering; /* the filter has the keys */
};

void list_view_clear(struct list_view *view);
/* Tells whether a row passes the filter; folded as text_fold makes it, never "". */
typedef bool list_view_match(const void *context, size_t row, const char *folded);
/* After the rows or the filter changed. Selects row `keep` where it is shown, else stays near. SIZE_MAX: keep
 * the place. match NULL: everything passes. */
void list_view_update(struct list_view *view, size_t total, size_t keep, list_view_match *match,
                      const void *context);
void list_view_fit(struct list_view *view, int rows);
size_t list_view_row(const struct list_view *view);                 /* selected row; SIZE_MAX: none */
bool list_view_move(struct list_view *view, enum ui_action action); /* false: not a move, or it was there */

void list_view_start_filter(struct list_view *view); /* the filter has the keys from now on */

enum list_view_filter_result { FILTER_UNHANDLED, FILTER_HANDLED, FILTER_EDITED };
/* A key while the filter has them; also opens it. First Esc clears, second leaves; Enter and the arrows go
 * back to the list and keep it. FILTER_EDITED: update the view. */
enum list_view_filter_result list_view_filter_key(struct list_view *view, const struct key_event *event);
/* What the keys do while the filter has them; NULL: it has not. */
const struct screen_hint *list_view_filter_hints(const struct list_view *view);
bool list_view_is_filtered(const struct list_view *view); /* or is about to be */
/* "2 of 12  /web", "12", "" while empty. The caller's. */
char *list_view_summary(const struct list_view *view);

#endif
