/* What a mouse did, for whoever is pointed at. Only where the setting "mouse" is on. */
#ifndef REFPOINT_UI_KEYS_POINTER_H
#define REFPOINT_UI_KEYS_POINTER_H

#include <stdbool.h>

enum pointer_kind { POINTER_PRESS, POINTER_WHEEL_UP, POINTER_WHEEL_DOWN };

struct pointer_event {
    int row; /* from 0, of the terminal; for a screen, of its body */
    int column;
    enum pointer_kind kind;
    bool twice; /* the second press in the same place, soon after the first */
};

#endif
