/* What the export form asks of workers, of its directory and of the whole. Threads: the one that owns curses.
 */
#ifndef REFPOINT_UI_SCREENS_FORM_ASKING_H
#define REFPOINT_UI_SCREENS_FORM_ASKING_H

struct form_screen;
struct screen;

/* Asks what the form wants to know and is not being asked yet. */
void form_screen_ask(struct form_screen *self);
void form_screen_create_directory(struct form_screen *self);
void form_screen_open_review(struct form_screen *self);
unsigned form_screen_tick(struct screen *screen);

#endif
