/* refpoint machine move. Threads: the main one. */
#ifndef REFPOINT_CLI_WAYS_MOVE_H
#define REFPOINT_CLI_WAYS_MOVE_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

#define MOVE_OPTIONS 3
extern const struct args_option move_options[MOVE_OPTIONS];
int move_run(struct cli *cli, const struct args *args);

#endif
