/* What a mouse means: which screen, row or hint of the footer was pointed at. Threads: the one that owns
 * curses. */
#ifndef REFPOINT_UI_APP_POINTER_H
#define REFPOINT_UI_APP_POINTER_H

#include "ui/keys/action.h"
#include "ui/keys/pointer.h"

struct app;

struct pointer_order { /* what is to be done, as if a key had asked for it so many times */
    enum ui_action action;
    int times;
};

/* footer: the hints are to be seen; a message may stand in their place. */
struct pointer_order pointer_act(struct app *app, const struct pointer_event *event, bool footer);

#endif
