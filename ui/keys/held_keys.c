#include "ui/keys/held_keys.h"

#include <stdlib.h>

#include "core/base/mem.h"

bool held_keys_add(struct held_keys *held, const struct key_event *event)
{
    if (held->count - held->taken >= HELD_KEYS_LIMIT)
        return false;
    *ARRAY_APPEND(held->keys, held->count) =
        (struct held_key){.key = event->key, .action = event->action, .text = mem_strdup(event->text)};
    return true;
}

bool held_keys_first(const struct held_keys *held, struct key_event *event)
{
    if (!held_keys_any(held))
        return false;
    const struct held_key *first = &held->keys[held->taken];
    *event = (struct key_event){.key = first->key, .action = first->action, .text = first->text};
    return true;
}

bool held_keys_take(struct held_keys *held, struct key_event *event, char **text)
{
    if (!held_keys_first(held, event))
        return false;
    *text = held->keys[held->taken++].text;
    if (!held_keys_any(held)) {
        free(held->keys);
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
