/* What the keys of the browse screen do with what is selected, where that can be done; else they say why not.
 * Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_ACT_H
#define REFPOINT_UI_SCREENS_BROWSE_ACT_H

#include "ui/screens/browse/state.h"

unsigned browse_act(struct browse *browse, enum ui_action action); /* enum screen_effect flags */
void browse_open_for(struct browse *browse, enum screen_id id, const struct reference_point *point);

#endif
