/* The export form: step 1 of 3 (settings), then the review (2), then the job's pane (3).
 *
 * Opened with `e` on a point, or on a collection without one where its machines can be exported as they are
 * now. The screen reads the point, its collection's points and the last settings that were started on a
 * worker, so it may be opened from what a list knows. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_SCREEN_H
#define REFPOINT_UI_SCREENS_FORM_SCREEN_H

#include "ui/app/screen.h"

/* Told: point (of a collection alone where it names none), collection_name. */
struct screen *export_form_screen_new(const struct screen_argument *argument);

#endif
