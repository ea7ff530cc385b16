/* Choosing a theme: what the cursor is on is shown at once, Enter keeps it (in the configuration file), Esc
 * goes back to the one before. */
#ifndef REFPOINT_UI_SCREENS_THEME_THEME_H
#define REFPOINT_UI_SCREENS_THEME_THEME_H

#include "ui/app/screen.h"

/* Told: nothing. */
struct screen *theme_screen_new(const struct screen_argument *argument);

#endif
