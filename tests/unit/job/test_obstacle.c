/* Jobs that wait for what stands in their way: let go on, cancelled, given up, asked of several at once, and
 * never where nobody could let them go on. */
#include "core/job/obstacle.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/job/json.h"

#define LONG_MS ((int64_t)3600 * 1000)

struct fixture {
    struct job *job;
    struct halt halt;
    struct patience patience;
    atomic_int looks;
    atomic_size_t ended;
};

static void look(void *context, uint64_t *needed, uint64_t *available)
{
    struct fixture *fixture = context;
    *needed = 1000;
    *available = (uint64_t)atomic_fetch_add(&fixture->looks, 1);
}

static int make(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    const struct job_identity identity = {.id = guid_new()};
    fixture->job = job_new(&identity);
    fixture->halt = (struct halt){.job = fixture->job, .look = look, .look_context = fixture};
    fixture->patience = (struct patience){.halt = &fixture->halt, .path = "/backup"};
    job_set_reachable(fixture->job);
    job_set_patience(fixture->job, LONG_MS);
    assert_true(job_set_state(fixture->job, JOB_STATE_STARTING));
    assert_true(job_set_state(fixture->job, JOB_STATE_RUNNING));
    *state = fixture;
    return 0;
}

static int clear(void **state)
{
    struct fixture *fixture = *state;
    job_free(fixture->job);
    free(fixture);
    return 0;
}

static struct job_snapshot now(struct fixture *fixture)
{
    struct job_snapshot snapshot = {0};
    job_get_snapshot(fixture->job, &snapshot);
    return snapshot;
}

struct waiting {
    struct fixture *fixture;
    int number;
    bool again;
    int left; /* errno */
    pthread_t thread;
};

static void *wait_out(void *context)
{
    struct waiting *waiting = context;
    waiting->again = patience_wait(&waiting->fixture->patience, waiting->number);
    waiting->left = errno;
    atomic_fetch_add(&waiting->fixture->ended, 1);
    return NULL;
}

static void begin(struct waiting *waiting, struct fixture *fixture, int number)
{
    *waiting = (struct waiting){.fixture = fixture, .number = number};
    assert_int_equal(pthread_create(&waiting->thread, NULL, wait_out, waiting), 0);
}

static void until_suspended(struct fixture *fixture)
{
    while (now(fixture).obstacle == JOB_OBSTACLE_NONE)
        sched_yield();
}

static void test_causes(void **state)
{
    (void)state;
    static const struct {
        int number;
        enum job_obstacle obstacle;
        const char *word;
    } causes[] = {{ENOSPC, JOB_OBSTACLE_NO_SPACE, "no-space"},  {EDQUOT, JOB_OBSTACLE_QUOTA, "quota"},
                  {EROFS, JOB_OBSTACLE_READ_ONLY, "read-only"}, {EIO, JOB_OBSTACLE_TARGET, "target"},
                  {ESTALE, JOB_OBSTACLE_TARGET, "target"},      {EFBIG, JOB_OBSTACLE_NONE, "none"},
                  {EBADF, JOB_OBSTACLE_NONE, "none"},           {EACCES, JOB_OBSTACLE_NONE, "none"}};
    for (size_t i = 0; i < ARRAY_LENGTH(causes); i++) {
        assert_int_equal(job_obstacle_of(causes[i].number), causes[i].obstacle);
        assert_string_equal(job_obstacle_word(causes[i].obstacle), causes[i].word);
    }
}

static void test_goes_on_when_it_is_let(void **state)
{
    struct fixture *fixture = *state;
    struct waiting waiting[3];
    for (size_t i = 0; i < ARRAY_LENGTH(waiting); i++)
        begin(&waiting[i], fixture, ENOSPC);
    until_suspended(fixture);
    while (atomic_load(&fixture->looks) < 2) /* it goes on looking */
        sched_yield();
    struct job_snapshot snapshot = now(fixture);
    assert_int_equal(snapshot.state, JOB_STATE_SUSPENDED);
    assert_int_equal(snapshot.obstacle_error.code, RETURN_FAILED);
    assert_string_equal(snapshot.obstacle_error.key, "job.suspended");
    assert_non_null(strstr(snapshot.obstacle_error.next, "job resume"));
    assert_int_equal(snapshot.bytes_needed, 1000);
    assert_true(snapshot.obstacle_until.seconds - moment_now().seconds > 3000);
    CLEANUP_FREE char *text = job_obstacle_text(&snapshot);
    assert_non_null(
        strstr(text, "cannot write to /backup: No space left on device; 1000 B at most are still"));

    json_t *value = job_snapshot_to_json(&snapshot);
    struct job_snapshot read = {0};
    assert_true(job_snapshot_from_json(&read, value));
    json_decref(value);
    assert_int_equal(read.obstacle, JOB_OBSTACLE_NO_SPACE);
    assert_string_equal(read.obstacle_error.what, snapshot.obstacle_error.what);
    assert_int_equal(read.bytes_needed, 1000);
    assert_int_equal(read.obstacle_until.seconds, snapshot.obstacle_until.seconds);
    job_snapshot_clear(&read);

    while (atomic_load(&fixture->ended) < ARRAY_LENGTH(waiting)) { /* one that comes late waits anew */
        (void)job_request_state_change(fixture->job, REQUESTED_STATE_START);
        sched_yield();
    }
    for (size_t i = 0; i < ARRAY_LENGTH(waiting); i++) {
        pthread_join(waiting[i].thread, NULL);
        assert_true(waiting[i].again);
        assert_int_equal(waiting[i].left, ENOSPC);
    }
    snapshot = now(fixture);
    assert_int_equal(snapshot.state, JOB_STATE_RUNNING);
    assert_int_equal(snapshot.obstacle, JOB_OBSTACLE_NONE);
    assert_int_equal(snapshot.bytes_needed, 0);
}

static void test_cancelled_or_failed_meanwhile(void **state)
{
    struct fixture *fixture = *state;
    struct waiting waiting;
    begin(&waiting, fixture, EIO);
    until_suspended(fixture);
    assert_int_equal(job_request_state_change(fixture->job, REQUESTED_STATE_TERMINATE), RETURN_DONE);
    pthread_join(waiting.thread, NULL);
    assert_false(waiting.again);
    assert_int_equal(waiting.left, EIO);
    assert_false(patience_wait(&fixture->patience, EIO)); /* and does not begin again */
}

static void test_another_thread_has_failed(void **state)
{
    struct fixture *fixture = *state;
    struct waiting waiting;
    begin(&waiting, fixture, EDQUOT);
    until_suspended(fixture);
    halt_fail(&fixture->halt);
    pthread_join(waiting.thread, NULL);
    assert_false(waiting.again);
}

static void test_waits_so_long_and_no_longer(void **state)
{
    struct fixture *fixture = *state;
    job_set_patience(fixture->job, 30);
    assert_false(patience_wait(&fixture->patience, ENOSPC));
    struct job_snapshot snapshot = now(fixture);
    assert_int_equal(snapshot.state, JOB_STATE_RUNNING); /* the work ends it */
    assert_int_equal(snapshot.obstacle, JOB_OBSTACLE_NONE);
    assert_false(patience_wait(&fixture->patience, ENOSPC)); /* the others at once */
}

static void test_paused_by_a_person_too(void **state)
{
    struct fixture *fixture = *state;
    struct waiting waiting;
    assert_int_equal(job_request_state_change(fixture->job, REQUESTED_STATE_SUSPEND), RETURN_DONE);
    assert_int_equal(now(fixture).obstacle, JOB_OBSTACLE_NONE);
    begin(&waiting, fixture, EROFS); /* what was on its way fails meanwhile */
    until_suspended(fixture);
    assert_int_equal(job_request_state_change(fixture->job, REQUESTED_STATE_START), RETURN_DONE);
    pthread_join(waiting.thread, NULL);
    assert_true(waiting.again);
}

static void test_nobody_could_let_it_go_on(void **state)
{
    struct fixture *fixture = *state;
    const struct job_identity identity = {.id = guid_new()};
    struct job *alone = job_new(&identity);
    job_set_patience(alone, LONG_MS); /* without job_set_reachable */
    assert_true(job_set_state(alone, JOB_STATE_STARTING) && job_set_state(alone, JOB_STATE_RUNNING));
    struct halt halt = {.job = alone};
    struct patience patience = {.halt = &halt, .path = "/backup"};
    assert_false(patience_wait(&patience, ENOSPC));
    struct halt none = {0};
    patience.halt = &none;
    assert_false(patience_wait(&patience, ENOSPC));
    assert_false(patience_wait(&fixture->patience, EFBIG)); /* nothing that goes away */
    assert_int_equal(now(fixture).state, JOB_STATE_RUNNING);
    job_free(alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes),
        cmocka_unit_test_setup_teardown(test_goes_on_when_it_is_let, make, clear),
        cmocka_unit_test_setup_teardown(test_cancelled_or_failed_meanwhile, make, clear),
        cmocka_unit_test_setup_teardown(test_another_thread_has_failed, make, clear),
        cmocka_unit_test_setup_teardown(test_waits_so_long_and_no_longer, make, clear),
        cmocka_unit_test_setup_teardown(test_paused_by_a_person_too, make, clear),
        cmocka_unit_test_setup_teardown(test_nobody_could_let_it_go_on, make, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
