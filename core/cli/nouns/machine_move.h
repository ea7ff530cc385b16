/* refpoint machine move. Threads: the main one. */
#ifndef REFPOINT_CLI_NOUNS_MACHINE_MOVE_H
#define REFPOINT_CLI_NOUNS_MACHINE_MOVE_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

#define MACHINE_MOVE_OPTIONS 3
extern const struct args_option machine_move_options[MACHINE_MOVE_OPTIONS];
int machine_move_run(struct cli *cli, const struct args *args);

#endif
