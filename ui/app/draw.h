/* The picture of a turn; see draw.c. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_DRAW_H
#define REFPOINT_UI_APP_DRAW_H

struct app;

/* recalc, repaint, cursor, flush. */
void draw_picture(struct app *app);

#endif
