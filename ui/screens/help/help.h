/* What the keys do on the screen it was called from: from the action table and the keymap, so that it cannot
 * differ from what they do. Enter does the action at hand, and the filter finds it by its words. */
#ifndef REFPOINT_UI_SCREENS_HELP_HELP_H
#define REFPOINT_UI_SCREENS_HELP_HELP_H

#include "ui/app/screen.h"

/* Told: of. */
struct screen *help_screen_new(const struct screen_argument *argument);

#endif
