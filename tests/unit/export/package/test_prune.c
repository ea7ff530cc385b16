/* Removing packages for `package prune`, with real ones: killed at each step, refused rights, held, and what
 * comes meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/check/verify.h"
#include "core/export/package/hold.h"
#include "core/export/package/prune/prune.h"
#include "core/export/package/prune/removal.h"
#include "core/export/package/read.h"
#include "core/export/package/write/partial.h"
#include "core/system/fs.h"
#include "tests/unit/support/package.h"

static const struct prune_rules last_one = {{1, 0, 0, 0}};

/* The next full export, of a point that is a day younger. */
static char *export_next(void)
{
    world_next_point(NULL);
    return world_export(NULL);
}

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static bool is_whole(const char *path)
{
    const struct package_verification asked = {.path = path};
    struct package_verdict verdict;
    struct error err = {0};
    assert_true(package_verify(&asked, NULL, &verdict, &err));
    bool whole = verdict.problem_count == 0;
    package_verdict_clear(&verdict);
    return whole;
}

/* Of a name that begins with a dot: how many there are. */
static size_t count_hidden(void)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    size_t hidden = 0;
    assert_true(fs_open_directory(AT_FDCWD, world.directory, &fd, &err));
    assert_true(fs_list(fd, &names, &count, &err));
    for (size_t i = 0; i < count; i++)
        hidden += names[i][0] == '.';
    fs_free_names(names, count);
    return hidden;
}

/* This process ends, as by kill -9, instead of making this call (with this third argument; ~0 = any). */
static void die_at(long call, unsigned third)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        third == ~0U ? (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
                     : (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, third, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog program = {.len = ARRAY_LENGTH(code), .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(3);
}

static void prune_killed_at(long call, unsigned third)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct prune_result result;
        struct error err = {0};
        die_at(call, third);
        _exit(package_prune(world.directory, &last_one, false, &result, &err) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

/* What it is after, and how it goes on: the package whole, or none, and nothing left once one looks again. */
static void killed(long call, unsigned third, bool stays, bool by_export)
{
    CLEANUP_FREE char *old = world_export(NULL);
    CLEANUP_FREE char *young = export_next();
    prune_killed_at(call, third);
    assert_int_equal(is_there(old), stays);
    assert_int_equal(count_hidden(), stays ? 0 : 1);
    if (stays)
        assert_true(is_whole(old));
    assert_true(is_whole(young));
    if (by_export) {
        free(export_next());
        assert_int_equal(count_hidden(), 0);
        return;
    }
    struct prune_result result;
    struct error err = {0};
    assert_true(
        package_prune(world.directory, &last_one, true, &result, &err)); /* which leaves all as it is */
    assert_int_equal(count_hidden(), stays ? 0 : 1);
    prune_result_clear(&result);
    assert_true(package_prune(world.directory, &last_one, false, &result, &err));
    assert_int_equal(result.leavings, stays ? 0 : 1);
    assert_int_equal(result.removed, stays ? 1 : 0);
    prune_result_clear(&result);
    assert_int_equal(world_count_entries(world.directory), 1);
}

static void killed_before_the_name_goes(void **state)
{
    (void)state;
    killed(SYS_renameat2, ~0U, true, false);
}

static void killed_before_that_is_on_the_disk(void **state)
{
    (void)state;
    killed(SYS_fsync, ~0U, false, false);
}

static void killed_before_the_files_go(void **state)
{
    (void)state;
    killed(SYS_unlinkat, 0, false, true);
}

static void killed_among_the_files(void **state)
{
    (void)state;
    killed(SYS_unlinkat, AT_REMOVEDIR, false, false);
}

static void killed_among_the_files_then_exported(void **state)
{
    (void)state;
    killed(SYS_unlinkat, AT_REMOVEDIR, false, true);
}

/* --- held --- */

static int open_package(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void expect_stays(const char *what)
{
    struct prune_result result;
    struct error err = {0};
    for (int dry = 1; dry >= 0; dry--) {
        assert_true(package_prune(world.directory, &last_one, dry, &result, &err));
        assert_int_equal(result.removed, 0);
        assert_int_equal(result.kept, result.count);
        assert_int_equal(result.entries[0].outcome, PRUNE_STAYS);
        assert_non_null(strstr(result.entries[0].why[result.entries[0].why_count - 1], what));
        assert_true(result.failed);
        prune_result_clear(&result);
    }
}

static void who_holds_it_keeps_it(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *old = world_export(NULL);
    free(export_next());
    int held = open_package(old);
    assert_true(package_hold(held, old, &err));
    expect_stays("another process reads");
    close(held);
    struct prune_result result;
    assert_true(package_prune(world.directory, &last_one, false, &result, &err));
    assert_int_equal(result.removed, 1);
    prune_result_clear(&result);
    assert_false(is_there(old));
}

/* An export's base is its own from when it is found until its package is there. */
static void a_base_is_held(void **state)
{
    (void)state;
    struct error err = {0};
    struct base_package base;
    CLEANUP_FREE char *old = world_export(NULL);
    struct reference_point monday = {0};
    reference_point_copy(&monday, &world.task.point);
    CLEANUP_FREE char *young = export_next();
    world_next_point(&monday);
    reference_point_clear(&monday);
    world_find_base(&base);
    assert_string_equal(base.packages[0].path, old);
    expect_stays("another process reads");
    CLEANUP_FREE char *third = world_export(&base);
    base_package_clear(&base);
    struct prune_result result;
    assert_true(package_prune(world.directory, &last_one, false, &result, &err));
    assert_int_equal(result.removed, 1);
    prune_result_clear(&result);
    assert_true(is_there(old) && is_whole(third));
    assert_false(is_there(young));
}

/* A package is its maker's until that has ended, but others may read it. */
static void a_new_package_can_be_held(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *writer = NULL;
    struct package_writer_result results[3] = {0};
    CLEANUP_FREE char *path = NULL;
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    assert_true(world_finish(writer, results, true, NULL, &path, &err));
    CLEANUP_FD int reader = open_package(path);
    CLEANUP_FD int remover = open_package(path);
    assert_true(package_hold(reader, path, &err));
    assert_int_equal(flock(reader, LOCK_UN), 0);
    assert_false(package_hold_alone(remover, path, &err));
    assert_string_equal(err.key, "package.in-use");
    package_writer_free(writer);
    assert_true(package_hold_alone(remover, path, &err));
}

/* Who wants to hold it while it is removed finds it gone, or is told. */
static void a_package_that_goes_is_not_built_upon(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *old = world_export(NULL);
    CLEANUP_FREE char *elsewhere = mem_format("%s/.gone", world.directory);
    CLEANUP_FD int remover = open_package(old);
    CLEANUP_FD int reader = open_package(old);
    assert_true(package_hold_alone(remover, old, &err));
    assert_false(package_hold(reader, old, &err));
    assert_string_equal(err.key, "package.held");
    assert_int_equal(err.code, RETURN_IN_USE);
    assert_int_equal(rename(old, elsewhere), 0);
    assert_false(package_hold(reader, old, &err));
    assert_string_equal(err.key, "package.gone");
    assert_false(package_hold_alone(remover, old, &err));
    assert_string_equal(err.key, "package.gone");
}

static void a_file_that_is_open_keeps_it(void **state)
{
    (void)state;
    CLEANUP_FREE char *old = world_export(NULL);
    free(export_next());
    CLEANUP_FREE char *image = mem_format("%s/machines/web01/vda.qcow2", old);
    CLEANUP_FD int fd = open(image, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    expect_stays("has ");
}

static void what_no_export_wrote_keeps_it(void **state)
{
    (void)state;
    CLEANUP_FREE char *old = world_export(NULL);
    free(export_next());
    CLEANUP_FREE char *note = mem_format("%s/machines/web01/note", old);
    close(open(note, O_WRONLY | O_CREAT, 0600));
    expect_stays("no export wrote: machines/web01/note");
}

static void who_has_no_right_removes_nothing(void **state)
{
    (void)state;
    CLEANUP_FREE char *old = world_export(NULL);
    CLEANUP_FREE char *young = export_next();
    CLEANUP_FREE char *machine = mem_format("%s/machines/db01", old);
    if (geteuid() == 0) {
        assert_int_equal(chmod(world.root, 0755), 0);
        assert_int_equal(chmod(world.directory, 0777), 0);
        for (int i = 0; i < 2; i++)
            WORLD_RUN("chmod", "-R", "a+rX", i ? young : old);
        assert_int_equal(seteuid(65534), 0);
    } else {
        assert_int_equal(chmod(machine, 0500), 0);
    }
    expect_stays("cannot be removed");
    assert_int_equal(seteuid(getuid()), 0);
    assert_true(is_whole(old));
    assert_int_equal(chmod(machine, 0700), 0);
}

/* A package that was made since the names were read. */
static void what_has_come_meanwhile_keeps_its_base(void **state)
{
    (void)state;
    struct error err = {0};
    struct base_package base;
    struct package package;
    char *hidden = NULL;
    CLEANUP_FREE char *old = world_export(NULL);
    assert_true(package_read(old, &package, &err));
    struct reference_point monday = {0};
    reference_point_copy(&monday, &world.task.point);
    CLEANUP_FD int fd = open_package(world.directory);
    struct prune_place place = {.path = world.directory, .fd = fd};
    char **names = NULL;
    assert_true(fs_list(fd, &names, &place.name_count, &err));
    place.names = names;
    assert_true(prune_remove(&place, &package, false, &hidden, &err));
    world_next_point(&monday);
    reference_point_clear(&monday);
    world_find_base(&base);
    CLEANUP_FREE char *made = world_export(&base);
    base_package_clear(&base);
    assert_false(prune_remove(&place, &package, true, &hidden, &err));
    assert_string_equal(err.key, "package.in-use");
    assert_null(hidden);
    assert_true(is_whole(made));
    fs_free_names(names, place.name_count);
    package_clear(&package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_before_the_name_goes, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(killed_before_that_is_on_the_disk, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(killed_before_the_files_go, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(killed_among_the_files, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(killed_among_the_files_then_exported, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(who_holds_it_keeps_it, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(a_base_is_held, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(a_new_package_can_be_held, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(a_package_that_goes_is_not_built_upon, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_open_keeps_it, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(what_no_export_wrote_keeps_it, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(who_has_no_right_removes_nothing, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(what_has_come_meanwhile_keeps_its_base, world_set_up,
                                        world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
