/* The first screen: collections on the left, the selected one's points on the right, and, where there is room
 * and a job runs, that job beneath. Never closes by itself. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_BROWSE_H
#define REFPOINT_UI_SCREENS_BROWSE_BROWSE_H

#include "ui/app/screen.h"

/* Told: nothing. */
struct screen *browse_screen_new(const struct screen_argument *argument);

#endif
