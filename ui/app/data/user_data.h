/* Themes and keys by name: the user's own file in the configuration directory, or the shipped one.
 *
 * Own files: $XDG_CONFIG_HOME/refpoint/keys, and themes/NAME.theme beside it; an own theme hides a shipped
 * one of its name. Reads files: for a worker, or before the screen is up. Threads: any. */
#ifndef REFPOINT_UI_APP_DATA_USER_DATA_H
#define REFPOINT_UI_APP_DATA_USER_DATA_H

#include "ui/draw/theme.h"
#include "ui/keys/keymap.h"

/* The shipped keys; false only if they cannot be read, which a test rules out. */
bool user_data_shipped_keys(struct keymap *keymap, struct error *err) WARN_UNUSED;
/* The user's own keys on top, if there are any. */
bool user_data_own_keys(struct keymap *keymap, struct error *err) WARN_UNUSED;

/* 32773: not a name; 32779: there is no such theme; 32776: it says something wrong. *theme is unchanged then.
 */
bool user_data_theme(struct theme *theme, const char *name, struct error *err) WARN_UNUSED;
/* All names, sorted; release with fs_free_names. */
void user_data_theme_names(char ***names, size_t *count);
/* Directory of own themes; the caller's. */
char *user_data_theme_directory(void);

#endif
