/* Nothing but what lies beneath is opened: the same cases by both ways, and by the one that chooses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/beneath.h"
#include "core/system/beneath_ways.h"
#include "tests/unit/support/scratch.h"

typedef int way(int root, const char *path, int flags, mode_t mode);

static int root_fd = -1;

static void make_file(const char *name, const char *text)
{
    CLEANUP_FD int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* root/, with all kinds of links in it, and what they lead to beside it. */
static int make_all(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    static const char *const directories[] = {"root", "root/a", "root/a/b", "outside", "outside/b"};
    for (size_t i = 0; i < ARRAY_LENGTH(directories); i++)
        assert_int_equal(mkdir(directories[i], 0700), 0);
    make_file("root/file", "top");
    make_file("root/a/b/file", "deep");
    make_file("outside/file", "secret");
    make_file("outside/b/file", "secret");
    static const char *const links[][2] = {
        {"a", "root/to-a"},
        {"../outside", "root/out"},
        {"/etc", "root/absolute"},
        {"b", "root/a/to-b"},
        {"file", "root/to-file"},
        {"../../../outside/file", "root/a/b/to-secret"},
        {"nothing", "root/dangling"},
        {"loop", "root/loop"},
        {"/proc/self/fd/0", "root/magic"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(links); i++)
        assert_int_equal(symlink(links[i][0], links[i][1]), 0);
    root_fd = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root_fd >= 0 ? 0 : -1;
}

static int remove_all(void **state)
{
    close(root_fd);
    return scratch_remove(state);
}

static void expect_refused(way *open_so, const char *path, int flags, int number)
{
    CLEANUP_FD int fd = open_so(root_fd, path, flags, 0600);
    int got = errno;
    if (fd >= 0)
        fail_msg("\"%s\" was opened with %#x", path, (unsigned)flags);
    if (got != number)
        fail_msg("\"%s\" with %#x: %s, not %s", path, (unsigned)flags, strerror(got), strerror(number));
}

static void expect_text(way *open_so, const char *path, const char *text)
{
    char read_text[16] = "";
    CLEANUP_FD int fd = open_so(root_fd, path, O_RDONLY, 0);
    if (fd < 0)
        fail_msg("\"%s\": %s", path, strerror(errno));
    assert_int_equal(read(fd, read_text, sizeof read_text - 1), strlen(text));
    assert_string_equal(read_text, text);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void opens_what_is_there(way *open_so)
{
    expect_text(open_so, "file", "top");
    expect_text(open_so, "a/b/file", "deep");
    CLEANUP_FD int directory = open_so(root_fd, "a/b", O_RDONLY | O_DIRECTORY, 0);
    assert_true(directory >= 0);
    CLEANUP_FD int from_there = open_so(directory, "file", O_RDONLY, 0);
    assert_true(from_there >= 0);
    CLEANUP_FD int only_place = open_so(root_fd, "a/b/file", O_PATH, 0);
    assert_true(only_place >= 0);
}

static void follows_no_link(way *open_so)
{
    static const char *const linked[] = {
        "to-a",        "to-a/b",  "to-a/b/file",   "out",      "out/file", "absolute/passwd", "a/to-b",
        "a/to-b/file", "to-file", "a/b/to-secret", "dangling", "loop",     "loop/file",       "magic"};
    static const int ways[] = {O_RDONLY,         O_RDONLY | O_DIRECTORY, O_RDONLY | O_NOFOLLOW,
                               O_PATH,           O_PATH | O_NOFOLLOW,    O_PATH | O_DIRECTORY | O_NOFOLLOW,
                               O_RDWR | O_CREAT, O_WRONLY | O_TRUNC};
    for (size_t i = 0; i < ARRAY_LENGTH(linked); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(ways); j++)
            expect_refused(open_so, linked[i], ways[j], ELOOP);
    }
    expect_refused(open_so, "to-file", O_WRONLY | O_CREAT | O_EXCL, EEXIST);
    expect_refused(open_so, "dangling", O_WRONLY | O_CREAT | O_EXCL, EEXIST);
    expect_refused(open_so, "out/new", O_WRONLY | O_CREAT | O_EXCL, ELOOP);
    assert_int_equal(access("root/nothing", F_OK), -1);
    assert_int_equal(access("outside/new", F_OK), -1);
    expect_text(open_so, "a/b/file", "deep"); /* nothing was cut */
}

static void takes_plain_paths_only(way *open_so)
{
    static const char *const bad[] = {"",
                                      ".",
                                      "..",
                                      "/",
                                      "/etc/passwd",
                                      "../outside/file",
                                      "./file",
                                      "a/../file",
                                      "a/./b",
                                      "a/b/..",
                                      "a/b/.",
                                      "a//b",
                                      "a/",
                                      "//",
                                      "a/b/file/",
                                      "a/../../outside/file"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        expect_refused(open_so, bad[i], O_RDONLY, EINVAL);
        expect_refused(open_so, bad[i], O_PATH, EINVAL);
    }
    CLEANUP_FREE char *name = mem_alloc(NAME_MAX + 2);
    memset(name, 'x', NAME_MAX + 1);
    expect_refused(open_so, name, O_RDONLY, ENAMETOOLONG);
    name[NAME_MAX] = '\0';
    expect_refused(open_so, name, O_RDONLY, ENOENT);
    CLEANUP_FREE char *path = mem_alloc(PATH_MAX + 1);
    for (size_t i = 0; i < PATH_MAX; i++)
        path[i] = i % 2 ? '/' : 'a';
    expect_refused(open_so, path, O_RDONLY, ENAMETOOLONG);
    /* Dots are parts of names too. */
    make_file("root/...", "dots");
    make_file("root/..a", "dots");
    expect_text(open_so, "...", "dots");
    expect_text(open_so, "..a", "dots");
}

static void says_what_is_wrong(way *open_so)
{
    expect_refused(open_so, "missing", O_RDONLY, ENOENT);
    expect_refused(open_so, "missing/file", O_RDONLY, ENOENT);
    expect_refused(open_so, "file/x", O_RDONLY, ENOTDIR);
    expect_refused(open_so, "file", O_RDONLY | O_DIRECTORY, ENOTDIR);
    expect_refused(open_so, "file", O_WRONLY | O_CREAT | O_EXCL, EEXIST);
}

static void makes_files(way *open_so)
{
    struct stat status;
    CLEANUP_FD int fd = open_so(root_fd, "a/b/new", O_RDWR | O_CREAT | O_EXCL, 0640);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(unlink("root/a/b/new"), 0);
}

/* A descriptor of each step would be one too many, sooner or later. */
static void leaves_no_descriptor(way *open_so)
{
    CLEANUP_FD int before = dup(root_fd);
    CLEANUP_FD int opened = open_so(root_fd, "a/b/file", O_RDONLY, 0);
    assert_int_equal(opened, before + 1);
    CLEANUP_FD int refused = open_so(root_fd, "a/to-b/file", O_RDONLY, 0);
    assert_int_equal(refused, -1);
    CLEANUP_FD int after = dup(root_fd);
    assert_int_equal(after, opened + 1);
}

static void all_cases(way *open_so)
{
    opens_what_is_there(open_so);
    follows_no_link(open_so);
    takes_plain_paths_only(open_so);
    says_what_is_wrong(open_so);
    makes_files(open_so);
    leaves_no_descriptor(open_so);
}

static void test_at_once(void **state)
{
    (void)state;
    CLEANUP_FD int fd = beneath_at_once(root_fd, "file", O_RDONLY, 0);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
        print_message("there is no openat2 here\n");
        skip();
    }
    all_cases(beneath_at_once);
}

static void test_by_steps(void **state)
{
    (void)state;
    all_cases(beneath_by_steps);
}

static void test_whichever(void **state)
{
    (void)state;
    all_cases(beneath_open);
}

static void test_stat(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(beneath_stat(root_fd, "a/b/file", &status), 0);
    assert_int_equal(status.st_size, 4);
    assert_int_equal(beneath_stat(root_fd, "a", &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    static const char *const linked[] = {"to-file", "to-a/b/file", "dangling"};
    for (size_t i = 0; i < ARRAY_LENGTH(linked); i++) {
        assert_int_equal(beneath_stat(root_fd, linked[i], &status), -1);
        assert_int_equal(errno, ELOOP);
    }
    assert_int_equal(beneath_stat(root_fd, "missing", &status), -1);
    assert_int_equal(errno, ENOENT);
}

static void test_link(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"out", "out"},
        {"to-a/b/file", "to-a"},
        {"a/to-b/file", "a/to-b"},
        {"a/b/to-secret", "a/b/to-secret"},
        {"a/b/file", NULL},
        {"missing/x", NULL},
        {"a/b", NULL},
        {"dangling/x", "dangling"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP_FREE char *found = beneath_link(root_fd, cases[i][0]);
        if (!found || !cases[i][1])
            assert_ptr_equal(found, cases[i][1]);
        else
            assert_string_equal(found, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_once), cmocka_unit_test(test_by_steps), cmocka_unit_test(test_whichever),
        cmocka_unit_test(test_stat),    cmocka_unit_test(test_link),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
