/* Figures that depend on time: how fast, how long still. */
#include "core/job/private.h"

void job_run_clocks(struct job *job, int64_t now_ms)
{
    bool running = job->now.state == JOB_STATE_RUNNING;
    job_rate_run(&job->copy_rate, now_ms, running && job->now.phase == JOB_PHASE_COPY);
    job_rate_run(&job->verify_rate, now_ms,
                 running && (job->now.phase == JOB_PHASE_VERIFY || job->one_phase));
}

static void estimate_left(struct job *job)
{
    struct job_snapshot *now = &job->now;
    now->left_low_s = now->left_high_s = 0;
    if (now->state != JOB_STATE_RUNNING && now->state != JOB_STATE_SUSPENDED)
        return;
    if (now->phase == JOB_PHASE_VERIFY || job->one_phase)
        job_rate_left(&job->verify_rate, job->phase_total - job->phase_done, 0, &now->left_low_s,
                      &now->left_high_s);
    if (now->phase == JOB_PHASE_COPY)
        job_rate_left(&job->copy_rate, now->bytes_total - now->bytes_done,
                      job->verify_skipped ? 0 : now->bytes_total, &now->left_low_s, &now->left_high_s);
}

void job_compute_figures(struct job *job, int64_t now_ms)
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
