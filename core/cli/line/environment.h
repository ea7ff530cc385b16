/* What a command line starts with: the options before the noun, and what only the composition root knows.
 * Ownership: everything is borrowed. */
#ifndef REFPOINT_CLI_LINE_ENVIRONMENT_H
#define REFPOINT_CLI_LINE_ENVIRONMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/error.h"

struct host;

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

#endif
