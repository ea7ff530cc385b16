/* A key that did nothing: silence leaves whoever pressed it to guess. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_USELESS_H
#define REFPOINT_UI_APP_USELESS_H

#include "ui/app/screen.h"

/* Says in the footer that the key does nothing on this screen, or where it does something. Says nothing of
 * what nobody pressed on purpose (pastes, unknown sequences, arrows held at an end), and of keys that do have
 * a meaning here. */
void useless_tell(struct app *app, const struct screen *screen, const struct key_event *event);

#endif
