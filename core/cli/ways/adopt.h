/* refpoint store adopt. Threads: the main one. */
#ifndef REFPOINT_CLI_WAYS_ADOPT_H
#define REFPOINT_CLI_WAYS_ADOPT_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

#define ADOPT_OPTIONS 1
extern const struct args_option adopt_options[ADOPT_OPTIONS];
int adopt_run(struct cli *cli, const struct args *args);

#endif
