/* kill -9 at every step of remove-data and destroy, and what refuses them; every state that stays reads as
 * before at every instant. */
#include "tests/unit/support/local.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/destroy.h"
#include "core/host/layers/change/remove_data.h"
#include "core/system/proc.h"

/* Points of one machine with two disks, one of them raw at its bottom. */
struct pair {
    struct local_fixture *fixture;
    char *images[2];
    struct guid collection;
    size_t count; /* of points */
    struct object_path points[3];
    char *copies[3][2];
    char *now[2];
};

static void make_pair(struct pair *pair, struct local_fixture *fixture, size_t points)
{
    static const enum disk_format formats[2] = {DISK_FORMAT_QCOW2, DISK_FORMAT_RAW};
    *pair = (struct pair){.fixture = fixture, .count = points};
    pair->images[0] = image_at(fixture, "a.qcow2");
    pair->images[1] = image_at(fixture, "b.raw");
    const char *paths[2] = {pair->images[0], pair->images[1]};
    make_image(paths[0], "qcow2", "4M", "cluster_size=4k");
    make_image(paths[1], "raw", "4M", NULL);
    WRITE(paths[1], "raw", "write -P 1 0 2M");
    struct guid machine = add_machine(fixture, "m", paths, formats, 2);
    pair->collection = define_collection(fixture, "c", &machine, 1);
    struct point_request request = request_for(&pair->collection);
    request.raw_to_qcow2 = true;
    for (size_t i = 0; i < points; i++) {
        struct reference_point point = {0};
        struct error err = {0};
        assert_int_equal(fixture->host->ops->create_point(fixture->host, &request, &point, NULL, &err), 0);
        pair->points[i] = path_of(&point);
        for (size_t j = 0; j < 2; j++) {
            CLEANUP_FREE char *command = mem_format("write -P %zu %zuk 1M", 10 * i + j + 2, i * 512 + 256);
            pair->copies[i][j] = copy_of(fixture, point.members[0].disks[j].layer_path,
                                         disk_format_word(point.members[0].disks[j].layer_format));
            WRITE(paths[j], "qcow2", command, "discard 3M 64k");
        }
        reference_point_clear(&point);
        RUN("qemu-img", "resize", "-q", "--shrink", "-f", "qcow2", paths[0], i == 0 ? "6M" : "5M");
    }
    for (size_t j = 0; j < 2; j++)
        pair->now[j] = copy_of(fixture, paths[j], "qcow2");
}

static void assert_images(struct pair *pair)
{
    for (size_t j = 0; j < 2; j++)
        assert_same(pair->images[j], "qcow2", pair->now[j]);
}

/* The point that is being changed is left out: its own content is nobody's any more. */
static void assert_pair(struct pair *pair, size_t changing)
{
    struct host *host = pair->fixture->host;
    for (size_t i = 0; i < pair->count; i++) {
        struct reference_point point;
        struct error err = {0};
        if (i == changing || !host->ops->read_point(host, &pair->points[i], &point, &err))
            continue;
        for (size_t j = 0; j < 2; j++)
            assert_same(point.members[0].disks[j].layer_path,
                        disk_format_word(point.members[0].disks[j].layer_format), pair->copies[i][j]);
        reference_point_clear(&point);
    }
    assert_images(pair);
}

struct pair_work {
    struct pair *pair;
    size_t number;
};

static void work_destroy(const struct step_hook *hook, void *context)
{
    struct pair_work *work = context;
    struct error err = {0};
    if (destroy_point(fixture_store(work->pair->fixture), &work->pair->points[work->number], hook, NULL,
                      &err) != RETURN_DONE)
        _exit(1);
}

static void work_remove_data(const struct step_hook *hook, void *context)
{
    struct pair_work *work = context;
    struct error err = {0};
    if (remove_data(fixture_store(work->pair->fixture), &work->pair->points[work->number], hook, NULL,
                    &err) != RETURN_DONE)
        _exit(1);
}

/* One fresh pair for each step at which there is a crash; recovery crashes too, one step further on. */
static void crash_everywhere(crash_work *work, size_t number, bool destroys)
{
    size_t steps = 0;
    for (bool crashed = true; crashed; steps += crash_stride()) {
        struct pair pair;
        struct pair_work context = {.pair = &pair, .number = number};
        void *fixture = NULL;
        assert_int_equal(local_setup(&fixture), 0);
        make_pair(&pair, fixture, 2);
        crashed = crash_at(steps, work, &context);
        assert_pair(&pair, number);
        (void)crash_at(steps / 2, work_recover, fixture);
        assert_images(&pair);
        assert_true(check_store(fixture) <= 1);
        assert_pair(&pair, number);
        assert_int_equal(check_store(fixture), 0);
        assert_int_equal(point_count(fixture, &pair.collection), destroys ? 1 : 2);
        assert_int_equal(count_names(fixture, ".refpoint-"), destroys ? 2 : 4);
        for (size_t j = 0; j < 2; j++)
            assert_clean(pair.images[j], "qcow2");
        assert_int_equal(local_teardown(&fixture), 0);
    }
    print_message("%zu steps, tried every %zu\n", steps, crash_stride());
    assert_true(steps > 4);
}

static void test_crash_while_the_oldest_is_destroyed(void **state)
{
    (void)state;
    crash_everywhere(work_destroy, 0, true);
}

static void test_crash_while_the_newest_is_destroyed(void **state)
{
    (void)state;
    crash_everywhere(work_destroy, 1, true);
}

static void test_crash_while_data_is_removed(void **state)
{
    (void)state;
    crash_everywhere(work_remove_data, 0, false);
}

/* The name of every file, its inode, size and mode: nothing of it may change by a refusal. */
static char *picture_of(const struct local_fixture *fixture)
{
    const char *const argv[] = {"find", fixture->root, "-type", "f", "-printf", "%p %i %s %T@ %m\\n", NULL};
    const struct proc_spec spec = {.argv = argv};
    struct error err = {0};
    char *output = NULL;
    assert_true(proc_run(&spec, 60000, "test", &output, &err));
    return output;
}

static void assert_both_refuse(struct pair *pair, size_t number, const char *key)
{
    struct host *host = pair->fixture->host;
    CLEANUP_FREE char *before = picture_of(pair->fixture);
    struct error err = {0};
    assert_int_equal(host->ops->destroy_point(host, &pair->points[number], NULL, &err), RETURN_IN_USE);
    assert_string_equal(err.key, key);
    assert_int_equal(host->ops->remove_associated_data(host, &pair->points[number], NULL, &err),
                     RETURN_IN_USE);
    assert_string_equal(err.key, key);
    CLEANUP_FREE char *after = picture_of(pair->fixture);
    assert_string_equal(before, after);
}

static char *layer_path_of(struct pair *pair, size_t number, size_t disk)
{
    struct reference_point point;
    struct error err = {0};
    struct host *host = pair->fixture->host;
    assert_true(host->ops->read_point(host, &pair->points[number], &point, &err));
    char *path = keep(pair->fixture, mem_strdup(point.members[0].disks[disk].layer_path));
    reference_point_clear(&point);
    return path;
}

static void test_in_use_is_refused(void **state)
{
    struct pair pair;
    make_pair(&pair, *state, 3);
    /* As the export engine holds the files it reads. */
    int pinned = open(layer_path_of(&pair, 1, 1), O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(pinned, LOCK_SH), 0);
    assert_both_refuse(&pair, 1, "point.pinned");
    close(pinned);
    /* A running machine: its image is the child of the newest, and its chain holds all the others. */
    pid_t writer = start_writer(pair.fixture, pair.images[0], "qcow2");
    for (size_t i = 0; i < 3; i++)
        assert_both_refuse(&pair, i, "image.in-use");
    end_writer(writer);
    int plain = open(pair.images[1], O_WRONLY | O_CLOEXEC);
    assert_both_refuse(&pair, 2, "image.in-use");
    close(plain);
    assert_pair(&pair, SIZE_MAX);
    assert_int_equal(check_store(*state), 0);
}

/* An operator without root: layers are 0444, and modes are all there is to open them. */
static void work_as_nobody(const struct step_hook *hook, void *context)
{
    struct pair *pair = context;
    struct host *host = pair->fixture->host;
    struct error err = {0};
    (void)hook;
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
        _exit(1);
    struct point_request request = request_for(&pair->collection);
    struct reference_point point = {0};
    bool ok = host->ops->create_point(host, &request, &point, NULL, &err) == 0 &&
              host->ops->remove_associated_data(host, &pair->points[1], NULL, &err) == 0;
    for (size_t i = 0; ok && i < 3; i++)
        ok = host->ops->destroy_point(host, &pair->points[i], NULL, &err) == 0;
    reference_point_clear(&point);
    if (!ok) {
        fprintf(stderr, "%s: %s\n", err.what, err.cause);
        _exit(1);
    }
}

static void test_without_root(void **state)
{
    struct pair pair;
    struct local_fixture *fixture = *state;
    if (geteuid() != 0)
        skip();
    make_pair(&pair, fixture, 3);
    RUN("chown", "-R", "65534:65534", fixture->root);
    assert_false(crash_at(SIZE_MAX, work_as_nobody, &pair));
    assert_int_equal(point_count(fixture, &pair.collection), 1);
    for (size_t j = 0; j < 2; j++) {
        struct stat status;
        assert_same(pair.images[j], "qcow2", pair.now[j]);
        assert_int_equal(stat(pair.images[j], &status), 0);
        assert_int_equal(status.st_uid, 65534);
        assert_int_equal(status.st_mode & 0777, 0644);
    }
    assert_int_equal(check_store(fixture), 0);
}

/* The machine was restored from a backup: its image rests on no layer any more. */
/* No room: a limit of the size of files stands in for a full disk. The point goes, its data waits. */
static void work_without_room(const struct step_hook *hook, void *context)
{
    struct pair_work *work = context;
    struct error err = {0};
    const struct rlimit limit = {.rlim_cur = 512 << 10, .rlim_max = 512 << 10};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        destroy_point(fixture_store(work->pair->fixture), &work->pair->points[work->number], hook, NULL,
                      &err) == RETURN_DONE ||
        !strstr(err.next, "store check"))
        _exit(1);
}

static void test_no_room_while_destroying(void **state)
{
    struct pair pair;
    struct pair_work context = {.pair = &pair, .number = 0};
    struct local_fixture *fixture = *state;
    struct error err = {0};
    make_pair(&pair, fixture, 2);
    assert_false(crash_at(SIZE_MAX, work_without_room, &context));
    assert_pair(&pair, 0);
    assert_int_equal(point_count(fixture, &pair.collection), 1);
    /* Nothing else is done to these disks before it is finished, and the next change finishes it. */
    assert_int_equal(try_create(fixture, &pair.collection, &err), RETURN_DONE);
    assert_pair(&pair, 0);
    assert_int_equal(count_names(fixture, ".refpoint-"), 4);
    assert_int_equal(check_store(fixture), 0);
}

static void test_an_image_that_was_replaced(void **state)
{
    struct pair pair;
    struct local_fixture *fixture = *state;
    make_pair(&pair, fixture, 3);
    struct error err = {0};
    for (size_t j = 0; j < 2; j++) {
        assert_int_equal(unlink(pair.images[j]), 0);
        make_image(pair.images[j], "qcow2", "4M", NULL);
        WRITE(pair.images[j], "qcow2", "write -P 99 0 1M");
        pair.now[j] = copy_of(fixture, pair.images[j], "qcow2");
    }
    assert_int_equal(check_store(fixture), 0);
    for (size_t i = 0; i < 3; i++) {
        size_t number = (i + 1) % 3;
        assert_int_equal(fixture->host->ops->destroy_point(fixture->host, &pair.points[number], NULL, &err),
                         0);
        assert_pair(&pair, SIZE_MAX);
        assert_int_equal(check_store(fixture), 0);
    }
    assert_int_equal(count_names(fixture, ".refpoint"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crash_while_the_oldest_is_destroyed),
        cmocka_unit_test(test_crash_while_the_newest_is_destroyed),
        cmocka_unit_test(test_crash_while_data_is_removed),
        cmocka_unit_test_setup_teardown(test_in_use_is_refused, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_no_room_while_destroying, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_without_root, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_an_image_that_was_replaced, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
