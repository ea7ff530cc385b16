#include "ui/screens/browse/members.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"

#define INDENT 2
#define GAP 2

void member_states_add(struct member_states *states, const char *name, enum machine_state state)
{
    *ARRAY_APPEND(states->items, states->count) =
        (struct member_state){.name = mem_strdup(name ? name : ""), .state = state};
}

void member_states_clear(struct member_states *states)
{
    for (size_t i = 0; i < states->count; i++)
        free(states->items[i].name);
    free(states->items);
    *states = (struct member_states){0};
}

int member_states_rows(const struct member_states *states)
{
    return states->count ? (int)states->count + 1 : 0;
}

static enum theme_role role_of(enum machine_state state)
{
    switch (state) {
    case MACHINE_STATE_RUNNING:
        return ROLE_INFO;
    case MACHINE_STATE_PAUSED:
        return ROLE_WARNING;
    case MACHINE_STATE_GONE:
        return ROLE_ERROR;
    default:
        return ROLE_DIM;
    }
}

static const char *word_of(enum machine_state state)
{
    const char *word = machine_state_word(state);
    return word ? word : "not known";
}

static int longest_word(const struct member_states *states)
{
    size_t most = 0;
    for (size_t i = 0; i < states->count; i++) {
        size_t width = cells_width(word_of(states->items[i].state), true);
        most = width > most ? width : most;
    }
    return (int)most;
}

/* The state stands close behind the longest name, not at the far edge. */
static int state_column(const struct canvas *box, const struct member_states *states)
{
    size_t most = 0;
    for (size_t i = 0; i < states->count; i++) {
        size_t width = cells_width(states->items[i].name, canvas_is_ascii(box));
        most = width > most ? width : most;
    }
    int last = box->columns - longest_word(states);
    int wanted = INDENT + (int)most + GAP;
    return wanted < last ? wanted : last;
}

static void paint_row(const struct canvas *box, int row, const struct member_state *member, int state_at)
{
    canvas_field(box, row, INDENT, state_at - GAP - INDENT, ROLE_NORMAL, member->name);
    canvas_text(box, row, state_at, role_of(member->state), word_of(member->state));
}

void member_states_paint(const struct canvas *box, const struct member_states *states, const char *heading)
{
    if (box->rows < 2 || states->count == 0)
        return;
    size_t room = (size_t)box->rows - 1;
    size_t shown = states->count <= room ? states->count : room - 1;
    int state_at = state_column(box, states);
    canvas_field(box, 0, 0, box->columns, ROLE_HEADING, heading);
    for (size_t i = 0; i < shown; i++)
        paint_row(box, (int)i + 1, &states->items[i], state_at);
    if (shown < states->count)
        canvas_textf(box, box->rows - 1, INDENT, ROLE_DIM, "and %zu more", states->count - shown);
}
