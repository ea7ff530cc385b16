/* Traps 5 and 10, in each phase of an export: qemu-nbd or qemu-img is killed or hangs, the job is paused or
 * cancelled. Each time the export ends with the cause, or goes on as if nothing had been, and never leaves
 * half a package, a child or a descriptor behind. */
#include "tests/unit/support/export_scene.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "core/job/workers.h"

/* --- a qemu-nbd is killed --- */

static void test_killed_while_copying(void **state)
{
    (void)state;
    struct scene scene;
    pid_t pid;
    scene_make_held(&scene, FULL, JOB_PHASE_COPY);
    running_children(&scene.running, "qemu-nbd", &pid, 1);
    scene_wait_copying(&scene);
    kill(pid, SIGKILL);
    running_resume(&scene.running);
    running_join(&scene.running);
    assert_failed(&scene.running, NULL, "qemu-nbd was ended by signal 9");
    assert_out_holds(&scene, 0);
    scene_remove(&scene);
}

static void test_killed_while_verifying(void **state)
{
    (void)state;
    struct scene scene;
    pid_t pid;
    scene_make_held(&scene, FULL, JOB_PHASE_VERIFY);
    running_children(&scene.running, "qemu-nbd", &pid, 1);
    running_connections(&scene.running, 1 + workers_count());
    kill(pid, SIGKILL);
    running_resume(&scene.running);
    running_join(&scene.running);
    assert_failed(&scene.running, NULL, "qemu-nbd was ended by signal 9");
    assert_out_holds(&scene, 0);
    scene_remove(&scene);
}

/* --- programs that stop just as they start: storage that does not answer --- */

/* From now on the named program, with that first argument ("" = any), stops itself before it does anything.
 */
static void stop_at_start(struct scene *scene, const char *program, const char *argument)
{
    shell(&scene->history.files,
          "mkdir bin && real=$(command -v %s) && cat >bin/%s <<END\n"
          "#!/bin/sh\n"
          "case \\$1 in %s) kill -STOP \\$\\$;; esac\n"
          "exec $real \"\\$@\"\n"
          "END\n"
          "chmod +x bin/%s",
          program, program, *argument ? argument : "*", program);
    CLEANUP_FREE char *bin = image_path(&scene->history.files, "bin");
    CLEANUP_FREE char *path = mem_format("%s:%s", bin, getenv("PATH"));
    setenv("PATH", path, 1);
}

static char *usual_path;

static int keep_path(void **state)
{
    (void)state;
    usual_path = mem_strdup(getenv("PATH"));
    return 0;
}

static int restore_path(void **state)
{
    (void)state;
    setenv("PATH", usual_path, 1);
    free(usual_path);
    return 0;
}

static void test_killed_while_planning(void **state)
{
    (void)state;
    struct scene scene;
    scene_make(&scene, FULL);
    stop_at_start(&scene, "qemu-nbd", "");
    running_start(&scene.running, &scene.task, RUNNING_FREELY);
    kill(running_stopped_child(&scene.running), SIGKILL);
    running_join(&scene.running);
    assert_failed(&scene.running, "image.open", "qemu-nbd was ended by signal 9");
    assert_out_holds(&scene, 0);
    scene_remove(&scene);
}

static void cancel_when_stopped(const char *program, const char *argument)
{
    struct scene scene;
    scene_make(&scene, BASE);
    stop_at_start(&scene, program, argument);
    running_start(&scene.running, &scene.task, RUNNING_FREELY);
    running_stopped_child(&scene.running);
    running_cancel(&scene.running);
    assert_out_holds(&scene, 1);
    scene_remove(&scene);
}

static void test_cancel_while_qemu_nbd_hangs_planning(void **state)
{
    (void)state;
    cancel_when_stopped("qemu-nbd", "");
}

static void test_cancel_while_qemu_img_hangs_checking(void **state)
{
    (void)state;
    cancel_when_stopped("qemu-img", "check");
}

static void test_cancel_while_qemu_nbd_hangs_verifying(void **state)
{
    (void)state;
    struct scene scene;
    pid_t pid;
    scene_make_held(&scene, FULL, JOB_PHASE_VERIFY);
    running_children(&scene.running, "qemu-nbd", &pid, 1);
    running_connections(&scene.running, 1 + workers_count());
    kill(pid, SIGSTOP);
    running_resume(&scene.running);
    running_cancel(&scene.running);
    assert_out_holds(&scene, 0);
    scene_remove(&scene);
}

/* --- paused, then resumed or cancelled, in every phase --- */

static void test_pause_in_every_phase(void **state)
{
    (void)state;
    for (int phase = JOB_PHASE_PLAN; phase <= JOB_PHASE_COMMIT; phase++) {
        struct scene scene;
        scene_make_held(&scene, BASE, phase);
        for (int i = 0; i < 2000; i++) {
            struct job_snapshot now = {0};
            sched_yield();
            job_get_snapshot(scene.running.job, &now);
            assert_int_equal(now.phase, phase);
            assert_int_equal(now.state, JOB_STATE_SUSPENDED);
            assert_int_equal(now.bytes_done, phase > JOB_PHASE_COPY ? now.bytes_total : 0);
            job_snapshot_clear(&now);
        }
        assert_int_equal(atomic_load(&scene.running.over), 0);
        running_resume(&scene.running);
        running_join(&scene.running);
        assert_right(&scene);
        assert_out_holds(&scene, 2);
        scene_remove(&scene);
    }
}

static void test_cancel_while_paused_in_every_phase(void **state)
{
    (void)state;
    for (int phase = JOB_PHASE_PLAN; phase <= JOB_PHASE_COMMIT; phase++) {
        struct scene scene;
        scene_make_held(&scene, FULL, phase);
        running_cancel(&scene.running);
        assert_out_holds(&scene, 0);
        scene_remove(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_while_copying),
        cmocka_unit_test(test_killed_while_verifying),
        cmocka_unit_test_setup_teardown(test_killed_while_planning, keep_path, restore_path),
        cmocka_unit_test_setup_teardown(test_cancel_while_qemu_nbd_hangs_planning, keep_path, restore_path),
        cmocka_unit_test_setup_teardown(test_cancel_while_qemu_img_hangs_checking, keep_path, restore_path),
        cmocka_unit_test(test_cancel_while_qemu_nbd_hangs_verifying),
        cmocka_unit_test(test_pause_in_every_phase),
        cmocka_unit_test(test_cancel_while_paused_in_every_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
