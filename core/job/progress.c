#include "core/job/progress.h"

#include <string.h>

#define SAMPLE_MS 500.0
#define NOW_MS 5000.0 /* what "now" is the mean of */
#define NOW_SAMPLES 4
#define STABLE_MS 3000.0
#define STABLE_SAMPLES 4

static double lesser(double left, double right)
{
    return left < right ? left : right;
}

/* Of the open sample the time that moving took, when proving takes as long for a byte. */
static double open_time(const struct job_rate *rate)
{
    double bytes = rate->open.bytes + rate->open_kept;
    return rate->open_kept > 0 ? rate->open.ms * (rate->open.bytes / bytes) : rate->open.ms;
}

double job_rate_time(const struct job_rate *rate)
{
    return rate->taken_ms + open_time(rate);
}

static void halve_slices(struct job_rate *rate)
{
    for (unsigned i = 0; i < JOB_RATE_SLICES / 2; i++) {
        const struct job_rate_span *pair = &rate->slices[(size_t)2 * i];
        rate->slices[i] = (struct job_rate_span){pair[0].ms + pair[1].ms, pair[0].bytes + pair[1].bytes};
    }
    rate->slice_count = JOB_RATE_SLICES / 2;
    rate->slice_ms *= 2;
}

static void fill_slices(struct job_rate *rate, struct job_rate_span span)
{
    double per_ms = span.ms > 0 ? span.bytes / span.ms : 0;
    if (rate->slice_ms == 0)
        rate->slice_ms = SAMPLE_MS;
    if (span.ms <= 0)
        rate->slice.bytes += span.bytes;
    while (span.ms > 0) {
        double step = lesser(span.ms, rate->slice_ms - rate->slice.ms);
        rate->slice.ms += step;
        rate->slice.bytes += step * per_ms;
        span.ms -= step;
        if (rate->slice.ms < rate->slice_ms)
            break;
        rate->slices[rate->slice_count++] = rate->slice;
        rate->slice = (struct job_rate_span){0};
        if (rate->slice_count == JOB_RATE_SLICES)
            halve_slices(rate);
    }
}

static void close_sample(struct job_rate *rate)
{
    struct job_rate_span span = {open_time(rate), rate->open.bytes};
    rate->taken_ms += span.ms;
    fill_slices(rate, span);
    if (span.ms > 0)
        rate->square_sum += span.bytes * span.bytes / span.ms;
    rate->samples += span.bytes > 0;
    if (!rate->settling && span.bytes > 0)
        rate->recent[rate->recent_count++ % JOB_RATE_RECENT] = span;
    rate->settling = rate->settling && span.bytes <= 0;
    rate->open = (struct job_rate_span){0};
    rate->open_kept = 0;
}

void job_rate_tick(struct job_rate *rate, int64_t now_ms)
{
    if (now_ms <= rate->at_ms)
        return;
    if (rate->running) {
        rate->open.ms += (double)(now_ms - rate->at_ms);
        rate->since_ms += (double)(now_ms - rate->at_ms);
    }
    rate->at_ms = now_ms;
}

void job_rate_run(struct job_rate *rate, int64_t now_ms, bool running)
{
    job_rate_tick(rate, now_ms);
    if (rate->running == running)
        return;
    close_sample(rate);
    rate->running = running;
    if (!running)
        return;
    rate->settling = true;
    rate->recent_count = 0;
    rate->since_ms = 0;
}

void job_rate_add(struct job_rate *rate, int64_t now_ms, uint64_t moved, uint64_t kept)
{
    job_rate_tick(rate, now_ms);
    rate->moved += moved;
    rate->open.bytes += (double)moved;
    rate->open_kept += (double)kept;
    if (rate->running && rate->open.ms >= SAMPLE_MS && moved + kept > 0)
        close_sample(rate);
}

bool job_rate_is_stable(const struct job_rate *rate)
{
    return job_rate_time(rate) >= STABLE_MS && rate->samples >= STABLE_SAMPLES && rate->moved > 0;
}

uint64_t job_rate_average(const struct job_rate *rate)
{
    if (!job_rate_is_stable(rate))
        return 0;
    return (uint64_t)((double)rate->moved * 1000.0 / job_rate_time(rate));
}

/* Bytes that do not come are a slower rate only when they are late: later than any of those before. Then the
 * time that passes pushes the oldest samples out. */
bool job_rate_now(const struct job_rate *rate, uint64_t *bytes_per_s)
{
    unsigned have = rate->recent_count < JOB_RATE_RECENT ? rate->recent_count : JOB_RATE_RECENT;
    *bytes_per_s = 0;
    if (!job_rate_is_stable(rate) || have < NOW_SAMPLES || rate->since_ms < STABLE_MS)
        return false;
    struct job_rate_span sum = {0};
    double longest = 0;
    for (unsigned back = 1; back <= have && (back <= NOW_SAMPLES || sum.ms < NOW_MS); back++) {
        const struct job_rate_span *span = &rate->recent[(rate->recent_count - back) % JOB_RATE_RECENT];
        sum.ms += span->ms;
        longest = span->ms > longest ? span->ms : longest;
    }
    double late = rate->open_kept > 0 || rate->open.ms <= longest ? 0 : rate->open.ms - longest;
    double width = sum.ms;
    sum = (struct job_rate_span){.ms = late};
    for (unsigned back = 1; back <= have && sum.ms < width; back++) {
        const struct job_rate_span *span = &rate->recent[(rate->recent_count - back) % JOB_RATE_RECENT];
        double part = lesser(1.0, (width - sum.ms) / span->ms);
        sum.ms += span->ms * part;
        sum.bytes += span->bytes * part;
    }
    *bytes_per_s = sum.ms > 0 ? (uint64_t)(sum.bytes * 1000.0 / sum.ms) : 0;
    return true;
}
