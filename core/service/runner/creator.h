/* While a runner looks at what a job has left, which may take long, somebody waits for it: whoever asked for
 * the job to go on. When they give up, the end of what they write says so, and the look ends too.
 *
 * Threads: one of its own between begin and end; both on the runner's main thread. */
#ifndef REFPOINT_SERVICE_RUNNER_CREATOR_H
#define REFPOINT_SERVICE_RUNNER_CREATOR_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/job/job.h"

struct creator_watch;

/* Borrows both. The job is asked to cancel when the other end of the socket writes no more, or is gone. */
struct creator_watch *creator_watch_begin(int creator_fd, struct job *job, struct error *err);
void creator_watch_end(struct creator_watch *watch); /* frees it; NULL is nothing */

#endif
