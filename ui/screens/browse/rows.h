/* Rows of the browse screen's two lists, and its words for what is missing from them. No curses, no host.
 * Threads: any. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_ROWS_H
#define REFPOINT_UI_SCREENS_BROWSE_ROWS_H

#include "core/model/model.h"
#include "ui/draw/canvas.h"
#include "ui/screens/browse/catalogue.h"

#define BROWSE_WIDE_COLUMNS 60 /* with that many, a point's row shows its name too */

/* What a filter looks in: time as shown, name, id, type and consistency in words. The caller's. */
char *browse_point_search_text(const struct reference_point *point);

/* One row of a list, marker included. */
void browse_paint_collection(const struct canvas *list, int row, const struct catalogue *catalogue,
                             size_t index, enum theme_role role, bool selected);
/* What tells a point's row from those beside it, where there is no room for names; in the order of need. */
enum browse_telling {
    BROWSE_BY_MINUTE,
    BROWSE_BY_SECOND, /* a neighbour is of the same minute */
    BROWSE_BY_NAME    /* of the same second: the name instead of the consistency */
};
enum browse_telling browse_point_telling(const struct reference_point_list *points, size_t index);

/* `offset` is what the title line says about times ("+02:00"): a row with another one shows its own. */
struct browse_row_style {
    const char *offset;
    enum browse_telling telling; /* the same for all rows of a list */
    enum theme_role role;
    bool selected;
};
void browse_paint_point(const struct canvas *list, int row, const struct reference_point *point,
                        const struct browse_row_style *style);

/* What stands beneath a list that has to go without some records; NULL: it is whole. The caller's. */
char *browse_left_out_text(size_t collections, size_t machines, size_t points);

#endif
