/* What the first screen reads: names first, and what the machines tell behind that, or all in one go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/local.h"
#include "ui/screens/browse/data/load.h"

/* Where the program was started: of no concern to what is read. */
static char local[] = "local";
static char none[] = "/nonexistent";
static const struct settings_place nowhere = {.host = local, .kind = local, .store = none};

static void make_collections(struct local_fixture *fixture)
{
    char *path = image_at(fixture, "a.qcow2");
    make_image(path, "qcow2", "3G", NULL);
    struct guid machine = add_one_disk(fixture, "m", path, DISK_FORMAT_QCOW2);
    define_collection(fixture, "second", &machine, 1);
    define_collection(fixture, "first", &machine, 1);
}

static void assert_rows(const struct catalogue *catalogue, bool sized)
{
    assert_int_equal(catalogue->count, 2);
    assert_string_equal(catalogue->rows[0].name, "first");
    assert_string_equal(catalogue->rows[1].name, "second");
    for (size_t i = 0; i < catalogue->count; i++) {
        assert_string_equal(catalogue->rows[i].machines_text, "1");
        assert_int_equal(catalogue->rows[i].sized, sized);
        assert_int_equal(catalogue->rows[i].size, sized ? 3 * GIB : 0);
        assert_int_equal(catalogue->rows[i].missing, 0);
    }
}

static void test_names_first(void **state)
{
    struct local_fixture *fixture = *state;
    make_collections(fixture);
    struct load_collections *names = load_collections_new(fixture->host, &nowhere, true);
    load_collections_run(names);
    assert_true(names->ok);
    assert_true(names->unfinished);
    assert_rows(&names->catalogue, false);

    struct load_collections *rest = load_collections_rest(names);
    load_collections_release(names);
    load_collections_run(rest);
    assert_true(rest->ok);
    assert_true(rest->is_rest);
    assert_false(rest->unfinished);
    assert_rows(&rest->catalogue, true);
    assert_int_equal(rest->catalogue.machines, 1);
    load_collections_release(rest);
}

static void test_in_one_go(void **state)
{
    struct local_fixture *fixture = *state;
    make_collections(fixture);
    struct load_collections *all = load_collections_new(fixture->host, &nowhere, false);
    load_collections_run(all);
    assert_true(all->ok);
    assert_false(all->unfinished);
    assert_rows(&all->catalogue, true);
    load_collections_release(all);
}

/* There is nothing that could be shown before: the machines are told at once. */
static void test_without_collections(void **state)
{
    struct local_fixture *fixture = *state;
    char *path = image_at(fixture, "a.qcow2");
    make_image(path, "qcow2", "3G", NULL);
    add_one_disk(fixture, "m", path, DISK_FORMAT_QCOW2);
    struct load_collections *names = load_collections_new(fixture->host, &nowhere, true);
    load_collections_run(names);
    assert_true(names->ok);
    assert_false(names->unfinished);
    assert_int_equal(names->catalogue.count, 0);
    assert_int_equal(names->catalogue.machines, 1);
    load_collections_release(names);
}

/* Somebody is asked about the machines: nothing is shown before there is an answer. */
static void test_a_host_that_asks(void **state)
{
    struct local_fixture *fixture = *state;
    make_collections(fixture);
    struct host_ops ops = *fixture->host->ops;
    const struct host_ops *own = fixture->host->ops;
    ops.known_machines = own->list_machines;
    fixture->host->ops = &ops;
    struct load_collections *all = load_collections_new(fixture->host, &nowhere, true);
    load_collections_run(all);
    assert_true(all->ok);
    assert_false(all->unfinished);
    assert_rows(&all->catalogue, true);
    load_collections_release(all);
    fixture->host->ops = own;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_first, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_in_one_go, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_without_collections, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_host_that_asks, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
