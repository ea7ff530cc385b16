/* remove-data and destroy on real chains: whatever goes, every state that stays reads as before. */
#include "tests/unit/support/local.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/image/image.h"

#define POINTS 4

/* A machine with one disk, written to between its points. */
struct history {
    struct local_fixture *fixture;
    char *image;
    struct guid collection;
    struct object_path points[POINTS];
    char *copies[POINTS + 1]; /* the last one: of the image now */
};

static char *layer_of(struct history *history, size_t number)
{
    struct reference_point point;
    struct error err = {0};
    struct host *host = history->fixture->host;
    if (!host->ops->read_point(host, &history->points[number], &point, &err))
        return NULL;
    char *path = keep(history->fixture, mem_strdup(point.members[0].disks[0].layer_path));
    reference_point_clear(&point);
    return path;
}

static const char *format_of(const struct history *history, size_t number)
{
    struct reference_point point;
    struct error err = {0};
    struct host *host = history->fixture->host;
    assert_true(host->ops->read_point(host, &history->points[number], &point, &err));
    const char *word = disk_format_word(point.members[0].disks[0].layer_format);
    reference_point_clear(&point);
    return word;
}

/* Overlapping writes, zeroes and discards; sizes that go up and down. */
static void write_history(struct history *history, bool resize)
{
    static const char *const rounds[POINTS][5] = {
        {"write -P 1 0 2M", "write -P 2 6M 1M", "write -P 3 9M 512", NULL},
        {"write -P 4 1M 2M", "write -z 6M 256k", "discard 0 512k", NULL},
        {"write -P 5 1536k 64k", "discard 6M 1M", "write -P 6 7M 3k", NULL},
        {"write -P 7 0 64k", "write -P 8 4M 1M", "write -z 9M 64k", NULL},
    };
    static const char *const sizes[POINTS] = {"10M", "14M", "12M", "20M"};
    for (size_t i = 0; i < POINTS; i++) {
        struct reference_point point;
        const char *format = "qcow2";
        qemu_io(history->image, format, rounds[i]);
        /* Behind the size that comes next: it must not come back when the disk grows again. */
        if (resize && i == 2)
            WRITE(history->image, format, "write -P 11 13M 512k");
        create_point(history->fixture, &history->collection, &point);
        history->points[i] = path_of(&point);
        reference_point_clear(&point);
        history->copies[i] = copy_of(history->fixture, layer_of(history, i), format);
        if (resize)
            RUN("qemu-img", "resize", "-q", "--shrink", "-f", "qcow2", history->image, sizes[i]);
    }
    WRITE(history->image, "qcow2", "write -P 9 5M 128k", "discard 1M 64k");
    history->copies[POINTS] = copy_of(history->fixture, history->image, "qcow2");
}

static void make_history(struct history *history, struct local_fixture *fixture, const char *options,
                         bool resize)
{
    *history = (struct history){.fixture = fixture, .image = image_at(fixture, "disk.qcow2")};
    make_image(history->image, "qcow2", "10M", options);
    struct guid machine = add_one_disk(fixture, "m", history->image, DISK_FORMAT_QCOW2);
    history->collection = define_collection(fixture, "c", &machine, 1);
    write_history(history, resize);
}

/* Every point whose log is kept, and the image. */
static void assert_states(struct history *history, const bool *kept)
{
    for (size_t i = 0; i < POINTS; i++) {
        if (kept[i])
            assert_same(layer_of(history, i), format_of(history, i), history->copies[i]);
    }
    assert_same(history->image, "qcow2", history->copies[POINTS]);
    assert_clean(history->image, "qcow2");
}

static uint32_t destroy(struct history *history, size_t number, struct error *err)
{
    struct host *host = history->fixture->host;
    *err = (struct error){0};
    return host->ops->destroy_point(host, &history->points[number], NULL, err);
}

static void destroy_ok(struct history *history, size_t number)
{
    struct error err;
    if (destroy(history, number, &err) != RETURN_DONE)
        fail_msg("%s: %s", err.what, err.cause);
}

static uint64_t blocks_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (uint64_t)status.st_blocks * 512;
}

static void destroy_in_order(struct local_fixture *fixture, const size_t *order, const char *options,
                             bool resize)
{
    struct history history;
    bool kept[POINTS] = {true, true, true, true};
    make_history(&history, fixture, options, resize);
    for (size_t i = 0; i < POINTS; i++) {
        destroy_ok(&history, order[i]);
        kept[order[i]] = false;
        assert_states(&history, kept);
        assert_int_equal(point_count(fixture, &history.collection), POINTS - 1 - i);
        assert_int_equal(count_names(fixture, ".refpoint-"), POINTS - 1 - i);
        assert_int_equal(check_store(fixture), 0);
    }
    /* One plain file is left. */
    struct image_info info = {0};
    struct error err = {0};
    struct stat status;
    CLEANUP_FD int fd = open(history.image, O_RDONLY | O_CLOEXEC);
    assert_true(image_inspect(fd, DISK_FORMAT_QCOW2, history.image, &info, &err));
    assert_null(info.backing_name);
    image_info_clear(&info);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
    assert_int_equal(status.st_nlink, 1);
    WRITE(history.image, "qcow2", "write -P 1 0 64k");
}

static void test_destroy_from_the_oldest(void **state)
{
    destroy_in_order(*state, (const size_t[]){0, 1, 2, 3}, "cluster_size=64k", false);
}

static void test_destroy_from_the_newest(void **state)
{
    destroy_in_order(*state, (const size_t[]){3, 2, 1, 0}, "cluster_size=4k", false);
}

static void test_destroy_in_the_middle_of_resized_disks(void **state)
{
    destroy_in_order(*state, (const size_t[]){1, 2, 0, 3}, "cluster_size=2M", true);
}

static void test_destroy_above_an_old_image(void **state)
{
    destroy_in_order(*state, (const size_t[]){2, 0, 3, 1}, "compat=0.10", true);
}

static void test_destroy_extended_l2(void **state)
{
    destroy_in_order(*state, (const size_t[]){0, 2, 1, 3}, "extended_l2=on,cluster_size=128k", false);
}

static void test_remove_data_keeps_every_other_state(void **state)
{
    struct history history;
    bool kept[POINTS] = {true, true, true, true};
    make_history(&history, *state, "cluster_size=64k", true);
    struct host *host = history.fixture->host;
    static const size_t order[POINTS] = {2, 0, 3, 1};
    for (size_t i = 0; i < POINTS; i++) {
        struct error err = {0};
        struct reference_point point;
        size_t number = order[i];
        uint64_t before = blocks_of(layer_of(&history, number));
        for (int again = 0; again < 2; again++)
            assert_int_equal(host->ops->remove_associated_data(host, &history.points[number], NULL, &err), 0);
        kept[number] = false;
        assert_states(&history, kept);
        assert_true(host->ops->read_point(host, &history.points[number], &point, &err));
        assert_false(point.has_associated_log);
        assert_int_equal(point.log_size, blocks_of(layer_of(&history, number)));
        reference_point_clear(&point);
        assert_clean(layer_of(&history, number), "qcow2");
        /* Each later point overwrites more than 256 KiB of the one before; the last one is only shadowed by
         * what the image holds. */
        if (number == 0)
            assert_true(blocks_of(layer_of(&history, number)) + (512 << 10) < before);
        else
            assert_true(blocks_of(layer_of(&history, number)) <= before + 4096);
        assert_int_equal(check_store(history.fixture), 0);
    }
    for (size_t i = 0; i < POINTS; i++) {
        destroy_ok(&history, i);
        assert_same(history.image, "qcow2", history.copies[POINTS]);
    }
    assert_clean(history.image, "qcow2");
}

static void test_a_raw_image_ends_as_one_qcow2_image(void **state)
{
    struct history history = {.fixture = *state};
    struct error err = {0};
    bool kept[POINTS] = {true, true, true, true};
    struct local_fixture *fixture = history.fixture;
    history.image = image_at(fixture, "disk.raw");
    make_image(history.image, "raw", "10M", NULL);
    WRITE(history.image, "raw", "write -P 1 0 3M");
    assert_int_equal(truncate(history.image, (10 << 20) - 100), 0);
    struct guid machine = add_one_disk(fixture, "m", history.image, DISK_FORMAT_RAW);
    history.collection = define_collection(fixture, "c", &machine, 1);
    struct point_request request = request_for(&history.collection);
    struct reference_point point = {0};
    assert_int_equal(fixture->host->ops->create_point(fixture->host, &request, &point, NULL, &err),
                     RETURN_NOT_SUPPORTED);
    assert_non_null(strstr(err.next, "--raw-to-qcow2"));
    assert_int_equal(count_names(fixture, ".refpoint"), 0);
    request.raw_to_qcow2 = true;
    assert_int_equal(fixture->host->ops->create_point(fixture->host, &request, &point, NULL, &err), 0);
    assert_int_equal(point.members[0].disks[0].virtual_size, (10 << 20) - 100);
    history.points[0] = path_of(&point);
    reference_point_clear(&point);
    history.copies[0] = copy_of(fixture, layer_of(&history, 0), "raw");
    for (size_t i = 1; i < POINTS; i++) {
        static const char *const commands[] = {"", "write -P 2 1M 64k", "write -z 2M 64k", "discard 0 1M"};
        WRITE(history.image, "qcow2", commands[i]);
        create_point(fixture, &history.collection, &point);
        /* Over the raw image lies qcow2, which has whole sectors: a machine can write to the last one. */
        assert_int_equal(point.members[0].disks[0].virtual_size, 10 << 20);
        history.points[i] = path_of(&point);
        reference_point_clear(&point);
        history.copies[i] = copy_of(fixture, layer_of(&history, i), "qcow2");
    }
    history.copies[POINTS] = copy_of(fixture, history.image, "qcow2");
    uint64_t before = blocks_of(layer_of(&history, 0));
    assert_int_equal(
        fixture->host->ops->remove_associated_data(fixture->host, &history.points[0], NULL, &err), 0);
    assert_true(blocks_of(layer_of(&history, 0)) < before);
    kept[0] = false;
    assert_states(&history, kept);
    static const size_t order[POINTS] = {2, 0, 1, 3};
    for (size_t i = 0; i < POINTS; i++) {
        destroy_ok(&history, order[i]);
        kept[order[i]] = false;
        assert_states(&history, kept);
    }
    assert_int_equal(count_names(fixture, ".refpoint"), 0);
    assert_int_equal(check_store(fixture), 0);
}

static void test_a_machine_in_two_collections(void **state)
{
    struct local_fixture *fixture = *state;
    const char *image = image_at(fixture, "shared.qcow2");
    make_image(image, "qcow2", "8M", NULL);
    struct guid machine = add_one_disk(fixture, "m", image, DISK_FORMAT_QCOW2);
    struct guid collections[2] = {define_collection(fixture, "first", &machine, 1),
                                  define_collection(fixture, "second", &machine, 1)};
    struct reference_point points[4];
    char *copies[4];
    for (size_t i = 0; i < 4; i++) {
        CLEANUP_FREE char *command = mem_format("write -P %zu %zuM 2M", i + 1, i);
        WRITE(image, "qcow2", command);
        create_point(fixture, &collections[i % 2], &points[i]);
        copies[i] = copy_of(fixture, points[i].members[0].disks[0].layer_path, "qcow2");
    }
    char *now = copy_of(fixture, image, "qcow2");
    struct error err = {0};
    /* The child of the first collection's layer is a layer of the second one. */
    struct object_path path = path_of(&points[0]);
    assert_int_equal(fixture->host->ops->remove_associated_data(fixture->host, &path, NULL, &err), 0);
    path = path_of(&points[2]);
    assert_int_equal(fixture->host->ops->destroy_point(fixture->host, &path, NULL, &err), 0);
    path = path_of(&points[0]);
    assert_int_equal(fixture->host->ops->destroy_point(fixture->host, &path, NULL, &err), 0);
    for (size_t i = 1; i < 4; i += 2)
        assert_same(points[i].members[0].disks[0].layer_path, "qcow2", copies[i]);
    assert_same(image, "qcow2", now);
    assert_int_equal(check_store(fixture), 0);
    assert_int_equal(point_count(fixture, &collections[0]), 0);
    assert_int_equal(point_count(fixture, &collections[1]), 2);
    for (size_t i = 0; i < 4; i++)
        reference_point_clear(&points[i]);
}

/* What nobody registered may need a layer all the same: a clone of it, an image that was moved aside. */
static void test_strangers_keep_their_layers(void **state)
{
    struct history history = {.fixture = *state};
    struct local_fixture *fixture = history.fixture;
    struct host *host = fixture->host;
    struct error err = {0};
    make_history(&history, fixture, NULL, false);
    char *clone = image_at(fixture, "clone.qcow2");
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", layer_of(&history, 1), clone);
    assert_int_equal(destroy(&history, 1, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "point.stranger");
    assert_non_null(strstr(err.what, "/clone.qcow2 is based on "));
    assert_true(*err.next && !err.begun);
    assert_int_equal(host->ops->remove_associated_data(host, &history.points[1], NULL, &err),
                     RETURN_INVALID_STATE);
    assert_same(clone, "qcow2", history.copies[1]);
    assert_int_equal(unlink(clone), 0);

    char *aside = image_at(fixture, "aside.qcow2");
    assert_int_equal(rename(history.image, aside), 0);
    make_image(history.image, "qcow2", "10M", NULL);
    assert_int_equal(destroy(&history, POINTS - 1, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "point.stranger");
    assert_non_null(strstr(err.what, "/aside.qcow2 is based on "));
    assert_int_equal(rename(aside, history.image), 0);
    bool kept[POINTS] = {true, true, true, true};
    assert_states(&history, kept);
    for (size_t i = POINTS; i-- > 0;) {
        destroy_ok(&history, i);
        kept[i] = false;
        assert_states(&history, kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_destroy_from_the_oldest, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_destroy_from_the_newest, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_destroy_in_the_middle_of_resized_disks, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_destroy_above_an_old_image, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_destroy_extended_l2, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_remove_data_keeps_every_other_state, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_a_raw_image_ends_as_one_qcow2_image, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_a_machine_in_two_collections, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_strangers_keep_their_layers, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
