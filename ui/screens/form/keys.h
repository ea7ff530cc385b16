/* What keys do on the export form. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_KEYS_H
#define REFPOINT_UI_SCREENS_FORM_KEYS_H

#include "ui/app/screen.h"

struct form_screen;

bool form_screen_takes_text(const struct form_screen *self);   /* a text field has the focus */
bool form_screen_lists(const struct form_screen *self);        /* candidates for that, to be chosen from */
bool form_screen_is_on_button(const struct form_screen *self); /* what Enter presses */
bool form_screen_is_on_choice(const struct form_screen *self); /* one of several values, by Left and Right */
unsigned form_screen_key(struct screen *screen, const struct key_event *event);

#endif
