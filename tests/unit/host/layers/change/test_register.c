/* What was imported comes into the store with its point, whole or not at all: kill -9 at every step, images
 * and files that somebody has changed since, a collection that is there already. */
#include "tests/unit/support/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/register.h"
#include "core/host/store/kept_files.h"
#include "core/system/digest.h"

#define DISKS 2
#define SHA256_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct scene {
    struct local_fixture *fixture;
    char *images[DISKS];
    char *copies[DISKS];
    char *nvram;
    struct guid machine;
    struct guid collection;
    struct imported imported;
};

static void add_image(struct imported *imported, const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    *ARRAY_APPEND(imported->images, imported->image_count) = (struct imported_image){
        .path = mem_strdup(path),
        .inode = status.st_ino,
        .size = (uint64_t)status.st_size,
        .modified = {.seconds = status.st_mtim.tv_sec, .nanoseconds = (int32_t)status.st_mtim.tv_nsec}};
}

static void write_nvram(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* One machine with two disks and a variable store. */
static void make_scene(struct scene *scene, struct local_fixture *fixture)
{
    static const char *const ids[DISKS] = {"vda", "vdb"};
    *scene = (struct scene){.fixture = fixture, .machine = guid_new(), .collection = guid_new()};
    struct imported *imported = &scene->imported;
    struct machine *machine = ARRAY_APPEND(imported->machines, imported->machine_count);
    machine->id = scene->machine;
    machine->name = mem_strdup("web01");
    scene->images[0] = image_at(fixture, "a.qcow2");
    scene->images[1] = image_at(fixture, "b.qcow2");
    scene->nvram = image_at(fixture, "nvram.fd");
    write_nvram(scene->nvram, "abc");
    *ARRAY_APPEND(machine->files, machine->file_count) =
        (struct machine_file){.role = MACHINE_FILE_NVRAM,
                              .path = mem_strdup(scene->nvram),
                              .file = mem_strdup(scene->nvram),
                              .sha256 = mem_strdup(SHA256_OF_ABC)};
    for (size_t i = 0; i < DISKS; i++) {
        make_image(scene->images[i], "qcow2", "4M", NULL);
        WRITE(scene->images[i], "qcow2", "write -P 1 0 1M");
        scene->copies[i] = copy_of(fixture, scene->images[i], "qcow2");
        *ARRAY_APPEND(machine->disks, machine->disk_count) =
            (struct disk){.uuid = guid_new(),
                          .id = mem_strdup(ids[i]),
                          .path = mem_strdup(scene->images[i]),
                          .format = DISK_FORMAT_QCOW2};
        add_image(imported, scene->images[i]);
    }
    imported->point = (struct reference_point){.id = guid_new(),
                                               .collection_id = scene->collection,
                                               .collection_name = mem_strdup("shop"),
                                               .name = mem_strdup("monday"),
                                               .created = {.seconds = 1790000000},
                                               .sequence = 7,
                                               .type = POINT_TYPE_RCT_BASED,
                                               .consistency_asked = CONSISTENCY_APPLICATION,
                                               .consistency_level = CONSISTENCY_APPLICATION};
}

static void clear_scene(struct scene *scene)
{
    imported_clear(&scene->imported);
}

static size_t machine_count(struct scene *scene)
{
    struct machine_list list;
    struct error err = {0};
    assert_true(store_list_machines(fixture_store(scene->fixture), &list, NULL, &err));
    size_t count = list.count;
    machine_list_clear(&list);
    return count;
}

/* Of the scene's collection; SIZE_MAX: it is not there. */
static size_t member_count(struct scene *scene)
{
    struct collection collection;
    struct error err = {0};
    if (!store_read_collection(fixture_store(scene->fixture), &scene->collection, &collection, &err))
        return SIZE_MAX;
    size_t count = collection.member_count;
    collection_clear(&collection);
    return count;
}

static void assert_images(struct scene *scene)
{
    for (size_t i = 0; i < DISKS; i++) {
        assert_same(scene->images[i], "qcow2", scene->copies[i]);
        assert_clean(scene->images[i], "qcow2");
    }
}

static void assert_registered(struct scene *scene)
{
    struct host *host = scene->fixture->host;
    struct object_path path = path_of(&scene->imported.point);
    struct reference_point point;
    struct error err = {0};
    assert_true(host->ops->read_point(host, &path, &point, &err));
    assert_string_equal(point.name, "monday");
    assert_int_equal(point.sequence, 7);
    assert_int_equal(point.type, POINT_TYPE_LOG_BASED);
    assert_true(point.has_associated_log);
    assert_int_equal(point.consistency_level, CONSISTENCY_APPLICATION);
    assert_int_equal(point.created.seconds, 1790000000);
    assert_int_equal(point.members[0].disk_count, DISKS);
    for (size_t i = 0; i < DISKS; i++) {
        struct stat status;
        const struct disk_point *disk = &point.members[0].disks[i];
        assert_true(guid_equal(&disk->disk_uuid, &scene->imported.machines[0].disks[i].uuid));
        assert_same(disk->layer_path, "qcow2", scene->copies[i]);
        assert_int_equal(stat(disk->layer_path, &status), 0);
        assert_int_equal(status.st_mode & 0222, 0);
        assert_int_equal(status.st_nlink, 1);
        assert_int_equal(status.st_ino, scene->imported.images[i].inode);
    }
    const struct machine_file *file = &point.members[0].machine.files[0];
    assert_string_equal(file->sha256, SHA256_OF_ABC);
    CLEANUP_FREE char *name = kept_files_path(file->sha256);
    CLEANUP_FREE char *kept = mem_format("%s/%s", scene->fixture->store_path, name);
    assert_int_equal(access(kept, R_OK), 0);
    reference_point_clear(&point);
}

static void assert_nothing_registered(struct scene *scene, size_t machines)
{
    assert_int_equal(machine_count(scene), machines);
    assert_int_equal(count_names(scene->fixture, ".refpoint-"), 0);
    for (size_t i = 0; i < DISKS; i++) {
        struct stat status;
        assert_int_equal(stat(scene->images[i], &status), 0);
        assert_int_equal(status.st_ino, scene->imported.images[i].inode);
        assert_int_equal(status.st_mode & 0200, 0200);
    }
}

static void work_register(const struct step_hook *hook, void *context)
{
    struct scene *scene = context;
    struct error err = {0};
    if (register_import(fixture_store(scene->fixture), &scene->imported, hook, &err) != RETURN_DONE)
        _exit(1);
}

static void register_now(struct scene *scene)
{
    struct error err = {0};
    if (register_import(fixture_store(scene->fixture), &scene->imported, NULL, &err) != RETURN_DONE) {
        CLEANUP_FREE char *text = error_text(&err);
        fail_msg("%s", text);
    }
}

static void assert_refused(struct scene *scene, uint32_t code, const char *key)
{
    struct error err = {0};
    assert_int_equal(register_import(fixture_store(scene->fixture), &scene->imported, NULL, &err), code);
    assert_string_equal(err.key, key);
    assert_false(err.begun);
}

static void test_crash_at_every_step(void **state)
{
    size_t whole = 0;
    size_t undone = 0;
    size_t step = 0;
    (void)state;
    for (bool crashed = true; crashed; step++) {
        struct scene scene;
        void *fresh = NULL;
        assert_int_equal(local_setup(&fresh), 0);
        make_scene(&scene, fresh);
        crashed = crash_at(step, work_register, &scene);
        assert_images(&scene);
        (void)check_store(fresh);
        assert_images(&scene);
        assert_int_equal(check_store(fresh), 0);
        if (machine_count(&scene) == 0) {
            undone++;
            assert_nothing_registered(&scene, 0);
            assert_int_equal(member_count(&scene), SIZE_MAX);
            register_now(&scene);
        } else {
            whole++;
        }
        assert_registered(&scene);
        assert_int_equal(member_count(&scene), 1);
        assert_int_equal(count_names(fresh, ".refpoint-"), DISKS);
        clear_scene(&scene);
        assert_int_equal(local_teardown(&fresh), 0);
    }
    print_message("%zu steps, %zu whole, %zu undone\n", step, whole, undone);
    assert_true(undone >= 7 && whole >= 7);
}

static void test_the_next_point_rests_on_it(void **state)
{
    struct scene scene;
    struct reference_point point;
    make_scene(&scene, *state);
    register_now(&scene);
    WRITE(scene.images[0], "qcow2", "write -P 5 2M 64k");
    create_point(scene.fixture, &scene.collection, &point);
    assert_int_equal(point.sequence, 8);
    reference_point_clear(&point);
    assert_registered(&scene);
    assert_int_equal(check_store(scene.fixture), 0);
    clear_scene(&scene);
}

static void test_what_was_changed_since_is_refused(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    WRITE(scene.images[1], "qcow2", "write -P 9 2M 64k");
    assert_refused(&scene, RETURN_IN_USE, "register.changed");
    assert_nothing_registered(&scene, 0);
    make_image(scene.images[1], "qcow2", "4M", NULL);
    assert_refused(&scene, RETURN_IN_USE, "register.changed");
    clear_scene(&scene);
}

static void test_a_file_that_was_changed_since_is_refused(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    write_nvram(scene.nvram, "abd");
    assert_refused(&scene, RETURN_IN_USE, "register.changed");
    assert_nothing_registered(&scene, 0);
    write_nvram(scene.nvram, "abc");
    register_now(&scene);
    clear_scene(&scene);
}

static void test_a_writer_is_refused(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    pid_t writer = start_writer(scene.fixture, scene.images[0], "qcow2");
    assert_refused(&scene, RETURN_IN_USE, "image.in-use");
    end_writer(writer);
    assert_nothing_registered(&scene, 0);
    clear_scene(&scene);
}

static void test_raw_images_are_refused(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    scene.imported.machines[0].disks[1].format = DISK_FORMAT_RAW;
    assert_refused(&scene, RETURN_NOT_SUPPORTED, "register.raw");
    assert_nothing_registered(&scene, 0);
    clear_scene(&scene);
}

static void test_nothing_twice(void **state)
{
    struct scene scene;
    struct error err = {0};
    make_scene(&scene, *state);
    register_now(&scene);
    assert_refused(&scene, RETURN_INVALID_PARAMETER, "register.machine");
    assert_false(register_check(fixture_store(scene.fixture), &scene.imported.point, &err));
    assert_string_equal(err.key, "register.point");
    assert_registered(&scene);
    clear_scene(&scene);
}

/* A collection with another member, which stays one whatever happens. */
static void test_a_collection_that_is_there(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    char *other = image_at(scene.fixture, "other.qcow2");
    make_image(other, "qcow2", "1M", NULL);
    struct guid machine = add_one_disk(scene.fixture, "other", other, DISK_FORMAT_QCOW2);
    scene.collection = define_collection(scene.fixture, "mine", &machine, 1);
    scene.imported.point.collection_id = scene.collection;
    crash_at_step("collection", 0, work_register, &scene);
    assert_int_equal(member_count(&scene), 2);
    assert_int_equal(check_store(scene.fixture), 2);
    assert_int_equal(member_count(&scene), 1);
    assert_nothing_registered(&scene, 1);
    register_now(&scene);
    assert_int_equal(member_count(&scene), 2);
    assert_registered(&scene);
    clear_scene(&scene);
}

/* After COMMIT, and before its image had an overlay: there is no point, and no machine loses its file. */
static void test_a_machine_that_was_used_too_early(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    crash_at_step("flip", 0, work_register, &scene);
    WRITE(scene.images[1], "qcow2", "write -P 7 2M 64k");
    scene.copies[1] = copy_of(scene.fixture, scene.images[1], "qcow2");
    assert_int_equal(check_store(scene.fixture), 1);
    assert_images(&scene);
    assert_int_equal(point_count(scene.fixture, &scene.collection), 0);
    assert_int_equal(machine_count(&scene), 1);
    assert_int_equal(count_names(scene.fixture, ".refpoint-"), 0);
    struct reference_point point;
    create_point(scene.fixture, &scene.collection, &point);
    reference_point_clear(&point);
    clear_scene(&scene);
}

/* Under the same id, while the work could not be undone. */
static void test_a_machine_that_somebody_added_meanwhile_stays(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    crash_at_step("prepared", 0, work_register, &scene);
    CLEANUP_FREE char *away = mem_format("%s/away", scene.fixture->root);
    assert_int_equal(rename(scene.fixture->images, away), 0);
    CLEANUP_FREE char *path = mem_format("%s/mine.qcow2", scene.fixture->root);
    make_image(path, "qcow2", "1M", NULL);
    struct machine mine = {.id = scene.machine, .name = mem_strdup("mine")};
    *ARRAY_APPEND(mine.disks, mine.disk_count) =
        (struct disk){.id = mem_strdup("vda"), .path = mem_strdup(path), .format = DISK_FORMAT_QCOW2};
    struct error err = {0};
    struct host *host = scene.fixture->host;
    assert_true(host->ops->add_machine(host, &mine, &err));
    machine_clear(&mine);
    assert_int_equal(rename(away, scene.fixture->images), 0);
    (void)check_store(scene.fixture);
    assert_int_equal(machine_count(&scene), 1);
    assert_int_equal(count_names(scene.fixture, ".refpoint-"), 0);
    assert_int_equal(check_store(scene.fixture), 0);
    clear_scene(&scene);
}

static void test_other_ids_come_without_the_point(void **state)
{
    struct scene scene;
    make_scene(&scene, *state);
    scene.imported.renamed = true;
    register_now(&scene);
    assert_int_equal(machine_count(&scene), 1);
    assert_int_equal(member_count(&scene), SIZE_MAX);
    assert_int_equal(count_names(scene.fixture, ".refpoint-"), 0);
    clear_scene(&scene);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, local_setup, local_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crash_at_every_step),
        TEST(test_the_next_point_rests_on_it),
        TEST(test_what_was_changed_since_is_refused),
        TEST(test_a_file_that_was_changed_since_is_refused),
        TEST(test_a_writer_is_refused),
        TEST(test_raw_images_are_refused),
        TEST(test_nothing_twice),
        TEST(test_a_collection_that_is_there),
        TEST(test_a_machine_that_was_used_too_early),
        TEST(test_a_machine_that_somebody_added_meanwhile_stays),
        TEST(test_other_ids_come_without_the_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
