/* Percent, rates and estimates with a clock of the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/units.h"
#include "core/job/progress.h"

static int64_t feed(struct job_rate *rate, int64_t now, int64_t for_ms, uint64_t bytes_per_100ms)
{
    for (int64_t end = now + for_ms; now < end;) {
        now += 100;
        job_rate_add(rate, now, bytes_per_100ms, 0);
    }
    return now;
}

static void nothing_until_stable(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    uint64_t low = 7;
    uint64_t high = 7;
    job_rate_run(&rate, 1000, true);
    assert_int_equal(job_rate_now(&rate), 0);
    int64_t now = feed(&rate, 1000, 2900, 10 * MIB);
    assert_int_equal(job_rate_now(&rate), 0);
    assert_int_equal(job_rate_average(&rate), 0);
    assert_false(job_rate_left(&rate, GIB, 0, &low, &high));
    assert_int_equal(low, 0);
    assert_int_equal(high, 0);
    feed(&rate, now, 200, 10 * MIB);
    assert_in_range(job_rate_now(&rate), 99 * MIB, 101 * MIB);
    assert_in_range(job_rate_average(&rate), 99 * MIB, 101 * MIB);
}

static void few_samples_are_not_stable(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    job_rate_run(&rate, 0, true);
    job_rate_add(&rate, 3000, GIB, 0);
    job_rate_add(&rate, 6000, GIB, 0);
    assert_int_equal(job_rate_now(&rate), 0);
    assert_int_equal(job_rate_average(&rate), 0);
}

static void pauses_are_left_out(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    uint64_t low[2];
    uint64_t high[2];
    job_rate_run(&rate, 0, true);
    int64_t now = feed(&rate, 0, 10000, 10 * MIB);
    uint64_t before = job_rate_average(&rate);
    assert_true(job_rate_left(&rate, GIB, 0, &low[0], &high[0]));
    job_rate_run(&rate, now, false);
    now += 3600 * 1000;
    job_rate_tick(&rate, now);
    assert_int_equal(job_rate_average(&rate), before);
    assert_true(job_rate_left(&rate, GIB, 0, &low[1], &high[1]));
    assert_int_equal(low[0], low[1]);
    assert_int_equal(high[0], high[1]);
    job_rate_run(&rate, now, true);
    feed(&rate, now, 5000, 10 * MIB);
    assert_in_range(job_rate_average(&rate), 99 * MIB, 101 * MIB);
    assert_in_range(job_rate_now(&rate), 99 * MIB, 101 * MIB);
}

static void zeroes_are_no_throughput(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    job_rate_run(&rate, 0, true);
    int64_t now = feed(&rate, 0, 5000, MIB);
    job_rate_add(&rate, now + 100, 0, 1000 * GIB);
    feed(&rate, now + 100, 2000, MIB);
    assert_in_range(job_rate_now(&rate), 9 * MIB, 11 * MIB);
    assert_in_range(job_rate_average(&rate), 9 * MIB, 11 * MIB);
}

static void estimate_is_a_range_around_the_truth(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    uint64_t low;
    uint64_t high;
    job_rate_run(&rate, 0, true);
    feed(&rate, 0, 20000, 10 * MIB);
    assert_true(job_rate_left(&rate, 6000 * MIB, 0, &low, &high)); /* in truth 60 s */
    assert_in_range(low, 45, 60);
    assert_in_range(high, 60, 80);
    assert_true(job_rate_left(&rate, 6000 * MIB, 6000 * MIB, &low, &high)); /* 75 to 120 s */
    assert_in_range(low, 60, 75);
    assert_in_range(high, 120, 150);
}

static void a_stall_gives_no_estimate(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    uint64_t low;
    uint64_t high;
    job_rate_run(&rate, 0, true);
    int64_t now = feed(&rate, 0, 10000, 10 * MIB);
    for (int i = 0; i < 120; i++)
        job_rate_tick(&rate, now += 500);
    assert_false(job_rate_left(&rate, GIB, 0, &low, &high));
    assert_true(job_rate_now(&rate) < MIB);
}

static void nothing_absurd(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    uint64_t low;
    uint64_t high;
    job_rate_run(&rate, 0, true);
    feed(&rate, 0, 10000, 1); /* ten bytes a second */
    assert_false(job_rate_left(&rate, UINT64_MAX / 4, UINT64_MAX / 4, &low, &high));
    job_rate_add(&rate, 5, 1, 0); /* a clock that goes back */
    assert_int_equal(job_rate_average(&rate), 10);
    assert_false(job_rate_left(&rate, 0, 0, &low, &high));
}

static void percent_by_phase(void **state)
{
    (void)state;
    assert_int_equal(job_percent(JOB_PHASE_PLAN, false, 0, 0), 0);
    assert_int_equal(job_percent(JOB_PHASE_COPY, false, 0, 100), 2);
    assert_int_equal(job_percent(JOB_PHASE_COPY, false, 50, 100), 36);
    assert_int_equal(job_percent(JOB_PHASE_COPY, false, 100, 100), 70);
    assert_int_equal(job_percent(JOB_PHASE_COPY, true, 100, 100), 98);
    assert_int_equal(job_percent(JOB_PHASE_VERIFY, false, 0, 100), 70);
    assert_int_equal(job_percent(JOB_PHASE_VERIFY, false, UINT64_MAX, UINT64_MAX), 98);
    assert_int_equal(job_percent(JOB_PHASE_COMMIT, false, 5, 1), 99);
    assert_int_equal(job_percent((enum job_phase)77, false, 5, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_until_stable),
        cmocka_unit_test(few_samples_are_not_stable),
        cmocka_unit_test(pauses_are_left_out),
        cmocka_unit_test(zeroes_are_no_throughput),
        cmocka_unit_test(estimate_is_a_range_around_the_truth),
        cmocka_unit_test(a_stall_gives_no_estimate),
        cmocka_unit_test(nothing_absurd),
        cmocka_unit_test(percent_by_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
