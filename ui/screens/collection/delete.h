/* Deleting a collection: what depends on it, and a question whose No is preselected. Told: point (its
 * collection), collection_name. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_COLLECTION_DELETE_H
#define REFPOINT_UI_SCREENS_COLLECTION_DELETE_H

#include "ui/app/screen.h"

struct screen *delete_collection_screen_new(const struct screen_argument *argument);

#endif
