/* The rate over the whole time of a job, in a few slices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/job/course.h"
#include "core/job/json.h"

static uint64_t sum(const struct job_history *history)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < history->count; i++)
        bytes += history->bytes[i];
    return bytes;
}

/* Blocks that take longer than a slice moved in all of them. */
static void large_blocks_are_no_comb(void **state)
{
    (void)state;
    struct job_history history = {0};
    uint64_t rates[JOB_HISTORY_SLICES];
    for (int64_t now = 2000; now <= 8000; now += 2000)
        job_history_add(&history, now, 200 * MIB);
    size_t count = job_history_rates(&history, rates);
    assert_int_equal(count, 16);
    for (size_t i = 0; i < count; i++)
        assert_in_range(rates[i], 100 * MIB - 2, 100 * MIB + 2);
    assert_int_equal(sum(&history), 800 * MIB);
}

static void neighbours_are_put_together(void **state)
{
    (void)state;
    struct job_history history = {0};
    uint64_t rates[JOB_HISTORY_SLICES];
    int64_t now = 0;
    uint64_t added = 0;
    for (; now < (int64_t)3 * 3600 * 1000; added += MIB)
        job_history_add(&history, now += 777, MIB);
    size_t count = job_history_rates(&history, rates);
    assert_true(history.count > JOB_HISTORY_SLICES / 2 && history.count <= JOB_HISTORY_SLICES);
    assert_int_equal(sum(&history), added);
    assert_int_equal(history.slice_ms % 500, 0);
    for (size_t i = 0; i < count; i++)
        assert_in_range(rates[i], MIB * 1000 / 777 * 98 / 100, MIB * 1000 / 777 * 102 / 100);
}

static void a_stall_shows_while_it_lasts(void **state)
{
    (void)state;
    struct job_history history = {0};
    uint64_t rates[JOB_HISTORY_SLICES];
    job_history_add(&history, 1000, 100 * MIB);
    job_history_pass(&history, 4000);
    assert_int_equal(job_history_rates(&history, rates), 8);
    assert_true(rates[1] > 0);
    for (size_t i = 2; i < 8; i++)
        assert_int_equal(rates[i], 0);
}

/* The first milliseconds of a slice say nothing of its rate. */
static void a_slice_that_has_just_begun_is_not_drawn(void **state)
{
    (void)state;
    struct job_history history = {0};
    uint64_t rates[JOB_HISTORY_SLICES];
    job_history_add(&history, 1000, MIB);
    job_history_add(&history, 1010, 64 * MIB);
    assert_int_equal(job_history_rates(&history, rates), 2);
    job_history_pass(&history, 1300);
    assert_int_equal(job_history_rates(&history, rates), 3);
}

/* The clock of the job: it stands while the job is suspended, and what a phase moves is not that of the one
 * before. */
static void the_clock_stands_while_suspended(void **state)
{
    (void)state;
    struct job_course course = {.parts[JOB_PART_COPY].total = GIB};
    uint64_t rates[JOB_HISTORY_SLICES];
    int64_t now = 1000;
    job_course_move(&course, now, JOB_STATE_STARTING, JOB_PHASE_PLAN);
    job_course_move(&course, now += 2000, JOB_STATE_RUNNING, JOB_PHASE_COPY);
    for (int i = 0; i < 10; i++)
        job_course_copied(&course, now += 100, 10 * MIB, 0, 0);
    job_course_move(&course, now, JOB_STATE_SUSPENDED, JOB_PHASE_COPY);
    job_course_move(&course, now += 60000, JOB_STATE_RUNNING, JOB_PHASE_COPY);
    for (int i = 0; i < 10; i++)
        job_course_copied(&course, now += 100, 10 * MIB, MIB, 0);
    assert_int_equal(course.history.at_ms, 4000);
    assert_int_equal(job_history_rates(&course.history, rates), 8);
    for (size_t i = 0; i < 8; i++)
        assert_in_range(rates[i], i < 4 ? 0 : 100 * MIB, i < 4 ? 0 : 100 * MIB);
}

static struct job_snapshot read_back(const char *history, const struct job_history *written)
{
    struct job_snapshot out = {.history = *written};
    struct job_snapshot in = {0};
    out.identity.id = guid_new();
    json_t *object = job_snapshot_to_json(&out);
    if (history)
        json_object_set_new(object, "rate_history", json_loads(history, 0, NULL));
    assert_true(job_snapshot_from_json(&in, object));
    json_decref(object);
    return in;
}

static void in_the_journal(void **state)
{
    (void)state;
    struct job_history history = {0};
    for (int64_t now = 300; now < 45000; now += 300)
        job_history_add(&history, now, (uint64_t)now);
    struct job_snapshot in = read_back(NULL, &history);
    assert_memory_equal(&in.history, &history, sizeof history);
    struct job_history none = {0};
    in = read_back(NULL, &none);
    assert_int_equal(in.history.count, 0);
}

/* What an older or a damaged journal says is a graph, or nothing. */
static void nothing_is_believed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null",
        "[]",
        "{\"slice_ms\":0,\"elapsed_ms\":1,\"bytes\":[1]}",
        "{\"slice_ms\":500,\"elapsed_ms\":501,\"bytes\":[1]}",
        "{\"slice_ms\":500,\"elapsed_ms\":500,\"bytes\":[1,2]}",
        "{\"slice_ms\":9223372036854775807,\"elapsed_ms\":500,\"bytes\":[1]}",
        "{\"slice_ms\":500,\"elapsed_ms\":500,\"bytes\":7}",
    };
    struct job_history none = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct job_snapshot in = read_back(texts[i], &none);
        assert_int_equal(in.history.count, 0);
    }
    struct job_snapshot in = read_back("{\"slice_ms\":500,\"elapsed_ms\":700,\"bytes\":[-3,\"x\"]}", &none);
    assert_int_equal(in.history.count, 2);
    assert_int_equal(sum(&in.history), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_blocks_are_no_comb),
        cmocka_unit_test(neighbours_are_put_together),
        cmocka_unit_test(a_stall_shows_while_it_lasts),
        cmocka_unit_test(a_slice_that_has_just_begun_is_not_drawn),
        cmocka_unit_test(the_clock_stands_while_suspended),
        cmocka_unit_test(in_the_journal),
        cmocka_unit_test(nothing_is_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
