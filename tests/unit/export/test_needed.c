/* What a differential package would stand on, link by link, there or missing. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/prepare/needed.h"
#include "tests/unit/support/package.h"

/* A package of the task's point; then the next point, based on it. */
static char *export_and_step(const struct base_package *base)
{
    struct reference_point point = {0};
    char *path = world_export(base);
    reference_point_copy(&point, &world.task.point);
    world_next_point(&point);
    reference_point_clear(&point);
    return path;
}

static void look(struct packages_needed *needed)
{
    const struct package_search search = {.directory = world.task.directory};
    const struct object_path base = {.point_id = world.task.base_point.id,
                                     .collection_id = world.task.base_point.collection_id};
    packages_needed_read(&search, &base, needed);
}

static void test_nothing_is_there(void **state)
{
    (void)state;
    struct packages_needed needed;
    free(export_and_step(NULL));
    world.task.base_point.id = guid_new();
    look(&needed);
    assert_int_equal(needed.count, 1);
    assert_true(guid_equal(&needed.items[0].point, &world.task.base_point.id));
    assert_null(needed.items[0].path);
    packages_needed_clear(&needed);
}

static void test_each_link(void **state)
{
    (void)state;
    struct packages_needed needed;
    struct base_package base;
    CLEANUP_FREE char *full = export_and_step(NULL);
    const struct guid first = world.task.base_point.id;
    look(&needed);
    assert_int_equal(needed.count, 1);
    assert_string_equal(needed.items[0].path, full);
    packages_needed_clear(&needed);
    world_find_base(&base);
    CLEANUP_FREE char *above = export_and_step(&base);
    base_package_clear(&base);
    look(&needed);
    assert_int_equal(needed.count, 2);
    assert_string_equal(needed.items[0].path, above);
    assert_string_equal(needed.items[1].path, full);
    packages_needed_clear(&needed);
    WORLD_RUN("sh", "-c", "chmod -R u+w \"$0\" && rm -r \"$0\"", full);
    look(&needed);
    assert_int_equal(needed.count, 2);
    assert_string_equal(needed.items[0].path, above);
    assert_null(needed.items[1].path);
    assert_true(guid_equal(&needed.items[1].point, &first)); /* it is known of which point it was */
    packages_needed_clear(&needed);
}

static void test_no_directory(void **state)
{
    (void)state;
    struct packages_needed needed;
    const struct package_search search = {.directory = "/does/not/exist"};
    packages_needed_read(&search, &(struct object_path){0}, &needed);
    assert_int_equal(needed.count, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {TEST(test_nothing_is_there), TEST(test_each_link),
                                       TEST(test_no_directory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
