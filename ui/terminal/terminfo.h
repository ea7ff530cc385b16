/* What the terminal's description says. Apart from terminal.c because <term.h> defines a macro for each of
 * some five hundred capabilities, `columns` and `lines` among them. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_TERMINAL_TERMINFO_H
#define REFPOINT_UI_TERMINAL_TERMINFO_H

#include <stdbool.h>

#include "core/base/error.h"

/* TERM names a terminal that can show a screen; nothing is sent to it. 32770 otherwise. */
bool terminfo_check(struct error *err) WARN_UNUSED;
/* It takes the sequences of xterm beyond terminfo (OSC 2 for a title, OSC 52 for a clipboard). */
bool terminfo_is_xterm_like(void);
/* A string capability by its terminfo name; NULL: the terminal has none. After curses has started. */
const char *terminfo_string(const char *name);

#endif
