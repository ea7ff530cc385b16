/* Dirty bitmaps of another tool: a point asks about them, takes them along or lets them go; destroying it
 * brings them back with every change marked, whatever crashes on the way. */
#include "tests/unit/support/local.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/host/layers/change/create.h"
#include "core/host/layers/change/destroy.h"
#include "core/host/layers/change/recovery.h"
#include "core/image/bitmaps.h"
#include "core/syntax/json.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

struct scene {
    struct local_fixture *fixture;
    char *image;
    struct guid collection;
};

static void make_scene(struct scene *scene, struct local_fixture *fixture, const char *options)
{
    *scene = (struct scene){.fixture = fixture, .image = image_at(fixture, "a.qcow2")};
    make_image(scene->image, "qcow2", "16M", options);
    struct guid machine = add_one_disk(fixture, "m", scene->image, DISK_FORMAT_QCOW2);
    scene->collection = define_collection(fixture, "c", &machine, 1);
}

static void add_bitmap(const char *image, const char *name, const char *granularity, bool enabled)
{
    RUN("qemu-img", "bitmap", "--add", enabled ? "--enable" : "--disable", "-g", granularity, "-f", "qcow2",
        image, name);
}

/* "off" or "on", granularity and the dirty ranges: "on 64k: 1048576+65536 ..."; NULL: there is no such
 * bitmap. */
static char *marks(struct local_fixture *fixture, const char *image, const char *name)
{
    struct error err = {0};
    struct image_info info = {0};
    struct image_bitmaps bitmaps;
    CLEANUP_FD int fd = open(image, O_RDONLY | O_CLOEXEC);
    assert_true(image_inspect(fd, DISK_FORMAT_QCOW2, image, &info, &err));
    assert_true(image_bitmaps_read(fd, &info, image, &bitmaps, &err));
    image_info_clear(&info);
    const struct image_bitmap *bitmap = image_bitmaps_find(&bitmaps, name);
    if (!bitmap) {
        image_bitmaps_clear(&bitmaps);
        return NULL;
    }
    assert_false(bitmap->inconsistent);
    struct strbuf text = {0};
    strbuf_addf(&text, "%s %uk:", bitmap->enabled ? "on" : "off", (unsigned)bitmap->granularity >> 10);
    image_bitmaps_clear(&bitmaps);

    CLEANUP_FREE char *socket = mem_format("%s/bitmap.sock", fixture->root);
    CLEANUP_FREE char *pid_file = mem_format("%s/bitmap.pid", fixture->root);
    CLEANUP_FREE char *options = mem_format(
        "driver=nbd,server.type=unix,server.path=%s,x-dirty-bitmap=qemu:dirty-bitmap:%s", socket, name);
    CLEANUP_FREE char *pid = NULL;
    CLEANUP_FREE char *map = NULL;
    RUN("qemu-nbd", "--fork", "--persistent", "-r", "-B", name, "--pid-file", pid_file, "-f", "qcow2", "-k",
        socket, image);
    const char *const argv[] = {"qemu-img", "map", "--output=json", "--image-opts", options, NULL};
    const struct proc_spec spec = {.argv = argv};
    assert_true(proc_run(&spec, 60000, "test", &map, &err));
    assert_true(fs_read(AT_FDCWD, pid_file, 64, &pid, NULL, &err));
    assert_int_equal(unlink(pid_file), 0);
    end_writer((pid_t)atoi(pid));
    json_t *list = json_loads(map, 0, NULL);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        if (!json_get_bool(row, "data", true)) /* so a dirty range is told */
            strbuf_addf(&text, " %llu+%llu", (unsigned long long)json_get_number(row, "start", 0),
                        (unsigned long long)json_get_number(row, "length", 0));
    }
    json_decref(list);
    return keep(fixture, strbuf_take(&text));
}

static void assert_marks(struct scene *scene, const char *name, const char *expected)
{
    const char *found = marks(scene->fixture, scene->image, name);
    if (!expected)
        assert_null(found);
    else if (!found || strcmp(found, expected) != 0)
        fail_msg("%s: %s, not %s", name, found ? found : "no such bitmap", expected);
}

static size_t bitmap_count(const char *image)
{
    struct error err = {0};
    struct image_info info = {0};
    CLEANUP_FD int fd = open(image, O_RDONLY | O_CLOEXEC);
    assert_true(image_inspect(fd, DISK_FORMAT_QCOW2, image, &info, &err));
    size_t count = info.bitmap_count;
    image_info_clear(&info);
    return count;
}

/* Every bitmap of the image is flagged as in use: as a machine that was killed leaves them. */
static void make_inconsistent(const char *image)
{
    struct error err = {0};
    struct image_info info = {0};
    CLEANUP_FD int fd = open(image, O_RDWR | O_CLOEXEC);
    assert_true(image_inspect(fd, DISK_FORMAT_QCOW2, image, &info, &err));
    unsigned char flags;
    off_t at = (off_t)info.bitmap_directory_offset + 15;
    assert_int_equal(pread(fd, &flags, 1, at), 1);
    flags |= 1;
    assert_int_equal(pwrite(fd, &flags, 1, at), 1);
    image_info_clear(&info);
}

static uint32_t create(struct scene *scene, bool carry, const char *const *drop, size_t drop_count,
                       struct reference_point *point, struct error *err)
{
    struct host *host = scene->fixture->host;
    struct point_request request = request_for(&scene->collection);
    struct reference_point ignored = {0};
    request.carry_bitmaps = carry;
    request.drop_bitmaps = drop;
    request.drop_bitmap_count = drop_count;
    *err = (struct error){0};
    uint32_t code = host->ops->create_point(host, &request, point ? point : &ignored, NULL, err);
    reference_point_clear(&ignored);
    return code;
}

static struct object_path carried_point(struct scene *scene)
{
    struct reference_point point = {0};
    struct error err;
    if (create(scene, true, NULL, 0, &point, &err) != RETURN_DONE)
        fail_msg("%s: %s", err.what, err.cause);
    struct object_path path = path_of(&point);
    reference_point_clear(&point);
    return path;
}

static void destroy_ok(struct scene *scene, const struct object_path *path)
{
    struct error err = {0};
    if (scene->fixture->host->ops->destroy_point(scene->fixture->host, path, NULL, &err) != RETURN_DONE)
        fail_msg("%s: %s", err.what, err.cause);
}

static void test_they_are_asked_about(void **state)
{
    struct scene scene;
    struct error err;
    make_scene(&scene, *state, NULL);
    add_bitmap(scene.image, "backup 1", "64k", true);
    add_bitmap(scene.image, "stale", "64k", false);
    size_t names = count_names(scene.fixture, "");
    assert_int_equal(create(&scene, false, NULL, 0, NULL, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "image.bitmaps");
    assert_non_null(strstr(err.what, "m/vd0: backup 1, stale"));
    assert_true(*err.cause && strstr(err.next, "--carry-bitmaps") && strstr(err.next, "--drop-bitmap NAME"));
    static const char *const one[] = {"stale"};
    assert_int_equal(create(&scene, false, one, 1, NULL, &err), RETURN_INVALID_STATE);
    assert_non_null(strstr(err.what, "m/vd0: backup 1"));
    assert_null(strstr(err.what, "stale"));
    static const char *const unknown[] = {"backup 1", "stale", "stal"};
    assert_int_equal(create(&scene, false, unknown, 3, NULL, &err), RETURN_INVALID_PARAMETER);
    assert_string_equal(err.key, "image.bitmap-unknown");
    assert_non_null(strstr(err.what, "stal"));
    assert_int_equal(count_names(scene.fixture, ""), names);
    assert_int_equal(create(&scene, false, unknown, 2, NULL, &err), RETURN_DONE);
    assert_int_equal(bitmap_count(scene.image), 0);
    assert_int_equal(create(&scene, false, NULL, 0, NULL, &err), RETURN_DONE);
}

static void test_inconsistent_ones_can_only_go(void **state)
{
    struct scene scene;
    struct error err;
    static const char *const name[] = {"b"};
    make_scene(&scene, *state, NULL);
    add_bitmap(scene.image, "b", "64k", true);
    make_inconsistent(scene.image);
    assert_int_equal(create(&scene, false, NULL, 0, NULL, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "image.bitmap-inconsistent");
    assert_non_null(strstr(err.what, "b (inconsistent)"));
    assert_int_equal(create(&scene, true, NULL, 0, NULL, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "image.bitmap-inconsistent");
    struct reference_point point = {0};
    assert_int_equal(create(&scene, true, name, 1, &point, &err), RETURN_DONE);
    assert_int_equal(bitmap_count(scene.image), 0);
    /* It stays in the layer and does not come back. */
    assert_int_equal(bitmap_count(point.members[0].disks[0].layer_path), 1);
    struct object_path path = path_of(&point);
    reference_point_clear(&point);
    destroy_ok(&scene, &path);
    assert_int_equal(bitmap_count(scene.image), 0);
    assert_clean(scene.image, "qcow2");
}

static void test_they_go_along_and_come_back(void **state)
{
    static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}};
    for (size_t i = 0; i < ARRAY_LENGTH(orders); i++) {
        struct scene scene;
        struct object_path points[3];
        void *fixture = NULL;
        if (i > 0)
            local_setup(&fixture);
        make_scene(&scene, i > 0 ? fixture : *state, i == 1 ? "cluster_size=4k" : NULL);
        WRITE(scene.image, "qcow2", "write -P 1 0 1M");
        add_bitmap(scene.image, "on", "64k", true);
        add_bitmap(scene.image, "off", "128k", false);
        WRITE(scene.image, "qcow2", "write -P 2 1M 64k");
        points[0] = carried_point(&scene);
        assert_marks(&scene, "on", "on 64k: 1048576+65536");
        assert_marks(&scene, "off", "off 128k:");
        WRITE(scene.image, "qcow2", "write -P 3 3M 64k");
        points[1] = carried_point(&scene);
        WRITE(scene.image, "qcow2", "write -z 5M 64k");
        points[2] = carried_point(&scene);
        WRITE(scene.image, "qcow2", "discard 7M 64k");
        static const char all[] = "on 64k: 1048576+65536 3145728+65536 5242880+65536 7340032+65536";
        assert_marks(&scene, "on", all);
        /* What a tool does between: the old one goes, a new one begins. */
        if (i == 2) {
            RUN("qemu-img", "bitmap", "--remove", "-f", "qcow2", scene.image, "off");
            add_bitmap(scene.image, "new", "256k", true);
            WRITE(scene.image, "qcow2", "write -P 4 8M 64k");
        }
        char *content = copy_of(scene.fixture, scene.image, "qcow2");
        for (size_t j = 0; j < 3; j++) {
            destroy_ok(&scene, &points[orders[i][j]]);
            assert_same(scene.image, "qcow2", content);
            assert_marks(&scene, "off", i == 2 ? NULL : "off 128k:");
            assert_marks(&scene, "new", i == 2 ? "on 256k: 8388608+262144" : NULL);
            assert_marks(&scene, "on",
                         i == 2
                             ? "on 64k: 1048576+65536 3145728+65536 5242880+65536 7340032+65536 8388608+65536"
                             : all);
        }
        assert_clean(scene.image, "qcow2");
        assert_int_equal(count_names(scene.fixture, ".refpoint-"), 0);
        assert_int_equal(check_store(scene.fixture), 0);
        if (i > 0)
            local_teardown(&fixture);
    }
}

/* A bitmap that a tool made after the point, on whatever lies beneath. */
static void test_one_that_came_meanwhile(void **state)
{
    struct scene scene;
    struct reference_point point = {0};
    struct error err = {0};
    struct local_fixture *fixture = *state;
    static const char *const formats[] = {"compat=0.10", "raw"};
    for (size_t i = 0; i < 2; i++) {
        bool raw = strcmp(formats[i], "raw") == 0;
        scene = (struct scene){.fixture = fixture, .image = image_at(fixture, raw ? "r.raw" : "old.qcow2")};
        make_image(scene.image, raw ? "raw" : "qcow2", "16M", raw ? NULL : formats[i]);
        struct guid machine =
            add_one_disk(fixture, formats[i], scene.image, raw ? DISK_FORMAT_RAW : DISK_FORMAT_QCOW2);
        scene.collection = define_collection(fixture, formats[i], &machine, 1);
        struct point_request request = request_for(&scene.collection);
        request.raw_to_qcow2 = true;
        assert_int_equal(fixture->host->ops->create_point(fixture->host, &request, &point, NULL, &err), 0);
        struct object_path path = path_of(&point);
        reference_point_clear(&point);
        add_bitmap(scene.image, "late", "64k", true);
        WRITE(scene.image, "qcow2", "write -P 1 2M 64k");
        RUN("qemu-img", "resize", "-q", "-f", "qcow2", scene.image, "20M");
        WRITE(scene.image, "qcow2", "write -P 2 19M 64k");
        assert_int_equal(fixture->host->ops->remove_associated_data(fixture->host, &path, NULL, &err), 0);
        assert_marks(&scene, "late", "on 64k: 2097152+65536 19922944+65536");
        destroy_ok(&scene, &path);
        assert_marks(&scene, "late", "on 64k: 2097152+65536 19922944+65536");
        assert_clean(scene.image, "qcow2");
        assert_int_equal(count_names(fixture, ".refpoint-"), 0);
    }
    struct object_path path = carried_point(&scene);
    make_inconsistent(scene.image);
    assert_int_equal(fixture->host->ops->destroy_point(fixture->host, &path, NULL, &err),
                     RETURN_INVALID_STATE);
    assert_string_equal(err.key, "image.bitmap-inconsistent");
    assert_non_null(strstr(err.next, "qemu-img bitmap --remove"));
    RUN("qemu-img", "bitmap", "--remove", "-f", "qcow2", scene.image, "late");
    destroy_ok(&scene, &path);
    assert_int_equal(bitmap_count(scene.image), 0);
}

static void work_create(const struct step_hook *hook, void *context)
{
    struct scene *scene = context;
    struct point_request request = request_for(&scene->collection);
    struct reference_point point = {0};
    struct error err = {0};
    request.carry_bitmaps = true;
    if (freeze_create_point(fixture_store(scene->fixture), &request, hook, &point, NULL, &err) != RETURN_DONE)
        _exit(1);
    reference_point_clear(&point);
}

struct destruction {
    struct scene *scene;
    struct object_path path;
};

static void work_destroy(const struct step_hook *hook, void *context)
{
    struct destruction *destruction = context;
    struct error err = {0};
    if (destroy_point(fixture_store(destruction->scene->fixture), &destruction->path, hook, NULL, &err) !=
        RETURN_DONE)
        _exit(1);
}

/* At every step: afterwards there is a point or none, and the image has its bitmaps. */
static void test_crashes(void **state)
{
    struct scene scene;
    make_scene(&scene, *state, NULL);
    add_bitmap(scene.image, "b", "64k", true);
    add_bitmap(scene.image, "off", "64k", false);
    WRITE(scene.image, "qcow2", "write -P 1 1M 64k");
    for (size_t step = 0;; step++) {
        bool crashed = crash_at(step, work_create, &scene);
        check_store(scene.fixture);
        assert_marks(&scene, "b", "on 64k: 1048576+65536");
        assert_marks(&scene, "off", "off 64k:");
        assert_int_equal(check_store(scene.fixture), 0);
        if (!crashed)
            break;
    }
    WRITE(scene.image, "qcow2", "write -P 2 2M 64k");
    char *content = copy_of(scene.fixture, scene.image, "qcow2");
    size_t steps = 0;
    for (size_t step = 0;; step++) {
        struct reference_point_list list;
        struct error err = {0};
        struct host *host = scene.fixture->host;
        if (point_count(scene.fixture, &scene.collection) == 0)
            carried_point(&scene);
        assert_true(host->ops->list_points(host, &scene.collection, &list, &err));
        struct destruction destruction = {.scene = &scene, .path = path_of(&list.items[0])};
        reference_point_list_clear(&list);
        bool crashed = crash_at(step, work_destroy, &destruction);
        assert_true(!crashed || check_store(scene.fixture) <= 1);
        assert_marks(&scene, "b", "on 64k: 1048576+65536 2097152+65536");
        assert_marks(&scene, "off", "off 64k:");
        assert_same(scene.image, "qcow2", content);
        assert_int_equal(check_store(scene.fixture), 0);
        if (!crashed)
            break;
        steps++;
    }
    assert_true(steps >= 9);
}

/* A machine that ran on the image while the destruction was unfinished: nobody marked what it wrote. The
 * bitmap is gone, and that is said; its tool sees that it must begin anew. */
static void test_a_machine_ran_in_the_middle(void **state)
{
    struct scene scene;
    make_scene(&scene, *state, NULL);
    add_bitmap(scene.image, "b", "64k", true);
    struct destruction destruction = {.scene = &scene, .path = carried_point(&scene)};
    WRITE(scene.image, "qcow2", "write -P 2 2M 64k");
    crash_at_step("committed", 0, work_destroy, &destruction);
    WRITE(scene.image, "qcow2", "write -P 3 4M 64k");
    char *content = copy_of(scene.fixture, scene.image, "qcow2");
    assert_int_equal(check_store(scene.fixture), 2);
    assert_int_equal(bitmap_count(scene.image), 0);
    assert_same(scene.image, "qcow2", content);
    assert_int_equal(count_names(scene.fixture, ".refpoint-"), 0);
    assert_int_equal(check_store(scene.fixture), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_they_are_asked_about, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_inconsistent_ones_can_only_go, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_they_go_along_and_come_back, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_one_that_came_meanwhile, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_crashes, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_machine_ran_in_the_middle, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
