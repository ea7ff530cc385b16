/* What keys do at some moment, for whoever tells the operator: the footer and the help screen. A table of
 * these is constant. Threads: any. */
#ifndef REFPOINT_UI_KEYS_HINT_H
#define REFPOINT_UI_KEYS_HINT_H

#include <stdbool.h>

#include "ui/keys/action.h"

/* What the footer and the help screen show, in this order; ends with ACTION_NONE. */
struct screen_hint {
    const char *label; /* NULL = the action's own */
    const char *help;  /* the line on the help screen; NULL = the action's own */
    enum ui_action action;
    bool help_only; /* too obvious for the footer */
};

#endif
