/* A served disk that is not there, or goes away, in each phase of its export: the export ends with that as
 * the cause and leaves nothing behind. */
#include "tests/unit/support/running.h"
#include "tests/unit/support/served/served_scene.h"

#include <signal.h>

#include "core/job/workers.h"

/* What is in "out" but for packages that were there before. */
#define assert_out_holds(scene, count)                                                                       \
    shell(&(scene)->history.files, "test $(ls -A out | wc -l) = %d", (count))

static void make(struct served_scene *scene)
{
    served_scene_make(scene, "qcow2", "", 20 * MIB, 11);
    served_scene_write(scene, 200);
    served_scene_point(scene, false, 0);
    free(served_scene_export(scene, false));
    served_scene_end_point(scene);
    served_scene_write(scene, 50);
    served_scene_point(scene, true, 0);
}

static void assert_refused(struct served_scene *scene, const struct export_task *task, const char *key,
                           uint32_t code, const char *cause)
{
    struct export_estimate estimate;
    struct error err = {0};
    struct job *job = history_job();
    struct export_result result;
    assert_int_equal(export_check(task, NULL, &estimate, &err), code);
    print_message("%s: %s: %s\n", err.key, err.what, err.cause);
    assert_string_equal(err.key, key);
    if (!strstr(err.cause, cause))
        fail_msg("the cause does not say \"%s\": %s", cause, err.cause);
    assert_true(*err.next);
    assert_int_equal(export_run(task, job, &result, &err), code);
    assert_string_equal(err.key, key);
    assert_null(result.package);
    job_free(job);
    assert_out_holds(scene, 1);
}

/* --- what is not served --- */

static void test_no_bitmap(void **state)
{
    (void)state;
    static const char *const names[] = {"qemu:dirty-bitmap:nope", "qemu:dirty-bitmap:", "base:allocation2",
                                        "qemu:dirty-bitmap:b"};
    struct served_scene scene;
    make(&scene);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct export_task task;
        served_scene_task(&scene, true, &task);
        mem_replace(&task.disks[0].served.changes, names[i]);
        assert_refused(&scene, &task, "image.changes", RETURN_INVALID_STATE, names[i]);
        export_task_clear(&task);
    }
    served_scene_remove(&scene);
}

static void test_no_export_no_socket(void **state)
{
    (void)state;
    struct served_scene scene;
    struct export_task task;
    make(&scene);
    served_scene_task(&scene, true, &task);
    mem_replace(&task.disks[0].served.name, "vdb");
    assert_refused(&scene, &task, "export.source-gone", RETURN_FAILED, "vdb");
    mem_replace(&task.disks[0].served.name, "vda");
    mem_replace(&task.disks[0].served.socket, "/nowhere/nbd");
    assert_refused(&scene, &task, "export.source-gone", RETURN_FAILED, "No such file");
    export_task_clear(&task);
    served_scene_remove(&scene);
}

static void test_another_size(void **state)
{
    (void)state;
    struct served_scene scene;
    struct export_task task;
    make(&scene);
    served_scene_task(&scene, true, &task);
    task.point.members[0].disks[0].virtual_size += 512;
    assert_refused(&scene, &task, "export.size", RETURN_INVALID_STATE, "");
    export_task_clear(&task);
    served_scene_remove(&scene);
}

/* --- what goes away --- */

static void assert_gone(struct served_scene *scene, struct running *running)
{
    running_join(running);
    print_message("%s: %s: %s\n", running->err.key, running->err.what, running->err.cause);
    assert_int_equal(running->code, RETURN_FAILED);
    assert_string_equal(running->err.key, "export.source-gone");
    assert_true(*running->err.cause && *running->err.next);
    assert_null(running->result.package);
    assert_out_holds(scene, 1);
    assert_int_equal(running_children_left(), 0);
    running_clear(running);
}

static void test_gone_when_a_phase_begins(void **state)
{
    (void)state;
    for (int phase = JOB_PHASE_PLAN; phase <= JOB_PHASE_VERIFY; phase++) {
        struct served_scene scene;
        struct export_task task;
        struct running running;
        make(&scene);
        served_scene_task(&scene, phase % 2, &task);
        running_start_still(&running, &task, phase);
        running_wait_held(&running);
        storage_daemon_kill(&scene.disk.daemon);
        running_resume(&running);
        assert_gone(&scene, &running);
        export_task_clear(&task);
        served_scene_remove(&scene);
    }
}

/* All connections are there, and data has been read over them. */
static void test_gone_while_copying(void **state)
{
    (void)state;
    struct served_scene scene;
    struct export_task task;
    struct running running;
    make(&scene);
    served_scene_task(&scene, true, &task);
    task.options.rate = 64 * KIB;
    running_start(&running, &task, RUNNING_FREELY);
    running_wait_bytes(&running);
    storage_daemon_kill(&scene.disk.daemon);
    assert_gone(&scene, &running);
    export_task_clear(&task);
    served_scene_remove(&scene);
}

/* The backup is ended by whoever began it; the server goes on. */
static void test_withdrawn_while_copying(void **state)
{
    (void)state;
    struct served_scene scene;
    struct export_task task;
    struct running running;
    make(&scene);
    served_scene_task(&scene, false, &task);
    running_start(&running, &task, JOB_PHASE_COPY);
    running_wait_held(&running);
    running_connections(&running, 1 + 1 + workers_count()); /* the guest's, the source's */
    served_scene_end_point(&scene);
    running_resume(&running);
    running_join(&running);
    print_message("%s: %s: %s\n", running.err.key, running.err.what, running.err.cause);
    assert_string_equal(running.err.key, "export.source-gone");
    assert_out_holds(&scene, 1);
    running_clear(&running);
    export_task_clear(&task);
    served_scene_remove(&scene);
}

/* --- what does not answer --- */

static void test_cancel_while_it_hangs(void **state)
{
    (void)state;
    for (int phase = JOB_PHASE_PLAN; phase <= JOB_PHASE_VERIFY; phase++) {
        struct served_scene scene;
        struct export_task task;
        struct running running;
        make(&scene);
        served_scene_task(&scene, true, &task);
        running_start_still(&running, &task, phase);
        running_wait_held(&running);
        kill(scene.disk.daemon.pid, SIGSTOP);
        running_resume(&running);
        running_cancel(&running);
        assert_out_holds(&scene, 1);
        running_clear(&running);
        export_task_clear(&task);
        kill(scene.disk.daemon.pid, SIGCONT);
        served_scene_remove(&scene);
    }
}

/* Held in each phase while the guest writes on, then resumed. */
static void test_pause_in_every_phase(void **state)
{
    (void)state;
    for (int phase = JOB_PHASE_PLAN; phase <= JOB_PHASE_COMMIT; phase++) {
        struct served_scene scene;
        struct export_task task;
        struct running running;
        make(&scene);
        served_scene_task(&scene, true, &task);
        running_start(&running, &task, phase);
        running_wait_held(&running);
        served_scene_write(&scene, 50);
        running_resume(&running);
        running_join(&running);
        if (running.code != RETURN_DONE)
            fail_msg("%s: %s", running.err.what, running.err.cause);
        assert_package_is_newest(&scene, running.result.package);
        running_clear(&running);
        export_task_clear(&task);
        served_scene_remove(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_bitmap),
        cmocka_unit_test(test_no_export_no_socket),
        cmocka_unit_test(test_another_size),
        cmocka_unit_test(test_gone_when_a_phase_begins),
        cmocka_unit_test(test_gone_while_copying),
        cmocka_unit_test(test_withdrawn_while_copying),
        cmocka_unit_test(test_cancel_while_it_hangs),
        cmocka_unit_test(test_pause_in_every_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
