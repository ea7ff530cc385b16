/* What goes to the terminal, written without waiting for it: a frozen window, Ctrl-S outside or a dying link
 * must not keep the program from its signals.
 *
 * Curses writes to a file in memory; outlet_collect takes it from there. What the terminal does not take at
 * once is kept and written when poll(2) says that there is room. The terminal's open file is the shell's too
 * and stays in blocking mode: the outlet opens it anew, and where that is refused (the terminal of another
 * account) it writes byte by byte, each when there is room. Ownership: outlet_free; it leaves the terminal's
 * descriptor open. Threads: the one that owns curses. Units: bytes, milliseconds. */
#ifndef REFPOINT_UI_TERMINAL_OUTLET_H
#define REFPOINT_UI_TERMINAL_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/error.h"

struct outlet;

struct outlet *outlet_new(int terminal_fd, struct error *err);
void outlet_free(struct outlet *outlet);

/* For newterm, which asks it for modes and speed: the terminal itself until outlet_divert, from then on the
 * file in memory. Borrowed. */
FILE *outlet_stream(const struct outlet *outlet);
bool outlet_divert(struct outlet *outlet, struct error *err) WARN_UNUSED;

/* What curses has written since the last time; what else is sent. Both go on their way at once, as far as the
 * terminal takes them. */
void outlet_collect(struct outlet *outlet);
void outlet_add(struct outlet *outlet, const char *text);
void outlet_push(struct outlet *outlet);
/* Some of it is still here. */
bool outlet_is_behind(const struct outlet *outlet);
/* To wait on for room, and for what a signal handler writes. */
int outlet_fd(const struct outlet *outlet);
/* Until all has been taken. False: the terminal has taken nothing for a while, or not all in time; then what
 * is left is dropped, with what the system still keeps for the terminal. */
bool outlet_drain(struct outlet *outlet);

#endif
