/* The refusals about ExportDirectory, each on a real file system, and that looking leaves nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/prepare/directory.h"
#include "core/system/fs.h"
#include "tests/unit/support/package.h"

static uint32_t check(const char *directory, struct error *err)
{
    uint64_t available = 0;
    *err = (struct error){0};
    return export_check_directory(directory, &available, err);
}

static void assert_refused(const char *directory, uint32_t code)
{
    struct error err;
    assert_int_equal(check(directory, &err), code);
    assert_int_equal(err.code, code);
    assert_true(*err.what && *err.next && *err.key);
}

static void test_good_directory(void **state)
{
    (void)state;
    struct error err = {0};
    struct stat before;
    struct stat after;
    struct statvfs space;
    uint64_t available = 0;
    assert_int_equal(stat(world.directory, &before), 0);
    assert_int_equal(export_check_directory(world.directory, &available, &err), RETURN_DONE);
    assert_int_equal(err.code, 0);
    assert_int_equal(statvfs(world.directory, &space), 0);
    assert_true(available > 0 && available <= (uint64_t)space.f_blocks * space.f_frsize);
    assert_int_equal(world_count_entries(world.directory), 0);
    assert_int_equal(stat(world.directory, &after), 0);
    assert_int_equal(before.st_nlink, after.st_nlink);
    assert_int_equal(export_check_directory(world.directory, NULL, &err), RETURN_DONE);
}

static void test_paths(void **state)
{
    (void)state;
    CLEANUP_FREE char *missing = mem_format("%s/missing", world.root);
    CLEANUP_FREE char *file = mem_format("%s/file", world.root);
    CLEANUP_FREE char *below_file = mem_format("%s/file/below", world.root);
    CLEANUP_FREE char *loop = mem_format("%s/loop", world.root);
    CLEANUP_FREE char *dangling = mem_format("%s/dangling", world.root);
    char *endless = mem_alloc(6000);
    memset(endless, 'x', 5999);
    endless[0] = '/';
    WORLD_RUN("sh", "-c", "cd \"$0\" && touch file && ln -s loop loop && ln -s nowhere dangling", world.root);
    assert_refused("exports", RETURN_INVALID_PARAMETER);
    assert_refused("", RETURN_INVALID_PARAMETER);
    assert_refused(NULL, RETURN_INVALID_PARAMETER);
    assert_refused("./exports", RETURN_INVALID_PARAMETER);
    assert_refused(missing, RETURN_FILE_NOT_FOUND);
    assert_refused(dangling, RETURN_FILE_NOT_FOUND);
    assert_refused(file, RETURN_INVALID_PARAMETER);
    assert_refused(below_file, RETURN_INVALID_PARAMETER);
    assert_refused(loop, RETURN_INVALID_PARAMETER);
    assert_refused(endless, RETURN_INVALID_PARAMETER);
    free(endless);
}

/* What is added to a package damages it. */
static void test_package_as_directory(void **state)
{
    (void)state;
    CLEANUP_FREE char *path = world_export(NULL);
    CLEANUP_FREE char *machines = mem_format("%s/machines", path);
    CLEANUP_FREE char *machine = mem_format("%s/machines/web", path);
    assert_refused(path, RETURN_INVALID_PARAMETER);
    assert_refused(machines, RETURN_INVALID_PARAMETER);
    WORLD_RUN("mkdir", "-p", machine);
    assert_refused(machine, RETURN_INVALID_PARAMETER);
    assert_int_equal(world_count_entries(path), 3);
}

static void test_hostile_name_in_message(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(check("/no/\x1b[31mred", &err), RETURN_FILE_NOT_FOUND);
    assert_null(strchr(err.what, '\x1b'));
}

/* As a user without root's rights; a child, so that this process keeps its own. */
static int in_child(int (*body)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(body());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int as_another_user(void)
{
    struct error err;
    if (chmod(world.root, 0755) != 0 || chmod(world.directory, 0555) != 0)
        return 2;
    if (geteuid() == 0 && seteuid(65534) != 0)
        return 3;
    if (check(world.directory, &err) != RETURN_ACCESS_DENIED || !*err.next)
        return 4;
    if (check("/proc/self/task", &err) != RETURN_ACCESS_DENIED)
        return 5;
    return 0;
}

static void test_not_writable(void **state)
{
    (void)state;
    assert_int_equal(in_child(as_another_user), 0);
    assert_int_equal(chmod(world.directory, 0700), 0);
}

/* Also for root, whom permission bits do not stop. */
static int on_a_read_only_mount(void)
{
    struct error err;
    if (mount("tmpfs", world.directory, "tmpfs", MS_RDONLY, NULL) != 0)
        return 2;
    if (check(world.directory, &err) != RETURN_ACCESS_DENIED)
        return 3;
    return strstr(err.next, "read-only") ? 0 : 4;
}

#define NO_NAMESPACE 77 /* not root, a container that may not mount, or a root that is no mount (chroot) */

static int in_own_namespace(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return NO_NAMESPACE;
    return on_a_read_only_mount();
}

static void test_read_only_file_system(void **state)
{
    (void)state;
    int outcome = in_child(in_own_namespace);
    if (outcome == NO_NAMESPACE)
        skip();
    assert_int_equal(outcome, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_good_directory),          TEST(test_paths),        TEST(test_package_as_directory),
        TEST(test_hostile_name_in_message), TEST(test_not_writable), TEST(test_read_only_file_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
