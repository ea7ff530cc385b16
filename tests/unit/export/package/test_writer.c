/* Writing packages with real images: what is left, under which names, and what is left when it goes wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/package/read.h"
#include "core/export/package/write/leavings.h"
#include "core/system/fs.h"
#include "tests/unit/support/package.h"

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static void assert_mode(const char *package, const char *file, mode_t mode)
{
    CLEANUP_FREE char *path = mem_format("%s/%s", package, file);
    assert_int_equal(mode_of(path), mode);
}

static void assert_sums_pass(const char *package)
{
    const char *const argv[] = {"sh", "-c", "cd \"$0\" && sha256sum --strict -c SHA256SUMS", package, NULL};
    assert_true(world_succeeds(argv));
}

/* How many partials of dead writers there were. */
static size_t clean_partials(void)
{
    CLEANUP_FD int fd = -1;
    struct error err = {0};
    size_t removed = SIZE_MAX;
    assert_true(fs_open_directory(AT_FDCWD, world.directory, &fd, &err));
    assert_true(package_partial_clean(fd, &removed, &err));
    return removed;
}

static void test_full(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *path = world_export(NULL);
    assert_int_equal(world_count_entries(world.directory), 1);
    const char *name = strrchr(path, '/') + 1;
    assert_memory_equal(name, "web-shop-20260924T000000Z-", 26);
    assert_int_equal(strlen(name), 34);
    assert_sums_pass(path);
    assert_int_equal(mode_of(path), 0700);
    assert_mode(path, "machines", 0700);
    assert_mode(path, "machines/web01", 0700);
    assert_mode(path, "machines/web01/vda.qcow2", 0400);
    assert_mode(path, "machines/web01/domain.xml", 0400);
    assert_mode(path, "machines/db01/machine.cfg", 0400);
    assert_mode(path, "reference-point.cfg", 0400);
    assert_mode(path, "SHA256SUMS", 0400);
    struct package package;
    assert_true(package_read(path, &package, &err));
    assert_string_equal(package.path, path);
    assert_true(package.verified);
    assert_true(guid_is_none(&package.base_package_id));
    assert_true(object_path_is_none(&package.base_point));
    assert_true(guid_equal(&package.point.id, &world.task.point.id));
    assert_string_equal(package.point.collection_name, "web shop");
    assert_int_equal(package.point.consistency_level, CONSISTENCY_CRASH);
    assert_int_equal(package.disk_count, 3);
    assert_int_equal(package.file_count, 6);
    assert_string_equal(package.disks[1].file, "machines/web01/vdb.qcow2");
    assert_int_equal(package.disks[1].virtual_size, MIB);
    assert_false(package.disks[1].differential);
    assert_memory_equal(package.exporter, "refpoint ", 9);
    package_clear(&package);
}

static void test_differential(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *first = world_export(NULL);
    struct reference_point base_point = {0};
    reference_point_copy(&base_point, &world.task.point);
    world_next_point(&base_point);
    struct base_package base;
    world_find_base(&base);
    CLEANUP_FREE char *second = world_export(&base);
    CLEANUP_FREE char *backing = mem_format("../../../%s/machines/web01/vda.qcow2", strrchr(first, '/') + 1);
    struct package package;
    assert_true(package_read(second, &package, &err));
    assert_true(guid_equal(&package.base_package_id, &base.packages[0].id));
    assert_string_equal(package.base_record_sha256, base.packages[0].record_sha256);
    assert_true(guid_equal(&package.base_point.point_id, &base_point.id));
    assert_true(package.disks[0].differential);
    assert_string_equal(package.disks[0].backing_name, backing);
    assert_string_equal(package.disks[0].base_file, "machines/web01/vda.qcow2");
    assert_sums_pass(second);
    /* Stock QEMU opens it by its chain. */
    CLEANUP_FREE char *image = mem_format("%s/machines/web01/vda.qcow2", second);
    WORLD_RUN("qemu-img", "check", "-q", "-f", "qcow2", image);
    WORLD_RUN("qemu-img", "compare", "-q", "-f", "qcow2", "-F", "qcow2", image, image);
    package_clear(&package);
    base_package_clear(&base);
    reference_point_clear(&base_point);
}

static void test_raw(void **state)
{
    (void)state;
    struct error err = {0};
    world.task.options.format = DISK_FORMAT_RAW;
    CLEANUP_FREE char *path = world_export(NULL);
    struct package package;
    assert_true(package_read(path, &package, &err));
    assert_string_equal(package.disks[2].file, "machines/db01/vda.raw");
    assert_int_equal(package.disks[2].format, DISK_FORMAT_RAW);
    package_clear(&package);
}

/* Only the machines whose disks were selected, and those that have none. */
static void test_selection(void **state)
{
    (void)state;
    struct error err = {0};
    world_add_member(&world.task.point, "diskless");
    world.task.disk_count = 1;
    CLEANUP_FREE char *path = world_export(NULL);
    struct package package;
    assert_true(package_read(path, &package, &err));
    assert_int_equal(package.disk_count, 1);
    assert_int_equal(package.point.member_count, 3);
    assert_int_equal(package.file_count, 4);
    assert_string_equal(package.files[0].name, "machines/diskless/machine.cfg");
    assert_string_equal(package.files[1].name, "machines/web01/domain.xml");
    package_clear(&package);
}

static void test_abort_leaves_nothing(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    assert_int_equal(world_count_entries(world.directory), 1);
    package_writer_free(writer);
    assert_int_equal(world_count_entries(world.directory), 0);
    package_writer_free(NULL);
}

static void test_missing_and_stray_files_are_refused(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    char *path = NULL;
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    CLEANUP_FREE char *second = package_writer_disk_path(writer, 1);
    assert_int_equal(unlink(second), 0);
    assert_false(world_finish(writer, results, true, NULL, &path, &err));
    assert_string_equal(err.key, "package.missing");
    package_writer_free(writer);
    err = (struct error){0};
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    CLEANUP_FREE char *disk = package_writer_disk_path(writer, 0);
    CLEANUP_FREE char *stray = mem_format("%s.tmp", disk);
    assert_int_equal(link(disk, stray), 0);
    assert_false(world_finish(writer, results, true, NULL, &path, &err));
    assert_string_equal(err.key, "package.stray");
    package_writer_free(writer);
    assert_int_equal(world_count_entries(world.directory), 0);
}

/* A size that is not the point's is noticed before anything has a name. */
static void test_wrong_size_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    char *path = NULL;
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    results[2].virtual_size++;
    assert_false(world_finish(writer, results, true, NULL, &path, &err));
    assert_string_equal(err.key, "package.record");
    package_writer_free(writer);
    assert_int_equal(world_count_entries(world.directory), 0);
}

/* The final name is taken meanwhile: another one, nothing replaced. */
static void test_collision(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    char *path = NULL;
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    CLEANUP_FREE char *disk = package_writer_disk_path(writer, 0);
    char *partial = strstr(disk, "/.web-shop-");
    *strstr(partial, ".partial") = '\0';
    CLEANUP_FREE char *taken = mem_format("%s/%s", world.directory, partial + 2);
    assert_int_equal(mkdir(taken, 0700), 0);
    assert_true(world_finish(writer, results, true, NULL, &path, &err));
    package_writer_free(writer);
    assert_string_not_equal(path, taken);
    assert_int_equal(world_count_entries(taken), 0);
    assert_int_equal(world_count_entries(world.directory), 2);
    assert_sums_pass(path);
    free(path);
}

/* Two exports of one point at once; a third one's begin does not take a living partial for a dead one. */
static void test_two_at_once(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *one = NULL;
    struct package_writer *two = NULL;
    struct package_writer_result results[3];
    char *first = NULL;
    char *second = NULL;
    assert_true(package_writer_begin(&world.task, NULL, &one, &err));
    world_write_disks(one, results);
    assert_true(package_writer_begin(&world.task, NULL, &two, &err));
    world_write_disks(two, results);
    assert_int_equal(clean_partials(), 0);
    assert_true(world_finish(one, results, true, NULL, &first, &err));
    assert_true(world_finish(two, results, false, NULL, &second, &err));
    package_writer_free(one);
    package_writer_free(two);
    assert_string_not_equal(first, second);
    assert_int_equal(world_count_entries(world.directory), 2);
    assert_sums_pass(first);
    assert_sums_pass(second);
    free(first);
    free(second);
}

/* A writer that is killed with the disks written: a dot-partial, which the next one removes. */
static void test_killed_writer(void **state)
{
    (void)state;
    struct error err = {0};
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct package_writer *writer = NULL;
        struct package_writer_result results[3];
        if (!package_writer_begin(&world.task, NULL, &writer, &err))
            _exit(1);
        world_write_disks(writer, results);
        raise(SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(world_count_entries(world.directory), 1);
    struct package *packages = NULL;
    char **problems = NULL;
    size_t count = 7;
    size_t problem_count = 7;
    assert_true(package_list(world.directory, &packages, &count, &problems, &problem_count, &err));
    assert_int_equal(count + problem_count, 0);
    CLEANUP_FREE char *path = world_export(NULL);
    assert_int_equal(world_count_entries(world.directory), 1);
    assert_sums_pass(path);
}

/* Killed at any moment of finish, by a clock that is made to fall everywhere: never a final name with less
 * than everything behind it. */
static void test_killed_while_finishing(void **state)
{
    (void)state;
    size_t finished = 0;
    for (unsigned delay = 0; delay < 24; delay++) {
        struct error err = {0};
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct package_writer *writer = NULL;
            struct package_writer_result results[3];
            char *path = NULL;
            if (!package_writer_begin(&world.task, NULL, &writer, &err))
                _exit(1);
            world_write_disks(writer, results);
            signal(SIGALRM, SIG_DFL);
            ualarm(1 + delay * 400, 0);
            _exit(world_finish(writer, results, true, NULL, &path, &err) ? 0 : 1);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        struct package *packages = NULL;
        char **problems = NULL;
        size_t count = 0;
        size_t problem_count = 0;
        assert_true(package_list(world.directory, &packages, &count, &problems, &problem_count, &err));
        assert_int_equal(problem_count, 0);
        assert_true(count >= finished && count <= finished + 1);
        assert_true(WIFSIGNALED(status) || count == finished + 1);
        for (size_t i = 0; i < count; i++) {
            if (count > finished && i + 1 == count)
                assert_sums_pass(packages[i].path);
            package_clear(&packages[i]);
        }
        free(packages);
        finished = count;
    }
    assert_true(clean_partials() <= 1); /* each begin has removed the one before */
    assert_int_equal(world_count_entries(world.directory), finished);
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

/* What only looks like a dead partial stays. */
static void test_clean_leaves_others_alone(void **state)
{
    (void)state;
    static const char *const commands =
        "cd \"$0\" && mkdir .notes.partial .my-12345678.partial .a-1234567g.partial x-12345678.partial "
        "&& echo text > .my-12345678.partial/text && ln -s .notes.partial .l-12345678.partial "
        "&& echo file > .f-12345678.partial && mkdir -p .dead-12345678.partial/machines/web01 "
        "&& echo disk > .dead-12345678.partial/machines/web01/vda.qcow2 "
        "&& echo sums > .dead-12345678.partial/SHA256SUMS "
        "&& echo signature > .dead-12345678.partial/SHA256SUMS.sig";
    WORLD_RUN("sh", "-c", commands, world.directory);
    assert_int_equal(clean_partials(), 1);
    assert_int_equal(world_count_entries(world.directory), 6);
    CLEANUP_FREE char *dead = mem_format("%s/.dead-12345678.partial", world.directory);
    assert_false(exists(dead));
}

static void test_cancelled(void **state)
{
    (void)state;
    struct error err = {0};
    struct job_identity identity = {.id = guid_new()};
    struct job *job = job_new(&identity);
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    char *path = NULL;
    assert_true(job_set_state(job, JOB_STATE_STARTING));
    assert_true(job_set_state(job, JOB_STATE_RUNNING));
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_TERMINATE), 0);
    assert_false(world_finish(writer, results, true, job, &path, &err));
    assert_string_equal(err.key, "package.cancelled");
    package_writer_free(writer);
    job_free(job);
    assert_int_equal(world_count_entries(world.directory), 0);
}

#define NO_NAMESPACE 77 /* not root, or a container that may not mount */

/* The file system is full when the settings and the record are to be written. */
static int finish_without_space(void)
{
    struct error err = {0};
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    char *path = NULL;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", world.directory, "tmpfs", 0, "size=4M") != 0)
        return NO_NAMESPACE;
    if (!package_writer_begin(&world.task, NULL, &writer, &err))
        return 1;
    world_write_disks(writer, results);
    CLEANUP_FREE char *filler = mem_format("%s/filler", world.directory);
    CLEANUP_FD int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    static const char block[4096];
    while (write(fd, block, sizeof block) > 0)
        ;
    if (world_finish(writer, results, true, NULL, &path, &err))
        return 2;
    package_writer_free(writer);
    if (err.code != RETURN_FAILED || !strstr(err.cause, "No space left"))
        return 3;
    return world_count_entries(world.directory) == 1 ? 0 : 4; /* the filler */
}

static void test_no_space(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(finish_without_space());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_NAMESPACE)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_unwritable_directory(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *writer = NULL;
    mem_replace(&world.task.directory, "/proc/self/task");
    assert_false(package_writer_begin(&world.task, NULL, &writer, &err));
    assert_true(err.code != 0);
    assert_null(writer);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_full),
        TEST(test_differential),
        TEST(test_raw),
        TEST(test_selection),
        TEST(test_abort_leaves_nothing),
        TEST(test_missing_and_stray_files_are_refused),
        TEST(test_wrong_size_is_refused),
        TEST(test_collision),
        TEST(test_two_at_once),
        TEST(test_killed_writer),
        TEST(test_killed_while_finishing),
        TEST(test_clean_leaves_others_alone),
        TEST(test_cancelled),
        TEST(test_no_space),
        TEST(test_unwritable_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
