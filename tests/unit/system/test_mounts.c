/* Which mounted file systems are places to keep something in, from a table like the kernel's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/system/mounts.h"
#include "tests/unit/support/scratch.h"

static void add_line(FILE *table, const char *path, const char *options, const char *type)
{
    assert_true(fprintf(table, "36 35 98:0 / %s %s shared:1 master:2 - %s /dev/x rw,errors=continue\n", path,
                        options, type) > 0);
}

static const struct mounted *find(const struct mounts *mounts, const char *path)
{
    for (size_t i = 0; i < mounts->count; i++) {
        if (strcmp(mounts->items[i].path, path) == 0)
            return &mounts->items[i];
    }
    return NULL;
}

static void test_places_are_told_from_the_rest(void **state)
{
    (void)state;
    const char *root = scratch_path;
    struct mounts mounts;
    CLEANUP_FREE char *name = mem_format("%s/table", root);
    CLEANUP_FREE char *blank = mem_format("%s/a b", root);
    CLEANUP_FREE char *escaped = mem_format("%s/a\\040b", root);
    CLEANUP_FREE char *file = mem_format("%s/table", root);
    assert_int_equal(mkdir(blank, 0700), 0);
    FILE *table = fopen(name, "we");
    assert_non_null(table);
    add_line(table, "/", "rw,relatime", "ext4");
    add_line(table, "/proc", "rw", "proc");
    add_line(table, "/boot", "rw", "ext4");
    add_line(table, root, "ro,relatime", "xfs");
    add_line(table, "/nobody/answers/here", "rw", "nfs4");
    add_line(table, "/is/not/there", "rw", "ext4");
    add_line(table, file, "rw", "ext4"); /* a file can be mounted */
    add_line(table, escaped, "rw,noatime", "btrfs");
    add_line(table, escaped, "rw,noatime", "btrfs"); /* over itself */
    assert_true(fputs("no line of it\n\n36 35 98:0 / /x\n", table) >= 0);
    assert_int_equal(fclose(table), 0);
    mounts_read(name, &mounts);
    assert_int_equal(mounts.count, 2);
    const struct mounted *local = find(&mounts, blank);
    assert_non_null(local);
    assert_string_equal(local->type, "btrfs");
    assert_true(local->available > 0 && !local->network);
    assert_ptr_equal(local, &mounts.items[0]); /* what may not answer comes last */
    const struct mounted *network = find(&mounts, "/nobody/answers/here"); /* nobody looked at it */
    assert_non_null(network);
    assert_true(network->network);
    mounts_clear(&mounts);
    assert_int_equal(mounts.count, 0);
}

static void test_without_a_table_there_is_nothing(void **state)
{
    (void)state;
    struct mounts mounts;
    mounts_read("none", &mounts);
    assert_int_equal(mounts.count, 0);
    mounts_read(NULL, &mounts); /* this process's own can be read */
    mounts_clear(&mounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_are_told_from_the_rest),
        cmocka_unit_test(test_without_a_table_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
