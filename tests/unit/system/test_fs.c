/* Files with a promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/fs.h"
#include "tests/unit/support/scratch.h"

static void write_file(const char *name, const char *text)
{
    struct error err = {0};
    if (!fs_write_atomic(AT_FDCWD, name, text, strlen(text), 0600, &err))
        fail_msg("%s: %s", err.what, err.cause);
}

static void assert_content(const char *name, const char *text)
{
    struct error err = {0};
    CLEANUP_FREE char *read = NULL;
    size_t length = 0;
    assert_true(fs_read(AT_FDCWD, name, 1000, &read, &length, &err));
    assert_string_equal(read, text);
    assert_int_equal(length, strlen(text));
}

static size_t count_of(const char *directory)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    assert_true(fs_open_directory(AT_FDCWD, directory, &fd, &err));
    assert_true(fs_list(fd, &names, &count, &err));
    fs_free_names(names, count);
    return count;
}

static void test_read(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    write_file("empty", "");
    assert_content("empty", "");
    assert_true(fs_write_atomic(AT_FDCWD, "zero", "a\0b", 3, 0600, &err));
    assert_true(fs_read(AT_FDCWD, "zero", 3, &text, &length, &err));
    assert_int_equal(length, 3);
    assert_memory_equal(text, "a\0b", 4);
    char *other = NULL;
    assert_false(fs_read(AT_FDCWD, "zero", 2, &other, NULL, &err));
    assert_string_equal(err.key, "file.too-large");
    assert_false(fs_read(AT_FDCWD, ".", 2, &other, NULL, &err));
    assert_string_equal(err.key, "file.kind");
    assert_false(fs_read(AT_FDCWD, "missing", 2, &other, NULL, &err));
    assert_int_equal(err.code, RETURN_FILE_NOT_FOUND);
    assert_null(other);
}

static void test_write_atomic(void **state)
{
    (void)state;
    struct error err = {0};
    struct stat status;
    assert_int_equal(mkdir("w", 0700), 0);
    write_file("w/a", "one");
    assert_int_equal(stat("w/a", &status), 0);
    ino_t first = status.st_ino;
    /* Someone who has it open goes on reading the old one. */
    CLEANUP_FD int open_one = open("w/a", O_RDONLY | O_CLOEXEC);
    write_file("w/a", "two");
    assert_int_equal(stat("w/a", &status), 0);
    assert_true(status.st_ino != first);
    char old[4] = "";
    assert_int_equal(read(open_one, old, 3), 3);
    assert_string_equal(old, "one");
    assert_content("w/a", "two");
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_true(fs_write_atomic(AT_FDCWD, "w/read-only", "x", 1, 0400, &err));
    assert_true(fs_write_atomic(AT_FDCWD, "w/read-only", "yy", 2, 0400, &err));
    assert_content("w/read-only", "yy");
    assert_int_equal(count_of("w"), 2);
    CLEANUP_FD int directory = open("w", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fs_write_atomic(directory, "b", "three", 5, 0600, &err));
    assert_content("w/b", "three");
}

/* What cannot be written leaves what was there, and nothing else. */
static void test_write_refused(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(mkdir("r", 0700), 0);
    assert_int_equal(mkdir("r/directory", 0700), 0);
    assert_false(fs_write_atomic(AT_FDCWD, "r/directory", "x", 1, 0600, &err));
    assert_string_equal(err.key, "file.rename");
    assert_false(fs_write_atomic(AT_FDCWD, "r/missing/x", "x", 1, 0600, &err));
    assert_int_equal(err.code, RETURN_FILE_NOT_FOUND);
    assert_int_equal(count_of("r"), 1);
    CLEANUP_FD int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_false(fs_write_all(full, "x", 1, "the disk", &err));
    assert_int_equal(err.code, RETURN_FAILED);
    assert_string_equal(err.what, "cannot write the disk");
    assert_string_equal(err.cause, "No space left on device");
}

static void test_make_directories(void **state)
{
    (void)state;
    struct error err = {0};
    struct stat status;
    assert_true(fs_make_directories("d/e//f/", 0700, &err));
    assert_int_equal(stat("d/e/f", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_true(fs_make_directories("d/e/f", 0755, &err));
    assert_int_equal(stat("d/e/f", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    CLEANUP_FREE char *absolute = mem_format("%s/d/g", scratch_path);
    assert_true(fs_make_directories(absolute, 0700, &err));
    assert_int_equal(stat("d/g", &status), 0);
    assert_int_equal(symlink("d", "link"), 0);
    assert_true(fs_make_directories("link/h", 0700, &err));
    assert_int_equal(stat("d/h", &status), 0);
    assert_true(fs_make_directories("/", 0700, &err));
}

static void test_make_directories_refused(void **state)
{
    (void)state;
    struct error err = {0};
    write_file("file", "");
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    static const char *const bad[] = {"file", "file/", "file/x", "dangling", ""};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        err = (struct error){0};
        if (fs_make_directories(bad[i], 0700, &err))
            fail_msg("\"%s\" is a directory", bad[i]);
        assert_string_equal(err.key, "directory.create");
        assert_int_not_equal(err.code, 0);
    }
}

static void test_make_beneath(void **state)
{
    (void)state;
    struct error err = {0};
    struct stat status;
    CLEANUP_FD int made = -1;
    CLEANUP_FD int again = -1;
    int refused = -1;
    assert_int_equal(mkdir("m", 0700), 0);
    assert_int_equal(mkdir("aside", 0700), 0);
    CLEANUP_FD int directory = open("m", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fs_make_beneath(directory, "a/b/c", 0750, &made, &err));
    assert_int_equal(stat("m/a/b/c", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0750);
    assert_true(fs_make_beneath(directory, "a/b/c", 0700, &again, &err));
    assert_int_equal(symlink("../../aside", "m/a/link"), 0);
    assert_int_equal(symlink("new", "m/a/dangling"), 0);
    static const char *const linked[][2] = {{"a/link/x", "a/link"},
                                            {"a/link", "a/link"},
                                            {"a/dangling", "a/dangling"},
                                            {"a/dangling/x", "a/dangling"}};
    for (size_t i = 0; i < ARRAY_LENGTH(linked); i++) {
        err = (struct error){0};
        assert_false(fs_make_beneath(directory, linked[i][0], 0700, &refused, &err));
        assert_string_equal(err.key, "fs.link");
        CLEANUP_FREE char *said = mem_format("%s is a symbolic link, which is not followed", linked[i][1]);
        assert_string_equal(err.what, said);
    }
    assert_int_equal(count_of("aside"), 0);
    assert_int_equal(access("m/a/new", F_OK), -1);
    static const char *const bad[] = {"", "..", "a/..", "a/../../x", "/tmp/x", "a//x", "a/"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (fs_make_beneath(directory, bad[i], 0700, &refused, &err))
            fail_msg("\"%s\" was made", bad[i]);
    }
    write_file("m/file", "");
    assert_false(fs_make_beneath(directory, "file/x", 0700, &refused, &err));
    assert_false(fs_make_beneath(directory, "file", 0700, &refused, &err));
}

/* Of a descriptor no link is followed; of a path that somebody named, links are. */
static void test_links_beneath(void **state)
{
    (void)state;
    struct error err = {0};
    char *text = NULL;
    int fd = -1;
    assert_true(fs_make_directories("k/inner", 0700, &err));
    assert_true(fs_make_directories("kept", 0700, &err));
    write_file("kept/file", "precious");
    assert_int_equal(symlink("../kept", "k/link"), 0);
    assert_int_equal(symlink("../kept/file", "k/file"), 0);
    CLEANUP_FD int directory = open("k", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < 5; i++) {
        static const char *const named[] = {"file", "link", "link", "link", "file"};
        bool ok = i == 0   ? fs_read(directory, "file", 100, &text, NULL, &err)
                  : i == 1 ? fs_read(directory, "link/file", 100, &text, NULL, &err)
                  : i == 2 ? fs_write_atomic(directory, "link/file", "x", 1, 0600, &err)
                  : i == 3 ? fs_open_directory(directory, "link", &fd, &err)
                           : fs_lock(directory, "file", FS_LOCK_SHARED, false, &fd, &err);
        assert_false(ok);
        assert_string_equal(err.key, "fs.link");
        assert_int_equal(strncmp(err.what, named[i], 4), 0);
    }
    assert_int_equal(count_of("kept"), 1);
    assert_content("k/link/file", "precious");
    /* The link itself gives way. */
    assert_true(fs_write_atomic(directory, "file", "new", 3, 0600, &err));
    assert_content("k/file", "new");
    assert_content("kept/file", "precious");
    assert_true(fs_write_atomic(directory, "inner/file", "deep", 4, 0600, &err));
    assert_content("k/inner/file", "deep");
    assert_false(fs_write_atomic(directory, "../kept/file", "x", 1, 0600, &err));
    assert_content("kept/file", "precious");
}

static void test_list(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 9;
    assert_int_equal(mkdir("l", 0700), 0);
    assert_true(fs_open_directory(AT_FDCWD, "l", &fd, &err));
    assert_true(fs_list(fd, &names, &count, &err));
    assert_int_equal(count, 0);
    fs_free_names(names, count);
    write_file("l/b", "");
    write_file("l/a", "");
    write_file("l/.c", "");
    write_file("l/B", "");
    /* Twice: the descriptor keeps no position. */
    for (int i = 0; i < 2; i++) {
        static const char *const wanted[] = {".c", "B", "a", "b"};
        assert_true(fs_list(fd, &names, &count, &err));
        assert_int_equal(count, 4);
        for (size_t j = 0; j < 4; j++)
            assert_string_equal(names[j], wanted[j]);
        fs_free_names(names, count);
    }
    CLEANUP_FD int file = open("l/a", O_RDONLY | O_CLOEXEC);
    assert_false(fs_list(file, &names, &count, &err));
    assert_null(names);
    assert_int_equal(count, 0);
    int not_there = -1;
    assert_false(fs_open_directory(AT_FDCWD, "missing", &not_there, &err));
    assert_int_equal(err.code, RETURN_FILE_NOT_FOUND);
}

static void test_remove_tree(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(fs_make_directories("keep/inner", 0700, &err));
    write_file("keep/inner/file", "precious");
    assert_true(fs_make_directories("t/a/b/c", 0700, &err));
    write_file("t/a/b/c/file", "");
    write_file("t/.hidden", "");
    assert_int_equal(symlink("../../keep", "t/a/link"), 0);
    assert_int_equal(symlink("keep", "link-itself"), 0);
    assert_int_equal(mkfifo("t/fifo", 0600), 0);
    assert_int_equal(chmod("t/.hidden", 0), 0);
    assert_true(fs_remove_tree(AT_FDCWD, "t", &err));
    assert_int_equal(access("t", F_OK), -1);
    assert_true(fs_remove_tree(AT_FDCWD, "link-itself", &err));
    assert_content("keep/inner/file", "precious");
    assert_true(fs_remove_tree(AT_FDCWD, "t", &err));
    assert_true(fs_remove_tree(AT_FDCWD, "keep/inner/file", &err));
    assert_int_equal(count_of("keep/inner"), 0);
}

static void test_lock(void **state)
{
    (void)state;
    struct error err = {0};
    int first = -1;
    int second = -1;
    int third = -1;
    assert_true(fs_lock(AT_FDCWD, "lock", FS_LOCK_SHARED, false, &first, &err));
    assert_true(fs_lock(AT_FDCWD, "lock", FS_LOCK_SHARED, false, &second, &err));
    assert_false(fs_lock(AT_FDCWD, "lock", FS_LOCK_EXCLUSIVE, false, &third, &err));
    assert_int_equal(err.code, RETURN_IN_USE);
    assert_string_equal(err.key, "fs.locked");
    assert_int_equal(third, -1);
    close(first);
    close(second);
    assert_true(fs_lock(AT_FDCWD, "lock", FS_LOCK_EXCLUSIVE, true, &first, &err));
    assert_false(fs_lock(AT_FDCWD, "lock", FS_LOCK_SHARED, false, &second, &err));
    assert_int_equal(fcntl(first, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(first);
    assert_int_equal(symlink("elsewhere", "lock-link"), 0);
    assert_false(fs_lock(AT_FDCWD, "lock-link", FS_LOCK_SHARED, false, &second, &err));
    assert_int_equal(access("elsewhere", F_OK), -1);
}

static void *wait_for_lock(void *argument)
{
    struct error err = {0};
    int *fd = argument;
    return fs_lock(AT_FDCWD, "wait", FS_LOCK_EXCLUSIVE, true, fd, &err) ? fd : NULL;
}

static void test_lock_waits(void **state)
{
    (void)state;
    struct error err = {0};
    int held = -1;
    int waited = -1;
    void *outcome = NULL;
    pthread_t thread;
    assert_true(fs_lock(AT_FDCWD, "wait", FS_LOCK_EXCLUSIVE, false, &held, &err));
    assert_int_equal(pthread_create(&thread, NULL, wait_for_lock, &waited), 0);
    close(held);
    assert_int_equal(pthread_join(thread, &outcome), 0);
    assert_non_null(outcome);
    close(waited);
}

static void assert_home(char *path, const char *wanted)
{
    assert_string_equal(path, wanted);
    free(path);
}

static void test_homes(void **state)
{
    (void)state;
    setenv("HOME", "/home/x", 1);
    setenv("XDG_DATA_HOME", "/data", 1);
    setenv("XDG_STATE_HOME", "relative", 1);
    unsetenv("XDG_CONFIG_HOME");
    assert_home(fs_data_home(), "/data/refpoint");
    assert_home(fs_state_home(), "/home/x/.local/state/refpoint");
    assert_home(fs_config_home(), "/home/x/.config/refpoint");
    unsetenv("HOME");
    CLEANUP_FREE char *without = fs_config_home();
    assert_true(*without == '/');
    assert_non_null(strstr(without, "/.config/refpoint"));
}

static void assert_absolute(const char *typed, const char *wanted)
{
    CLEANUP_FREE char *path = fs_absolute_path(typed);
    assert_string_equal(path, wanted);
}

static void test_absolute_path(void **state)
{
    (void)state;
    CLEANUP_FREE char *before = getcwd(NULL, 0);
    assert_int_equal(mkdir("one", 0700), 0);
    assert_int_equal(mkdir("one/two", 0700), 0);
    assert_int_equal(chdir("one/two"), 0);
    static const char *const rows[][2] = {
        {"x", "/one/two/x"},
        {"./x/", "/one/two/x/"},
        {".", "/one/two"},
        {"./", "/one/two"},
        {"..", "/one"},
        {"../", "/one"},
        {".././/x", "/one/x"},
        {"../../x", "/x"},
        {"a/../b", "/one/two/a/../b"},
        {"...", "/one/two/..."},
        {"..x", "/one/two/..x"},
        {"~/x", "/one/two/~/x"},
        {".hidden", "/one/two/.hidden"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP_FREE char *wanted = mem_format("%s%s", before, rows[i][1]);
        assert_absolute(rows[i][0], wanted);
    }
    assert_absolute("/a/./../b", "/a/./../b");
    assert_absolute("", "");
    /* A directory that is gone has nothing above it. */
    CLEANUP_FREE char *two = mem_format("%s/one/two", before);
    assert_int_equal(rmdir(two), 0);
    assert_absolute("../x", "../x");
    assert_int_equal(chdir("/"), 0);
    assert_absolute("x", "/x");
    assert_absolute(".", "/");
    assert_absolute("../../x", "/x");
    assert_int_equal(chdir(before), 0);
}

static void expect_expanded(const char *path, const char *expanded)
{
    CLEANUP_FREE char *made = fs_expand_home(path);
    assert_string_equal(made, expanded);
}

static void test_a_tilde_is_the_home_directory(void **state)
{
    (void)state;
    const char *home = getenv("HOME");
    CLEANUP_FREE char *before = mem_strdup(home ? home : "/");
    assert_int_equal(setenv("HOME", "/home/op", 1), 0);
    expect_expanded("~/x", "/home/op/x");
    expect_expanded("~", "/home/op");
    expect_expanded("~op/x", "~op/x");
    expect_expanded("/a/~/x", "/a/~/x");
    expect_expanded("", "");
    assert_int_equal(setenv("HOME", before, 1), 0);
}

static void test_closed_parents(void **state)
{
    (void)state;
    char **names = NULL;
    size_t count = 0;
    CLEANUP_FREE char *here = getcwd(NULL, 0);
    CLEANUP_FREE char *closed = mem_format("%s/closed", here);
    assert_int_equal(mkdir("closed", 0700), 0);
    assert_int_equal(mkdir("closed/open", 0700), 0);
    assert_int_equal(chmod("closed/open", 0701), 0);
    assert_int_equal(mkdir("closed/open/itself", 0700), 0);
    assert_int_equal(symlink("closed/open/itself", "way"), 0);
    fs_closed_parents("way", &names, &count);
    assert_true(count >= 1);
    assert_string_equal(names[count - 1], closed);
    size_t before = count;
    fs_free_names(names, count);
    assert_int_equal(chmod("closed", 0711), 0);
    fs_closed_parents("way", &names, &count);
    assert_int_equal(count, before - 1);
    fs_free_names(names, count);
    fs_closed_parents("/", &names, &count);
    assert_int_equal(count, 0);
    fs_closed_parents("nowhere", &names, &count);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_write_atomic),
        cmocka_unit_test(test_write_refused),
        cmocka_unit_test(test_make_directories),
        cmocka_unit_test(test_make_directories_refused),
        cmocka_unit_test(test_make_beneath),
        cmocka_unit_test(test_links_beneath),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_remove_tree),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_lock_waits),
        cmocka_unit_test(test_homes),
        cmocka_unit_test(test_absolute_path),
        cmocka_unit_test(test_a_tilde_is_the_home_directory),
        cmocka_unit_test(test_closed_parents),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
