/* The point's screen as a page: what it is, its place in the chain, where it was exported to, its machines.
 * Pure; tested as text. Ownership: point_view_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_POINT_VIEW_H
#define REFPOINT_UI_SCREENS_POINT_VIEW_H

#include "core/model/model.h"
#include "ui/draw/page.h"
#include "ui/screens/exports/exports.h"

struct point_view {
    const char *collection; /* all borrowed */
    const struct reference_point *point;
    const struct reference_point_list *all; /* of its collection */
    const struct exported_list *exported;
    bool exported_known;
    struct moment now;
};
/* page: empty, with columns and ascii. */
void point_view_build(const struct point_view *view, struct page *page);
/* The same in lines, to be pasted; the caller's. */
char *point_view_text(const struct point_view *view);

#endif
