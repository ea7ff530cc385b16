/* Several disks planned at once: all of them, in the task's order whatever the threads do, and of several
 * that fail the first one. */
#include "tests/unit/support/export_scene.h"

#define DISKS 7

static struct disk_point *disk_of(struct export_task *task, size_t index)
{
    return &task->point.members[0].disks[index];
}

/* The task's one disk, DISKS times under other names. */
static void multiply(const struct history *history, struct export_task *task)
{
    struct member_point *member = &task->point.members[0];
    size_t layers = task->disks[0].layer_count;
    member->disks = mem_realloc(member->disks, DISKS * sizeof *member->disks);
    member->machine.disks = mem_realloc(member->machine.disks, DISKS * sizeof *member->machine.disks);
    task->disks = mem_realloc(task->disks, DISKS * sizeof *task->disks);
    for (size_t i = 1; i < DISKS; i++) {
        struct export_layer layer;
        history_layer(history, layers - 1, &layer);
        member->disks[i] = member->disks[0];
        member->disks[i].disk_uuid = guid_new();
        member->disks[i].disk_id = mem_format("vd%c", (char)('a' + i));
        member->disks[i].layer_path = layer.path;
        member->machine.disks[i] = member->machine.disks[0];
        member->machine.disks[i].uuid = member->disks[i].disk_uuid;
        member->machine.disks[i].id = mem_strdup(member->disks[i].disk_id);
        member->machine.disks[i].path = mem_format("/srv/vd%c", (char)('a' + i));
        task->disks[i] = (struct export_disk){.disk = i, .layer_count = layers, .base_layer = EXPORT_NO_BASE};
        task->disks[i].layers = mem_alloc(layers * sizeof *task->disks[i].layers);
        for (size_t j = 0; j < layers; j++)
            history_layer(history, layers - 1 - j, &task->disks[i].layers[j]);
    }
    member->disk_count = member->machine.disk_count = task->disk_count = DISKS;
}

static void all_in_their_order(void **state)
{
    (void)state;
    struct scene scene;
    struct export_estimate one;
    struct export_estimate many;
    struct error err = {0};
    scene_make(&scene, FULL);
    assert_int_equal(export_check(&scene.task, NULL, &one, &err), RETURN_DONE);
    multiply(&scene.history, &scene.task);
    assert_int_equal(export_check(&scene.task, NULL, &many, &err), RETURN_DONE);
    assert_int_equal(many.disk_count, DISKS);
    for (size_t i = 0; i < DISKS; i++) {
        assert_string_equal(many.disks[i].disk, disk_of(&scene.task, i)->disk_id);
        assert_int_equal(many.disks[i].bytes_data, one.disks[0].bytes_data);
        assert_int_equal(many.disks[i].bytes_skipped, one.disks[0].bytes_skipped);
    }
    scene.task.handed = many.plan;
    CLEANUP_FREE char *package = history_export_task(&scene.task);
    for (size_t i = 0; i < DISKS; i++)
        shell(&scene.history.files, "qemu-img compare -f raw -F qcow2 ref1.raw '%s/machines/web01/%s.qcow2'",
              package, disk_of(&scene.task, i)->disk_id);
    export_estimate_clear(&one);
    export_estimate_clear(&many);
    assert_int_equal(running_children_left(), 0);
    assert_int_equal(running_descriptors(), scene.descriptors);
    export_task_clear(&scene.task);
    history_remove(&scene.history);
}

static void the_first_failure_is_told(void **state)
{
    (void)state;
    struct scene scene;
    scene_make(&scene, FULL);
    multiply(&scene.history, &scene.task);
    for (size_t first = DISKS - 2; first > 0; first--) {
        struct export_estimate estimate;
        struct error err = {0};
        for (size_t i = first; i < DISKS; i++)
            disk_of(&scene.task, i)->virtual_size = 9 * MIB;
        assert_int_equal(export_check(&scene.task, NULL, &estimate, &err), RETURN_INVALID_STATE);
        assert_string_equal(err.key, "export.size");
        if (!strstr(err.what, disk_of(&scene.task, first)->disk_id))
            fail_msg("not of %s: %s", disk_of(&scene.task, first)->disk_id, err.what);
        export_estimate_clear(&estimate);
    }
    assert_int_equal(running_children_left(), 0);
    assert_int_equal(running_descriptors(), scene.descriptors);
    export_task_clear(&scene.task);
    history_remove(&scene.history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_in_their_order),
        cmocka_unit_test(the_first_failure_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
