/* Rows of the browse screen's two lists and the headings of their columns, and its words for what is missing
 * from them. Names first, and cut last. No curses, no host. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_ROWS_H
#define REFPOINT_UI_SCREENS_BROWSE_ROWS_H

#include "core/model/model.h"
#include "ui/draw/canvas.h"
#include "ui/screens/browse/data/catalogue.h"
#include "ui/screens/browse/data/overview.h"
#include "ui/screens/browse/data/safety.h"
#include "ui/widgets/sorting.h"

/* The columns that the lists can be sorted by. */
enum browse_collection_column {
    BROWSE_BY_NAME,
    BROWSE_BY_NEWEST,
    BROWSE_BY_STATE,
    BROWSE_BY_MACHINES,
    BROWSE_COLLECTION_COLUMNS
};
enum browse_point_column {
    BROWSE_BY_CREATED,
    BROWSE_BY_POINT,
    BROWSE_BY_SIZE,
    BROWSE_BY_EXPORTED,
    BROWSE_POINT_COLUMNS
};
bool browse_collections_descend(const struct sorting *sorting);
bool browse_points_descend(const struct sorting *sorting);

struct browse_row_style {
    struct moment now;
    enum theme_role role;
    bool selected;
    bool marks; /* some rows are marked: there is a place for the sign */
    bool marked;
};
void browse_paint_collection_titles(const struct canvas *titles, const struct catalogue *catalogue);
/* Over the titles: a sign behind the one of the sorted column. */
void browse_paint_collection_sorting(const struct canvas *titles, const struct catalogue *catalogue,
                                     const struct sorting *sorting);
void browse_paint_point_sorting(const struct canvas *titles, const struct sorting *sorting);
/* overview: NULL = its points have not been looked at yet. */
void browse_paint_collection(const struct canvas *list, int row, const struct catalogue *catalogue,
                             size_t index, const struct overview_row *overview, const struct safety *safety,
                             const struct browse_row_style *style);
void browse_paint_point_titles(const struct canvas *titles);
void browse_paint_point(const struct canvas *list, int row, const struct reference_point *point,
                        const struct safety *safety, const struct browse_row_style *style);

/* What stands beneath a list that has to go without some records; NULL: it is whole. The caller's. */
char *browse_left_out_text(size_t collections, size_t machines, size_t points);

#endif
