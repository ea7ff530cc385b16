/* Records that cannot be read, as the browse screen shows them: rows of their own, and why nothing can be
 * done with them. No curses. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_DATA_DAMAGE_H
#define REFPOINT_UI_SCREENS_BROWSE_DATA_DAMAGE_H

#include "core/model/model.h"
#include "ui/draw/canvas.h"

/* What a filter looks in: the state's word, name and id. The caller's. */
char *browse_damaged_search_text(const char *name, const struct guid *id);
/* A row of the list of points, marker included. */
void browse_paint_damaged_point(const struct canvas *list, int row, const struct damaged_record *point,
                                enum theme_role role, bool selected);
/* One line for an action that is refused. The caller's. */
char *browse_damaged_refusal(const char *what, const char *problem);

#endif
