/* Keys as numbers and as what screens get to see of one key press.
 *
 * A key is a Unicode code point, control characters included (Ctrl-L is 0x0c), or one of enum key_code.
 * Tab, Enter, Esc and Backspace are always their KEY_CODE, never a control character: input.h folds the
 * terminal's spellings (CR and LF, BS and DEL). */
#ifndef REFPOINT_UI_KEYS_KEY_H
#define REFPOINT_UI_KEYS_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/keys/action.h"

enum key_code {
    KEY_CODE_NONE = 0,
    KEY_CODE_FIRST = 0x110000, /* above every code point */
    KEY_CODE_UP = KEY_CODE_FIRST,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_INSERT,
    KEY_CODE_DELETE,
    KEY_CODE_BACKSPACE,
    KEY_CODE_TAB,
    KEY_CODE_SHIFT_TAB,
    KEY_CODE_ENTER,
    KEY_CODE_ESCAPE,
    KEY_CODE_F1,
    KEY_CODE_F12 = KEY_CODE_F1 + 11,
    KEY_CODE_PASTE,   /* bracketed paste: the whole text in key_event.text */
    KEY_CODE_POINTER, /* a mouse: input_pointer has what it did; never handed to a screen */
    KEY_CODE_UNKNOWN, /* a whole sequence that means nothing here; never leaks as characters */
    KEY_CODE_END_OF_LIST
};

/* What a screen's key handler gets. A screen whose focus is a text field looks at `text` first: characters
 * are text there, not actions. */
struct key_event {
    uint32_t key;          /* code point or enum key_code */
    enum ui_action action; /* by the keymap; ACTION_NONE: the key is bound to nothing */
    const char *text;      /* UTF-8 of a printable key or of a paste (hostile as any text); "" otherwise */
};

#endif
