/* The machines of the host: their disks, their size, the collections that they are in; from here they are
 * added, changed and removed. Told: nothing. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_MACHINE_LIST_H
#define REFPOINT_UI_SCREENS_MACHINE_LIST_H

#include "ui/app/screen.h"

struct screen *machine_list_screen_new(const struct screen_argument *argument);

#endif
