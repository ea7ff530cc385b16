#include "core/job/obstacle.h"

#include <errno.h>

#include "core/base/mem.h"
#include "core/job/condition.h"
#include "core/job/private.h"

#define LOOK_MS 1000

const char *job_obstacle_word(enum job_obstacle obstacle)
{
    switch (obstacle) {
    case JOB_OBSTACLE_NONE:
        return "none";
    case JOB_OBSTACLE_NO_SPACE:
        return "no-space";
    case JOB_OBSTACLE_QUOTA:
        return "quota";
    case JOB_OBSTACLE_READ_ONLY:
        return "read-only";
    case JOB_OBSTACLE_TARGET:
        return "target";
    case JOB_OBSTACLE_SOURCE:
        return "source";
    }
    return "none";
}

enum job_obstacle job_obstacle_of(int number)
{
    switch (number) {
    case ENOSPC:
        return JOB_OBSTACLE_NO_SPACE;
    case EDQUOT:
        return JOB_OBSTACLE_QUOTA;
    case EROFS:
        return JOB_OBSTACLE_READ_ONLY;
    case EIO:
    case ENXIO:
    case ENODEV:
    case ESTALE:
    case ENOTCONN:
    case ETIMEDOUT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EREMOTEIO:
        return JOB_OBSTACLE_TARGET;
    default:
        return JOB_OBSTACLE_NONE;
    }
}

static const char *remedy(enum job_obstacle obstacle)
{
    switch (obstacle) {
    case JOB_OBSTACLE_NO_SPACE:
        return "Free space there";
    case JOB_OBSTACLE_QUOTA:
        return "Free space there, or have the quota raised";
    case JOB_OBSTACLE_READ_ONLY:
        return "Make the file system writable again";
    case JOB_OBSTACLE_SOURCE:
        return "See that the storage of the images answers again (the system's log says more)";
    default:
        return "See that the storage answers again (the system's log says more)";
    }
}

static void advise(const char *remedy, const struct guid *id, struct error *err)
{
    error_next(err, "%s, then let the job go on: `refpoint job resume %.8s`, or p on the screen.", remedy,
               id->text);
}

static void explain(const struct patience *patience, enum job_obstacle obstacle, int number,
                    const struct guid *id, struct error *err)
{
    bool of_source = obstacle == JOB_OBSTACLE_SOURCE;
    error_errno(err, number, "job.suspended", "cannot %s %s", of_source ? "read" : "write to",
                patience->path);
    advise(remedy(obstacle), id, err);
}

/* With the lock held. */
static void meet(struct job *job, enum job_obstacle obstacle, const struct error *err, int64_t end_ms)
{
    struct job_snapshot *now = &job->now;
    now->obstacle = obstacle;
    now->obstacle_error = *err;
    int64_t left = end_ms - monotonic_milliseconds();
    now->obstacle_until = moment_now();
    now->obstacle_until.seconds += left / 1000;
    now->revision++;
}

/* Without the lock: a file system that does not answer holds nobody but this thread. */
static void look(struct job *job, const struct halt *halt)
{
    uint64_t needed = 0;
    uint64_t available = 0;
    if (!halt->look)
        return;
    halt->look(halt->look_context, &needed, &available);
    pthread_mutex_lock(&job->lock);
    if (job->now.obstacle != JOB_OBSTACLE_NONE &&
        (job->now.bytes_needed != needed || job->now.bytes_available != available)) {
        job->now.bytes_needed = needed;
        job->now.bytes_available = available;
        job->now.revision++;
    }
    pthread_mutex_unlock(&job->lock);
}

/* With the lock held: until the job goes on, or is not to wait any longer. */
static void wait_for_change(struct job *job, const struct halt *halt, int64_t end_ms)
{
    int64_t look_ms = 0;
    while (job->now.state == JOB_STATE_SUSPENDED && !job->waiting_over && job->patience_ms > 0) {
        int64_t now_ms = monotonic_milliseconds();
        if (now_ms >= end_ms) {
            job->patience_ms = 0; /* the others' too: the job ends */
            job_move(job, JOB_STATE_RUNNING);
            break;
        }
        if (now_ms >= look_ms) {
            look_ms = now_ms + LOOK_MS;
            pthread_mutex_unlock(&job->lock);
            look(job, halt);
            pthread_mutex_lock(&job->lock);
            continue;
        }
        condition_wait(&job->changed, &job->lock);
    }
}

static bool wait_out(const struct patience *patience, enum job_obstacle obstacle, const struct error *err)
{
    struct job *job = patience->halt->job;
    pthread_mutex_lock(&job->lock);
    int64_t end_ms = monotonic_milliseconds() + job->patience_ms;
    bool is_first = job->patience_ms > 0 && !job->waiting_over && job_move(job, JOB_STATE_SUSPENDED);
    bool waits = is_first || (job->now.state == JOB_STATE_SUSPENDED && job->patience_ms > 0);
    if (waits && job->now.obstacle == JOB_OBSTACLE_NONE)
        meet(job, obstacle, err, end_ms);
    pthread_mutex_unlock(&job->lock);
    if (!waits)
        return false;
    if (is_first) {
        CLEANUP_FREE char *text = error_text(err);
        job_log(job, "suspended: %s", text);
        job_tell_changed(job);
    }
    pthread_mutex_lock(&job->lock);
    wait_for_change(job, patience->halt, end_ms);
    bool goes_on = job->now.state == JOB_STATE_RUNNING && !job->waiting_over && job->patience_ms > 0;
    bool gave_up = job->patience_ms == 0;
    pthread_mutex_unlock(&job->lock);
    if (is_first && goes_on)
        job_log(job, "goes on");
    if (is_first && gave_up)
        job_log(job, "has waited long enough");
    job_tell_changed(job);
    return goes_on;
}

bool patience_wait(void *context, int number)
{
    const struct patience *patience = context;
    enum job_obstacle obstacle = job_obstacle_of(number);
    if (!patience->halt->job || obstacle == JOB_OBSTACLE_NONE || halt_is_asked(patience->halt))
        return false;
    if (patience->of_source)
        obstacle = JOB_OBSTACLE_SOURCE;
    struct error err = {0};
    explain(patience, obstacle, number, &patience->halt->job->now.identity.id, &err);
    bool goes_on = wait_out(patience, obstacle, &err);
    errno = number;
    return goes_on;
}

bool patience_wait_for_return(const struct patience *patience, const struct error *err)
{
    struct error suspended = *err;
    if (!patience->halt->job || halt_is_asked(patience->halt))
        return false;
    advise("Bring it back as it was", &patience->halt->job->now.identity.id, &suspended);
    return wait_out(patience, JOB_OBSTACLE_TARGET, &suspended);
}
