/* Going on with a job whose process died. Threads: any; may block for as long as its check takes. */
#ifndef REFPOINT_SERVICE_RESUME_H
#define REFPOINT_SERVICE_RESUME_H

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/job/job.h"

/* Gives an interrupted job a process again, under its own id: it goes on with what is left, once that is
 * proven; anew: that is removed and it begins at the beginning. 4096, or the refusal, with the job as it was:
 * 32775 it is not interrupted, or what it reads is not what it was; 32774 somebody else does so just now;
 * 32770 a job of its kind is not gone on with. With anew what it had begun is gone in any case: its room may
 * be needed. checking, which may be NULL: when it is cancelled, the check ends and the job is as it was. */
uint32_t resume_job(const char *state_directory, const struct guid *id, bool anew, struct job *checking,
                    struct error *err) WARN_UNUSED;

#endif
