/* The plan of a check in the hands of who exports the same: taken where it still holds, and every reason why
 * it is not. What tells is the job's log; the package is right either way. */
#include "tests/unit/support/export_scene.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/export/plan/kept.h"

#define TAKEN "the plan is that of the check"

struct noted {
    char lines[4096];
};

static void note(void *context, const char *line)
{
    struct noted *noted = context;
    size_t used = strlen(noted->lines);
    snprintf(noted->lines + used, sizeof noted->lines - used, "%s\n", line);
}

static void check(const struct export_task *task, struct export_estimate *estimate)
{
    struct error err = {0};
    if (export_check(task, NULL, estimate, &err) != RETURN_DONE)
        fail_msg("%s: %s", err.what, err.cause);
}

/* Exports and looks for this in the log; the package is what the point was. */
static void export_and_expect(struct scene *scene, const char *said)
{
    struct noted noted = {0};
    struct export_result result = {0};
    struct error err = {0};
    struct job *job = history_job();
    job_set_listener(job, &(struct job_listener){.logged = note, .context = &noted});
    if (export_run(&scene->task, job, &result, &err) != RETURN_DONE)
        fail_msg("%s: %s", err.what, err.cause);
    if (!strstr(noted.lines, said))
        fail_msg("the log does not say \"%s\":\n%s", said, noted.lines);
    assert_package_is_point(&scene->history, result.package, POINT, "qcow2");
    export_result_clear(&result);
    job_free(job);
}

static void begin(struct scene *scene, size_t base, struct export_estimate *estimate)
{
    scene_make(scene, base);
    check(&scene->task, estimate);
    assert_non_null(estimate->plan);
    scene->task.handed = estimate->plan;
}

static void end(struct scene *scene, struct export_estimate *estimate)
{
    export_estimate_clear(estimate);
    assert_int_equal(running_children_left(), 0);
    assert_int_equal(running_descriptors(), scene->descriptors);
    export_task_clear(&scene->task);
    history_remove(&scene->history);
}

static void test_taken(void **state)
{
    (void)state;
    static const size_t bases[] = {FULL, BASE};
    for (size_t i = 0; i < ARRAY_LENGTH(bases); i++) {
        struct scene scene;
        struct export_estimate estimate;
        struct export_estimate again;
        begin(&scene, bases[i], &estimate);
        export_and_expect(&scene, TAKEN);
        export_and_expect(&scene, TAKEN); /* it is not used up */
        check(&scene.task, &again);       /* a check takes it too, and hands it on */
        assert_non_null(again.plan);
        assert_int_equal(again.disks[0].bytes_data, estimate.disks[0].bytes_data);
        assert_int_equal(again.disks[0].bytes_zero, estimate.disks[0].bytes_zero);
        assert_int_equal(again.disks[0].bytes_skipped, estimate.disks[0].bytes_skipped);
        assert_int_equal(again.bytes_needed, estimate.bytes_needed);
        export_estimate_clear(&estimate);
        scene.task.handed = again.plan;
        export_and_expect(&scene, TAKEN);
        end(&scene, &again);
    }
}

static void test_touched_layer_is_walked_again(void **state)
{
    (void)state;
    struct scene scene;
    struct export_estimate estimate;
    begin(&scene, FULL, &estimate);
    /* As of records of earlier versions, which do not tell. */
    for (size_t i = 0; i < scene.task.disks[0].layer_count; i++)
        scene.task.disks[0].layers[i].touched = (struct touch){0};
    shell(&scene.history.files, "chmod 0400 layer0");
    export_and_expect(&scene, "a file has been changed or touched since");
    end(&scene, &estimate);
}

static void test_changed_layer_is_refused(void **state)
{
    (void)state;
    struct scene scene;
    struct export_estimate estimate;
    struct error err = {0};
    struct export_result result = {0};
    struct job *job = history_job();
    begin(&scene, FULL, &estimate);
    shell(&scene.history.files, "chmod 0600 layer0 && qemu-io -c 'write -P 9 0 1M' layer0");
    assert_int_equal(export_run(&scene.task, job, &result, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "export.layer-changed");
    export_result_clear(&result);
    job_free(job);
    scene.descriptors = running_descriptors() - 1; /* the estimate's */
    end(&scene, &estimate);
}

static void test_of_something_else(void **state)
{
    (void)state;
    struct scene scene;
    struct export_estimate estimate;
    begin(&scene, BASE, &estimate);
    struct export_task whole;
    history_task(&scene.history, POINT, FULL, &whole);
    struct export_task difference = scene.task;
    scene.task = whole;
    scene.task.handed = estimate.plan;
    export_and_expect(&scene, "it is the plan of something else");
    scene.task = difference;
    export_task_clear(&whole);
    end(&scene, &estimate);
}

/* A byte at any place: in the head, in the table, in the runs; a file that is cut off; another file. */
static void test_damaged(void **state)
{
    (void)state;
    struct scene scene;
    struct export_estimate estimate;
    begin(&scene, FULL, &estimate);
    int fd = kept_plan_descriptor(estimate.plan);
    off_t size = lseek(fd, 0, SEEK_END);
    const off_t places[] = {0, 20, 100, 170, 260, 330, 400, size - 16, size - 1};
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        unsigned char byte;
        print_message("byte %ld of %ld\n", (long)places[i], (long)size);
        assert_int_equal(pread(fd, &byte, 1, places[i]), 1);
        byte ^= 0x10;
        assert_int_equal(pwrite(fd, &byte, 1, places[i]), 1);
        export_and_expect(&scene, "planned again, the plan of the check is not used: it is damaged");
        byte ^= 0x10;
        assert_int_equal(pwrite(fd, &byte, 1, places[i]), 1);
    }
    export_and_expect(&scene, TAKEN);
    assert_int_equal(ftruncate(fd, size - 1), 0);
    export_and_expect(&scene, "it is damaged");
    assert_int_equal(ftruncate(fd, 0), 0);
    export_and_expect(&scene, "it is damaged");
    end(&scene, &estimate);
}

/* No room for what is handed on: the check goes on without. */
static void test_no_room_to_keep_it(void **state)
{
    (void)state;
    struct scene scene;
    struct export_estimate estimate;
    scene_make(&scene, FULL);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit none = before;
    none.rlim_cur = 0;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    check(&scene.task, &estimate);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_null(estimate.plan);
    assert_true(estimate.disks[0].bytes_data > 0);
    end(&scene, &estimate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_touched_layer_is_walked_again),
        cmocka_unit_test(test_changed_layer_is_refused),
        cmocka_unit_test(test_of_something_else),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_no_room_to_keep_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
