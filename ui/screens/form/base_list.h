/* The points of the collection that can be the base of the export, to choose it from. Lies over the form.
 * Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_BASE_LIST_H
#define REFPOINT_UI_SCREENS_FORM_BASE_LIST_H

#include "ui/app/screen.h"

/* Told: form, which its owner keeps for as long as this screen lies above it, and which has the base that was
 * chosen before this screen closes. */
struct screen *base_screen_new(const struct screen_argument *argument);

#endif
