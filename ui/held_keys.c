#include "ui/held_keys.h"

#include <stdlib.h>

#include "core/base/mem.h"

bool held_keys_add(struct held_keys *held, const struct key_event *event)
{
    if (held->count - held->taken >= HELD_KEYS_LIMIT)
        return false;
    struct key_event *kept = ARRAY_APPEND(held->events, held->count);
    *kept = *event;
    kept->text = mem_strdup(event->text);
    return true;
}

bool held_keys_take(struct held_keys *held, struct key_event *event, char **text)
{
    if (!held_keys_any(held))
        return false;
    *event = held->events[held->taken++];
    *text = (char *)(uintptr_t)event->text;
    if (!held_keys_any(held)) {
        free(held->events);
        *held = (struct held_keys){0};
    }
    return true;
}

bool held_keys_any(const struct held_keys *held)
{
    return held->taken < held->count;
}

void held_keys_clear(struct held_keys *held)
{
    struct key_event event;
    char *text = NULL;
    while (held_keys_take(held, &event, &text))
        free(text);
}
