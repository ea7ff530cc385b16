/* Finding the package that an export is based on: by id and digest, never by name; and what is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/read.h"
#include "core/system/fs.h"
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

static void look_in(const char *directory)
{
    *ARRAY_APPEND(world.task.options.base_packages, world.task.options.base_package_count) =
        mem_strdup(directory);
}

static void assert_found(const char *path, size_t count)
{
    struct base_package base;
    world_find_base(&base);
    assert_string_equal(base.packages[0].path, path);
    assert_int_equal(base.count, count);
    base_package_clear(&base);
}

static void assert_refused(const char *key, const char *says)
{
    struct error err = {0};
    struct base_package base;
    assert_false(base_package_find(&world.task, &base, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_int_equal(base.count, 0);
    CLEANUP_FREE char *text = error_text(&err);
    if (strcmp(err.key, key) != 0 || !strstr(text, says))
        fail_msg("%s: %s", err.key, text);
}

static void tamper(const char *package, const char *command)
{
    CLEANUP_FREE char *whole = mem_format("cd \"$0\" && chmod -R u+w . && %s", command);
    WORLD_RUN("sh", "-c", whole, package);
}

static void test_nowhere(void **state)
{
    (void)state;
    CLEANUP_FREE char *other = mem_format("%s/other", world.root);
    assert_int_equal(mkdir(other, 0700), 0);
    CLEANUP_FREE char *path = export_and_step(NULL);
    assert_found(path, 1);
    world.task.base_point.id = guid_new();
    look_in(other);
    assert_refused("export.base-package", world.directory);
    assert_refused("export.base-package", other);
    assert_refused("export.base-package", "monday");
}

static void test_other_collection(void **state)
{
    (void)state;
    free(export_and_step(NULL));
    world.task.base_point.collection_id = guid_new();
    assert_refused("export.base-package", "was found");
}

/* Beside the new one, in a directory of packages, or the package itself; under any name. */
static void test_places(void **state)
{
    (void)state;
    CLEANUP_FREE char *path = export_and_step(NULL);
    CLEANUP_FREE char *other = mem_format("%s/other", world.root);
    CLEANUP_FREE char *moved = mem_format("%s/renamed package", other);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(rename(path, moved), 0);
    assert_refused("export.base-package", "was found");
    look_in(other);
    assert_found(moved, 1);
    mem_replace(&world.task.options.base_packages[0], moved);
    assert_found(moved, 1);
    CLEANUP_FREE char *missing = mem_format("%s/missing", world.root);
    look_in(missing);
    assert_refused("export.base-directory", "missing");
}

/* A package that is there twice, and one of them changed. */
static void test_copies(void **state)
{
    (void)state;
    CLEANUP_FREE char *path = export_and_step(NULL);
    CLEANUP_FREE char *copy = mem_format("%s/a copy", world.directory);
    WORLD_RUN("cp", "-a", path, copy);
    assert_found(copy, 1); /* equal: the first by name */
    tamper(copy, "echo 'x = {' >> reference-point.cfg");
    assert_found(path, 1);
}

static void test_choice(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    char *unverified = NULL;
    /* One with fewer disks, one that is not verified, two alike. */
    world.task.disk_count = 1;
    CLEANUP_FREE char *small = world_export(NULL);
    world.task.disk_count = 3;
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    assert_true(world_finish(writer, results, false, NULL, &unverified, &err));
    package_writer_free(writer);
    CLEANUP_FREE char *one = world_export(NULL);
    CLEANUP_FREE char *two = export_and_step(NULL);
    struct package first;
    struct package second;
    assert_true(package_read(one, &first, &err));
    assert_true(package_read(two, &second, &err));
    bool lower = strcmp(first.id.text, second.id.text) < 0;
    assert_found(lower ? one : two, 1);
    /* The best is damaged: the next best. */
    tamper(lower ? one : two, "rm machines/db01/vda.qcow2");
    assert_found(lower ? two : one, 1);
    tamper(lower ? two : one, "truncate -s 1M machines/db01/vda.qcow2");
    assert_found(unverified, 1);
    tamper(unverified, "rm -r machines");
    assert_found(small, 1);
    tamper(small, "rm -r machines");
    tamper(one, "rm -r machines");
    tamper(two, "rm -r machines");
    assert_refused("package.open", "cannot be built upon");
    package_clear(&first);
    package_clear(&second);
    free(unverified);
}

static void test_chain(void **state)
{
    (void)state;
    char *paths[3];
    paths[0] = export_and_step(NULL);
    for (size_t i = 1; i < 3; i++) {
        struct base_package base;
        world_find_base(&base);
        assert_int_equal(base.count, i);
        paths[i] = export_and_step(&base);
        base_package_clear(&base);
    }
    assert_found(paths[2], 3);
    /* Deep down: gone, changed, changed back, another image, another backing file. */
    CLEANUP_FREE char *away = mem_format("%s/away", world.root);
    assert_int_equal(rename(paths[0], away), 0);
    assert_refused("package.base-missing", strrchr(paths[1], '/') + 1);
    look_in(away);
    /* Its record is there, but the images above look for theirs in the old place. */
    assert_refused("package.base-damaged", "where there is nothing");
    assert_int_equal(rename(away, paths[0]), 0);
    mem_replace(&world.task.options.base_packages[0], paths[0]);
    assert_found(paths[2], 3);
    tamper(paths[0], "cp reference-point.cfg ../kept && sed -i s/monday/sunday/ reference-point.cfg");
    assert_refused("package.base-changed", paths[0]);
    tamper(paths[0], "mv ../kept reference-point.cfg");
    assert_found(paths[2], 3);
    tamper(paths[1], "echo x >../../secret && qemu-img rebase -u -f qcow2 -F raw -b \"$PWD/../../secret\" "
                     "machines/web01/vdb.qcow2");
    assert_refused("package.base-damaged", "/../../secret");
    world.task.disks[1].base_layer = EXPORT_NO_BASE; /* not needed any more */
    assert_found(paths[2], 3);
    tamper(paths[0], "rm machines/web01/vda.qcow2 && ln -s vdb.qcow2 machines/web01/vda.qcow2");
    assert_refused("package.link", "symbolic link");
    for (size_t i = 0; i < 3; i++)
        free(paths[i]);
}

/* A forged ring: the package at the bottom bears the id of the one at the top. */
static void test_ring(void **state)
{
    (void)state;
    char *paths[3];
    paths[0] = export_and_step(NULL);
    for (size_t i = 1; i < 3; i++) {
        struct base_package base;
        world_find_base(&base);
        paths[i] = export_and_step(&base);
        base_package_clear(&base);
    }
    WORLD_RUN("sh", "-c",
              "id() { sed -n 's/^package_id = \"\\(.*\\)\";/\\1/p' \"$1/reference-point.cfg\"; };"
              "sum() { sha256sum \"$1/reference-point.cfg\" | cut -c1-64; };"
              "chmod u+w \"$@\"/*.cfg \"$0/reference-point.cfg\" \"$1/reference-point.cfg\" "
              "\"$2/reference-point.cfg\" 2>/dev/null;"
              "bottom=$(id \"$0\"); top=$(id \"$2\"); old0=$(sum \"$0\"); old1=$(sum \"$1\");"
              "sed -i \"s/$bottom/$top/\" \"$0/reference-point.cfg\";"
              "sed -i \"s/$bottom/$top/;s/$old0/$(sum \"$0\")/\" \"$1/reference-point.cfg\";"
              "sed -i \"s/$old1/$(sum \"$1\")/\" \"$2/reference-point.cfg\"",
              paths[0], paths[1], paths[2]);
    assert_refused("package.base-loop", "comes back");
    for (size_t i = 0; i < 3; i++)
        free(paths[i]);
}

static void test_warning(void **state)
{
    (void)state;
    struct base_package base = {.count = 29};
    assert_null(base_package_warning(&base));
    base.count = 30;
    CLEANUP_FREE char *warning = base_package_warning(&base);
    assert_non_null(strstr(warning, "30"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_nowhere), TEST(test_other_collection), TEST(test_places),
        TEST(test_copies),  TEST(test_choice),           TEST(test_chain),
        TEST(test_ring),    TEST(test_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
