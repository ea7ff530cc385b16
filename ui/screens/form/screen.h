/* The export form: step 1 of 3 (settings), then review_screen.h (2), then the job's pane (3).
 *
 * Opened with `e` on a point. The screen reads the point, its collection's points and the last settings that
 * were started on a worker, so it may be pushed from what a list knows. Copies what it is given. Threads: the
 * one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_SCREEN_H
#define REFPOINT_UI_SCREENS_FORM_SCREEN_H

#include "core/model/model.h"
#include "ui/app/screen.h"

struct screen *export_form_screen_new(const struct object_path *point, const char *collection_name);

#endif
