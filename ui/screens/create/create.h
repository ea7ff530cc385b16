/* A new reference point of a collection: its name and kind, what it will do to which files before it does it,
 * and what was made. The focus never begins on the button that does it. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_CREATE_CREATE_H
#define REFPOINT_UI_SCREENS_CREATE_CREATE_H

#include "ui/app/screen.h"

/* Told: point (its collection), collection_name. */
struct screen *create_screen_new(const struct screen_argument *argument);

#endif
