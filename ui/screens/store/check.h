/* Looking through the store for damage: how thoroughly is asked, progress shown, findings listed. Told:
 * nothing. */
#ifndef REFPOINT_UI_SCREENS_STORE_CHECK_H
#define REFPOINT_UI_SCREENS_STORE_CHECK_H

#include "ui/app/screen.h"

struct screen *check_screen_new(const struct screen_argument *argument);

#endif
