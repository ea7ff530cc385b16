/* What the work reports, and what becomes of it. Time-dependent figures (elapsed, rates, left) are computed
 * when somebody looks, at most once a second while nothing else changes, and count as a change: so equal
 * revisions mean equal content. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/private.h"

static uint64_t limited(uint64_t value, uint64_t limit)
{
    return value < limit ? value : limit;
}

/* With the lock held: one more visible change; percent never goes back. */
static void note_progress(struct job *job)
{
    struct job_figures figures;
    job_course_count(&job->course, &figures);
    job->now.work_done = figures.work_done;
    job->now.work_total = figures.work_total;
    if (job->course.one_phase) {
        job->now.bytes_done = figures.work_done;
        job->now.bytes_total = figures.work_total;
    }
    if (figures.percent > job->now.percent_complete)
        job->now.percent_complete = figures.percent;
    job->now.revision++;
}

void job_set_phase(struct job *job, enum job_phase phase)
{
    pthread_mutex_lock(&job->lock);
    bool forward = phase > job->now.phase && phase <= JOB_PHASE_COMMIT && !job_is_over(job);
    if (forward) {
        job->now.phase = phase;
        job_run_clocks(job, monotonic_milliseconds());
        note_progress(job);
    }
    pthread_mutex_unlock(&job->lock);
    if (forward)
        job_tell_changed(job);
}

void job_set_later_bytes(struct job *job, uint64_t again, uint64_t verified)
{
    pthread_mutex_lock(&job->lock);
    job->course.parts[JOB_PART_AGAIN].total = again;
    if (!job->course.one_phase)
        job->course.parts[JOB_PART_CHECK].total = verified;
    note_progress(job);
    pthread_mutex_unlock(&job->lock);
}

void job_add_read_again(struct job *job, uint64_t bytes)
{
    pthread_mutex_lock(&job->lock);
    if (!job_is_over(job)) {
        job_course_read_again(&job->course, monotonic_milliseconds(), bytes);
        note_progress(job);
    }
    pthread_mutex_unlock(&job->lock);
}

void job_has_one_phase(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    job->course.one_phase = true;
    pthread_mutex_unlock(&job->lock);
}

void job_add_finding(struct job *job, const char *sentence)
{
    pthread_mutex_lock(&job->lock);
    if (job->now.finding_count < JOB_FINDING_LIMIT) {
        *ARRAY_APPEND(job->now.findings, job->now.finding_count) = text_escape(sentence);
        job->now.revision++;
    }
    pthread_mutex_unlock(&job->lock);
}

void job_set_freed(struct job *job, int64_t bytes)
{
    pthread_mutex_lock(&job->lock);
    job->now.has_freed = true;
    job->now.bytes_freed = bytes;
    job->now.revision++;
    pthread_mutex_unlock(&job->lock);
}

void job_set_package(struct job *job, const char *package)
{
    pthread_mutex_lock(&job->lock);
    text_copy_cut(job->now.package, sizeof job->now.package, package);
    job->now.revision++;
    pthread_mutex_unlock(&job->lock);
}

void job_set_package_sum(struct job *job, const char *sum)
{
    pthread_mutex_lock(&job->lock);
    text_copy_cut(job->now.package_sum, sizeof job->now.package_sum, sum);
    job->now.revision++;
    pthread_mutex_unlock(&job->lock);
}

void job_add_signature(struct job *job, const struct job_signature *signature)
{
    pthread_mutex_lock(&job->lock);
    if (job->now.signature_count < JOB_SIGNATURE_LIMIT) {
        job_signature_copy(ARRAY_APPEND(job->now.signatures, job->now.signature_count), signature);
        job->now.revision++;
    }
    pthread_mutex_unlock(&job->lock);
}

void job_set_disks(struct job *job, const struct job_disk *disks, size_t count)
{
    struct job_disk *copy = count ? mem_alloc(count * sizeof *copy) : NULL;
    uint64_t done = 0;
    uint64_t total = 0;
    uint64_t skipped = 0;
    uint64_t zeroes = 0;
    for (size_t i = 0; i < count; i++) {
        copy[i] = disks[i];
        copy[i].bytes_done = limited(copy[i].bytes_done, copy[i].bytes_total);
        done += copy[i].bytes_done;
        total += copy[i].bytes_total;
        skipped += copy[i].bytes_skipped;
        zeroes += limited(copy[i].bytes_zero, copy[i].bytes_total);
    }
    pthread_mutex_lock(&job->lock);
    struct job_disk *old = job->now.disks;
    job->now.disks = copy;
    job->now.disk_count = count;
    job->now.bytes_done = done;
    job->now.bytes_total = total;
    job->now.bytes_skipped = skipped;
    job->course.parts[JOB_PART_COPY].done = done;
    job->course.parts[JOB_PART_COPY].total = total;
    job->course.zero_total = zeroes;
    note_progress(job);
    pthread_mutex_unlock(&job->lock);
    free(old);
}

void job_disk_set_state(struct job *job, size_t disk, enum job_disk_state state)
{
    pthread_mutex_lock(&job->lock);
    if (disk < job->now.disk_count && !job_is_over(job)) {
        job->now.disks[disk].state = state;
        job->now.revision++;
    }
    pthread_mutex_unlock(&job->lock);
}

/* Not more than the disk has. */
static void add_done(struct job *job, size_t disk, uint64_t moved, uint64_t zeroed, uint64_t kept)
{
    pthread_mutex_lock(&job->lock);
    if (disk < job->now.disk_count && !job_is_over(job)) {
        struct job_disk *row = &job->now.disks[disk];
        uint64_t room = row->bytes_total - row->bytes_done;
        moved = limited(moved, room);
        zeroed = limited(zeroed, room);
        kept = limited(kept, room);
        row->bytes_done += moved + zeroed + kept;
        row->bytes_kept += kept;
        job->now.bytes_done += moved + zeroed + kept;
        job->now.bytes_kept += kept;
        job_course_copied(&job->course, monotonic_milliseconds(), moved, zeroed, kept);
        note_progress(job);
    }
    pthread_mutex_unlock(&job->lock);
}

void job_disk_add_done(struct job *job, size_t disk, uint64_t bytes)
{
    add_done(job, disk, bytes, 0, 0);
}

void job_disk_add_zeroed(struct job *job, size_t disk, uint64_t bytes)
{
    add_done(job, disk, 0, bytes, 0);
}

void job_disk_add_kept(struct job *job, size_t disk, uint64_t bytes)
{
    add_done(job, disk, 0, 0, bytes);
}

void job_set_phase_progress(struct job *job, uint64_t done, uint64_t total)
{
    pthread_mutex_lock(&job->lock);
    if (!job_is_over(job)) {
        job_course_checked(&job->course, monotonic_milliseconds(), done, total);
        note_progress(job);
    }
    pthread_mutex_unlock(&job->lock);
}

void job_tell_naming(struct job *job, const char *package, const struct guid *package_id)
{
    if (job->listener.naming)
        job->listener.naming(job->listener.context, package, package_id);
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

/* Figures that depend on time: how fast, how long still, and what limits it. */

void job_run_clocks(struct job *job, int64_t now_ms)
{
    job_course_move(&job->course, now_ms, job->now.state, job->now.phase);
}

static void judge(struct job *job, double time_ms, unsigned cores)
{
    bool copies = job->now.phase == JOB_PHASE_COPY && !job->course.one_phase;
    if (!copies)
        job->limits = (struct job_limits){0};
    job->now.limited_by =
        copies ? job_limits_judge(&job->limits, &job->spent, time_ms, cores) : JOB_LIMIT_NONE;
}

void job_compute_figures(struct job *job, int64_t now_ms)
{
    struct job_snapshot *now = &job->now;
    struct job_figures figures;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned cores = online > 1 ? (unsigned)online : 1;
    double time_ms = job_rate_time(&job->course.parts[JOB_PART_COPY].rate);
    judge(job, time_ms, cores);
    job_course_look(&job->course, now_ms, job_spent_held_back(&job->spent, time_ms, cores), &figures);
    now->elapsed_ms = figures.elapsed_ms;
    now->paused_ms = figures.paused_ms;
    now->rate_now = figures.rate_now;
    now->rate_average = figures.rate_average;
    now->left_low_s = figures.left_low_s;
    now->left_high_s = figures.left_high_s;
    now->history = job->course.history;
    now->history.given_ms = now->history.at_ms; /* of no concern to who looks */
}

/* Looking */

#define REFRESH_MS 1000

/* With the lock held. */
static void refresh(struct job *job, int64_t now_ms)
{
    if (job_is_over(job) || !job->course.begun)
        return;
    if (job->now.revision == job->refreshed_revision && now_ms - job->refreshed_ms < REFRESH_MS)
        return;
    job_compute_figures(job, now_ms);
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
