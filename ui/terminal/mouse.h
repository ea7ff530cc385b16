/* Reports of a mouse, from xterm's protocol ("Mouse Tracking" in its control sequences): presses (1000),
 * written in decimal (1006) where the terminal can, else as three bytes. Threads: any. */
#ifndef REFPOINT_UI_TERMINAL_MOUSE_H
#define REFPOINT_UI_TERMINAL_MOUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/keys/pointer.h"

#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

/* A whole "[<...M" or "[<...m". False: nothing to act on (a release, another button, noise). */
bool mouse_read(struct pointer_event *event, const char *at, size_t length);
/* The three bytes behind "[M". */
bool mouse_read_bytes(struct pointer_event *event, const char *bytes);

#endif
