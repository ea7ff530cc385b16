/* Choosing the host whose machines are shown, over the screen that was there: the local one, those of the
 * configuration file (with what is wrong where one is refused), and daemons that run on this machine. Enter
 * opens one and begins anew with it; jobs go on. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_HOSTS_HOSTS_H
#define REFPOINT_UI_SCREENS_HOSTS_HOSTS_H

#include "ui/app/screen.h"

/* Told: host, which is opened as soon as the list is there; NULL: the operator chooses. */
struct screen *hosts_screen_new(const struct screen_argument *argument);

#endif
