/* Reading what a form is made from, on a worker, and making it. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_LOAD_H
#define REFPOINT_UI_SCREENS_FORM_LOAD_H

struct form_screen;

void form_screen_load(struct form_screen *self);

#endif
