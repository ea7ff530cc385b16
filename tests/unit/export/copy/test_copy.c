/* The copy between its seams, with a source and a sink that have no disks. */
#include "core/export/copy/copy.h"

#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include "core/base/units.h"
#include "core/export/copy/window_digest.h"
#include "core/export/plan/planner.h"
#include "core/job/workers.h"
#include "tests/pulse.h"
#include "tests/unit/support/image_files.h"
#include "tests/unit/support/null_endpoint.h"

#define G RUN_GRANULE
#define SIZE (40 * WINDOW_SIZE + 3 * G)

struct fixture {
    struct job *job;
    struct halt halt;
    struct rate_limit rate;
    struct run_list runs;
    struct spool digests;
    struct plan_totals totals;
};

/* Cluster i is skipped, zeroed or data by i % 5. */
static enum run_kind kind_of(uint64_t cluster)
{
    return cluster % 5 == 0 ? RUN_SKIP : cluster % 5 == 1 ? RUN_ZERO : RUN_DATA;
}

static void fixture_make(struct fixture *fixture, uint64_t rate)
{
    struct job_identity identity = {.id = guid_new()};
    struct error err = {0};
    *fixture = (struct fixture){.job = job_new(&identity)};
    fixture->halt.job = fixture->job;
    rate_limit_init(&fixture->rate, rate);
    assert_true(run_list_open(&fixture->runs, AT_FDCWD, &err));
    assert_true(spool_open(&fixture->digests, AT_FDCWD, sizeof(struct window_digest), &err));
    struct planner planner;
    planner_begin(&planner, &fixture->runs);
    for (uint64_t i = 0; i < SIZE / G; i++)
        assert_true(planner_feed(&planner, kind_of(i), G, &err));
    assert_true(planner_finish(&planner, &err));
    fixture->totals = planner.totals;
    struct job_disk row = {.bytes_total = planner.totals.bytes_data + planner.totals.bytes_zero};
    job_set_state(fixture->job, JOB_STATE_STARTING);
    job_set_state(fixture->job, JOB_STATE_RUNNING);
    job_set_disks(fixture->job, &row, 1);
    job_set_phase(fixture->job, JOB_PHASE_COPY);
}

static void fixture_clear(struct fixture *fixture)
{
    run_list_close(&fixture->runs);
    spool_close(&fixture->digests);
    rate_limit_destroy(&fixture->rate);
    job_free(fixture->job);
}

static bool run_copy(struct fixture *fixture, struct source *source, struct sink *sink, uint64_t *windows,
                     struct error *err)
{
    CLEANUP_FD int file = memfd_create("copy", MFD_CLOEXEC);
    struct copy_result result;
    struct copy_spec spec = {.source = source,
                             .sink = sink,
                             .fd = file,
                             .path = "copy",
                             .label = "web01/vda",
                             .runs = &fixture->runs,
                             .digests = &fixture->digests,
                             .rate = &fixture->rate,
                             .halt = &fixture->halt,
                             .workers = 4,
                             .buffers = 9};
    bool ok = copy_disk(&spec, &result, err);
    *windows = result.windows;
    return ok;
}

static uint64_t bytes_done(struct fixture *fixture)
{
    struct job_snapshot snapshot = {0};
    job_get_snapshot(fixture->job, &snapshot);
    uint64_t done = snapshot.bytes_done;
    job_snapshot_clear(&snapshot);
    return done;
}

static void copy_and_look(bool writes_zeroes)
{
    struct fixture fixture;
    fixture_make(&fixture, 0);
    struct source *source = source_null_open(SIZE, NULL_NEVER);
    struct sink *sink = sink_null_open(SIZE, writes_zeroes, NULL_NEVER);
    uint64_t windows = 0;
    struct error err = {0};
    assert_true(run_copy(&fixture, source, sink, &windows, &err));
    assert_int_equal(windows, 41);
    assert_int_equal(bytes_done(&fixture), fixture.totals.bytes_data + fixture.totals.bytes_zero);
    assert_true(sink_null_largest(sink) <= WINDOW_SIZE);
    for (uint64_t i = 0; i < SIZE / G; i++) {
        enum null_state expected = NULL_UNTOUCHED;
        if (kind_of(i) == RUN_DATA && null_byte(i * G) != 0)
            expected = NULL_WRITTEN;
        else if (kind_of(i) != RUN_SKIP && writes_zeroes)
            expected = NULL_ZEROED; /* planned as zero, or data that turned out to be all zero */
        assert_int_equal(sink_null_state(sink, i * G), expected);
    }
    sink->ops->close(sink);
    source->ops->close(source);
    fixture_clear(&fixture);
}

static void test_each_cluster_once_and_as_planned(void **state)
{
    (void)state;
    copy_and_look(true);
    copy_and_look(false);
}

static void test_first_failure_is_reported(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_make(&fixture, 0);
    struct source *source = source_null_open(SIZE, 2 * G + 20 * WINDOW_SIZE);
    struct sink *sink = sink_null_open(SIZE, true, NULL_NEVER);
    uint64_t windows = 0;
    struct error err = {0};
    assert_false(run_copy(&fixture, source, sink, &windows, &err));
    assert_string_equal(err.key, "null.read");
    assert_true(bytes_done(&fixture) < fixture.totals.bytes_data + fixture.totals.bytes_zero);
    sink->ops->close(sink);
    source->ops->close(source);
    fixture_clear(&fixture);
}

static void test_no_space_keeps_its_key(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_make(&fixture, 0);
    struct source *source = source_null_open(SIZE, NULL_NEVER);
    struct sink *sink = sink_null_open(SIZE, true, 2 * G);
    uint64_t windows = 0;
    struct error err = {0};
    assert_false(run_copy(&fixture, source, sink, &windows, &err));
    assert_string_equal(err.key, "image.no-space");
    sink->ops->close(sink);
    source->ops->close(source);
    fixture_clear(&fixture);
}

struct copying {
    struct fixture *fixture;
    struct source *source;
    struct sink *sink;
    bool ok;
    struct error err;
};

static void *copy_on_thread(void *context)
{
    struct copying *copying = context;
    uint64_t windows = 0;
    copying->ok = run_copy(copying->fixture, copying->source, copying->sink, &windows, &copying->err);
    return NULL;
}

/* A rate so low that the copy would take minutes: cancelling interrupts the waiting. */
static void test_cancel_is_quick_even_when_slow(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_make(&fixture, 100000);
    struct copying copying = {.fixture = &fixture,
                              .source = source_null_open(SIZE, NULL_NEVER),
                              .sink = sink_null_open(SIZE, true, NULL_NEVER)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, copy_on_thread, &copying), 0);
    while (bytes_done(&fixture) == 0)
        sched_yield();
    struct pulse *pulse = pulse_start();
    assert_int_equal(job_request_state_change(fixture.job, REQUESTED_STATE_TERMINATE), RETURN_DONE);
    pthread_join(thread, NULL);
    assert_true(pulse_stop(pulse) < 1000);
    assert_false(copying.ok);
    assert_string_equal(copying.err.key, "image.stopped");
    copying.sink->ops->close(copying.sink);
    copying.source->ops->close(copying.source);
    fixture_clear(&fixture);
}

static void test_pause_stops_and_goes_on(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_make(&fixture, 0);
    assert_int_equal(job_request_state_change(fixture.job, REQUESTED_STATE_SUSPEND), RETURN_DONE);
    struct copying copying = {.fixture = &fixture,
                              .source = source_null_open(SIZE, NULL_NEVER),
                              .sink = sink_null_open(SIZE, true, NULL_NEVER)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, copy_on_thread, &copying), 0);
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_nsec += 50 * 1000 * 1000;
    limit.tv_sec += limit.tv_nsec / 1000000000;
    limit.tv_nsec %= 1000000000;
    assert_int_not_equal(pthread_timedjoin_np(thread, NULL, &limit), 0); /* it does not end */
    assert_int_equal(bytes_done(&fixture), 0);
    assert_int_equal(job_request_state_change(fixture.job, REQUESTED_STATE_START), RETURN_DONE);
    pthread_join(thread, NULL);
    assert_true(copying.ok);
    copying.sink->ops->close(copying.sink);
    copying.source->ops->close(copying.source);
    fixture_clear(&fixture);
}

static void test_rate_limit_arithmetic(void **state)
{
    (void)state;
    struct rate_limit limit;
    rate_limit_init(&limit, 1000000);
    int64_t start = limit.counted;
    uint64_t taken = 0;
    int64_t now = start;
    while (now < start + 20000) { /* twenty seconds on a clock of our own */
        int wait = rate_limit_try(&limit, 65536, now);
        assert_in_range(wait, 0, 100);
        taken += wait == 0 ? 65536 : 0;
        now += wait;
    }
    assert_in_range(taken, 19500000, 20500000);
    /* An hour's pause does not let an hour's bytes through. */
    now += 3600 * 1000;
    taken = 0;
    while (rate_limit_try(&limit, 65536, now) == 0)
        taken += 65536;
    assert_true(taken <= 250000 + 2 * 65536);
    rate_limit_destroy(&limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_cluster_once_and_as_planned),
        cmocka_unit_test(test_first_failure_is_reported),
        cmocka_unit_test(test_no_space_keeps_its_key),
        cmocka_unit_test(test_cancel_is_quick_even_when_slow),
        cmocka_unit_test(test_pause_stops_and_goes_on),
        cmocka_unit_test(test_rate_limit_arithmetic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
