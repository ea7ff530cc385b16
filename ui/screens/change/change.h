/* Asks before a point is destroyed, or its data given back: what that does, to which files, what depends on
 * it. No is preselected; yes starts a job, whose pane follows. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_CHANGE_CHANGE_H
#define REFPOINT_UI_SCREENS_CHANGE_CHANGE_H

#include "ui/app/screen.h"

/* Told: point, collection_name. */
struct screen *destroy_screen_new(const struct screen_argument *argument);
struct screen *remove_data_screen_new(const struct screen_argument *argument);

#endif
