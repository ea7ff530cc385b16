/* kill -9 at every step of CreateReferencePoint: each image opens with its content at every instant, and
 * recovery ends in a whole point or in none. */
#include "tests/unit/support/local.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/create.h"
#include "core/host/store/place.h"
#include "core/image/image.h"
#include "core/system/fs.h"

#define DISKS 2

/* One machine with two disks. */
struct scene {
    struct local_fixture *fixture;
    char *images[DISKS];
    char *copies[DISKS];
    struct guid machine;
    struct guid collection;
};

static void make_scene(struct scene *scene, struct local_fixture *fixture)
{
    static const enum disk_format formats[DISKS] = {DISK_FORMAT_QCOW2, DISK_FORMAT_QCOW2};
    *scene = (struct scene){.fixture = fixture};
    scene->images[0] = image_at(fixture, "a.qcow2");
    scene->images[1] = image_at(fixture, "b.qcow2");
    const char *paths[DISKS] = {scene->images[0], scene->images[1]};
    for (size_t i = 0; i < DISKS; i++) {
        make_image(paths[i], "qcow2", "4M", NULL);
        WRITE(paths[i], "qcow2", "write -P 1 0 1M");
    }
    assert_int_equal(chmod(paths[0], 0620), 0);
    scene->machine = add_machine(fixture, "m", paths, formats, DISKS);
    scene->collection = define_collection(fixture, "c", &scene->machine, 1);
}

static void take_copies(struct scene *scene)
{
    for (size_t i = 0; i < DISKS; i++)
        scene->copies[i] = copy_of(scene->fixture, scene->images[i], "qcow2");
}

static void assert_content(struct scene *scene)
{
    for (size_t i = 0; i < DISKS; i++) {
        assert_same(scene->images[i], "qcow2", scene->copies[i]);
        assert_clean(scene->images[i], "qcow2");
    }
}

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

/* Newest point's layers against the copies. */
static void assert_newest_point(struct scene *scene)
{
    struct reference_point_list list;
    struct reference_point point;
    struct error err = {0};
    struct host *host = scene->fixture->host;
    assert_true(host->ops->list_points(host, &scene->collection, &list, &err));
    struct object_path path = path_of(&list.items[0]);
    reference_point_list_clear(&list);
    assert_true(host->ops->read_point(host, &path, &point, &err));
    assert_int_equal(point.members[0].disk_count, DISKS);
    for (size_t i = 0; i < DISKS; i++) {
        struct stat status;
        const char *layer = point.members[0].disks[i].layer_path;
        assert_same(layer, "qcow2", scene->copies[i]);
        assert_int_equal(stat(layer, &status), 0);
        assert_int_equal(status.st_mode & 0222, 0);
        assert_int_equal(status.st_nlink, 1);
    }
    reference_point_clear(&point);
}

static void assert_new_point_works(struct scene *scene)
{
    struct reference_point point;
    take_copies(scene);
    create_point(scene->fixture, &scene->collection, &point);
    reference_point_clear(&point);
    assert_newest_point(scene);
    assert_content(scene);
    assert_int_equal(check_store(scene->fixture), 0);
}

static void test_crash_at_every_step(void **state)
{
    struct scene scene;
    size_t points = 0;
    size_t undone = 0;
    size_t step = 0;
    make_scene(&scene, *state);
    for (bool crashed = true; crashed; step++) {
        CLEANUP_FREE char *command = mem_format("write -P %zu %zuk 64k", step + 10, step * 32);
        for (size_t i = 0; i < DISKS; i++)
            WRITE(scene.images[i], "qcow2", command);
        take_copies(&scene);
        crashed = crash_at(step, work_create, &scene);
        assert_content(&scene);
        assert_true(check_store(scene.fixture) <= 1);
        assert_content(&scene);
        size_t now = point_count(scene.fixture, &scene.collection);
        assert_true(now == points || now == points + 1);
        if (now > points)
            assert_newest_point(&scene);
        undone += now == points;
        points = now;
        assert_int_equal(count_names(scene.fixture, ".refpoint-"), points * DISKS);
        assert_int_equal(check_store(scene.fixture), 0);
    }
    print_message("%zu steps, %zu points, %zu undone\n", step, points, undone);
    assert_true(undone >= 5 && points >= 7);
    struct stat status;
    assert_int_equal(stat(scene.images[0], &status), 0);
    assert_int_equal(status.st_mode & 0777, 0620);
}

static char *backing_of(const char *path)
{
    struct image_info info = {0};
    struct error err = {0};
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(image_inspect(fd, DISK_FORMAT_QCOW2, path, &info, &err));
    char *name = mem_strdup(info.backing_name);
    image_info_clear(&info);
    return name;
}

/* Crashed after the first of the two flips. */
static void make_half_flipped(struct scene *scene, struct local_fixture *fixture)
{
    make_scene(scene, fixture);
    take_copies(scene);
    crash_at_step("flip", 0, work_create, scene);
    CLEANUP_FREE char *flipped = backing_of(scene->images[0]);
    CLEANUP_FREE char *not_yet = backing_of(scene->images[1]);
    assert_non_null(flipped);
    assert_null(not_yet);
    assert_content(scene);
}

static void test_write_to_an_image_that_was_not_replaced_yet(void **state)
{
    struct scene scene;
    make_half_flipped(&scene, *state);
    WRITE(scene.images[1], "qcow2", "write -P 7 2M 64k");
    take_copies(&scene);
    assert_int_equal(check_store(scene.fixture), 1);
    assert_content(&scene);
    assert_int_equal(point_count(scene.fixture, &scene.collection), 0);
    assert_int_equal(count_names(scene.fixture, ".refpoint-"), 0);
    CLEANUP_FREE char *backing = backing_of(scene.images[0]);
    assert_null(backing);
    struct stat status;
    assert_int_equal(stat(scene.images[0], &status), 0);
    assert_int_equal(status.st_mode & 0777, 0620);
    assert_new_point_works(&scene);
}

static void test_write_to_both_kinds(void **state)
{
    struct scene scene;
    make_half_flipped(&scene, *state);
    WRITE(scene.images[0], "qcow2", "write -P 6 2M 64k");
    WRITE(scene.images[1], "qcow2", "write -P 7 2M 64k");
    take_copies(&scene);
    assert_int_equal(check_store(scene.fixture), 2);
    assert_content(&scene);
    assert_int_equal(point_count(scene.fixture, &scene.collection), 0);
    assert_int_equal(count_names(scene.fixture, ".refpoint-"), 1);
    struct machine machine;
    struct error err = {0};
    assert_true(store_read_machine(fixture_store(scene.fixture), &scene.machine, &machine, &err));
    assert_int_equal(machine.disks[0].backing_count, 1);
    assert_int_equal(machine.disks[1].backing_count, 0);
    machine_clear(&machine);
    assert_int_equal(check_store(scene.fixture), 0);
    assert_new_point_works(&scene);
}

static void test_write_to_the_overlay_only(void **state)
{
    struct scene scene;
    make_half_flipped(&scene, *state);
    WRITE(scene.images[0], "qcow2", "write -P 6 2M 64k");
    char *now = copy_of(scene.fixture, scene.images[0], "qcow2");
    assert_int_equal(check_store(scene.fixture), 1);
    assert_int_equal(point_count(scene.fixture, &scene.collection), 1);
    assert_newest_point(&scene);
    assert_same(scene.images[0], "qcow2", now);
    assert_new_point_works(&scene);
}

static void test_a_machine_that_just_runs(void **state)
{
    struct scene scene;
    make_half_flipped(&scene, *state);
    pid_t writer = start_writer(scene.fixture, scene.images[1], "qcow2");
    assert_int_equal(check_store(scene.fixture), 1);
    assert_int_equal(point_count(scene.fixture, &scene.collection), 0);
    assert_int_equal(count_names(scene.fixture, ".refpoint-"), 0);
    struct error err;
    assert_int_equal(try_create(scene.fixture, &scene.collection, &err), RETURN_IN_USE);
    assert_int_equal(count_names(scene.fixture, ".refpoint-"), 0);
    end_writer(writer);
    assert_content(&scene);
    assert_new_point_works(&scene);
}

/* A machine runs on the overlay without having written: it must not lose its file. */
static void test_a_machine_that_runs_on_the_overlay(void **state)
{
    struct scene scene;
    make_half_flipped(&scene, *state);
    pid_t writer = start_writer(scene.fixture, scene.images[0], "qcow2");
    WRITE(scene.images[1], "qcow2", "write -P 7 2M 64k");
    assert_int_equal(check_store(scene.fixture), 2);
    assert_int_equal(point_count(scene.fixture, &scene.collection), 0);
    CLEANUP_FREE char *backing = backing_of(scene.images[0]);
    assert_non_null(backing);
    end_writer(writer);
    take_copies(&scene);
    assert_new_point_works(&scene);
}

static void test_crash_at_every_step_of_the_way_back(void **state)
{
    struct local_fixture *fixture = *state;
    for (size_t step = 0, crashed = 1; crashed; step++) {
        struct scene scene;
        void *fresh = NULL;
        assert_int_equal(local_setup(&fresh), 0);
        make_half_flipped(&scene, fresh);
        WRITE(scene.images[1], "qcow2", "write -P 7 2M 64k");
        if (step % 2)
            WRITE(scene.images[0], "qcow2", "write -P 6 2M 64k");
        take_copies(&scene);
        crashed = crash_at(step / 2, work_recover, fresh);
        assert_content(&scene);
        (void)check_store(fresh);
        assert_content(&scene);
        assert_int_equal(point_count(fresh, &scene.collection), 0);
        assert_int_equal(count_names(fresh, ".refpoint-"), step % 2);
        assert_new_point_works(&scene);
        crashed |= step % 2 == 0;
        assert_int_equal(local_teardown(&fresh), 0);
    }
    (void)fixture;
}

/* A second collection that has nothing to do with it goes on. */
static struct guid make_neighbour(struct local_fixture *fixture)
{
    char *path = keep(fixture, mem_format("%s/neighbour.qcow2", fixture->root));
    make_image(path, "qcow2", "1M", NULL);
    struct guid machine = add_one_disk(fixture, "neighbour", path, DISK_FORMAT_QCOW2);
    return define_collection(fixture, "neighbours", &machine, 1);
}

static void test_an_unknown_file_stops_only_its_collection(void **state)
{
    struct scene scene;
    struct local_fixture *fixture = *state;
    struct guid neighbours = make_neighbour(fixture);
    make_half_flipped(&scene, fixture);
    char *aside = image_at(fixture, "aside");
    assert_int_equal(rename(scene.images[1], aside), 0);
    make_image(scene.images[1], "qcow2", "4M", NULL);
    size_t names = count_names(fixture, "");
    assert_true(check_store(fixture) >= 1);
    struct error err;
    assert_int_equal(try_create(fixture, &scene.collection, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "store.unfinished");
    assert_int_equal(count_names(fixture, ""), names);
    assert_int_equal(try_create(fixture, &neighbours, &err), RETURN_DONE);
    assert_int_equal(rename(aside, scene.images[1]), 0);
    assert_int_equal(check_store(fixture), 1);
    assert_int_equal(point_count(fixture, &scene.collection), 1);
    assert_newest_point(&scene);
    assert_content(&scene);
}

static void test_a_file_system_that_is_absent(void **state)
{
    struct scene scene;
    struct local_fixture *fixture = *state;
    struct guid neighbours = make_neighbour(fixture);
    make_half_flipped(&scene, fixture);
    CLEANUP_FREE char *away = mem_format("%s/away", fixture->root);
    struct error err;
    for (int empty = 0; empty < 2; empty++) {
        assert_int_equal(rename(fixture->images, away), 0);
        /* A mount point without its file system is an empty directory. */
        if (empty)
            assert_int_equal(mkdir(fixture->images, 0755), 0);
        assert_true(check_store(fixture) >= 1);
        assert_int_equal(try_create(fixture, &scene.collection, &err), RETURN_INVALID_STATE);
        assert_int_equal(try_create(fixture, &neighbours, &err), RETURN_DONE);
        if (empty)
            assert_int_equal(rmdir(fixture->images), 0);
        assert_int_equal(rename(away, fixture->images), 0);
    }
    assert_int_equal(check_store(fixture), 1);
    assert_newest_point(&scene);
    assert_content(&scene);
}

static void test_a_damaged_journal_stops_all_changes(void **state)
{
    struct scene scene;
    struct local_fixture *fixture = *state;
    make_half_flipped(&scene, fixture);
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    struct error err = {0};
    assert_true(store_open_directory(fixture_store(fixture), STORE_JOURNAL, &fd, &err));
    assert_true(fs_list(fd, &names, &count, &err));
    assert_int_equal(count, 1);
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    assert_true(fs_read(fd, names[0], 1 << 20, &text, &length, &err));
    assert_true(fs_write_atomic(fd, names[0], text, length / 2, 0600, &err));
    assert_int_equal(try_create(fixture, &scene.collection, &err), RETURN_INVALID_STATE);
    assert_non_null(strstr(err.what, names[0]));
    assert_content(&scene);
    assert_true(fs_write_atomic(fd, names[0], text, length, 0600, &err));
    fs_free_names(names, count);
    assert_int_equal(check_store(fixture), 1);
    assert_newest_point(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_crash_at_every_step, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_write_to_an_image_that_was_not_replaced_yet, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_write_to_both_kinds, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_write_to_the_overlay_only, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_machine_that_just_runs, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_machine_that_runs_on_the_overlay, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_crash_at_every_step_of_the_way_back, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_an_unknown_file_stops_only_its_collection, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_a_file_system_that_is_absent, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_damaged_journal_stops_all_changes, local_setup,
                                        local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
