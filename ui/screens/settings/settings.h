/* All settings with their values and where those are from; each can be changed in place, which writes the
 * configuration file. Told: nothing. */
#ifndef REFPOINT_UI_SCREENS_SETTINGS_SETTINGS_H
#define REFPOINT_UI_SCREENS_SETTINGS_SETTINGS_H

#include "ui/app/screen.h"

struct screen *settings_screen_new(const struct screen_argument *argument);

#endif
