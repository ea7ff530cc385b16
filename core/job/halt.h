/* When the threads of an export have to stop: the job was cancelled, or one of them failed.
 *
 * Threads: any. Ownership: the job is borrowed. */
#ifndef REFPOINT_JOB_HALT_H
#define REFPOINT_JOB_HALT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/job/job.h"

struct halt {
    struct job *job; /* NULL = nobody can cancel */
    atomic_bool failed;
    /* How much room the work still needs where it writes, and how much there is, in bytes; asked while it
     * waits for that (obstacle.h). NULL = not known. */
    void (*look)(void *context, uint64_t *needed, uint64_t *available);
    void *look_context;
};

/* halt: a struct halt; the type is that of nbd_client_spec.stopped. */
bool halt_is_asked(void *halt);
/* One of the threads has failed: the others stop, those that wait in a pause too. */
void halt_fail(struct halt *halt);
/* By a person; not because something failed. */
bool halt_is_cancelled(const struct halt *halt);
/* Between blocks: waits while the job is suspended; false when it is time to stop. */
bool halt_checkpoint(struct halt *halt);

/* Fills err as an operation on packages that was cancelled does (key "package.cancelled"); returns false. */
bool halt_cancelled(struct error *err);

#endif
