/* What the work reports, and what becomes of it. Time-dependent figures (elapsed, rates, left) are computed
 * when somebody looks, at most once a second while nothing else changes, and count as a change: so equal
 * revisions mean equal content. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
    bool by_disks = job->now.phase == JOB_PHASE_COPY;
    if (job->one_phase) {
        job->now.bytes_done = job->phase_done;
        job->now.bytes_total = job->phase_total;
    }
    unsigned percent = job->one_phase ? job_percent_of_one_phase(job->phase_done, job->phase_total)
                                      : job_percent(job->now.phase, job->verify_skipped,
                                                    by_disks ? job->now.bytes_done : job->phase_done,
                                                    by_disks ? job->now.bytes_total : job->phase_total);
    if (percent > job->now.percent_complete)
        job->now.percent_complete = percent;
    job->now.revision++;
}

void job_set_phase(struct job *job, enum job_phase phase)
{
    pthread_mutex_lock(&job->lock);
    bool forward = phase > job->now.phase && phase <= JOB_PHASE_COMMIT && !job_is_over(job);
    if (forward) {
        job->now.phase = phase;
        job->phase_done = job->phase_total = 0;
        job_run_clocks(job, monotonic_milliseconds());
        note_progress(job);
    }
    pthread_mutex_unlock(&job->lock);
    if (forward)
        job_tell_changed(job);
}

void job_skip_verify(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    job->verify_skipped = true;
    pthread_mutex_unlock(&job->lock);
}

void job_has_one_phase(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    job->one_phase = true;
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
    if (disk < job->now.disk_count && !job_is_over(job)) {
        job->now.disks[disk].state = state;
        job->now.revision++;
    }
    pthread_mutex_unlock(&job->lock);
}

static void add_done(struct job *job, size_t disk, uint64_t moved, uint64_t zeroed, uint64_t kept)
{
    pthread_mutex_lock(&job->lock);
    if (disk < job->now.disk_count && !job_is_over(job)) {
        struct job_disk *row = &job->now.disks[disk];
        uint64_t added = limited(moved + zeroed + kept, row->bytes_total - row->bytes_done);
        row->bytes_done += added;
        job->now.bytes_done += added;
        row->bytes_kept += kept;
        job->now.bytes_kept += kept;
        job_rate_add(&job->copy_rate, monotonic_milliseconds(), moved, zeroed + kept);
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
        done = limited(done, total);
        if ((job->now.phase == JOB_PHASE_VERIFY || job->one_phase) && done > job->phase_done)
            job_rate_add(&job->verify_rate, monotonic_milliseconds(), done - job->phase_done, 0);
        job->phase_done = done;
        job->phase_total = total;
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

/* Looking */

#define REFRESH_MS 1000

/* With the lock held. */
static void refresh(struct job *job, int64_t now_ms)
{
    if (job_is_over(job) || job->started_ms == 0)
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
