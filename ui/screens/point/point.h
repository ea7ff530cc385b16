/* One point whole: its keys and properties, its place in the chain, the packages that it was exported to, its
 * machines with their settings and disks; and what can be done with it. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_POINT_POINT_H
#define REFPOINT_UI_SCREENS_POINT_POINT_H

#include "ui/app/screen.h"

/* Told: point, collection_name. */
struct screen *point_screen_new(const struct screen_argument *argument);

#endif
