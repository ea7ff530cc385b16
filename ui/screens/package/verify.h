/* Verifying a package as a job, from a screen: refused, that is said; started, its pane is opened. Threads:
 * the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_VERIFY_H
#define REFPOINT_UI_SCREENS_PACKAGE_VERIFY_H

#include "ui/app/app.h"

/* Returns enum screen_effect flags. */
unsigned package_verify_start(struct screen *screen, const char *path);

#endif
