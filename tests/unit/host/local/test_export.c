/* ExportReferencePoint through the local host: real chains with templates, resizes, removed data and
 * destroyed points, each package compared with a copy taken at the point; and the refusals. */
#include "tests/unit/support/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/package.h"
#include "core/export/package/read.h"
#include "core/host/layers/change/remove_data.h"
#include "core/host/layers/export_task.h"

#define POINTS 4

/* One machine: a disk over a template that shrinks and grows again, and one that stays. */
struct scene {
    struct local_fixture *fixture;
    char *images[2];
    char *directory;
    struct guid machine;
    struct guid collection;
    struct object_path points[POINTS];
    char *copies[POINTS][2];
};

static struct guid add_over_template(struct scene *scene, const char *template)
{
    struct machine machine = {.name = mem_strdup("web \"01\"")};
    struct error err = {0};
    for (size_t i = 0; i < 2; i++) {
        struct disk *disk = ARRAY_APPEND(machine.disks, machine.disk_count);
        disk->id = mem_format("vd%zu", i);
        disk->path = mem_strdup(scene->images[i]);
        disk->format = DISK_FORMAT_QCOW2;
    }
    *ARRAY_APPEND(machine.disks[0].backing, machine.disks[0].backing_count) =
        (struct backing_file){.path = mem_strdup(template), .format = DISK_FORMAT_RAW};
    if (!scene->fixture->host->ops->add_machine(scene->fixture->host, &machine, &err))
        fail_msg("%s: %s", err.what, err.cause);
    struct guid id = machine.id;
    machine_clear(&machine);
    return id;
}

static void make_scene(struct scene *scene, struct local_fixture *fixture)
{
    static const char *const sizes[POINTS] = {"8M", "4M", "12M", "10M"};
    *scene = (struct scene){.fixture = fixture};
    char *template = image_at(fixture, "template.raw");
    scene->images[0] = image_at(fixture, "a.qcow2");
    scene->images[1] = image_at(fixture, "b.qcow2");
    scene->directory = keep(fixture, mem_format("%s/exports", fixture->root));
    assert_int_equal(mkdir(scene->directory, 0700), 0);
    make_image(template, "raw", "8M", NULL);
    WRITE(template, "raw", "write -P 1 0 8M");
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", "-b", "template.raw", "-F", "raw",
        scene->images[0]);
    make_image(scene->images[1], "qcow2", "6M", "cluster_size=2M");
    scene->machine = add_over_template(scene, template);
    scene->collection = define_collection(fixture, "c", &scene->machine, 1);
    for (size_t i = 0; i < POINTS; i++) {
        struct reference_point point;
        CLEANUP_FREE char *write = mem_format("write -P %zu %zuk 200k", 16 + i, i * 100);
        CLEANUP_FREE char *discard = mem_format("discard %zuk 64k", 2048 + i * 32);
        CLEANUP_FREE char *zero = mem_format("write -z %zuk 10k", 3000 + i * 5);
        for (size_t j = 0; j < 2; j++)
            WRITE(scene->images[j], "qcow2", write, discard, zero);
        create_point(fixture, &scene->collection, &point);
        scene->points[i] = path_of(&point);
        for (size_t j = 0; j < 2; j++)
            scene->copies[i][j] = copy_of(fixture, point.members[0].disks[j].layer_path, "qcow2");
        reference_point_clear(&point);
        RUN("qemu-img", "resize", "-q", "--shrink", "-f", "qcow2", scene->images[0], sizes[i]);
    }
}

static struct export_request request_of(const struct scene *scene, size_t point, size_t base)
{
    struct export_request request = {.point = scene->points[point],
                                     .directory = mem_strdup(scene->directory),
                                     .options = export_options_default()};
    if (base < POINTS)
        request.settings.base = scene->points[base];
    return request;
}

static uint32_t run_export(struct scene *scene, const struct export_request *request,
                           struct export_result *result, struct error *err)
{
    struct job_identity identity = {.id = guid_new()};
    struct job *job = job_new(&identity);
    struct host *host = scene->fixture->host;
    *result = (struct export_result){0};
    *err = (struct error){0};
    uint32_t code = host->ops->export_point(host, request, job, result, err);
    job_free(job);
    return code;
}

/* The package's disks against the copies, and how each was exported. */
static void assert_exported(struct scene *scene, size_t point, size_t base, bool differential)
{
    struct export_request request = request_of(scene, point, base);
    struct export_result result;
    struct package package;
    struct error err;
    if (run_export(scene, &request, &result, &err) != RETURN_DONE)
        fail_msg("point %zu, base %zu: %s: %s", point, base, err.what, err.cause);
    assert_true(result.verified);
    assert_true(package_read(result.package, &package, &err));
    assert_int_equal(package.disk_count, 2);
    for (size_t i = 0; i < package.disk_count; i++) {
        CLEANUP_FREE char *file = mem_format("%s/%s", result.package, package.disks[i].file);
        size_t number = strcmp(package.disks[i].disk, "vd1") == 0;
        assert_same(file, "qcow2", scene->copies[point][number]);
        assert_int_equal(package.disks[i].differential, differential);
    }
    package_clear(&package);
    export_result_clear(&result);
    export_request_clear(&request);
}

static void test_every_pair(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    for (size_t i = 0; i < POINTS; i++) {
        assert_exported(&scene, i, POINTS, false);
        for (size_t j = 0; j < i; j++)
            assert_exported(&scene, i, j, true);
    }
}

static void test_after_removed_data_and_destroyed_points(void **state)
{
    struct scene scene;
    struct error err = {0};
    make_scene(&scene, *state);
    struct host *host = scene.fixture->host;
    assert_exported(&scene, 0, POINTS, false);
    assert_int_equal(host->ops->remove_associated_data(host, &scene.points[0], NULL, &err), 0);
    assert_exported(&scene, 1, 0, true);
    assert_exported(&scene, 3, 0, true);
    assert_int_equal(host->ops->remove_associated_data(host, &scene.points[1], NULL, &err), 0);
    assert_exported(&scene, 2, 1, true);
    assert_int_equal(host->ops->destroy_point(host, &scene.points[2], NULL, &err), 0);
    assert_exported(&scene, 3, 0, true);
    assert_exported(&scene, 3, 1, true);
    assert_int_equal(host->ops->destroy_point(host, &scene.points[0], NULL, &err), 0);
    assert_exported(&scene, 3, 1, true);
    assert_exported(&scene, 3, POINTS, false);
}

static void test_beneath_a_running_machine(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    pid_t writer = start_writer(scene.fixture, scene.images[0], "qcow2");
    assert_exported(&scene, 2, POINTS, false);
    assert_exported(&scene, 3, 2, true);
    end_writer(writer);
}

static void test_a_replaced_image_is_exported_in_full(void **state)
{
    struct scene scene;
    struct export_estimate estimate = {0};
    struct error err = {0};
    make_scene(&scene, *state);
    assert_exported(&scene, 3, POINTS, false);
    struct reference_point point;
    for (size_t j = 0; j < 2; j++) {
        assert_int_equal(unlink(scene.images[j]), 0);
        make_image(scene.images[j], "qcow2", "3M", NULL);
        WRITE(scene.images[j], "qcow2", "write -P 77 0 1M");
    }
    create_point(scene.fixture, &scene.collection, &point);
    scene.points[0] = path_of(&point);
    for (size_t j = 0; j < 2; j++)
        scene.copies[0][j] = copy_of(scene.fixture, point.members[0].disks[j].layer_path, "qcow2");
    reference_point_clear(&point);
    assert_exported(&scene, 0, 3, false);
    struct export_request request = request_of(&scene, 0, 3);
    struct host *host = scene.fixture->host;
    assert_int_equal(host->ops->check_export(host, &request, &estimate, &err), 0);
    assert_int_equal(estimate.disk_count, 2);
    assert_non_null(strstr(estimate.disks[0].reason, "replaced"));
    export_estimate_clear(&estimate);
    request.options.strict = true;
    assert_int_equal(host->ops->check_export(host, &request, &estimate, &err), RETURN_INVALID_PARAMETER);
    export_request_clear(&request);
}

static void assert_refused(struct scene *scene, const struct export_request *request, uint32_t code)
{
    struct export_estimate estimate = {0};
    struct export_result result;
    struct error err = {0};
    struct host *host = scene->fixture->host;
    assert_int_equal(host->ops->check_export(host, request, &estimate, &err), code);
    assert_int_equal(err.code, code);
    if (!*err.what || !*err.key || !*err.next) /* nobody is left without a next step */
        fail_msg("%s: %s: %s; next \"%s\"", err.key, err.what, err.cause, err.next);
    assert_int_equal(run_export(scene, request, &result, &err), code);
    assert_int_equal(rmdir(scene->directory) | mkdir(scene->directory, 0700), 0);
}

static void select_one(struct export_request *request, const char *machine, const char *disk)
{
    struct machine_to_disks *entry =
        ARRAY_APPEND(request->settings.machines, request->settings.machine_count);
    entry->machine_id = mem_strdup(machine);
    if (disk)
        *ARRAY_APPEND(entry->disks, entry->disk_count) = mem_strdup(disk);
}

static void test_refusals(void **state)
{
    struct scene scene;
    struct error err = {0};
    make_scene(&scene, *state);
    struct host *host = scene.fixture->host;
    struct guid others = define_collection(scene.fixture, "others", &scene.machine, 1);
    struct reference_point foreign;
    create_point(scene.fixture, &others, &foreign);

    struct export_request request = request_of(&scene, 1, 2);
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER); /* newer */
    request.settings.base = scene.points[1];
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER); /* equal */
    request.settings.base = path_of(&foreign);
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER); /* another collection's */
    request.settings.base = (struct object_path){.point_id = guid_new(), .collection_id = scene.collection};
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER); /* unknown */
    request.settings.base = scene.points[0];
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER); /* no package of it anywhere */
    request.settings.base = (struct object_path){0};
    struct object_path good = request.point;
    request.point.point_id = guid_new();
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER);
    request.point = good;
    request.point.collection_id = guid_new();
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER);
    request.point = good;
    select_one(&request, scene.machine.text, "vdz");
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER);
    export_request_clear(&request);
    request = request_of(&scene, 1, POINTS);
    select_one(&request, "../../x", NULL);
    assert_refused(&scene, &request, RETURN_INVALID_PARAMETER);
    export_request_clear(&request);

    assert_int_equal(host->ops->remove_associated_data(host, &scene.points[1], NULL, &err), 0);
    request = request_of(&scene, 1, POINTS);
    assert_refused(&scene, &request, RETURN_INVALID_STATE);
    export_request_clear(&request);
    reference_point_clear(&foreign);
}

static void test_a_touched_layer_is_not_exported(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    struct reference_point point;
    struct error err = {0};
    struct host *host = scene.fixture->host;
    assert_true(host->ops->read_point(host, &scene.points[1], &point, &err));
    const char *layer = point.members[0].disks[1].layer_path;
    assert_int_equal(chmod(layer, 0644), 0);
    WRITE(layer, "qcow2", "write -P 66 5M 1k");
    assert_int_equal(chmod(layer, 0444), 0);
    for (size_t i = 1; i < POINTS; i++) {
        struct export_request request = request_of(&scene, i, POINTS);
        assert_refused(&scene, &request, RETURN_INVALID_STATE);
        export_request_clear(&request);
    }
    CLEANUP_FREE char *away = mem_format("%s.away", layer);
    struct export_request missing = request_of(&scene, 1, POINTS);
    assert_int_equal(rename(layer, away), 0);
    assert_refused(&scene, &missing, RETURN_INVALID_STATE);
    assert_int_equal(rename(away, layer), 0);
    export_request_clear(&missing);
    assert_int_equal(check_store(scene.fixture), 1);
    assert_exported(&scene, 0, POINTS, false);
    reference_point_clear(&point);
}

static void test_selection(void **state)
{
    struct scene scene;
    struct error err = {0};
    struct export_task task;
    make_scene(&scene, *state);
    struct export_request request = request_of(&scene, 2, POINTS);
    select_one(&request, scene.machine.text, "vd1");
    select_one(&request, scene.machine.text, "vd1");
    assert_true(export_task_build(fixture_store(scene.fixture), &request, &task, &err));
    assert_int_equal(task.disk_count, 1);
    assert_int_equal(task.disks[0].disk, 1);
    assert_int_equal(task.disks[0].layer_count, 3);
    export_task_clear(&task);
    select_one(&request, scene.machine.text, NULL);
    assert_true(export_task_build(fixture_store(scene.fixture), &request, &task, &err));
    assert_int_equal(task.disk_count, 2);
    assert_int_equal(task.disks[1].layer_count, 4); /* with the template */
    export_task_clear(&task);
    export_request_clear(&request);
}

struct removal {
    struct scene *scene;
    size_t number;
};

static void work_remove_data(const struct step_hook *hook, void *context)
{
    struct removal *removal = context;
    struct error err = {0};
    if (remove_data(fixture_store(removal->scene->fixture), &removal->scene->points[removal->number], hook,
                    NULL, &err) != RETURN_DONE)
        _exit(1);
}

static void test_export_after_a_crash_recovers_first(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    struct removal removal = {.scene = &scene, .number = 1};
    crash_at_step("discarded", 0, work_remove_data, &removal);
    assert_exported(&scene, 3, POINTS, false);
    assert_int_equal(check_store(scene.fixture), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_pair, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_after_removed_data_and_destroyed_points, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_beneath_a_running_machine, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_replaced_image_is_exported_in_full, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_touched_layer_is_not_exported, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_selection, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_export_after_a_crash_recovers_first, local_setup,
                                        local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
