/* The form of a new point as a page, and what is said of a point that is made. Pure; tested as text. Threads:
 * one at a time. */
#ifndef REFPOINT_UI_SCREENS_CREATE_VIEW_H
#define REFPOINT_UI_SCREENS_CREATE_VIEW_H

#include "ui/draw/page.h"
#include "ui/screens/create/model.h"

struct create_view {
    struct page page;
    int buttons_row; /* rows before it scroll */
};

struct create_outcome { /* of what was started */
    bool busy;
    struct error err; /* why no point was made; code 0 = none */
    bool made;
    struct reference_point point; /* that was made */
    struct point_remarks remarks;
    char *notice; /* which files hold the machines from now on; NULL: no others than before */
};
void create_outcome_clear(struct create_outcome *outcome);

void create_view_build(struct create_view *view, struct create_form *form,
                       const struct create_outcome *outcome, int columns, bool ascii);
void create_view_clear(struct create_view *view);

#endif
