/* What holds a copy back, from times that its threads reported; and what a stretch of a thread reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/job/private.h"

#define MS ((uint64_t)1000000)

struct scene {
    struct job_limits limits;
    struct job_spent spent;
    double at_ms;
};

/* Ten seconds in which threads spent so many milliseconds of each second. */
static enum job_limit spend(struct scene *scene, uint64_t source, uint64_t target, uint64_t processor,
                            uint64_t rate)
{
    const uint64_t spent[JOB_LIMIT_COUNT] = {0, source, target, processor, rate};
    enum job_limit said = JOB_LIMIT_NONE;
    for (int second = 0; second < 10; second++) {
        for (int i = 0; i < JOB_LIMIT_COUNT; i++)
            scene->spent.ns[i] += spent[i] * MS;
        said = job_limits_judge(&scene->limits, &scene->spent, scene->at_ms += 1000, 2);
    }
    return said;
}

static void the_one_that_dominates(void **state)
{
    (void)state;
    static const struct {
        uint64_t spent[4];
        enum job_limit limit;
    } cases[] = {
        {{900, 50, 200, 0}, JOB_LIMIT_SOURCE},       {{100, 950, 300, 0}, JOB_LIMIT_TARGET},
        {{20, 100, 1400, 0}, JOB_LIMIT_PROCESSOR},   {{10, 10, 100, 1900}, JOB_LIMIT_RATE},
        {{3000, 900, 1900, 0}, JOB_LIMIT_PROCESSOR}, /* both cores are full: waiting is for them */
        {{400, 400, 400, 0}, JOB_LIMIT_NONE},        {{0, 0, 0, 0}, JOB_LIMIT_NONE},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct scene scene = {0};
        const uint64_t *spent = cases[i].spent;
        assert_int_equal(spend(&scene, spent[0], spent[1], spent[2], spent[3]), cases[i].limit);
    }
}

static void it_is_of_lately(void **state)
{
    (void)state;
    struct scene scene = {0};
    for (int i = 0; i < 60; i++)
        assert_int_equal(spend(&scene, 900, 50, 50, 0), JOB_LIMIT_SOURCE);
    spend(&scene, 50, 900, 50, 0);
    assert_int_equal(spend(&scene, 50, 900, 50, 0), JOB_LIMIT_TARGET);
    /* About half of it each: it stays with what it said. */
    for (int i = 0; i < 10; i++)
        assert_int_equal(spend(&scene, 460, 440, 100, 0), JOB_LIMIT_TARGET);
}

/* Four threads that wait for the limit 18 of 20 seconds, and take 8 of two processors: without it, 4 s. */
static void held_back_by_the_limit(void **state)
{
    (void)state;
    struct job_spent spent = {.ns = {0, 0, 0, 8000 * MS, 72000 * MS}};
    assert_true(job_spent_held_back(&spent, 20000, 2) > 0.79 && job_spent_held_back(&spent, 20000, 2) < 0.81);
    assert_true(job_spent_held_back(&spent, 20000, 8) > 0.89 && job_spent_held_back(&spent, 20000, 8) < 0.91);
    spent.ns[JOB_LIMIT_RATE] = 0;
    assert_true(job_spent_held_back(&spent, 20000, 2) == 0);
}

static void nothing_is_said_at_first(void **state)
{
    (void)state;
    struct scene scene = {0};
    scene.spent.ns[JOB_LIMIT_SOURCE] = 2000 * MS;
    assert_int_equal(job_limits_judge(&scene.limits, &scene.spent, 2000, 2), JOB_LIMIT_NONE);
}

static uint64_t spent_by(struct job *job, enum job_limit limit)
{
    return atomic_load(&job->spent.ns[limit]);
}

static void a_stretch(void **state)
{
    (void)state;
    struct job_identity identity = {.id = guid_new()};
    struct job *job = job_new(&identity);
    struct job_stretch stretch;
    job_set_state(job, JOB_STATE_STARTING);
    job_set_state(job, JOB_STATE_RUNNING);
    job_stretch_begin(&stretch, job);
    stretch.clock_ns -= 500 * (int64_t)MS; /* so long has it waited */
    job_stretch_waited(&stretch, JOB_LIMIT_SOURCE);
    assert_true(spent_by(job, JOB_LIMIT_SOURCE) >= 450 * MS);
    stretch.thread_ns -= 300 * (int64_t)MS;
    job_stretch_worked(&stretch);
    assert_true(spent_by(job, JOB_LIMIT_PROCESSOR) >= 300 * MS);
    /* A wait that a pause was in, or that one is in still, is not the target's. */
    job_stretch_begin(&stretch, job);
    stretch.clock_ns -= 500 * (int64_t)MS;
    job_request_state_change(job, REQUESTED_STATE_SUSPEND);
    job_stretch_waited(&stretch, JOB_LIMIT_TARGET);
    job_request_state_change(job, REQUESTED_STATE_START);
    job_stretch_waited(&stretch, JOB_LIMIT_TARGET);
    assert_int_equal(spent_by(job, JOB_LIMIT_TARGET), 0);
    job_stretch_begin(&stretch, NULL);
    job_stretch_waited(&stretch, JOB_LIMIT_TARGET);
    job_stretch_worked(&stretch);
    job_free(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_that_dominates),
        cmocka_unit_test(it_is_of_lately),
        cmocka_unit_test(held_back_by_the_limit),
        cmocka_unit_test(nothing_is_said_at_first),
        cmocka_unit_test(a_stretch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
