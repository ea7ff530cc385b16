/* Real disk images for tests: a private directory, and the stock tools on it. Included by one test program
 * each; everything is static. A tool that fails ends the test. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_IMAGE_FILES_H
#define REFPOINT_TESTS_UNIT_SUPPORT_IMAGE_FILES_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/system/fs.h"

struct image_files {
    char directory[64];
};

__attribute__((unused)) static void image_files_make(struct image_files *files)
{
    snprintf(files->directory, sizeof files->directory, "/tmp/refpoint-test-XXXXXX");
    assert_non_null(mkdtemp(files->directory));
}

__attribute__((unused)) static void image_files_remove(struct image_files *files)
{
    struct error err = {0};
    assert_true(fs_remove_tree(AT_FDCWD, files->directory, &err));
}

__attribute__((unused)) static char *image_path(const struct image_files *files, const char *name)
{
    return mem_format("%s/%s", files->directory, name);
}

/* Runs a shell command in the directory; returns its exit status. */
__attribute__((unused, format(printf, 2, 3))) static int shell_status(const struct image_files *files,
                                                                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *command = mem_vformat(format, arguments);
    va_end(arguments);
    CLEANUP_FREE char *line = mem_format("cd '%s' && { %s; } >shell.log 2>&1", files->directory, command);
    int status = system(line); // NOLINT: test code, fixed commands
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

#define shell(files, ...)                                                                                    \
    do {                                                                                                     \
        if (shell_status((files), __VA_ARGS__) != 0) {                                                       \
            CLEANUP_FREE char *shell_log = mem_format("cat '%s/shell.log' >&2", (files)->directory);         \
            (void)!system(shell_log);                                                                        \
            fail_msg("command failed: " __VA_ARGS__);                                                        \
        }                                                                                                    \
    } while (0)

__attribute__((unused)) static int image_open(const struct image_files *files, const char *name, int flags)
{
    CLEANUP_FREE char *path = image_path(files, name);
    int fd = open(path, flags | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

#endif
