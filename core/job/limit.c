#include <math.h>
#include <time.h>

#include "core/job/private.h"

#define FADING_MS 15000.0
#define LEAST_MS 3000.0 /* before anything is said */
/* It is said of what takes half of the time, and no longer of what takes less than two fifths. */
#define SAID_FROM 0.5
#define SAID_UNTIL 0.4
/* The processor is full: then it is what limits, whatever else is waited for meanwhile. */
#define FULL_PART 0.85

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void job_stretch_begin(struct job_stretch *stretch, struct job *job)
{
    stretch->job = job;
    if (!job)
        return;
    stretch->pauses = atomic_load(&job->spent.pauses);
    stretch->thread_ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
    stretch->clock_ns = read_clock(CLOCK_MONOTONIC);
}

static void spend(struct job *job, enum job_limit limit, int64_t ns)
{
    if (ns > 0)
        atomic_fetch_add(&job->spent.ns[limit], (uint64_t)ns);
}

void job_stretch_waited(const struct job_stretch *stretch, enum job_limit limit)
{
    struct job *job = stretch->job;
    if (!job || atomic_load(&job->spent.pauses) != stretch->pauses || atomic_load(&job->suspended))
        return;
    int64_t passed = read_clock(CLOCK_MONOTONIC) - stretch->clock_ns;
    spend(job, limit, passed - (read_clock(CLOCK_THREAD_CPUTIME_ID) - stretch->thread_ns));
}

void job_stretch_worked(const struct job_stretch *stretch)
{
    if (stretch->job)
        spend(stretch->job, JOB_LIMIT_PROCESSOR, read_clock(CLOCK_THREAD_CPUTIME_ID) - stretch->thread_ns);
}

static double sum_of(const struct job_limits *limits)
{
    double sum = 0;
    for (int i = 0; i < JOB_LIMIT_COUNT; i++)
        sum += limits->lately[i];
    return sum;
}

static void take_in(struct job_limits *limits, struct job_spent *spent, double at_ms)
{
    double passed = at_ms > limits->at_ms ? at_ms - limits->at_ms : 0;
    double fading = exp(-passed / FADING_MS);
    limits->at_ms = at_ms;
    limits->lately_ms = limits->lately_ms * fading + passed;
    for (int i = 0; i < JOB_LIMIT_COUNT; i++) {
        uint64_t now = atomic_load(&spent->ns[i]);
        limits->lately[i] = limits->lately[i] * fading + (double)(now - limits->seen[i]) / 1e6;
        limits->seen[i] = now;
    }
}

static enum job_limit judge(const struct job_limits *limits, unsigned cores)
{
    double sum = sum_of(limits);
    enum job_limit most = JOB_LIMIT_SOURCE;
    if (limits->lately[JOB_LIMIT_PROCESSOR] >= FULL_PART * cores * limits->lately_ms)
        return JOB_LIMIT_PROCESSOR;
    for (int i = JOB_LIMIT_TARGET; i < JOB_LIMIT_COUNT; i++)
        most = limits->lately[i] > limits->lately[most] ? (enum job_limit)i : most;
    if (limits->lately[most] >= SAID_FROM * sum)
        return most;
    return limits->lately[limits->said] >= SAID_UNTIL * sum ? limits->said : JOB_LIMIT_NONE;
}

enum job_limit job_limits_judge(struct job_limits *limits, struct job_spent *spent, double at_ms,
                                unsigned cores)
{
    take_in(limits, spent, at_ms);
    limits->said =
        limits->lately_ms < LEAST_MS || sum_of(limits) < LEAST_MS / 2 ? JOB_LIMIT_NONE : judge(limits, cores);
    return limits->said;
}

/* Without it, as many threads would have been at work at once as there were; but no more than there are
 * cores, at what takes the processor. */
double job_spent_held_back(struct job_spent *spent, double time_ms, unsigned cores)
{
    double sum = 0;
    for (int i = 0; i < JOB_LIMIT_COUNT; i++)
        sum += (double)atomic_load(&spent->ns[i]) / 1e6;
    double rate = (double)atomic_load(&spent->ns[JOB_LIMIT_RATE]) / 1e6;
    double processor = (double)atomic_load(&spent->ns[JOB_LIMIT_PROCESSOR]) / 1e6;
    if (rate <= 0 || time_ms <= 0)
        return 0;
    double threads = fmax(sum / time_ms, 1.0);
    double free_ms = fmax((sum - rate) / threads, processor / cores);
    return fmin(fmax(1 - free_ms / time_ms, 0), 1);
}
