/* The command line: every command of design.md ("Command line"), on any host.
 *
 * Parse apart from execute. Output to the streams given; `--json` gives JSON Lines with the fixed names;
 * redirected output holds no escapes; nothing prompts. Exit status: 0 done, 1 failed or unknown, 2 refused,
 * 130 cancelled. Threads: the main one; a command may start workers, which end before it returns. */
#ifndef REFPOINT_CLI_CLI_H
#define REFPOINT_CLI_CLI_H

#include <stdbool.h>

#include "core/cli/line/environment.h"
#include "core/cli/line/place.h"
#include "core/cli/line/status.h"

/* Reads the options before the noun. *first is the index of the noun, argc when there is none (full screen).
 * Handles --help and --version itself. Returns CLI_DONE to go on, or *stop = true and the exit status. */
int cli_parse_globals(const struct cli_environment *environment, int argc, char **argv,
                      struct cli_globals *globals, int *first, bool *stop);
int cli_main(const struct cli_environment *environment, const struct cli_globals *globals, int argc,
             char **argv); /* argv[0] is the noun */

#endif
