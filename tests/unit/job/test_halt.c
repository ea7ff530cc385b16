/* When the threads of an export stop: a failure in one of them ends the waiting of the others, in a pause
 * too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/return_code.h"
#include "core/job/halt.h"
#include "core/job/workers.h"

#define HANGS_SECONDS 60

struct scene {
    struct halt halt;
    atomic_uint turns;
};

static struct job *suspended_job(void)
{
    const struct job_identity identity = {.id = guid_new()};
    struct job *job = job_new(&identity);
    assert_true(job_set_state(job, JOB_STATE_STARTING));
    assert_true(job_set_state(job, JOB_STATE_RUNNING));
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_SUSPEND), RETURN_DONE);
    return job;
}

/* One fails in the block at hand, the others are between blocks, where a pause holds them. */
static bool work(void *context, struct error *err)
{
    struct scene *scene = context;
    if (atomic_fetch_add(&scene->turns, 1) == 0)
        return error_set(err, RETURN_FAILED, "test.block", "the block at hand failed");
    return halt_checkpoint(&scene->halt) || error_set(err, RETURN_FAILED, "test.late", "stopped");
}

static void test_a_failure_ends_a_pause(void **state)
{
    (void)state;
    struct scene scene = {.halt = {.job = suspended_job()}};
    struct error err = {0};
    alarm(HANGS_SECONDS);
    assert_false(workers_run(4, work, &scene, &scene.halt, &err));
    alarm(0);
    assert_string_equal(err.key, "test.block");
    assert_false(halt_is_cancelled(&scene.halt));
    /* It was paused to the last, and fails from there. */
    struct job_snapshot snapshot = {0};
    job_fail(scene.halt.job, &err);
    job_get_snapshot(scene.halt.job, &snapshot);
    assert_int_equal(snapshot.state, JOB_STATE_EXCEPTION);
    job_snapshot_clear(&snapshot);
    job_free(scene.halt.job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_failure_ends_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
