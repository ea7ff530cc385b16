/* The machines of a collection as the browse screen tells them: what they do just now, where their host can
 * say, and what they have. No host. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_DATA_MEMBERS_H
#define REFPOINT_UI_SCREENS_BROWSE_DATA_MEMBERS_H

#include "core/model/model.h"
#include "ui/widgets/facts.h"

struct member_state {
    char *name;
    char *has; /* "4 cpus, 8.0 GiB, vda 10.0 GiB" */
    enum machine_state state;
};

struct member_states { /* zeroed: none is known */
    struct member_state *items;
    size_t count;
};

void member_states_add(struct member_states *states, const struct machine *machine);
void member_states_clear(struct member_states *states);
/* A line for each, beneath the label; names in a column as wide as the longest needs, as far as that goes. */
void member_states_tell(const struct member_states *states, const char *label, bool ascii,
                        struct facts *facts);
/* The name and the blanks that such a column needs; the caller's. */
char *member_name_padded(const char *name, size_t columns, bool ascii);
#define MEMBER_NAME_MOST 24

#endif
