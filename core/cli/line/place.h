/* Where a command line works: its globals with host and store found (options, environment, settings) and
 * every path absolute, as the host, the screen and the runner are given them.
 *
 * Ownership: the found texts live until cli_place_free. Threads: the main one. Errors: those of the settings.
 */
#ifndef REFPOINT_CLI_LINE_PLACE_H
#define REFPOINT_CLI_LINE_PLACE_H

#include "core/base/error.h"
#include "core/cli/line/environment.h"

struct cli_place;

/* Warnings about the configuration file go to the environment's `errors`. */
struct cli_place *cli_place_find(const struct cli_environment *environment, const struct cli_globals *globals,
                                 struct cli_globals *found, struct error *err);
/* The setting of that name: *file is NULL without it, else the caller's. tell: the warnings too. */
bool cli_place_allowed_signers(const struct cli_environment *environment, const struct cli_globals *globals,
                               bool tell, char **file, struct error *err) WARN_UNUSED;
/* The settings sign and zstd_level, in the same way; *level is 0 where there is none. */
bool cli_place_making(const struct cli_environment *environment, const struct cli_globals *globals,
                      char **sign_key, unsigned *zstd_level, struct error *err) WARN_UNUSED;
void cli_place_free(struct cli_place *place);

#endif
