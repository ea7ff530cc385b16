/* refpoint point forget, refpoint collection forget: what stands where once records are dropped, in text and
 * as JSON. Threads: the main one. */
#ifndef REFPOINT_CLI_WAYS_FORGET_H
#define REFPOINT_CLI_WAYS_FORGET_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

int forget_run_point(struct cli *cli, const struct args *args);
int forget_run_collection(struct cli *cli, const struct args *args);

#endif
