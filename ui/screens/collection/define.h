/* Defining a collection: a name and the machines that belong to it, and the command that does the same. Told:
 * nothing. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_COLLECTION_DEFINE_H
#define REFPOINT_UI_SCREENS_COLLECTION_DEFINE_H

#include "ui/app/screen.h"

struct screen *define_screen_new(const struct screen_argument *argument);

#endif
