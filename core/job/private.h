/* What job.c (life, states, requests) and work.c (what the work reports, rates, time left) share. Private to
 * the job.
 *
 * One lock guards everything but two flags that the work looks at between blocks, and the times that it
 * reports (limit.h): cancelled and suspended are atomic, so that a checkpoint of a running job costs two
 * loads. Functions here are called with the lock held, unless they say otherwise. */
#ifndef REFPOINT_JOB_PRIVATE_H
#define REFPOINT_JOB_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/job/course.h"
#include "core/job/job.h"
#include "core/job/limit.h"

struct job {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* state left Suspended, cancel was asked, or waiting is over */
    atomic_bool cancelled;
    atomic_bool suspended;
    bool waiting_over; /* a pause holds nobody any more */
    int cancel_fd;
    int directory; /* -1 = none */
    bool is_reachable;
    int64_t patience_ms;
    struct job_listener listener;
    struct job_snapshot now;
    struct job_course course;
    struct job_spent spent;
    struct job_limits limits;
    int64_t refreshed_ms;
    uint64_t refreshed_revision;
};

void job_run_clocks(struct job *job, int64_t now_ms);      /* the state or the phase has changed */
void job_compute_figures(struct job *job, int64_t now_ms); /* elapsed, rates, left, what limits */
bool job_move(struct job *job, uint32_t state);            /* false: not from the state that it has */

/* Without the lock. */
static inline void job_tell_changed(struct job *job)
{
    if (job->listener.changed)
        job->listener.changed(job->listener.context);
}

/* Under it. */
static inline bool job_is_over(const struct job *job)
{
    return job_state_is_final(job->now.state);
}

#endif
