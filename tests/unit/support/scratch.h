/* A private directory that a test program works in: `cmocka_run_group_tests(tests, scratch_make,
 * scratch_remove)`. The program's current directory is that one. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_SCRATCH_H
#define REFPOINT_TESTS_UNIT_SUPPORT_SCRATCH_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/system/fs.h"

static char scratch_path[] = "/tmp/refpoint-test-XXXXXX";

static int scratch_make(void **state)
{
    (void)state;
    return mkdtemp(scratch_path) && chdir(scratch_path) == 0 ? 0 : -1;
}

static int scratch_remove(void **state)
{
    (void)state;
    struct error err = {0};
    return chdir("/") == 0 && fs_remove_tree(AT_FDCWD, scratch_path, &err) ? 0 : -1;
}

#endif
