/* The order of the browse screen's two lists, and what is marked among the points. Threads: the one that owns
 * curses. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_ORDER_H
#define REFPOINT_UI_SCREENS_BROWSE_ORDER_H

#include "ui/screens/browse/rows.h"
#include "ui/screens/browse/state.h"

/* Makes the order anew: after the rows, what is known of them, or the column changed. */
void browse_order_collections(struct browse *browse);
void browse_order_points(struct browse *browse);
void browse_order_clear(struct browse *browse);
/* The next column, or the other way round; the list is to be shown anew. */
void browse_sort_next(struct browse *browse);
void browse_sort_reverse(struct browse *browse);
char *browse_sorting_text(const struct browse *browse); /* of the pane that has the focus; the caller's */

size_t browse_marked(const struct browse *browse); /* of the points that are held */
bool browse_is_marked(const struct browse *browse, size_t row);
bool browse_mark_selected(struct browse *browse); /* or unmarks it; false: there is none */
void browse_mark_shown(struct browse *browse);    /* all that pass the filter; none where all of them were */

/* Points whose exports have begun since they were marked are so no more. */
void browse_unmark_exported(struct browse *browse, const struct job_snapshot *jobs, size_t count);
/* The marked ones, oldest first: what one is based on may be among those before it. The caller's. */
struct guid *browse_marked_points(const struct browse *browse, size_t *count);

#endif
