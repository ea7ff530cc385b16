/* The packages in a directory, whose path is a field above them. Told: nothing. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_LIST_H
#define REFPOINT_UI_SCREENS_PACKAGE_LIST_H

#include "ui/app/screen.h"

struct screen *packages_screen_new(const struct screen_argument *argument);

#endif
