/* `refpoint job discard`: one job, or all that ended long ago. Threads: the main one. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_JOB_DISCARD_H
#define REFPOINT_CLI_NOUNS_JOB_DISCARD_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

#define JOB_DISCARD_OPTIONS 3
extern const struct args_option job_discard_options[JOB_DISCARD_OPTIONS];

int job_discard_run(struct cli *cli, const struct args *args);

#endif
