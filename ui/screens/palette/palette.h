/* One place to find everything: every action with its key, and every collection, point, job, host and theme
 * that is known, over the screen it was called from. Words in any order, and their letters alone, find;
 * Enter does the action, goes to the thing, or does the action on the thing ("export web-prod tuesday").
 * Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_PALETTE_PALETTE_H
#define REFPOINT_UI_SCREENS_PALETTE_PALETTE_H

#include "ui/app/screen.h"

/* Told: of. */
struct screen *palette_screen_new(const struct screen_argument *argument);

#endif
