#include "core/job/private.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/condition.h"

struct job *job_new(const struct job_identity *identity)
{
    struct job *job = mem_alloc(sizeof *job);
    pthread_mutex_init(&job->lock, NULL);
    condition_init(&job->changed);
    atomic_init(&job->cancelled, false);
    atomic_init(&job->suspended, false);
    /* Without a descriptor (none left) a cancel is still seen at the next checkpoint; poll passes over -1. */
    job->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    job->directory = -1;
    job->now.identity = *identity;
    job->now.state = JOB_STATE_NEW;
    job->now.phase = JOB_PHASE_PLAN;
    job->now.changed = moment_now();
    job->now.cancellable = true;
    job->now.revision = 1;
    return job;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    if (job->cancel_fd >= 0)
        close(job->cancel_fd);
    pthread_cond_destroy(&job->changed);
    pthread_mutex_destroy(&job->lock);
    job_snapshot_clear(&job->now);
    free(job);
}

struct guid job_id(const struct job *job)
{
    return job->now.identity.id;
}

void job_set_directory(struct job *job, int directory)
{
    job->directory = directory;
}

void job_set_reachable(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    job->is_reachable = true;
    pthread_mutex_unlock(&job->lock);
}

void job_set_patience(struct job *job, int64_t milliseconds)
{
    pthread_mutex_lock(&job->lock);
    job->patience_ms = job->is_reachable ? milliseconds : 0;
    pthread_mutex_unlock(&job->lock);
}

int job_directory(const struct job *job)
{
    return job->directory;
}

int job_cancel_fd(const struct job *job)
{
    return job->cancel_fd;
}

void job_set_listener(struct job *job, const struct job_listener *listener)
{
    job->listener = *listener;
}

/* State */

static bool can_move(uint32_t from, uint32_t to)
{
    if (job_state_is_final(from))
        return false;
    if (job_state_is_final(to))
        return true;
    switch (to) {
    case JOB_STATE_STARTING:
        return from == JOB_STATE_NEW;
    case JOB_STATE_RUNNING:
        return from == JOB_STATE_STARTING || from == JOB_STATE_SUSPENDED;
    case JOB_STATE_SUSPENDED:
        return from == JOB_STATE_RUNNING;
    case JOB_STATE_SHUTTING_DOWN:
        return from != JOB_STATE_SHUTTING_DOWN;
    default:
        return false;
    }
}

/* With the lock held. */
bool job_move(struct job *job, uint32_t state)
{
    if (!can_move(job->now.state, state))
        return false;
    int64_t now_ms = monotonic_milliseconds();
    if (job_state_is_final(state))
        job_compute_figures(job, now_ms); /* the last elapsed time and average */
    if (state == JOB_STATE_SUSPENDED)
        atomic_fetch_add(&job->spent.pauses, 1);
    job->now.state = state;
    job->now.changed = moment_now();
    if (state == JOB_STATE_STARTING)
        job->now.started = job->now.changed;
    job->now.cancellable = !job_state_is_final(state) && state != JOB_STATE_SHUTTING_DOWN;
    if (state != JOB_STATE_SUSPENDED) {
        job->now.obstacle = JOB_OBSTACLE_NONE;
        job->now.obstacle_error = (struct error){0};
        job->now.bytes_needed = job->now.bytes_available = 0;
    }
    atomic_store(&job->suspended, state == JOB_STATE_SUSPENDED);
    job_run_clocks(job, now_ms);
    job->now.revision++;
    pthread_cond_broadcast(&job->changed);
    return true;
}

bool job_set_state(struct job *job, enum job_state state)
{
    pthread_mutex_lock(&job->lock);
    bool moved = job_move(job, state);
    pthread_mutex_unlock(&job->lock);
    if (moved)
        job_tell_changed(job);
    return moved;
}

static void finish(struct job *job, enum job_state state, const char *package, bool verified,
                   const struct error *err)
{
    pthread_mutex_lock(&job->lock);
    bool moved = job_move(job, state);
    if (moved) {
        job->now.rate_now = job->now.left_low_s = job->now.left_high_s = 0;
        job->now.limited_by = JOB_LIMIT_NONE;
        if (package) {
            text_copy_cut(job->now.package, sizeof job->now.package, package);
            job->now.percent_complete = 100;
        }
        job->now.verified = verified;
        if (err)
            job->now.error = *err;
    }
    pthread_mutex_unlock(&job->lock);
    if (moved)
        job_tell_changed(job);
}

void job_complete(struct job *job, const char *package, bool verified, const struct error *warning)
{
    if (!warning) {
        finish(job, JOB_STATE_COMPLETED, package, verified, NULL);
        return;
    }
    /* Succeeded means ErrorCode 0 (contract.md): a warning keeps its sentences, not its number. */
    struct error kept = *warning;
    kept.code = RETURN_DONE;
    finish(job, JOB_STATE_COMPLETED_WITH_WARNINGS, package, verified, &kept);
}

void job_fail(struct job *job, const struct error *err)
{
    struct error kept = *err;
    if (kept.code == RETURN_DONE || kept.code == RETURN_JOB_STARTED)
        kept.code = RETURN_FAILED;
    finish(job, JOB_STATE_EXCEPTION, NULL, false, &kept);
}

void job_end_cancelled(struct job *job)
{
    struct error err = {0};
    error_set(&err, RETURN_FAILED, "job.cancelled", "the export was cancelled; nothing has been left");
    error_next(&err, "Start the export again when it is wanted.");
    finish(job, JOB_STATE_TERMINATED, NULL, false, &err);
}

/* Requests */

static uint32_t cancel(struct job *job)
{
    if (job->now.cancel_requested)
        return RETURN_DONE;
    if (!job_move(job, JOB_STATE_SHUTTING_DOWN))
        return RETURN_INVALID_STATE;
    job->now.cancel_requested = true;
    atomic_store(&job->cancelled, true);
    if (job->cancel_fd >= 0)
        eventfd_write(job->cancel_fd, 1);
    return RETURN_DONE;
}

uint32_t job_request_state_change(struct job *job, uint32_t requested_state)
{
    uint32_t code = RETURN_INVALID_STATE;
    pthread_mutex_lock(&job->lock);
    uint64_t before = job->now.revision;
    bool over = job_is_over(job);
    switch (requested_state) {
    case REQUESTED_STATE_START:
        if (job->now.state == JOB_STATE_SUSPENDED && job_move(job, JOB_STATE_RUNNING))
            code = RETURN_DONE;
        break;
    case REQUESTED_STATE_SUSPEND:
        if (job_move(job, JOB_STATE_SUSPENDED))
            code = RETURN_DONE;
        break;
    case REQUESTED_STATE_TERMINATE:
        if (!over)
            code = cancel(job);
        break;
    default:
        code = RETURN_NOT_SUPPORTED;
        break;
    }
    bool changed = job->now.revision != before;
    pthread_mutex_unlock(&job->lock);
    if (changed)
        job_tell_changed(job);
    return code;
}

bool job_is_cancelled(struct job *job)
{
    return atomic_load(&job->cancelled);
}

bool job_checkpoint(struct job *job)
{
    if (atomic_load(&job->suspended)) {
        pthread_mutex_lock(&job->lock);
        while (job->now.state == JOB_STATE_SUSPENDED && !job->waiting_over)
            pthread_cond_wait(&job->changed, &job->lock);
        pthread_mutex_unlock(&job->lock);
    }
    return !atomic_load(&job->cancelled);
}

void job_end_waiting(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    job->waiting_over = true;
    pthread_cond_broadcast(&job->changed);
    pthread_mutex_unlock(&job->lock);
}
