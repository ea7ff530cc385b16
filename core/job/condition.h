/* A condition that somebody else's thread makes true: woken, or again after a slice of time, so that it is
 * seen soon that it is time to stop. Threads: any; the lock is held. */
#ifndef REFPOINT_JOB_CONDITION_H
#define REFPOINT_JOB_CONDITION_H

#include <pthread.h>

void condition_init(pthread_cond_t *condition);
void condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock);

#endif
