/* A package whole. Told: path, of the package. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_PACKAGE_H
#define REFPOINT_UI_SCREENS_PACKAGE_PACKAGE_H

#include "ui/app/screen.h"

struct screen *package_screen_new(const struct screen_argument *argument);

#endif
