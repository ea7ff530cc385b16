#include "core/job/estimate.h"

#include <math.h>

#define LEFT_LIMIT_S ((double)30 * 24 * 3600)
/* Slower than this part of its own average, a job is stalled: what is left cannot be told. */
#define STALLED_PART 20.0
#define SPREADS 1.7    /* standard deviations to each side: nine times of ten */
#define LEAST_LOG 0.04 /* to each side, of the logarithm: nothing is known better */
#define EARLY_WIDEST 4.0
#define EDGE_S 1.0 /* to each side besides: of the last seconds, a block more or less is much */
#define LASTING_MIN_MS 500.0
#define LASTING_MAX_MS 60000.0

static double rate_of(const struct job_rate_span *span)
{
    return span->bytes / span->ms;
}

/* Of the means of `at_once` slices each, times their length: what a mean over t has as its variance, times t,
 * where t is long beside how long rates last. 0 = too few of them. */
static double variance_of(const struct job_rate *rate, unsigned at_once)
{
    unsigned count = rate->slice_count / at_once;
    double sum = 0;
    double squares = 0;
    if (count < 4)
        return 0;
    for (unsigned i = 0; i < count; i++) {
        struct job_rate_span mean = {0};
        for (unsigned k = 0; k < at_once; k++) {
            mean.ms += rate->slices[i * at_once + k].ms;
            mean.bytes += rate->slices[i * at_once + k].bytes;
        }
        sum += rate_of(&mean);
        squares += rate_of(&mean) * rate_of(&mean);
    }
    double variance = (squares - sum * sum / count) / (count - 1);
    return variance > 0 ? variance * at_once * rate->slice_ms : 0;
}

static double long_variance(const struct job_rate *rate)
{
    double most = 0;
    for (unsigned at_once = 1; at_once <= 4; at_once *= 2)
        most = fmax(most, variance_of(rate, at_once));
    return most;
}

/* How long a rate lasts in this job: from what long means vary and what single samples do. */
static double lasting(const struct job_rate *rate, double average, double long_term)
{
    double samples = rate->taken_ms > 0 ? rate->square_sum / rate->taken_ms - average * average : 0;
    if (samples <= 0)
        return LASTING_MIN_MS;
    return fmin(fmax(long_term / (2 * samples), LASTING_MIN_MS), LASTING_MAX_MS);
}

static double drawn_to_now(const struct job_rate *rate, double average, double now, double bytes,
                           double long_term)
{
    double lasts = lasting(rate, average, long_term);
    double mean = average;
    for (int i = 0; i < 3 && bytes > 0; i++) {
        double ahead_ms = bytes / mean;
        double weight = lasts / ahead_ms * (1 - exp(-ahead_ms / lasts));
        mean = fmax(average + weight * (now - average), average / STALLED_PART);
    }
    return mean;
}

static void narrow(double *low, double *high, double widest)
{
    double middle = sqrt(*low * *high);
    if (*high <= *low * widest)
        return;
    *low = middle / sqrt(widest);
    *high = middle * sqrt(widest);
}

static double widest_when(double done)
{
    double part = done < 0.25 ? done / 0.25 : 1.0;
    return EARLY_WIDEST + part * (JOB_ESTIMATE_WIDEST - EARLY_WIDEST);
}

static bool is_going(const struct job_rate *rate, double average, double *now)
{
    uint64_t now_s = 0;
    *now = job_rate_now(rate, &now_s) ? (double)now_s / 1000.0 : average;
    return *now * STALLED_PART >= average;
}

/* *half: of the logarithm, to each side. false: it is not known. */
static bool time_of_bytes(const struct job_rate *rate, double bytes, double later_ms, double *ms,
                          double *half)
{
    double now;
    *ms = 0;
    *half = LEAST_LOG;
    if (bytes <= 0)
        return true;
    double time_ms = job_rate_time(rate);
    double average = (double)rate->moved / time_ms;
    if (!job_rate_is_stable(rate) || !is_going(rate, average, &now))
        return false;
    double long_term = long_variance(rate);
    *ms = bytes / drawn_to_now(rate, average, now, bytes, long_term);
    *half += SPREADS * sqrt(long_term * (1 / fmax(*ms + later_ms, 1.0) + 1 / time_ms)) / average;
    return true;
}

bool job_estimate(const struct job_rate *rate, const struct job_ahead *ahead, uint64_t *low_s,
                  uint64_t *high_s)
{
    double ms;
    double half;
    *low_s = *high_s = 0;
    double later_ms = (ahead->later_low_ms + ahead->later_high_ms) / 2;
    if (ahead->bytes + later_ms <= 0 || !time_of_bytes(rate, ahead->bytes, later_ms, &ms, &half))
        return false;
    double low = (ms + ahead->later_low_ms) * exp(-half);
    double high = (ms + ahead->later_high_ms) * exp(half);
    narrow(&low, &high, widest_when(ahead->done));
    if (!(high / 1000.0 <= LEFT_LIMIT_S))
        return false;
    *low_s = (uint64_t)fmax(low / 1000.0 - EDGE_S, 0);
    *high_s = (uint64_t)ceil(high / 1000.0 + EDGE_S);
    return true;
}
