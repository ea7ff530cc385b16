/* The directory that is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <fcntl.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/screens/package/directory.h"

static void test_the_last_one_is_recalled(void **state)
{
    (void)state;
    char root[] = "/tmp/refpoint-packages-XXXXXX";
    assert_non_null(mkdtemp(root));
    CLEANUP_FREE char *home = mem_format("%s/state", root); /* made when it is needed */
    assert_null(package_directory_recall(home));
    package_directory_remember(home, "/srv/a");
    package_directory_remember(home, "/srv/\"b\" c");
    CLEANUP_FREE char *recalled = package_directory_recall(home);
    assert_string_equal(recalled, "/srv/\"b\" c");
    CLEANUP_FREE char *file = mem_format("%s/" PACKAGES_FILE, home);
    struct error err = {0};
    assert_true(fs_write_atomic(AT_FDCWD, file, "directory = ", 12, 0600, &err));
    assert_null(package_directory_recall(home));
    assert_true(fs_remove_tree(AT_FDCWD, root, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_last_one_is_recalled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
