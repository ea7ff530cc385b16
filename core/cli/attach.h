/* Following a job from the command line: `export` without --detach, and `job attach`. Private to core/cli. */
#ifndef REFPOINT_CLI_ATTACH_H
#define REFPOINT_CLI_ATTACH_H

#include "core/base/guid.h"
#include "core/cli/command.h"

/* Prints progress until the job is final, then its end; returns the exit status. Ctrl-C asks the job to
 * cancel; a second one leaves it running and says so (CLI_FAILED: its outcome is not known). */
int attach_job(struct cli *cli, const struct guid *id);

#endif
