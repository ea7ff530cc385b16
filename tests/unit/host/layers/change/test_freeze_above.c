/* Files above the image of a disk: the machine may use them, and a point would hold what is beneath. */
#include "tests/unit/support/local.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"

struct scene {
    struct local_fixture *fixture;
    char *image;
    char *other; /* a second disk, in the same directory */
    struct guid collection;
};

static void make_scene(struct scene *scene, struct local_fixture *fixture, const char *format)
{
    static const enum disk_format both_qcow2[] = {DISK_FORMAT_QCOW2, DISK_FORMAT_QCOW2};
    *scene = (struct scene){
        .fixture = fixture, .image = image_at(fixture, "a.qcow2"), .other = image_at(fixture, "b.qcow2")};
    const char *paths[] = {scene->image, scene->other};
    make_image(scene->image, format, "4M", NULL);
    make_image(scene->other, format, "4M", NULL);
    struct guid machine = add_machine(fixture, "m", paths, both_qcow2, 2);
    scene->collection = define_collection(fixture, "c", &machine, 1);
}

/* The point is refused because of the file with this name; nothing is left of the attempt. */
static void assert_refused(struct scene *scene, const char *name, const char *disk)
{
    struct error err;
    CLEANUP_FREE char *based = mem_format("/%s is based on ", name);
    CLEANUP_FREE char *label = mem_format("the image of m/%s", disk);
    size_t names = count_names(scene->fixture, "");
    assert_int_equal(try_create(scene->fixture, &scene->collection, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "point.overlay-above");
    assert_non_null(strstr(err.what, based));
    assert_non_null(strstr(err.what, label));
    assert_true(*err.cause && strstr(err.next, "blockcommit") && !err.begun);
    assert_int_equal(count_names(scene->fixture, ""), names);
}

static void make_overlay(const char *path, const char *backing)
{
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-u", "-F", "qcow2", "-b", backing, path, "4M");
}

static void test_a_snapshot_above_an_image(void **state)
{
    struct scene scene;
    struct error err;
    make_scene(&scene, *state, "qcow2");
    char *snapshot = image_at(scene.fixture, "a.snap1");
    CLEANUP_FREE char *json =
        mem_format("json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"a.qcow2\"}}");
    const char *const names[] = {
        "a.qcow2",      scene.image, "./a.qcow2",
        "file:a.qcow2", json,        "json:{\"file.driver\":\"file\",\"file.filename\":\"a.qcow2\"}"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        make_overlay(snapshot, names[i]);
        assert_refused(&scene, "a.snap1", "vd0");
        assert_int_equal(unlink(snapshot), 0);
    }
    RUN("qemu-img", "create", "-q", "-f", "qed", "-u", "-F", "qcow2", "-b", "b.qcow2", snapshot, "4M");
    assert_refused(&scene, "a.snap1", "vd1");
    assert_int_equal(unlink(snapshot), 0);
    assert_int_equal(try_create(scene.fixture, &scene.collection, &err), RETURN_DONE);
}

/* What the advice says leads out: the snapshot's content comes into the image. */
static void test_committed_it_is_in_the_point(void **state)
{
    struct scene scene;
    struct reference_point point;
    make_scene(&scene, *state, "qcow2");
    create_point(scene.fixture, &scene.collection, &point); /* the image is an overlay of ours now */
    reference_point_clear(&point);
    char *snapshot = image_at(scene.fixture, "a.snap1");
    make_overlay(snapshot, "a.qcow2");
    WRITE(snapshot, "qcow2", "write -P 7 0 64k");
    assert_refused(&scene, "a.snap1", "vd0");
    char *copy = copy_of(scene.fixture, snapshot, "qcow2");
    RUN("qemu-img", "commit", "-q", "-f", "qcow2", snapshot);
    assert_int_equal(unlink(snapshot), 0);
    create_point(scene.fixture, &scene.collection, &point);
    assert_same(point.members[0].disks[0].layer_path, "qcow2", copy);
    reference_point_clear(&point);
}

/* A disk's overlay beside the other disk's image, in another directory. */
static void test_in_the_directory_of_another_disk(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err;
    char *elsewhere = image_at(fixture, "else where");
    assert_int_equal(mkdir(elsewhere, 0755), 0);
    const char *paths[] = {image_at(fixture, "a.qcow2"), image_at(fixture, "else where/b.qcow2")};
    static const enum disk_format both_qcow2[] = {DISK_FORMAT_QCOW2, DISK_FORMAT_QCOW2};
    for (size_t i = 0; i < 2; i++)
        make_image(paths[i], "qcow2", "4M", NULL);
    struct guid machine = add_machine(fixture, "m", paths, both_qcow2, 2);
    struct scene scene = {.fixture = fixture, .collection = define_collection(fixture, "c", &machine, 1)};
    make_overlay(image_at(fixture, "else where/x"), "../a.qcow2");
    assert_refused(&scene, "x", "vd0");
    assert_int_equal(unlink(image_at(fixture, "else where/x")), 0);
    assert_int_equal(try_create(fixture, &scene.collection, &err), RETURN_DONE);
}

/* What lies around and hangs on no image: nothing of it is opened for long, followed or taken for one. */
static void test_what_is_no_overlay(void **state)
{
    struct scene scene;
    struct error err;
    make_scene(&scene, *state, "qcow2");
    char *overlay = keep(scene.fixture, mem_format("%s/outside.qcow2", scene.fixture->root));
    make_overlay(overlay, scene.image);
    assert_int_equal(symlink(overlay, image_at(scene.fixture, "link.qcow2")), 0);
    assert_int_equal(mkfifo(image_at(scene.fixture, "pipe.qcow2"), 0600), 0);
    assert_int_equal(mkdir(image_at(scene.fixture, "a directory.qcow2"), 0700), 0);
    make_overlay(image_at(scene.fixture, "gone.qcow2"), "not there.qcow2");
    make_overlay(image_at(scene.fixture, "json.qcow2"), "json:{\"file\":{\"file\":[]}}");
    CLEANUP_FD int fd = -1;
    assert_true(fs_open_directory(AT_FDCWD, scene.fixture->images, &fd, &err));
    /* Headers that promise too much. */
    unsigned char start[72] = {'Q', 'F', 'I', 0xfb};
    memset(start + 4, 0xff, sizeof start - 4);
    for (size_t length = 0; length <= sizeof start; length += 8) {
        CLEANUP_FREE char *name = mem_format("short-%zu", length);
        assert_true(fs_write_atomic(fd, name, start, length, 0600, &err));
    }
    assert_int_equal(try_create(scene.fixture, &scene.collection, &err), RETURN_DONE);
    /* A clone of a frozen layer keeps that layer; the next point is none of its business. */
    struct reference_point_list list;
    struct reference_point point;
    struct host *host = scene.fixture->host;
    assert_true(host->ops->list_points(host, &scene.collection, &list, &err));
    struct object_path path = path_of(&list.items[0]);
    assert_true(host->ops->read_point(host, &path, &point, &err));
    make_overlay(image_at(scene.fixture, "clone.qcow2"), point.members[0].disks[0].layer_path);
    assert_int_equal(try_create(scene.fixture, &scene.collection, &err), RETURN_DONE);
    reference_point_clear(&point);
    reference_point_list_clear(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_snapshot_above_an_image, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_committed_it_is_in_the_point, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_in_the_directory_of_another_disk, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_overlay, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
