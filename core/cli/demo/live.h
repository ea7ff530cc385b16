/* refpoint demo --live DIR: two machines that run under a libvirt daemon and never stop writing, a collection
 * of them, and a first point. Private to core/cli. */
#ifndef REFPOINT_CLI_DEMO_LIVE_H
#define REFPOINT_CLI_DEMO_LIVE_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

int demo_live_run(struct cli *cli, const struct args *args);

#endif
