/* What stands in the way of a job that goes on once somebody has removed it: no space, a target that cannot
 * be written to. The job is Suspended then, by this cause, and nothing is lost: the operation that failed is
 * tried again when the job is let go on (Start, contract.md "The job"). After the time that it may wait, or
 * where nobody could let it go on, the operation fails as it did.
 *
 * Threads: any; several can meet the same obstacle. Ownership: everything is borrowed. */
#ifndef REFPOINT_JOB_OBSTACLE_H
#define REFPOINT_JOB_OBSTACLE_H

#include "core/job/halt.h"
#include "core/job/job.h"

/* What an errno of a write or a read is; JOB_OBSTACLE_NONE: nothing that goes away by itself. */
enum job_obstacle job_obstacle_of(int number);

/* Who asks to wait: a file of the target, or of the source. */
struct patience {
    struct halt *halt;
    const char *path; /* for people */
    bool of_source;
};
/* The operation on it failed with this errno. Waits; true: try again. context: a struct patience (the type is
 * that of struct write_patience). */
bool patience_wait(void *context, int number);
/* What the work stands on has gone, as err says: it may come back. Its next step is said anew. */
bool patience_wait_for_return(const struct patience *patience, const struct error *err);

#endif
