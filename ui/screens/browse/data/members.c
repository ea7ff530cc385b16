#include "ui/screens/browse/data/members.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"

static void add(struct strbuf *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct strbuf *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *part = mem_vformat(format, arguments);
    va_end(arguments);
    strbuf_addf(text, "%s%s", text->length ? ", " : "", part);
}

static char *has_text(const struct machine *machine)
{
    struct strbuf text = {0};
    char size[32];
    if (machine->settings.cpus)
        add(&text, "%" PRIu32 " cpu%s", machine->settings.cpus, machine->settings.cpus == 1 ? "" : "s");
    size_format(machine->settings.memory, size, sizeof size);
    if (machine->settings.memory)
        add(&text, "%s", size);
    for (size_t i = 0; i < machine->disk_count; i++) {
        size_format(machine->disks[i].virtual_size, size, sizeof size);
        if (!machine->disks[i].detached)
            add(&text, "%s %s", machine->disks[i].id, size);
    }
    return strbuf_take(&text);
}

void member_states_add(struct member_states *states, const struct machine *machine)
{
    *ARRAY_APPEND(states->items, states->count) =
        (struct member_state){.name = mem_strdup(machine->name ? machine->name : ""),
                              .has = has_text(machine),
                              .state = machine->state};
}

void member_states_clear(struct member_states *states)
{
    for (size_t i = 0; i < states->count; i++) {
        free(states->items[i].name);
        free(states->items[i].has);
    }
    free(states->items);
    *states = (struct member_states){0};
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
        return ROLE_NORMAL;
    }
}

char *member_name_padded(const char *name, size_t columns, bool ascii)
{
    size_t most = columns < MEMBER_NAME_MOST ? columns : MEMBER_NAME_MOST;
    return cells_fit(name, &(struct cells_format){.columns = most, .ascii = ascii});
}

void member_states_tell(const struct member_states *states, const char *label, bool ascii,
                        struct facts *facts)
{
    size_t columns = 0;
    for (size_t i = 0; i < states->count; i++) {
        size_t width = cells_width(states->items[i].name, ascii);
        columns = width > columns ? width : columns;
    }
    for (size_t i = 0; i < states->count; i++) {
        const struct member_state *member = &states->items[i];
        const char *state = machine_state_word(member->state);
        CLEANUP_FREE char *name = member_name_padded(member->name, columns, ascii);
        facts_addf(facts, role_of(member->state), i == 0 ? label : "", "%s  %s%s%s", name, state ? state : "",
                   state && *member->has ? ", " : "", member->has);
    }
}
