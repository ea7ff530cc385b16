/* What destroying a point, or giving its data back, would do: in words, before it is done. Pure; tested as
 * text. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_CHANGE_VIEW_H
#define REFPOINT_UI_SCREENS_CHANGE_VIEW_H

#include "core/base/error.h"
#include "core/model/model.h"
#include "ui/draw/page.h"
#include "ui/widgets/command_line.h"

struct point_change {
    bool destroy; /* else: its data is given back, and it stays a base */
    struct reference_point point;
    struct reference_point_list all; /* of its collection, for what depends on it */
    bool machines_run;               /* they may, while it is done */
    struct command_line command;
    bool starting;
    struct error refusal; /* of the start; code 0 = none */
};
void point_change_clear(struct point_change *change);

enum change_stop { CHANGE_NO, CHANGE_YES };

struct change_view {
    struct page page;
    int buttons_row; /* rows before it scroll */
};
void change_view_build(struct change_view *view, const struct point_change *change, int columns, bool ascii);
void change_view_clear(struct change_view *view);

#endif
