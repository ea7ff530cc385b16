/* Taking a machine out of the store: which collections it is in, and a question whose No is preselected.
 * Told: machine. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_MACHINE_REMOVE_H
#define REFPOINT_UI_SCREENS_MACHINE_REMOVE_H

#include "ui/app/screen.h"

struct screen *remove_machine_screen_new(const struct screen_argument *argument);

#endif
