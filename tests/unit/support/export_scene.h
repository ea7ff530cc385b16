/* Two points of one small disk, and the export of the second under a test's eyes. Built on export_files.h and
 * running.h; everything static. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_EXPORT_SCENE_H
#define REFPOINT_TESTS_UNIT_SUPPORT_EXPORT_SCENE_H

#include "tests/unit/support/export_files.h"
#include "tests/unit/support/running.h"

#define BASE 0
#define POINT 1

struct scene {
    struct history history;
    struct export_task task;
    struct running running;
    size_t descriptors; /* before the export */
};

/* Two points of one disk, of which a part is compressed; their export, the second one against a package of
 * the first where asked. */
__attribute__((unused)) static void scene_make(struct scene *scene, size_t base)
{
    const struct image_files *files = &scene->history.files;
    history_make(&scene->history);
    shell(files, "qemu-img create -q -f qcow2 layer0 8M && qemu-io -c 'write -c -P 1 0 4M' layer0");
    history_point(&scene->history, DISK_FORMAT_QCOW2, 8 * MIB);
    shell(files, "qemu-img create -q -f qcow2 -b layer0 -F qcow2 layer1 && qemu-io -c 'write -P 2 1M 3M' "
                 "-c 'write -z 5M 1M' layer1");
    history_point(&scene->history, DISK_FORMAT_QCOW2, 8 * MIB);
    if (base != FULL)
        free(history_export(&scene->history, base, FULL));
    history_task(&scene->history, POINT, base, &scene->task);
    scene->descriptors = running_descriptors();
}

/* Sink and source are open: the disk's file is there, and QEMU reads what is compressed. */
__attribute__((unused)) static void scene_wait_copying(struct scene *scene)
{
    CLEANUP_FREE char *pattern = image_path(&scene->history.files, "out/.*.partial/machines/*/*");
    running_file(&scene->running, pattern);
}

/* The same, and its export, which has come to this phase and is suspended there. */
__attribute__((unused)) static void scene_make_held(struct scene *scene, size_t base, int phase)
{
    scene_make(scene, base);
    running_start(&scene->running, &scene->task, phase);
    running_wait_held(&scene->running);
}

__attribute__((unused)) static void scene_remove(struct scene *scene)
{
    assert_int_equal(running_children_left(), 0);
    assert_int_equal(running_descriptors(), scene->descriptors + 1); /* the job's */
    running_clear(&scene->running);
    export_task_clear(&scene->task);
    history_remove(&scene->history);
}

#define assert_out_holds(scene, count)                                                                       \
    shell(&(scene)->history.files, "test $(ls -A out | wc -l) = %d", (count))

/* key: NULL = any */
__attribute__((unused)) static void assert_failed(const struct running *running, const char *key,
                                                  const char *cause)
{
    print_message("%s: %s: %s\n", running->err.key, running->err.what, running->err.cause);
    assert_int_not_equal(running->code, RETURN_DONE);
    if (key)
        assert_string_equal(running->err.key, key);
    if (!strstr(running->err.cause, cause))
        fail_msg("the cause does not say \"%s\": %s", cause, running->err.cause);
    assert_null(running->result.package);
}

__attribute__((unused)) static void assert_right(struct scene *scene)
{
    const struct running *running = &scene->running;
    if (running->code != RETURN_DONE)
        fail_msg("%s: %s", running->err.what, running->err.cause);
    assert_package_is_point(&scene->history, running->result.package, POINT, "qcow2");
}

#endif
