/* The full screen. Threads: ui_run owns curses on the calling thread until it returns. Returns an exit
 * status: 0, or 2 with a sentence on stderr when there is no usable terminal. */
#ifndef REFPOINT_UI_UI_H
#define REFPOINT_UI_UI_H

#include "core/cli/cli.h"
#include "core/host/host.h"

/* Borrows host and globals. */
int ui_run(struct host *host, const struct cli_globals *globals);

#endif
