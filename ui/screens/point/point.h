/* One point whole: its keys and properties, what it is based on and what depends on it, its machines with
 * their settings and disks. `e` exports it. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_POINT_POINT_H
#define REFPOINT_UI_SCREENS_POINT_POINT_H

#include "core/model/model.h"
#include "ui/app/screen.h"

/* Copies what it is given. */
struct screen *point_screen_new(const struct object_path *point, const char *collection_name);

#endif
