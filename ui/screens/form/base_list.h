/* The older points of the collection, to choose the base of a differential export from. Lies over the form.
 * Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_BASE_LIST_H
#define REFPOINT_UI_SCREENS_FORM_BASE_LIST_H

#include "ui/app/screen.h"
#include "ui/screens/form/form.h"

/* Borrows the form, which its owner keeps for as long as this screen lies above it. `chosen` is called on the
 * owner before this screen closes; not at all when nothing was chosen. */
struct screen *base_screen_new(const struct export_form *form, struct screen *owner,
                               void (*chosen)(struct screen *owner, size_t base));

#endif
