/* Beginnings where there is nothing yet: a demo that is made, or another store that is opened. Both end with
 * that store shown. Told: nothing. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_START_START_H
#define REFPOINT_UI_SCREENS_START_START_H

#include "ui/app/screen.h"

struct screen *demo_screen_new(const struct screen_argument *argument);
struct screen *store_screen_new(const struct screen_argument *argument);

#endif
