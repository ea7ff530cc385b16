/* `refpoint job ...`: the jobs of the journal, and requests to those that run. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_JOB_H
#define REFPOINT_CLI_NOUNS_JOB_H

#include "core/cli/line/command.h"

extern const struct cli_noun cli_job_noun;

#endif
