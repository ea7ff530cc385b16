/* The full screen. Threads: ui_run owns curses on the calling thread until it returns. Returns an exit
 * status: 0; 2 with a sentence on stderr when there is no usable terminal; 128 and the number of the signal
 * that ended it. */
#ifndef REFPOINT_UI_UI_H
#define REFPOINT_UI_UI_H

#include "core/cli/cli.h"
#include "core/host/host.h"

/* Borrows globals. Takes the host and closes it. A call into the host that is still stalled when the screen
 * ends does not hold the process: it exits here, with the status that it would have returned. */
int ui_run(struct host *host, const struct cli_globals *globals);

#endif
