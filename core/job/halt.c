#include "core/job/halt.h"

#include <time.h>

#include "core/base/return_code.h"

#define SLICE_NS (100L * 1000 * 1000)

bool halt_is_asked(void *context)
{
    struct halt *halt = context;
    return atomic_load(&halt->failed) || halt_is_cancelled(halt);
}

void halt_fail(struct halt *halt)
{
    atomic_store(&halt->failed, true);
    if (halt->job)
        job_end_waiting(halt->job);
}

bool halt_is_cancelled(const struct halt *halt)
{
    return halt->job && job_is_cancelled(halt->job);
}

bool halt_checkpoint(struct halt *halt)
{
    if (halt->job && !job_checkpoint(halt->job))
        return false;
    return !atomic_load(&halt->failed);
}

void halt_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void halt_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += SLICE_NS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(condition, lock, &until);
}

bool halt_cancelled(struct error *err)
{
    return error_set(err, RETURN_FAILED, "package.cancelled", "cancelled");
}
