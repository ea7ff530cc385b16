/* Leaving while jobs run: Leave (they go on; preselected), cancel them, or stay. */
#ifndef REFPOINT_UI_SCREENS_LEAVE_LEAVE_H
#define REFPOINT_UI_SCREENS_LEAVE_LEAVE_H

#include "ui/app/screen.h"

/* Told: running, how many jobs are. */
struct screen *leave_dialog_new(const struct screen_argument *argument);

#endif
