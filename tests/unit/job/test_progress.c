/* Rates, percent and elapsed time with a clock of the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/units.h"
#include "core/job/course.h"

static int64_t feed(struct job_rate *rate, int64_t now, int64_t for_ms, uint64_t bytes_per_100ms)
{
    for (int64_t end = now + for_ms; now < end;) {
        now += 100;
        job_rate_add(rate, now, bytes_per_100ms, 0);
    }
    return now;
}

static uint64_t rate_of_now(const struct job_rate *rate)
{
    uint64_t now;
    assert_true(job_rate_now(rate, &now) || now == 0);
    return now;
}

static bool left(const struct job_rate *rate, uint64_t bytes, double later, uint64_t *low, uint64_t *high)
{
    struct job_ahead ahead = {
        .bytes = (double)bytes, .later_low_ms = later / 2.0, .later_high_ms = later, .done = 0.5};
    return job_estimate(rate, &ahead, low, high);
}

static void nothing_until_stable(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    uint64_t low = 7;
    uint64_t high = 7;
    job_rate_run(&rate, 1000, true);
    assert_int_equal(rate_of_now(&rate), 0);
    int64_t now = feed(&rate, 1000, 2900, 10 * MIB);
    assert_int_equal(rate_of_now(&rate), 0);
    assert_int_equal(job_rate_average(&rate), 0);
    assert_false(left(&rate, GIB, 0, &low, &high));
    assert_int_equal(low, 0);
    assert_int_equal(high, 0);
    feed(&rate, now, 200, 10 * MIB);
    assert_in_range(rate_of_now(&rate), 99 * MIB, 101 * MIB);
    assert_in_range(job_rate_average(&rate), 99 * MIB, 101 * MIB);
}

static void few_samples_are_not_stable(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    job_rate_run(&rate, 0, true);
    job_rate_add(&rate, 3000, GIB, 0);
    job_rate_add(&rate, 6000, GIB, 0);
    assert_int_equal(rate_of_now(&rate), 0);
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
    assert_true(left(&rate, GIB, 0, &low[0], &high[0]));
    job_rate_run(&rate, now, false);
    now += 3600 * 1000;
    job_rate_tick(&rate, now);
    assert_int_equal(job_rate_average(&rate), before);
    assert_true(left(&rate, GIB, 0, &low[1], &high[1]));
    assert_int_equal(low[0], low[1]);
    assert_int_equal(high[0], high[1]);
    job_rate_run(&rate, now, true);
    feed(&rate, now, 5000, 10 * MIB);
    assert_in_range(job_rate_average(&rate), 99 * MIB, 101 * MIB);
    assert_in_range(rate_of_now(&rate), 99 * MIB, 101 * MIB);
}

/* At 3 MiB/s in blocks of a MiB, two of them under way: what comes in the pause, and at once after it, is in
 * no rate of now; nothing is said at first, and then what is true. */
static void after_a_pause_nothing_is_made_up(void **state)
{
    (void)state;
    for (int64_t paused = 100; paused < 100000; paused = paused * 3 + 41) {
        struct job_rate rate = {0};
        int64_t now = 0;
        job_rate_run(&rate, now, true);
        for (int i = 0; i < 60; i++)
            job_rate_add(&rate, now += 333, MIB, 0);
        job_rate_run(&rate, now, false);
        job_rate_add(&rate, now + 90, MIB, 0);
        job_rate_add(&rate, now + 91, MIB, 0);
        job_rate_run(&rate, now += paused, true);
        assert_int_equal(rate_of_now(&rate), 0);
        job_rate_add(&rate, now, MIB, 0);
        job_rate_add(&rate, now + 1, MIB, 0);
        unsigned said = 0;
        for (int i = 0; i < 60; i++) {
            job_rate_add(&rate, now += 333, MIB, 0);
            uint64_t shown = rate_of_now(&rate);
            said += shown > 0;
            if (shown > 0)
                assert_in_range(shown, (uint64_t)(2.9 * (double)MIB), (uint64_t)(3.1 * (double)MIB));
            if (i < 7)
                assert_int_equal(shown, 0);
        }
        assert_true(said > 45);
    }
}

/* Large blocks that come seldom: neither nothing nor a burst, whenever one looks. */
static void few_blocks_are_no_bursts(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    int64_t now = 0;
    job_rate_run(&rate, now, true);
    for (int i = 0; i < 30; i++) {
        for (int k = 0; k < 16; k++) {
            job_rate_tick(&rate, now += 1000);
            if (i > 5)
                assert_in_range(rate_of_now(&rate), 60 * KIB, 68 * KIB);
        }
        job_rate_add(&rate, now, MIB, 0); /* 64 KiB/s */
    }
}

/* What is there already is read again, much faster than it was copied. */
static void what_was_kept_is_no_throughput(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    int64_t now = 0;
    job_rate_run(&rate, now, true);
    for (int i = 0; i < 300; i++)
        job_rate_add(&rate, now += 100, 0, 200 * MIB);
    assert_int_equal(rate_of_now(&rate), 0);
    assert_int_equal(job_rate_average(&rate), 0);
    feed(&rate, now, 10000, MIB);
    assert_in_range(rate_of_now(&rate), 9 * MIB, 11 * MIB);
    assert_in_range(job_rate_average(&rate), 9 * MIB, 11 * MIB);
}

static void zeroes_are_no_throughput(void **state)
{
    (void)state;
    struct job_course course = {.parts[JOB_PART_COPY].total = 1040 * GIB, .zero_total = 1000 * GIB};
    struct job_figures figures;
    int64_t now = 0;
    job_course_move(&course, now, JOB_STATE_STARTING, JOB_PHASE_PLAN);
    job_course_move(&course, now, JOB_STATE_RUNNING, JOB_PHASE_COPY);
    for (int i = 0; i < 200; i++) {
        job_course_copied(&course, now += 100, 100 * MIB, 0, 0);
        if (i == 50)
            job_course_copied(&course, now, 0, 900 * GIB, 0);
    }
    job_course_look(&course, now, 0, &figures);
    assert_in_range(figures.rate_now, 990 * MIB, 1010 * MIB);
    assert_in_range(figures.rate_average, 990 * MIB, 1010 * MIB);
    assert_in_range(figures.left_low_s, 17, 21); /* of 40 GiB, at one a second; the zeroes take no time */
    assert_in_range(figures.left_high_s, 21, 24);
}

static void estimate_is_a_range_around_the_truth(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    uint64_t low;
    uint64_t high;
    job_rate_run(&rate, 0, true);
    feed(&rate, 0, 20000, 10 * MIB);
    assert_true(left(&rate, 6000 * MIB, 0, &low, &high)); /* in truth 60 s */
    assert_in_range(low, 55, 60);
    assert_in_range(high, 60, 65);
    assert_true(left(&rate, 6000 * MIB, 30000, &low, &high)); /* and 15 to 30 s that come later */
    assert_in_range(low, 68, 75);
    assert_in_range(high, 90, 100);
    assert_true(left(&rate, 0, 30000, &low, &high)); /* is no wider than may be said */
    assert_in_range(low, 14, 17);
    assert_in_range(high, 26, 29);
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
    assert_false(left(&rate, GIB, 0, &low, &high));
    assert_true(rate_of_now(&rate) < MIB);
}

static void nothing_absurd(void **state)
{
    (void)state;
    struct job_rate rate = {0};
    uint64_t low;
    uint64_t high;
    job_rate_run(&rate, 0, true);
    feed(&rate, 0, 10000, 1); /* ten bytes a second */
    assert_false(left(&rate, UINT64_MAX / 4, 1e12, &low, &high));
    job_rate_add(&rate, 5, 1, 0); /* a clock that goes back */
    assert_int_equal(job_rate_average(&rate), 10);
    assert_false(left(&rate, 0, 0, &low, &high));
}

static void percent_is_of_the_one_total(void **state)
{
    (void)state;
    struct job_course course = {.parts = {{0}, {.total = 100}, {.total = 20}, {.total = 30}}};
    struct job_figures figures;
    job_course_move(&course, 0, JOB_STATE_STARTING, JOB_PHASE_PLAN);
    job_course_move(&course, 0, JOB_STATE_RUNNING, JOB_PHASE_COPY);
    for (unsigned done = 0; done <= 100; done++) {
        job_course_count(&course, &figures);
        assert_int_equal(figures.work_done, done);
        assert_int_equal(figures.work_total, 150);
        assert_int_equal(figures.percent, done * 100 / 150);
        job_course_copied(&course, 0, done % 3 == 0, done % 3 == 1, done % 3 == 2);
    }
    job_course_read_again(&course, 0, 5);
    job_course_count(&course, &figures);
    assert_int_equal(figures.work_done, 105);
    job_course_move(&course, 0, JOB_STATE_RUNNING, JOB_PHASE_VERIFY);
    job_course_checked(&course, 0, 500, 1000);
    job_course_count(&course, &figures);
    assert_int_equal(figures.work_done, 135);
    assert_int_equal(figures.percent, 90);
    job_course_checked(&course, 0, UINT64_MAX, UINT64_MAX);
    job_course_count(&course, &figures);
    assert_int_equal(figures.work_done, 150);
    assert_int_equal(figures.percent, 99);
    struct job_course empty = {0};
    job_course_move(&empty, 0, JOB_STATE_RUNNING, JOB_PHASE_COPY);
    job_course_count(&empty, &figures);
    assert_int_equal(figures.percent, 0);
    job_course_move(&empty, 0, JOB_STATE_RUNNING, JOB_PHASE_COMMIT);
    job_course_count(&empty, &figures);
    assert_int_equal(figures.percent, 99);
    struct job_course one = {.one_phase = true, .parts[JOB_PART_CHECK].total = 7};
    job_course_checked(&one, 0, 30, 60);
    job_course_count(&one, &figures);
    assert_int_equal(figures.work_total, 60);
    assert_int_equal(figures.percent, 50);
}

/* What is copied is not known before the base is: until then, nothing is a part of it. */
static void a_base_is_verified_first(void **state)
{
    (void)state;
    struct job_course course = {0};
    struct job_figures figures;
    job_course_move(&course, 0, JOB_STATE_STARTING, JOB_PHASE_PLAN);
    job_course_move(&course, 0, JOB_STATE_RUNNING, JOB_PHASE_PLAN);
    for (int i = 1; i <= 80; i++)
        job_course_checked(&course, i * 100, (uint64_t)i * MIB, 100 * MIB);
    job_course_look(&course, 8000, 0, &figures);
    assert_int_equal(figures.work_done, 80 * MIB);
    assert_int_equal(figures.work_total, 100 * MIB);
    assert_int_equal(figures.percent, 0);
    assert_in_range(figures.rate_now, 9 * MIB, 11 * MIB);
    assert_int_equal(figures.left_high_s, 0);
    course.parts[JOB_PART_COPY].total = 300 * MIB;
    job_course_move(&course, 9000, JOB_STATE_RUNNING, JOB_PHASE_COPY);
    job_course_count(&course, &figures);
    assert_int_equal(figures.work_done, 100 * MIB);
    assert_int_equal(figures.work_total, 400 * MIB);
    assert_int_equal(figures.percent, 25);
}

/* Elapsed time, average and estimate leave out the same: twice the time on the wall is the same job. */
static void one_clock(void **state)
{
    (void)state;
    struct job_figures figures[2];
    for (int paused = 0; paused < 2; paused++) {
        struct job_course course = {.parts[JOB_PART_COPY].total = GIB};
        int64_t now = 5000;
        job_course_move(&course, now, JOB_STATE_STARTING, JOB_PHASE_PLAN);
        job_course_move(&course, now, JOB_STATE_RUNNING, JOB_PHASE_PLAN);
        job_course_move(&course, now += 2000, JOB_STATE_RUNNING, JOB_PHASE_COPY);
        for (int i = 0; i < 100; i++) {
            if (paused && i % 50 == 7) {
                job_course_move(&course, now, JOB_STATE_SUSPENDED, JOB_PHASE_COPY);
                job_course_look(&course, now + 900, 0, &figures[paused]);
                job_course_move(&course, now += 11000, JOB_STATE_RUNNING, JOB_PHASE_COPY);
            }
            job_course_copied(&course, now += 200, MIB, 0, 0);
        }
        job_course_look(&course, now, 0, &figures[paused]);
    }
    assert_int_equal(figures[0].elapsed_ms, 22000);
    assert_int_equal(figures[0].paused_ms, 0);
    assert_int_equal(figures[1].elapsed_ms, 22000);
    assert_int_equal(figures[1].paused_ms, 22000);
    assert_int_equal(figures[0].rate_average, figures[1].rate_average);
    assert_in_range(figures[0].rate_average, (uint64_t)(4.9 * (double)MIB), (uint64_t)(5.1 * (double)MIB));
    assert_in_range(figures[1].left_low_s, figures[0].left_low_s - 10, figures[0].left_low_s + 10);
    assert_in_range(figures[1].left_high_s, figures[0].left_high_s - 10, figures[0].left_high_s + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_until_stable),
        cmocka_unit_test(few_samples_are_not_stable),
        cmocka_unit_test(pauses_are_left_out),
        cmocka_unit_test(after_a_pause_nothing_is_made_up),
        cmocka_unit_test(few_blocks_are_no_bursts),
        cmocka_unit_test(what_was_kept_is_no_throughput),
        cmocka_unit_test(zeroes_are_no_throughput),
        cmocka_unit_test(estimate_is_a_range_around_the_truth),
        cmocka_unit_test(a_stall_gives_no_estimate),
        cmocka_unit_test(nothing_absurd),
        cmocka_unit_test(percent_is_of_the_one_total),
        cmocka_unit_test(a_base_is_verified_first),
        cmocka_unit_test(one_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
