/* The operator's own command, run when a job has ended and its outcome is on the disk: for mail, monitoring,
 * a copy of the package elsewhere. Private to the runner.
 *
 * `sh -c COMMAND` in a session of its own, without a terminal, its output dropped, with FINISH_HOOK_MS to
 * end. What it is told stands in its environment, beside all that the job's process has in its own:
 *
 *     REFPOINT_JOB            id                       REFPOINT_KIND        "export", "verify" ...
 *     REFPOINT_JOB_STATE      number (contract.md)     REFPOINT_STATE       its word
 *     REFPOINT_ERROR_CODE     number, 0 = none         REFPOINT_ERROR       a sentence; ""
 *     REFPOINT_COLLECTION, REFPOINT_POINT, REFPOINT_DIRECTORY
 *     REFPOINT_PACKAGE        path; ""                 REFPOINT_PACKAGE_SUM SHA-256 of its SHA256SUMS; ""
 *     REFPOINT_VERIFIED       "yes", "no"
 *
 * Threads: the runner's main one. How it ended is told in the job's log, and changes nothing of the job. */
#ifndef REFPOINT_SERVICE_RUNNER_FINISH_HOOK_H
#define REFPOINT_SERVICE_RUNNER_FINISH_HOOK_H

#include "core/job/job.h"

#define FINISH_HOOK_MS 600000

void finish_hook_run(const char *command, const struct job_snapshot *outcome, struct job *job);

#endif
