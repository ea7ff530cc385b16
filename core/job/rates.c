/* Figures that depend on time: how fast, how long still, and what limits it. */
#include <unistd.h>

#include "core/job/private.h"

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
}
