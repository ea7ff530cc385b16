/* Which key does what: read from key files (libconfig), on top of the shipped default.keys.
 *
 * A file has one member per action, a list of key names: `page-up = ( "PgUp", "C-b" );`. An action that a
 * file names loses its former keys, and a key it takes is taken from the action that had it before; the same
 * key twice in one file is a conflict. Key names: a character itself, "Space", "Enter", "Esc", "Tab",
 * "S-Tab", "Backspace", "Delete", "Insert", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End",
 * "F1".."F12", "C-l" or "Ctrl-L" for control keys. What destroys something cannot be put on a control key,
 * and the keys that lead out (up, down, open, back, quit) cannot be taken away. Threads: read-only after
 * reading: any. */
#ifndef REFPOINT_UI_KEYS_KEYMAP_H
#define REFPOINT_UI_KEYS_KEYMAP_H

#include <stddef.h>
#include <stdint.h>

#include "core/syntax/cfg.h"
#include "ui/keys/action.h"

struct keymap;

struct keymap *keymap_new(void); /* empty */
void keymap_free(struct keymap *keymap);
/* Adds a parsed file. 32776 with file, line and what is wrong there; the map is unchanged then. */
bool keymap_read(struct keymap *keymap, const config_setting_t *root, const char *name_for_messages,
                 struct error *err) WARN_UNUSED;

enum ui_action keymap_action(const struct keymap *keymap, uint32_t key);
/* Name of the action's first key for the footer ("e", "Enter"); "" when it has none. */
void keymap_key_label(const struct keymap *keymap, enum ui_action action, char *field, size_t size);
/* The same where characters are text: the first key that is none ("F1" for help). */
void keymap_text_key_label(const struct keymap *keymap, enum ui_action action, char *field, size_t size);
/* A key as people call it: "e", "Space", "F2". */
void keymap_key_name(uint32_t key, char *field, size_t size);
/* All of them for help: "Down, j". */
void keymap_keys_label(const struct keymap *keymap, enum ui_action action, char *field, size_t size);

#endif
