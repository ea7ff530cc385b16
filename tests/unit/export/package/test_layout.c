/* Names inside a package: hostile, equal, long; names of bases: relative, bounded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/system/fs.h"
#include "tests/unit/support/package.h"

static void rename_all(const char *first, const char *second)
{
    mem_replace(&world.task.point.members[0].machine.name, first);
    mem_replace(&world.task.point.members[1].machine.name, second);
}

static void make(struct package_layout *layout)
{
    struct error err = {0};
    if (!package_layout_make(&world.task, NULL, layout, &err))
        fail_msg("%s", err.what);
}

/* Every file is a plain member path, and no two are one on a file system without case. */
static void assert_sound(const struct package_layout *layout)
{
    for (size_t i = 0; i < layout->disk_count; i++) {
        if (!package_path_is_member(layout->disks[i].file))
            fail_msg("not a member path: %s", layout->disks[i].file);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(package_path_compare_folded(layout->disks[i].file, layout->disks[j].file),
                                 0);
    }
}

static void test_plain_names_stay(void **state)
{
    (void)state;
    struct package_layout layout;
    make(&layout);
    assert_string_equal(layout.machines[0], "machines/web01");
    assert_string_equal(layout.disks[0].file, "machines/web01/vda.qcow2");
    assert_string_equal(layout.disks[2].file, "machines/db01/vda.qcow2");
    assert_null(layout.disks[0].backing_name);
    package_layout_clear(&layout);
}

static void test_equal_names(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"web", "web"},   {"web", "WEB"},           {"a b", "a/b"},
                                           {"../../x", "x"}, {"\x1b[31m", "\x1b[31m"}, {"", "."}};
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        struct package_layout layout;
        rename_all(pairs[i][0], pairs[i][1]);
        make(&layout);
        assert_sound(&layout);
        /* Both get their id: which one is first makes no difference. */
        for (size_t m = 0; m < 2; m++)
            assert_memory_equal(strrchr(layout.machines[m], '-') + 1,
                                world.task.point.members[m].machine.id.text, 8);
        package_layout_clear(&layout);
    }
}

/* A name that looks like another one with its id. */
static void test_name_like_an_id(void **state)
{
    (void)state;
    struct package_layout layout;
    struct member_point *third = world_add_member(&world.task.point, "");
    CLEANUP_FREE char *clash = mem_format("web-%.8s", world.task.point.members[0].machine.id.text);
    mem_replace(&third->machine.name, clash);
    rename_all("web", "Web");
    make(&layout);
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(package_path_compare_folded(layout.machines[i], layout.machines[j]), 0);
    }
    package_layout_clear(&layout);
}

static void test_same_ids(void **state)
{
    (void)state;
    struct package_layout layout;
    rename_all("web", "web");
    world.task.point.members[1].machine.id = world.task.point.members[0].machine.id;
    make(&layout);
    assert_sound(&layout);
    package_layout_clear(&layout);
}

static void test_long_names(void **state)
{
    (void)state;
    struct package_layout layout;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    rename_all(name, name);
    mem_replace(&world.task.point.members[0].disks[0].disk_id, name);
    mem_replace(&world.task.point.members[0].disks[1].disk_id, name);
    mem_replace(&world.task.point.collection_name, name);
    make(&layout);
    assert_sound(&layout);
    CLEANUP_FREE char *stem = package_name_stem(&world.task.point);
    assert_int_equal(strlen(stem), 64 + 1 + 16);
    package_layout_clear(&layout);
}

/* A disk's file does not depend on which others are selected. */
static void test_selection_changes_nothing(void **state)
{
    (void)state;
    struct package_layout all;
    struct package_layout one;
    mem_replace(&world.task.point.members[0].disks[0].disk_id, "VDB");
    make(&all);
    world.task.disk_count = 1;
    make(&one);
    assert_string_equal(all.disks[0].file, one.disks[0].file);
    assert_memory_equal(one.disks[0].file, "machines/web01/VDB-", 19);
    package_layout_clear(&all);
    package_layout_clear(&one);
}

/* --- bases --- */

struct pair {
    struct base_package base;
    struct package_layout layout;
};

/* A full package in `where`, then the layout of a differential one on it. */
static void make_pair(struct pair *pair, const char *where)
{
    struct error err = {0};
    struct reference_point point = {0};
    mem_replace(&world.task.directory, where);
    free(world_export(NULL));
    mem_replace(&world.task.directory, world.directory);
    *ARRAY_APPEND(world.task.options.base_packages, world.task.options.base_package_count) =
        mem_strdup(where);
    reference_point_copy(&point, &world.task.point);
    world_next_point(&point);
    reference_point_clear(&point);
    world_find_base(&pair->base);
    if (!package_layout_make(&world.task, &pair->base, &pair->layout, &err))
        fail_msg("%s", err.what);
}

static void clear_pair(struct pair *pair)
{
    base_package_clear(&pair->base);
    package_layout_clear(&pair->layout);
}

/* From where the new package will lie, the stored name leads to the base's disk. */
static void assert_leads(const struct pair *pair)
{
    CLEANUP_FREE char *directory = mem_format("%s/new/machines/web01", world.directory);
    CLEANUP_FREE char *found = mem_format("%s/%s", directory, pair->layout.disks[0].backing_name);
    CLEANUP_FREE char *wanted =
        mem_format("%s/%s", pair->base.packages[0].path, pair->layout.disks[0].base_file);
    struct error err = {0};
    struct stat one;
    struct stat two;
    assert_true(fs_make_directories(directory, 0700, &err));
    assert_int_equal(stat(found, &one), 0);
    assert_int_equal(stat(wanted, &two), 0);
    assert_true(one.st_ino == two.st_ino && one.st_dev == two.st_dev);
}

static void test_base_beside(void **state)
{
    (void)state;
    struct pair pair;
    make_pair(&pair, world.directory);
    assert_leads(&pair);
    assert_memory_equal(pair.layout.disks[0].backing_name, "../../../web-shop-", 18);
    clear_pair(&pair);
}

static void test_base_elsewhere(void **state)
{
    (void)state;
    static const char *const places[] = {"far/away here", "exports/below", "..link", "exports2"};
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        struct error err = {0};
        struct pair pair;
        CLEANUP_FREE char *where = mem_format("%s/%s", world.root, places[i]);
        assert_true(fs_make_directories(where, 0700, &err));
        make_pair(&pair, where);
        assert_leads(&pair);
        clear_pair(&pair);
    }
}

/* The export directory is reached by a link: the real place counts. */
static void test_linked_directory(void **state)
{
    (void)state;
    struct error err = {0};
    struct pair pair;
    CLEANUP_FREE char *deep = mem_format("%s/a/b/c", world.root);
    CLEANUP_FREE char *link_path = mem_format("%s/link", world.root);
    assert_true(fs_make_directories(deep, 0700, &err));
    assert_int_equal(symlink(deep, link_path), 0);
    make_pair(&pair, link_path);
    assert_leads(&pair);
    clear_pair(&pair);
}

static void test_stored_name_too_long(void **state)
{
    (void)state;
    struct error err = {0};
    struct pair pair;
    char name[201];
    memset(name, 'd', 200);
    name[200] = '\0';
    CLEANUP_FREE char *where = mem_format("%s/%s/%s/%s/%s/%s", world.root, name, name, name, name, name);
    assert_true(fs_make_directories(where, 0700, &err));
    make_pair(&pair, where);
    assert_null(pair.layout.disks[0].backing_name);
    assert_non_null(strstr(pair.layout.disks[0].full_reason, "1023 bytes"));
    clear_pair(&pair);
}

/* The base holds not all of the disks, and one that has no base of its own stays full without a reason. */
static void test_disk_not_in_base(void **state)
{
    (void)state;
    struct error err = {0};
    struct reference_point point = {0};
    struct base_package base;
    struct package_layout layout;
    world.task.disk_count = 1;
    free(world_export(NULL));
    reference_point_copy(&point, &world.task.point);
    world_next_point(&point);
    reference_point_clear(&point);
    world.task.disks[2].base_layer = EXPORT_NO_BASE;
    world_find_base(&base);
    assert_true(package_layout_make(&world.task, &base, &layout, &err));
    assert_non_null(layout.disks[0].backing_name);
    assert_null(layout.disks[1].backing_name);
    assert_non_null(strstr(layout.disks[1].full_reason, "does not hold this disk"));
    assert_null(layout.disks[2].backing_name);
    assert_null(layout.disks[2].full_reason);
    package_layout_clear(&layout);
    base_package_clear(&base);
}

/* Names add up along a chain until one disk must be full. */
static void test_expanded_names(void **state)
{
    (void)state;
    struct error err = {0};
    struct pair pair;
    struct package_layout longer;
    make_pair(&pair, world.directory);
    /* As if the base were itself based on a package with names near the limit, nine deep. */
    struct base_package chain = {0};
    char name[1001];
    memset(name, 'n', 1000);
    name[1000] = '\0';
    for (size_t i = 0; i < 9; i++) {
        struct package *package = ARRAY_APPEND(chain.packages, chain.count);
        *package = pair.base.packages[0];
        package->disks = mem_alloc(package->disk_count * sizeof *package->disks);
        memcpy(package->disks, pair.base.packages[0].disks, package->disk_count * sizeof *package->disks);
        package->disks[0].backing_name = mem_format("../../../%.*s/machines/web01/vda.qcow2", 500, name);
    }
    assert_true(package_layout_make(&world.task, &chain, &longer, &err));
    assert_null(longer.disks[0].backing_name);
    assert_non_null(strstr(longer.disks[0].full_reason, "4000 bytes"));
    assert_non_null(longer.disks[1].backing_name);
    package_layout_clear(&longer);
    chain.count = 6;
    assert_true(package_layout_make(&world.task, &chain, &longer, &err));
    assert_non_null(longer.disks[0].backing_name);
    package_layout_clear(&longer);
    for (size_t i = 0; i < 9; i++) {
        free(chain.packages[i].disks[0].backing_name);
        free(chain.packages[i].disks);
    }
    free(chain.packages);
    clear_pair(&pair);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_plain_names_stay), TEST(test_equal_names),
        TEST(test_name_like_an_id),  TEST(test_same_ids),
        TEST(test_long_names),       TEST(test_selection_changes_nothing),
        TEST(test_base_beside),      TEST(test_base_elsewhere),
        TEST(test_linked_directory), TEST(test_stored_name_too_long),
        TEST(test_disk_not_in_base), TEST(test_expanded_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
