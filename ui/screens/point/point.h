/* One point whole: its keys and properties, what it is based on and what depends on it, its machines with
 * their settings and disks. `e` exports it. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_POINT_POINT_H
#define REFPOINT_UI_SCREENS_POINT_POINT_H

#include "ui/app/screen.h"

/* Told: point, collection_name. */
struct screen *point_screen_new(const struct screen_argument *argument);

#endif
