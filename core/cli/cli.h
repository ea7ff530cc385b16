/* The command line: every command of design.md ("Command line"), on any host.
 *
 * parse apart from execute. Output to the streams given; `--json` gives JSON Lines with the fixed names;
 * redirected output holds no escapes; nothing prompts. Exit status: 0 done, 1 failed or unknown, 2 refused,
 * 130 cancelled. Threads: the main one. */
#ifndef REFPOINT_CLI_CLI_H
#define REFPOINT_CLI_CLI_H

#include "core/base/error.h"

enum cli_status { CLI_DONE = 0, CLI_FAILED = 1, CLI_REFUSED = 2, CLI_CANCELLED = 130 };

struct cli_globals {    /* options before the noun; also what the screen is started with */
    const char *host;   /* NULL = default */
    const char *store;  /* NULL = $REFPOINT_STORE or default */
    const char *config; /* NULL = default */
    bool ascii;         /* --ascii, for the screen */
    bool json;
};

/* Reads the options before the noun. *first is the index of the noun, argc when there is none (full screen).
 * Handles --help and --version itself. Returns CLI_DONE to go on, or *stop = true and the exit status. */
int cli_parse_globals(int argc, char **argv, struct cli_globals *globals, int *first, bool *stop);
int cli_main(const struct cli_globals *globals, int argc, char **argv); /* argv[0] is the noun */

#endif
