/* When the threads of an export have to stop: the job was cancelled, or one of them failed.
 *
 * Threads: any. Ownership: the job is borrowed. */
#ifndef REFPOINT_JOB_HALT_H
#define REFPOINT_JOB_HALT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/job/job.h"

struct halt {
    struct job *job; /* NULL = nobody can cancel */
    atomic_bool failed;
};

/* halt: a struct halt; the type is that of nbd_client_spec.stopped. */
bool halt_is_asked(void *halt);
/* One of the threads has failed: the others stop, those that wait in a pause too. */
void halt_fail(struct halt *halt);
/* By a person; not because something failed. */
bool halt_is_cancelled(const struct halt *halt);
/* Between blocks: waits while the job is suspended; false when it is time to stop. */
bool halt_checkpoint(struct halt *halt);

/* A condition that somebody else's thread makes true: woken, or again after a slice of time, so that it is
 * seen soon that it is time to stop. The lock is held. */
void halt_condition_init(pthread_cond_t *condition);
void halt_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock);

/* Fills err as an operation on packages that was cancelled does (key "package.cancelled"); returns false. */
bool halt_cancelled(struct error *err);

#endif
