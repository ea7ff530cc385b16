/* The work of an export, the same for both forms of the method: in a runner, and in the caller's process.
 *
 * Runs the host's export and ends the job: completed, completed with warnings (not verified), failed, or
 * cancelled. Blocks; call it on a thread that outlives it (export.h). */
#ifndef REFPOINT_SERVICE_WORK_H
#define REFPOINT_SERVICE_WORK_H

#include "core/base/error.h"
#include "core/host/host.h"

/* 0 (then the job has succeeded), or the error that the job ended with. */
uint32_t work_run(struct host *host, const struct export_request *request, struct job *job,
                  struct error *err);

#endif
