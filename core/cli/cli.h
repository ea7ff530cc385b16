/* The command line: every command of design.md ("Command line"), on any host.
 *
 * Parse apart from execute. Output to the streams given; `--json` gives JSON Lines with the fixed names;
 * redirected output holds no escapes; nothing prompts. Exit status: 0 done, 1 failed or unknown, 2 refused,
 * 130 cancelled. Threads: the main one; a command may start workers, which end before it returns. */
#ifndef REFPOINT_CLI_CLI_H
#define REFPOINT_CLI_CLI_H

#include <stdio.h>

#include "core/base/error.h"

struct host;

enum cli_status { CLI_DONE = 0, CLI_FAILED = 1, CLI_REFUSED = 2, CLI_CANCELLED = 130 };

struct cli_globals {    /* options before the noun; also what the screen is started with */
    const char *host;   /* NULL = default */
    const char *store;  /* NULL = $REFPOINT_STORE or default */
    const char *config; /* NULL = default */
    bool ascii;         /* --ascii, for the screen */
    bool json;
};

/* What only the composition root knows. */
struct cli_environment {
    /* Opens the host named by globals that cli_place has found; closed by the caller. NULL and err otherwise.
     */
    struct host *(*open_host)(const struct cli_globals *globals, struct error *err);
    FILE *out;
    FILE *errors;
};

/* Reads the options before the noun. *first is the index of the noun, argc when there is none (full screen).
 * Handles --help and --version itself. Returns CLI_DONE to go on, or *stop = true and the exit status. */
int cli_parse_globals(const struct cli_environment *environment, int argc, char **argv,
                      struct cli_globals *globals, int *first, bool *stop);
int cli_main(const struct cli_environment *environment, const struct cli_globals *globals, int argc,
             char **argv); /* argv[0] is the noun */

/* The same globals with host and store found (options, environment, settings) and every path absolute, as the
 * host, the screen and the runner are given them; warnings about the configuration file go to `errors`. The
 * texts live until cli_place_free. */
struct cli_place;
struct cli_place *cli_place_find(const struct cli_environment *environment, const struct cli_globals *globals,
                                 struct cli_globals *found, struct error *err);
void cli_place_free(struct cli_place *place);

#endif
