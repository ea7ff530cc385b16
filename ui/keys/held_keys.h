/* Keys that came before the screen they are meant for was ready for them, in order. Threads: one at a time.
 * Ownership: texts are copied; held_keys_clear. */
#ifndef REFPOINT_UI_KEYS_HELD_KEYS_H
#define REFPOINT_UI_KEYS_HELD_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/keys/key.h"

#define HELD_KEYS_LIMIT 1024 /* whoever types more than this unseen has gone away */

struct held_key {
    uint32_t key;
    enum ui_action action;
    char *text;
};

struct held_keys { /* zeroed = empty */
    struct held_key *keys;
    size_t count;
    size_t taken;
};

/* False: there are too many already. */
bool held_keys_add(struct held_keys *held, const struct key_event *event);
/* The oldest one, which stays; its text is borrowed. False: there is none. */
bool held_keys_first(const struct held_keys *held, struct key_event *event);
/* The same, and it is gone from here; its text is the caller's. */
bool held_keys_take(struct held_keys *held, struct key_event *event, char **text);
bool held_keys_any(const struct held_keys *held);
void held_keys_clear(struct held_keys *held);

#endif
