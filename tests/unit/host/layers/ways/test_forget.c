/* Points and collections forgotten: everything that worked goes on working, no file is touched, and what is
 * told is true. */
#include "tests/unit/support/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/ways/forget.h"

static void forget(struct history *history, size_t point, struct left_layers *left)
{
    struct error err = {0};
    struct host *host = history->fixture->host;
    CLEANUP_FREE char *before = history_picture(history);
    if (!host->ops->forget_point(host, &history->points[point], left, &err))
        fail_msg("%s: %s", err.what, err.cause);
    CLEANUP_FREE char *after = history_picture(history);
    assert_string_equal(before, after);
}

static void test_in_the_middle_of_a_chain(void **state)
{
    struct history history;
    struct left_layers left;
    struct error err = {0};
    history_make(&history, *state, 4);
    history_assert_export(&history, 0, HISTORY_FULL);
    forget(&history, 1, &left);
    assert_int_equal(left.count, 2);
    for (size_t i = 0; i < left.count; i++) {
        assert_string_equal(left.items[i].path, history.layers[1][i]);
        assert_int_equal(left.items[i].rest, LAYER_REST_POINT);
        assert_int_equal(left.items[i].command_count, 0);
    }
    left_layers_clear(&left);
    assert_int_equal(history_try_export(&history, 1, &err), RETURN_INVALID_PARAMETER);
    history_assert_export(&history, 2, 0);
    history_assert_export(&history, 3, 2);
    history_assert_all(&history);
    assert_int_equal(check_store(*state), 0);
    /* On top of it, beneath it, and above it. */
    history_add_point(&history, NULL);
    struct host *host = history.fixture->host;
    static const size_t order[] = {0, 3, 2, 4};
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        for (size_t j = i; j < ARRAY_LENGTH(order); j++)
            history_assert_export(&history, order[j], HISTORY_FULL);
        assert_int_equal(host->ops->remove_associated_data(host, &history.points[order[i]], NULL, &err), 0);
        assert_int_equal(host->ops->destroy_point(host, &history.points[order[i]], NULL, &err), 0);
        history_assert_all(&history);
        assert_int_equal(check_store(*state), 0);
    }
}

static void run_commands(const struct left_layers *left)
{
    for (size_t i = 0; i < left->count; i++) {
        for (size_t j = 0; j < left->items[i].command_count; j++)
            RUN("bash", "-c", left->items[i].commands[j]);
    }
}

/* The newest, the one beneath, and the oldest; then what is told is done. */
static void test_the_commands_that_are_told(void **state)
{
    for (size_t first = 0; first < 3; first++) {
        struct history history;
        struct left_layers left;
        void *fixture = NULL;
        (void)state;
        assert_int_equal(local_setup(&fixture), 0);
        history_make(&history, fixture, 3);
        for (size_t i = 3; i-- > first;) {
            forget(&history, i, &left);
            assert_int_equal(left.count, 2);
            for (size_t j = 0; j < left.count; j++) {
                assert_int_equal(left.items[j].rest, LAYER_REST_IMAGE);
                assert_string_equal(left.items[j].needed_by, history.images[j]);
            }
            if (i > first)
                left_layers_clear(&left);
        }
        run_commands(&left);
        left_layers_clear(&left);
        for (size_t i = 0; i < HISTORY_DISKS; i++)
            assert_int_equal(access(history.layers[first][i], F_OK), -1);
        history_assert_all(&history);
        for (size_t i = 0; i < first; i++)
            history_assert_export(&history, i, HISTORY_FULL);
        assert_int_equal(local_teardown(&fixture), 0);
    }
}

/* Layers of one lie between those of the other. */
static void test_two_collections_share_the_machine(void **state)
{
    struct history history;
    struct left_layers left;
    struct error err = {0};
    struct host *host;
    history_begin(&history, *state);
    host = history.fixture->host;
    struct guid other = define_collection(*state, "other", &history.machine, 1);
    for (size_t i = 0; i < 4; i++)
        history_add_point(&history, i % 2 ? &other : NULL);
    history_assert_export(&history, 1, HISTORY_FULL);
    assert_false(host->ops->delete_collection(host, &history.collection, &err));
    assert_true(host->ops->forget_collection(host, &history.collection, &left, &err));
    assert_int_equal(left.count, 4);
    left_layers_clear(&left);
    history_assert_export(&history, 3, 1);
    history_assert_all(&history);
    assert_int_equal(check_store(*state), 0);
    history_add_point(&history, &other);
    history_assert_export(&history, 4, 3);
    assert_true(host->ops->forget_collection(host, &other, NULL, &err));
    history_assert_all(&history);
    assert_int_equal(check_store(*state), 0);
    /* The machine is free, and its images can be given to another one with what lies beneath them. */
    struct machine machine;
    assert_true(store_read_machine(fixture_store(*state), &history.machine, &machine, &err));
    assert_int_equal(machine.disks[0].backing_count, 6);
    assert_int_equal(machine.disks[1].backing_count, 5);
    assert_string_equal(machine.disks[0].backing[0].path, history.layers[4][0]);
    assert_string_equal(machine.disks[0].backing[5].path, history.template);
    assert_true(host->ops->remove_machine(host, &history.machine, &err));
    if (!host->ops->add_machine(host, &machine, &err))
        fail_msg("%s: %s", err.what, err.cause);
    machine_clear(&machine);
    assert_int_equal(check_store(*state), 0);
}

struct forget_work {
    struct history *history;
    bool whole;
};

static void work_forget(const struct step_hook *hook, void *context)
{
    struct forget_work *work = context;
    struct error err = {0};
    const struct store *store = fixture_store(work->history->fixture);
    bool ok = work->whole ? forget_collection(store, &work->history->collection, hook, NULL, &err)
                          : forget_point(store, &work->history->points[1], hook, NULL, &err);
    if (!ok)
        _exit(1);
}

static void crash_everywhere(bool whole)
{
    size_t steps = 0;
    for (bool crashed = true; crashed; steps += crash_stride()) {
        struct history history;
        struct forget_work work = {.history = &history, .whole = whole};
        struct error err = {0};
        void *fixture = NULL;
        assert_int_equal(local_setup(&fixture), 0);
        history_make(&history, fixture, 3);
        crashed = crash_at(steps, work_forget, &work);
        history_assert_all(&history);
        assert_int_equal(check_store(fixture), 0);
        struct reference_point point;
        struct host *host = history.fixture->host;
        if (host->ops->read_point(host, &history.points[1], &point, &err)) {
            reference_point_clear(&point);
            history_assert_export(&history, 1, HISTORY_FULL);
            assert_false(crash_at(SIZE_MAX, work_forget, &work));
        }
        for (size_t i = 0; i < 3; i += whole ? 3 : 2)
            if (!whole)
                history_assert_export(&history, i, HISTORY_FULL);
        assert_int_equal(check_store(fixture), 0);
        history_assert_all(&history);
        assert_int_equal(local_teardown(&fixture), 0);
    }
    print_message("%zu steps, tried every %zu\n", steps, crash_stride());
    assert_true(steps > 3);
}

static void test_crash_while_a_point_is_forgotten(void **state)
{
    (void)state;
    crash_everywhere(false);
}

static void test_crash_while_a_collection_is_forgotten(void **state)
{
    (void)state;
    crash_everywhere(true);
}

/* Copied elsewhere and back: other inode numbers, so that no command on the machine works any more. */
static void test_after_everything_was_copied(void **state)
{
    struct history history;
    struct left_layers left;
    struct error err = {0};
    history_make(&history, *state, 3);
    struct host *host = history.fixture->host;
    char *aside = keep(*state, mem_format("%s/aside", history.fixture->root));
    assert_int_equal(rename(history.fixture->images, aside), 0);
    RUN("cp", "-a", aside, history.fixture->images);
    assert_int_equal(history_try_export(&history, 1, &err), RETURN_INVALID_STATE);
    assert_int_equal(try_create(*state, &history.collection, &err), RETURN_INVALID_STATE);
    assert_true(check_store(*state) > 0);
    assert_true(host->ops->forget_collection(host, &history.collection, &left, &err));
    assert_int_equal(left.count, 6);
    for (size_t i = 0; i < left.count; i++)
        assert_int_equal(left.items[i].rest, LAYER_REST_IMAGE);
    left_layers_clear(&left);
    assert_int_equal(check_store(*state), 0);
    history.count = 0;
    history.collection = define_collection(*state, "again", &history.machine, 1);
    history_add_point(&history, NULL);
    history_add_point(&history, NULL);
    history_assert_export(&history, 0, HISTORY_FULL);
    history_assert_export(&history, 1, 0);
}

/* The images are away while the points are forgotten, and come back. */
static void test_while_the_files_are_away(void **state)
{
    struct history history;
    struct left_layers left;
    struct error err = {0};
    history_make(&history, *state, 2);
    struct host *host = history.fixture->host;
    char *aside = keep(*state, mem_format("%s/aside", history.fixture->root));
    assert_int_equal(rename(history.fixture->images, aside), 0);
    assert_true(host->ops->forget_point(host, &history.points[0], &left, &err));
    for (size_t i = 0; i < left.count; i++)
        assert_int_equal(left.items[i].rest, LAYER_REST_GONE);
    left_layers_clear(&left);
    assert_true(host->ops->forget_point(host, &history.points[1], NULL, &err));
    assert_int_equal(rename(aside, history.fixture->images), 0);
    assert_int_equal(check_store(*state), 0);
    history_assert_images(&history);
    history_add_point(&history, NULL);
    history_assert_export(&history, 2, HISTORY_FULL);
}

/* A record that nobody can read, and an image that was replaced. */
static void test_what_is_broken(void **state)
{
    struct history history;
    struct left_layers left;
    struct error err = {0};
    history_make(&history, *state, 3);
    struct host *host = history.fixture->host;
    CLEANUP_FREE char *record =
        mem_format("%s/collections/%s/points/%s/point.cfg", fixture_store(*state)->path,
                   history.collection.text, history.points[1].point_id.text);
    assert_int_equal(truncate(record, 100), 0);
    assert_int_equal(history_try_export(&history, 2, &err), RETURN_NOT_SUPPORTED);
    assert_true(host->ops->forget_point(host, &history.points[1], &left, &err));
    assert_int_equal(left.count, 0);
    history_assert_export(&history, 2, HISTORY_FULL);
    history_assert_all(&history);
    assert_int_equal(check_store(*state), 0);

    assert_int_equal(unlink(history.images[1]), 0);
    make_image(history.images[1], "qcow2", "4M", NULL);
    history.now[1] = copy_of(*state, history.images[1], "qcow2");
    forget(&history, 2, &left);
    assert_int_equal(left.items[0].rest, LAYER_REST_IMAGE);
    assert_int_equal(left.items[1].rest, LAYER_REST_FREE);
    run_commands(&left);
    left_layers_clear(&left);
    history_assert_export(&history, 0, HISTORY_FULL);
    history_assert_all(&history);
    struct object_path nobody = history.points[0];
    nobody.point_id = guid_new();
    assert_false(host->ops->forget_point(host, &nobody, &left, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_string_equal(err.key, "point.unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_the_middle_of_a_chain, local_setup, local_teardown),
        cmocka_unit_test(test_the_commands_that_are_told),
        cmocka_unit_test_setup_teardown(test_two_collections_share_the_machine, local_setup, local_teardown),
        cmocka_unit_test(test_crash_while_a_point_is_forgotten),
        cmocka_unit_test(test_crash_while_a_collection_is_forgotten),
        cmocka_unit_test_setup_teardown(test_after_everything_was_copied, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_while_the_files_are_away, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_broken, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
