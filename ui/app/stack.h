/* The stack of screens: which one has the keys, which lie beneath it, and how they come and go.
 *
 * Ownership: a screen on the stack is the stack's, which closes it. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_STACK_H
#define REFPOINT_UI_APP_STACK_H

#include "ui/app/screen.h"

struct screen *stack_top(const struct app *app); /* NULL: there is none any more */
/* Makes the screen; it opens after the running handler has returned. See app_open. */
void stack_open(struct app *app, enum screen_id id, const struct screen_argument *argument);
/* Does what a handler of this screen asked for, and opens what it wanted opened. */
void stack_apply(struct app *app, struct screen *screen, unsigned effects);
/* What is done with an action that no screen handled. */
void stack_fallback(struct app *app, struct screen *screen, const struct key_event *event);
/* Keys that were kept for this screen are not pressed any more. */
void stack_forget_keys(struct app *app, const struct screen *screen);
void stack_close_all(struct app *app);

#endif
