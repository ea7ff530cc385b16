/* Long work inside this process: done on a thread of its own, while the main one shows progress and watches
 * for Ctrl-C. Private to core/cli.
 *
 * Ctrl-C (SIGTERM and SIGHUP too: the work ends with this process) asks the job to cancel; a second one ends
 * the process. The thread outlives the call of `run`, as children of the work need (proc.h). */
#ifndef REFPOINT_CLI_FOLLOW_WORK_H
#define REFPOINT_CLI_FOLLOW_WORK_H

#include "core/cli/follow/progress.h"

struct work {
    struct job *job;
    struct progress *progress; /* NULL: shows nothing */
    struct output *out;
    const char *patience; /* said once when it takes longer than a second; NULL */
    void (*run)(void *context);
    void *context;
};

/* Returns when `run` has; false only when no thread could be started. */
bool work_do(const struct work *work, struct error *err) WARN_UNUSED;

#endif
