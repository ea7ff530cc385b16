/* Figures that depend on time: how fast, how long still, and what limits it. */
#include <unistd.h>

#include "core/job/private.h"

void job_run_clocks(struct job *job, int64_t now_ms)
{
    job_course_move(&job->course, now_ms, job->now.state, job->now.phase);
}

static void judge(struct job *job)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    bool copies = job->now.phase == JOB_PHASE_COPY && !job->course.one_phase;
    if (!copies)
        job->limits = (struct job_limits){0};
    job->now.limited_by = copies
                              ? job_limits_judge(&job->limits, &job->spent, job_rate_time(&job->course.copy),
                                                 cores > 1 ? (unsigned)cores : 1)
                              : JOB_LIMIT_NONE;
}

void job_compute_figures(struct job *job, int64_t now_ms)
{
    struct job_snapshot *now = &job->now;
    struct job_figures figures;
    judge(job);
    job_course_look(&job->course, now_ms, job_spent_held_back(&job->spent), &figures);
    now->elapsed_ms = figures.elapsed_ms;
    now->paused_ms = figures.paused_ms;
    now->rate_now = figures.rate_now;
    now->rate_average = figures.rate_average;
    now->left_low_s = figures.left_low_s;
    now->left_high_s = figures.left_high_s;
}
