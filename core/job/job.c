/* One lock guards everything but two flags that the work looks at between blocks: cancelled and suspended are
 * atomic, so that a checkpoint of a running job costs two loads. Time-dependent figures (elapsed, rates,
 * left) are computed when somebody looks, at most once a second while nothing else changes, and count as a
 * change: so equal revisions mean equal content. */
#include "core/job/job.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/job_progress.h"

struct job {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* state left Suspended, or cancel was asked */
    atomic_bool cancelled;
    atomic_bool suspended;
    int cancel_fd;
    struct job_listener listener;
    struct job_snapshot now;
    struct job_rate copy_rate;
    struct job_rate verify_rate;
    uint64_t phase_done; /* of the phases that have no disks' bytes */
    uint64_t phase_total;
    bool verify_skipped;
    int64_t started_ms; /* monotonic */
    int64_t refreshed_ms;
    uint64_t refreshed_revision;
};

/* Life */

struct job *job_new(const struct job_identity *identity)
{
    struct job *job = mem_alloc(sizeof *job);
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->changed, NULL);
    atomic_init(&job->cancelled, false);
    atomic_init(&job->suspended, false);
    /* Without a descriptor (none left) a cancel is still seen at the next checkpoint; poll passes over -1. */
    job->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
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

int job_cancel_fd(const struct job *job)
{
    return job->cancel_fd;
}

void job_set_listener(struct job *job, const struct job_listener *listener)
{
    job->listener = *listener;
}

static void tell_changed(struct job *job)
{
    if (job->listener.changed)
        job->listener.changed(job->listener.context);
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

static void run_clocks(struct job *job, int64_t now_ms)
{
    bool running = job->now.state == JOB_STATE_RUNNING;
    job_rate_run(&job->copy_rate, now_ms, running && job->now.phase == JOB_PHASE_COPY);
    job_rate_run(&job->verify_rate, now_ms, running && job->now.phase == JOB_PHASE_VERIFY);
}

static void compute_figures(struct job *job, int64_t now_ms);

/* With the lock held. */
static bool move(struct job *job, uint32_t state)
{
    if (!can_move(job->now.state, state))
        return false;
    int64_t now_ms = monotonic_milliseconds();
    if (job_state_is_final(state))
        compute_figures(job, now_ms); /* the last elapsed time and average */
    job->now.state = state;
    job->now.changed = moment_now();
    if (state == JOB_STATE_STARTING) {
        job->now.started = job->now.changed;
        job->started_ms = now_ms;
    }
    job->now.cancellable = !job_state_is_final(state) && state != JOB_STATE_SHUTTING_DOWN;
    atomic_store(&job->suspended, state == JOB_STATE_SUSPENDED);
    run_clocks(job, now_ms);
    job->now.revision++;
    pthread_cond_broadcast(&job->changed);
    return true;
}

bool job_set_state(struct job *job, enum job_state state)
{
    pthread_mutex_lock(&job->lock);
    bool moved = move(job, state);
    pthread_mutex_unlock(&job->lock);
    if (moved)
        tell_changed(job);
    return moved;
}

static void finish(struct job *job, enum job_state state, const char *package, bool verified,
                   const struct error *err)
{
    pthread_mutex_lock(&job->lock);
    bool moved = move(job, state);
    if (moved) {
        job->now.rate_now = job->now.left_low_s = job->now.left_high_s = 0;
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
        tell_changed(job);
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

/* Progress */

static uint64_t limited(uint64_t value, uint64_t limit)
{
    return value < limit ? value : limit;
}

/* With the lock held: one more visible change; percent never goes back. */
static void note_progress(struct job *job)
{
    bool by_disks = job->now.phase == JOB_PHASE_COPY;
    unsigned percent =
        job_percent(job->now.phase, job->verify_skipped, by_disks ? job->now.bytes_done : job->phase_done,
                    by_disks ? job->now.bytes_total : job->phase_total);
    if (percent > job->now.percent_complete)
        job->now.percent_complete = percent;
    job->now.revision++;
}

static bool is_over(const struct job *job)
{
    return job_state_is_final(job->now.state);
}

void job_set_phase(struct job *job, enum job_phase phase)
{
    pthread_mutex_lock(&job->lock);
    bool forward = phase > job->now.phase && phase <= JOB_PHASE_COMMIT && !is_over(job);
    if (forward) {
        job->now.phase = phase;
        job->phase_done = job->phase_total = 0;
        run_clocks(job, monotonic_milliseconds());
        note_progress(job);
    }
    pthread_mutex_unlock(&job->lock);
    if (forward)
        tell_changed(job);
}

void job_skip_verify(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    job->verify_skipped = true;
    pthread_mutex_unlock(&job->lock);
}

void job_set_disks(struct job *job, const struct job_disk *disks, size_t count)
{
    struct job_disk *copy = count ? mem_alloc(count * sizeof *copy) : NULL;
    uint64_t done = 0;
    uint64_t total = 0;
    uint64_t skipped = 0;
    for (size_t i = 0; i < count; i++) {
        copy[i] = disks[i];
        copy[i].bytes_done = limited(copy[i].bytes_done, copy[i].bytes_total);
        done += copy[i].bytes_done;
        total += copy[i].bytes_total;
        skipped += copy[i].bytes_skipped;
    }
    pthread_mutex_lock(&job->lock);
    struct job_disk *old = job->now.disks;
    job->now.disks = copy;
    job->now.disk_count = count;
    job->now.bytes_done = done;
    job->now.bytes_total = total;
    job->now.bytes_skipped = skipped;
    note_progress(job);
    pthread_mutex_unlock(&job->lock);
    free(old);
}

void job_disk_set_state(struct job *job, size_t disk, enum job_disk_state state)
{
    pthread_mutex_lock(&job->lock);
    if (disk < job->now.disk_count && !is_over(job)) {
        job->now.disks[disk].state = state;
        job->now.revision++;
    }
    pthread_mutex_unlock(&job->lock);
}

static void add_done(struct job *job, size_t disk, uint64_t moved, uint64_t zeroed)
{
    pthread_mutex_lock(&job->lock);
    if (disk < job->now.disk_count && !is_over(job)) {
        struct job_disk *row = &job->now.disks[disk];
        uint64_t added = limited(moved + zeroed, row->bytes_total - row->bytes_done);
        row->bytes_done += added;
        job->now.bytes_done += added;
        job_rate_add(&job->copy_rate, monotonic_milliseconds(), moved, zeroed);
        note_progress(job);
    }
    pthread_mutex_unlock(&job->lock);
}

void job_disk_add_done(struct job *job, size_t disk, uint64_t bytes)
{
    add_done(job, disk, bytes, 0);
}

void job_disk_add_zeroed(struct job *job, size_t disk, uint64_t bytes)
{
    add_done(job, disk, 0, bytes);
}

void job_set_phase_progress(struct job *job, uint64_t done, uint64_t total)
{
    pthread_mutex_lock(&job->lock);
    if (!is_over(job)) {
        done = limited(done, total);
        if (job->now.phase == JOB_PHASE_VERIFY && done > job->phase_done)
            job_rate_add(&job->verify_rate, monotonic_milliseconds(), done - job->phase_done, 0);
        job->phase_done = done;
        job->phase_total = total;
        note_progress(job);
    }
    pthread_mutex_unlock(&job->lock);
}

void job_log(struct job *job, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    CLEANUP_FREE char *line = text_escape(text);
    char when[32];
    moment_format_list(moment_now(), true, when, sizeof when);
    const char *clock = strchr(when, ' ');
    CLEANUP_FREE char *note = mem_format("%s %s", clock ? clock + 1 : when, line);
    pthread_mutex_lock(&job->lock);
    text_copy_cut(job->now.note, sizeof job->now.note, note);
    job->now.revision++;
    pthread_mutex_unlock(&job->lock);
    if (job->listener.logged)
        job->listener.logged(job->listener.context, line);
}

/* Looking */

static void estimate_left(struct job *job)
{
    struct job_snapshot *now = &job->now;
    now->left_low_s = now->left_high_s = 0;
    if (now->state != JOB_STATE_RUNNING && now->state != JOB_STATE_SUSPENDED)
        return;
    if (now->phase == JOB_PHASE_VERIFY)
        job_rate_left(&job->verify_rate, job->phase_total - job->phase_done, 0, &now->left_low_s,
                      &now->left_high_s);
    if (now->phase == JOB_PHASE_COPY)
        job_rate_left(&job->copy_rate, now->bytes_total - now->bytes_done,
                      job->verify_skipped ? 0 : now->bytes_total, &now->left_low_s, &now->left_high_s);
}

static void compute_figures(struct job *job, int64_t now_ms)
{
    struct job_snapshot *now = &job->now;
    job_rate_tick(&job->copy_rate, now_ms);
    job_rate_tick(&job->verify_rate, now_ms);
    now->rate_average = job_rate_average(&job->copy_rate);
    now->rate_now = 0;
    if (job->copy_rate.running)
        now->rate_now = job_rate_now(&job->copy_rate);
    if (job->verify_rate.running)
        now->rate_now = job_rate_now(&job->verify_rate);
    estimate_left(job);
    if (job->started_ms != 0)
        now->elapsed_ms = now_ms - job->started_ms;
}

#define REFRESH_MS 1000

/* With the lock held. */
static void refresh(struct job *job, int64_t now_ms)
{
    if (is_over(job) || job->started_ms == 0)
        return;
    if (job->now.revision == job->refreshed_revision && now_ms - job->refreshed_ms < REFRESH_MS)
        return;
    compute_figures(job, now_ms);
    job->now.revision++;
    job->refreshed_ms = now_ms;
    job->refreshed_revision = job->now.revision;
}

void job_get_snapshot(struct job *job, struct job_snapshot *snapshot)
{
    pthread_mutex_lock(&job->lock);
    refresh(job, monotonic_milliseconds());
    job_snapshot_copy(snapshot, &job->now);
    pthread_mutex_unlock(&job->lock);
}

/* Requests */

static uint32_t cancel(struct job *job)
{
    if (job->now.cancel_requested)
        return RETURN_DONE;
    if (!move(job, JOB_STATE_SHUTTING_DOWN))
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
    bool over = is_over(job);
    switch (requested_state) {
    case REQUESTED_STATE_START:
        if (job->now.state == JOB_STATE_SUSPENDED && move(job, JOB_STATE_RUNNING))
            code = RETURN_DONE;
        break;
    case REQUESTED_STATE_SUSPEND:
        if (move(job, JOB_STATE_SUSPENDED))
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
        tell_changed(job);
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
        while (job->now.state == JOB_STATE_SUSPENDED)
            pthread_cond_wait(&job->changed, &job->lock);
        pthread_mutex_unlock(&job->lock);
    }
    return !atomic_load(&job->cancelled);
}
