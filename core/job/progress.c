#include "core/job/progress.h"

#define SAMPLE_MS 500
#define SMOOTHING_MS 5000.0
#define STABLE_MS 3000
#define STABLE_SAMPLES 4
#define LEFT_LIMIT_S ((double)30 * 24 * 3600)
/* Slower than this part of its own average, a job is stalled: what is left cannot be told. */
#define STALLED_PART 20.0
/* A check reads what the copy has read and written: up to this much faster, never slower by much. */
#define LATER_SPEED_UP 4.0
#define LOW_MARGIN 0.9
#define HIGH_MARGIN 1.15

static void take_sample(struct job_rate *rate)
{
    int64_t span = rate->active_ms - rate->sample_ms;
    if (span < SAMPLE_MS)
        return;
    double measured = (double)(rate->moved - rate->sample_moved) / (double)span;
    double weight = rate->samples == 0 ? 1.0 : (double)span / (SMOOTHING_MS + (double)span);
    rate->smoothed += weight * (measured - rate->smoothed);
    rate->samples++;
    rate->sample_ms = rate->active_ms;
    rate->sample_moved = rate->moved;
}

void job_rate_tick(struct job_rate *rate, int64_t now_ms)
{
    if (now_ms <= rate->at_ms)
        return;
    if (rate->running)
        rate->active_ms += now_ms - rate->at_ms;
    rate->at_ms = now_ms;
    take_sample(rate);
}

void job_rate_run(struct job_rate *rate, int64_t now_ms, bool running)
{
    job_rate_tick(rate, now_ms);
    rate->running = running;
}

void job_rate_add(struct job_rate *rate, int64_t now_ms, uint64_t moved, uint64_t zeroed)
{
    rate->moved += moved;
    rate->covered += moved + zeroed;
    job_rate_tick(rate, now_ms);
}

bool job_rate_is_stable(const struct job_rate *rate)
{
    return rate->active_ms >= STABLE_MS && rate->samples >= STABLE_SAMPLES && rate->moved > 0;
}

uint64_t job_rate_now(const struct job_rate *rate)
{
    return job_rate_is_stable(rate) ? (uint64_t)(rate->smoothed * 1000.0) : 0;
}

uint64_t job_rate_average(const struct job_rate *rate)
{
    if (!job_rate_is_stable(rate))
        return 0;
    return (uint64_t)((double)rate->moved * 1000.0 / (double)rate->active_ms);
}

bool job_rate_left(const struct job_rate *rate, uint64_t bytes, uint64_t later_bytes, uint64_t *low_s,
                   uint64_t *high_s)
{
    *low_s = *high_s = 0;
    if (!job_rate_is_stable(rate) || bytes + later_bytes == 0)
        return false;
    double average = (double)rate->moved / (double)rate->active_ms;
    double pace = (double)rate->covered / (double)rate->active_ms; /* zero ranges make it faster */
    double fast = rate->smoothed > pace ? rate->smoothed : pace;
    double slow = rate->smoothed < average ? rate->smoothed : average;
    if (slow * STALLED_PART < average)
        return false;
    double low = ((double)bytes + (double)later_bytes / LATER_SPEED_UP) / fast / 1000.0 * LOW_MARGIN;
    double high = ((double)bytes + (double)later_bytes) / slow / 1000.0 * HIGH_MARGIN;
    if (high > LEFT_LIMIT_S)
        return false;
    *low_s = (uint64_t)low;
    *high_s = (uint64_t)high + 1;
    return true;
}

struct span {
    unsigned from;
    unsigned to;
};

static struct span span_of(enum job_phase phase, bool verify_skipped)
{
    unsigned copied = verify_skipped ? 98 : 70;
    switch (phase) {
    case JOB_PHASE_PLAN:
        return (struct span){.from = 0, .to = 2};
    case JOB_PHASE_COPY:
        return (struct span){.from = 2, .to = copied};
    case JOB_PHASE_VERIFY:
        return (struct span){.from = copied, .to = 98};
    case JOB_PHASE_COMMIT:
        return (struct span){.from = 98, .to = 99};
    }
    return (struct span){0};
}

static unsigned percent_within(struct span span, uint64_t done, uint64_t total)
{
    if (total == 0)
        return span.from;
    double part = done >= total ? 1.0 : (double)done / (double)total;
    return span.from + (unsigned)((double)(span.to - span.from) * part);
}

unsigned job_percent(enum job_phase phase, bool verify_skipped, uint64_t done, uint64_t total)
{
    return percent_within(span_of(phase, verify_skipped), done, total);
}

unsigned job_percent_of_one_phase(uint64_t done, uint64_t total)
{
    return percent_within((struct span){.from = 0, .to = 99}, done, total);
}
