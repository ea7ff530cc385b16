/* A layer that belongs to no point lies in a chain as a registered file, above layers that points have: what
 * a point recorded of it, and differences across it. */
#include "tests/unit/support/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/create.h"

struct scene {
    struct local_fixture *fixture;
    char *images[2];
    char *directory;
    struct guid collection;
    struct object_path base;
    struct object_path point;
};

static void work_create(const struct step_hook *hook, void *context)
{
    struct scene *scene = context;
    struct point_request request = request_for(&scene->collection);
    struct reference_point point = {0};
    struct error err = {0};
    if (freeze_create_point(fixture_store(scene->fixture), &request, hook, &point, NULL, &err) != RETURN_DONE)
        _exit(1);
    reference_point_clear(&point);
}

/* The first disk lies over a template. Between the two points one was begun, and both machines' disks were
 * written to in the middle: its layer of the first disk stays, and belongs to the machine. */
static void make_scene(struct scene *scene, struct local_fixture *fixture)
{
    struct machine machine = {.name = mem_strdup("m")};
    struct reference_point point;
    struct error err = {0};
    *scene = (struct scene){.fixture = fixture};
    char *template = image_at(fixture, "template.raw");
    scene->directory = keep(fixture, mem_format("%s/exports", fixture->root));
    assert_int_equal(mkdir(scene->directory, 0700), 0);
    make_image(template, "raw", "4M", NULL);
    WRITE(template, "raw", "write -P 1 0 4M");
    for (size_t i = 0; i < 2; i++) {
        scene->images[i] = image_at(fixture, i ? "b.qcow2" : "a.qcow2");
        struct disk *disk = ARRAY_APPEND(machine.disks, machine.disk_count);
        *disk = (struct disk){
            .id = mem_format("vd%zu", i), .path = mem_strdup(scene->images[i]), .format = DISK_FORMAT_QCOW2};
    }
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-b", "template.raw", "-F", "raw", scene->images[0]);
    make_image(scene->images[1], "qcow2", "4M", NULL);
    *ARRAY_APPEND(machine.disks[0].backing, machine.disks[0].backing_count) =
        (struct backing_file){.path = mem_strdup(template), .format = DISK_FORMAT_RAW};
    assert_true(fixture->host->ops->add_machine(fixture->host, &machine, &err));
    scene->collection = define_collection(fixture, "c", &machine.id, 1);
    machine_clear(&machine);
    create_point(fixture, &scene->collection, &point);
    scene->base = path_of(&point);
    reference_point_clear(&point);
    WRITE(scene->images[0], "qcow2", "write -P 2 0 1M");
    crash_at_step("flip", 0, work_create, scene);
    for (size_t i = 0; i < 2; i++)
        WRITE(scene->images[i], "qcow2", "write -P 3 2M 64k");
    assert_int_equal(check_store(fixture), 2); /* there is no such point; whose layer it is now */
    assert_int_equal(point_count(fixture, &scene->collection), 1);
    create_point(fixture, &scene->collection, &point);
    scene->point = path_of(&point);
    reference_point_clear(&point);
}

static void assert_exported(struct scene *scene, const struct object_path *point,
                            const struct object_path *base)
{
    struct export_request request = {
        .point = *point, .directory = scene->directory, .options = export_options_default()};
    struct job_identity identity = {.id = guid_new()};
    struct job *job = job_new(&identity);
    struct export_result result = {0};
    struct error err = {0};
    struct host *host = scene->fixture->host;
    if (base)
        request.settings.base = *base;
    request.options.strict = true;
    if (host->ops->export_point(host, &request, job, &result, &err) != RETURN_DONE)
        fail_msg("%s: %s", err.what, err.cause);
    assert_true(result.verified);
    export_result_clear(&result);
    job_free(job);
}

static void test_a_difference_across_it(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    char *copy = copy_of(scene.fixture, scene.images[0], "qcow2");
    assert_exported(&scene, &scene.base, NULL);
    assert_exported(&scene, &scene.point, &scene.base);
    assert_same(scene.images[0], "qcow2", copy);
    assert_int_equal(check_store(scene.fixture), 0);
}

static void test_what_is_beneath_it_is_destroyed(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    struct error err = {0};
    char *copy = copy_of(scene.fixture, scene.images[0], "qcow2");
    struct host *host = scene.fixture->host;
    assert_int_equal(host->ops->destroy_point(host, &scene.base, NULL, &err), RETURN_DONE);
    assert_same(scene.images[0], "qcow2", copy);
    assert_exported(&scene, &scene.point, NULL);
    assert_int_equal(check_store(scene.fixture), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_difference_across_it, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_beneath_it_is_destroyed, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
