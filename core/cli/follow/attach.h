/* Following a job from the command line: `export` without --detach, and `job attach`. Private to core/cli. */
#ifndef REFPOINT_CLI_FOLLOW_ATTACH_H
#define REFPOINT_CLI_FOLLOW_ATTACH_H

#include "core/base/guid.h"
#include "core/cli/line/context.h"
#include "core/cli/line/interrupt.h"

/* Prints progress until the job is final, then its end; returns the exit status. Ctrl-C asks the job to
 * cancel; a second one leaves it running and says so (CLI_FAILED: its outcome is not known). The interrupt is
 * opened by the caller: before a job is started, so that no Ctrl-C is lost in between. */
int attach_job(struct cli *cli, const struct guid *id, struct interrupt *interrupt);

/* Instead of following: the job is started, and how to see it. Returns CLI_DONE. */
int attach_say_started(struct cli *cli, const struct guid *id);

#endif
