/* What the machines of a collection do just now, where their host can tell: a heading and a row each, as many
 * as fit. No host. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_MEMBERS_H
#define REFPOINT_UI_SCREENS_BROWSE_MEMBERS_H

#include "core/model/model.h"
#include "ui/draw/canvas.h"

struct member_state {
    char *name;
    enum machine_state state;
};

struct member_states { /* zeroed: none is known */
    struct member_state *items;
    size_t count;
};

void member_states_add(struct member_states *states, const char *name, enum machine_state state);
void member_states_clear(struct member_states *states);

/* Rows that they want at most; 0: there are none. */
int member_states_rows(const struct member_states *states);
/* Over the whole of the canvas; one row of those that do not fit says how many they are. */
void member_states_paint(const struct canvas *box, const struct member_states *states, const char *heading);

#endif
