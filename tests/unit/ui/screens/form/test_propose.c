/* Where a first package could be made: beside a demo's store, else where backups are kept by custom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/scratch.h"
#include "ui/screens/form/model/propose.h"

static void test_beside_a_demo(void **state)
{
    (void)state;
    CLEANUP_FREE char *store = mem_format("%s/store", scratch_path);
    CLEANUP_FREE char *exports = mem_format("%s/exports", scratch_path);
    assert_int_equal(mkdir("store", 0700) | mkdir("exports", 0700), 0);
    CLEANUP_FREE char *before = propose_directory_for(store);
    assert_true(!before || strcmp(before, exports) != 0); /* a store of one's own has no images beside it */
    assert_int_equal(mkdir("images", 0700), 0);
    CLEANUP_FREE char *found = propose_directory_for(store);
    assert_string_equal(found, exports);
    CLEANUP_FREE char *other = propose_directory_for(exports);
    assert_true(!other || strcmp(other, exports) != 0);
}

static void test_customs_come_in_their_order(void **state)
{
    (void)state;
    char *paths[] = {(char[]){"/data"},     (char[]){"/srvother"},  (char[]){"/home/me/disk"},
                     (char[]){"/mnt/disk"}, (char[]){"/mnt/other"}, (char[]){"/backup"}};
    struct mounted items[ARRAY_LENGTH(paths)];
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++)
        items[i] = (struct mounted){.path = paths[i]};
    struct mounts mounts = {.items = items, .count = ARRAY_LENGTH(paths)};
    assert_string_equal(propose_mounted(&mounts, "/home/me")->path, "/backup");
    mounts.count = 5;
    assert_string_equal(propose_mounted(&mounts, "/home/me")->path, "/mnt/disk");
    mounts.count = 3;
    assert_string_equal(propose_mounted(&mounts, "/home/me")->path, "/home/me/disk");
    assert_null(propose_mounted(&mounts, NULL));
    mounts.count = 2;
    assert_null(propose_mounted(&mounts, "/home/me"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beside_a_demo),
        cmocka_unit_test(test_customs_come_in_their_order),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
