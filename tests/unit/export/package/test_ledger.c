/* What an export keeps for who goes on with it: for how long, and what of it is believed. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/write/leavings.h"
#include "core/export/package/write/ledger.h"
#include "core/system/fs.h"
#include "tests/unit/support/package.h"

static const struct guid job = {"0e4b0bd3-6f0f-4a52-9d9c-0d1f5f6f7a01"};
static const struct guid other_job = {"0e4b0bd3-6f0f-4a52-9d9c-0d1f5f6f7a02"};

static char *keeper(void)
{
    return mem_format("%s/keeper", world.root);
}

/* A process that has begun a package of this job, with some of the record written, and was killed. */
static void begin_and_die(const struct guid *of)
{
    CLEANUP_FREE char *kept_by = keeper();
    mkdir(kept_by, 0700);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct error err = {0};
        struct package_writer *writer = NULL;
        struct package_writer_result results[3];
        struct package_ledger_terms terms = {.job = *of, .request = "asked", .layers = "read", .base = ""};
        struct spool spool;
        if (!package_writer_begin(&world.task, NULL, &writer, &err) ||
            !package_writer_keep(writer, kept_by, &terms, &err) ||
            !package_writer_spool(writer, 0, "digests", 8, &spool, &err) ||
            !spool_put(&spool, 3, "12345678", 1, &err))
            _exit(1);
        world_write_disks(writer, results);
        raise(SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static int open_directory(void)
{
    struct error err = {0};
    int fd = -1;
    assert_true(fs_open_directory(AT_FDCWD, world.directory, &fd, &err));
    return fd;
}

static size_t clean(int directory)
{
    struct error err = {0};
    size_t removed = SIZE_MAX;
    assert_true(package_partial_clean(directory, &removed, &err));
    return removed;
}

static void test_kept_as_long_as_it_is_wanted(void **state)
{
    (void)state;
    CLEANUP_FREE char *kept_by = keeper();
    begin_and_die(&job);
    CLEANUP_FD int directory = open_directory();
    assert_int_equal(world_count_entries(world.directory), 2);
    assert_int_equal(clean(directory), 0);
    free(world_export(NULL)); /* another one cleans, too */
    assert_int_equal(world_count_entries(world.directory), 3);
    assert_int_equal(rmdir(kept_by), 0);
    assert_int_equal(clean(directory), 1);
    assert_int_equal(world_count_entries(world.directory), 1);
}

static void test_a_ledger_alone_is_a_leaving(void **state)
{
    (void)state;
    begin_and_die(&job);
    CLEANUP_FD int directory = open_directory();
    struct package_ledger_terms terms;
    struct error err = {0};
    CLEANUP_FREE char *partial = package_ledger_find(directory, &job, &terms);
    assert_non_null(partial);
    assert_true(fs_remove_tree(directory, partial, &err));
    assert_null(package_ledger_find(directory, &job, &terms));
    assert_int_equal(clean(directory), 0);
    assert_int_equal(world_count_entries(world.directory), 0);
}

static void edit_begun(const char *from, const char *to)
{
    CLEANUP_FREE char *script =
        mem_format("sed -i 's|%s|%s|' '%s'/.*.ledger/begun", from, to, world.directory);
    WORLD_RUN("sh", "-c", script);
}

/* Of another machine nobody here can tell whether it is wanted. */
static void test_of_another_machine(void **state)
{
    (void)state;
    CLEANUP_FREE char *kept_by = keeper();
    begin_and_die(&job);
    CLEANUP_FD int directory = open_directory();
    edit_begun("\"machine\":\"[0-9a-f]*\"", "\"machine\":\"feed\"");
    assert_int_equal(rmdir(kept_by), 0);
    assert_int_equal(clean(directory), 0);
    assert_int_equal(package_partial_drop(world.directory, &job), 1);
    assert_int_equal(world_count_entries(world.directory), 0);
}

static void test_what_cannot_be_read_is_not_wanted(void **state)
{
    (void)state;
    static const char *const edits[][2] = {
        {"\"format\":1", "\"format\":2"}, {"{", "["}, {"\"job\":\"0e4b", "\"job\":\"xxxx"}};
    CLEANUP_FD int directory = open_directory();
    for (size_t i = 0; i < ARRAY_LENGTH(edits); i++) {
        struct package_ledger_terms terms;
        begin_and_die(&job);
        edit_begun(edits[i][0], edits[i][1]);
        assert_null(package_ledger_find(directory, &job, &terms));
        if (i < 2)
            assert_int_equal(clean(directory), 1);
        else
            WORLD_RUN("sh", "-c", "rm -r \"$0\"/.*.partial \"$0\"/.*.ledger", world.directory);
    }
}

/* Found by its job, with what was kept; what had been written beside the disks is made again. */
static void test_gone_on_with(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_ledger_terms terms;
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    struct spool spool;
    char record[8];
    begin_and_die(&other_job);
    begin_and_die(&job);
    CLEANUP_FD int directory = open_directory();
    CLEANUP_FREE char *partial = package_ledger_find(directory, &job, &terms);
    assert_non_null(partial);
    assert_string_equal(terms.request, "asked");
    assert_string_equal(terms.layers, "read");
    assert_string_equal(terms.base, "");
    CLEANUP_FREE char *left = mem_format("%s/%s/reference-point.cfg", world.directory, partial);
    CLEANUP_FREE char *beside = mem_format("%s/%s/machines/web01/machine.cfg", world.directory, partial);
    WORLD_RUN("touch", left, beside);
    assert_true(package_writer_resume(&world.task, NULL, partial, &writer, &err));
    assert_int_not_equal(access(left, F_OK), 0);
    assert_int_not_equal(access(beside, F_OK), 0);
    assert_true(package_writer_keep(writer, "not asked again", &terms, &err));
    assert_true(package_writer_spool(writer, 0, "digests", sizeof record, &spool, &err));
    assert_false(spool_look(&spool, 4, record));
    assert_true(spool_look(&spool, 3, record));
    assert_memory_equal(record, "12345678", sizeof record);
    spool_close(&spool);
    for (size_t i = 0; i < 3; i++) {
        bool there = false;
        int fd = -1;
        assert_true(package_writer_create_disk(writer, i, &fd, &there, &err));
        assert_true(there);
        close(fd);
        results[i] = (struct package_writer_result){.virtual_size =
                                                        world.task.point.members[world.task.disks[i].member]
                                                            .disks[world.task.disks[i].disk]
                                                            .virtual_size};
    }
    char *path = NULL;
    assert_true(world_finish(writer, results, true, NULL, &path, &err));
    package_writer_free(writer);
    CLEANUP_FREE char *ending = mem_format("-%.8s", terms.package_id.text);
    assert_non_null(strstr(path, ending));
    free(path);
    assert_int_equal(world_count_entries(world.directory), 3); /* it, and the other one's two */
    assert_int_equal(package_partial_drop(world.directory, &other_job), 1);
    assert_int_equal(package_partial_drop(world.directory, &other_job), 0);
}

static void test_what_is_not_gone_on_with(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_ledger_terms terms;
    struct package_writer *writer = NULL;
    begin_and_die(&job);
    CLEANUP_FD int directory = open_directory();
    CLEANUP_FREE char *partial = package_ledger_find(directory, &job, &terms);
    CLEANUP_FREE char *stray = mem_format("%s/%s/of another", world.directory, partial);
    WORLD_RUN("touch", stray);
    assert_false(package_writer_resume(&world.task, NULL, partial, &writer, &err));
    assert_string_equal(err.key, "export.begun-gone");
    assert_int_equal(access(stray, F_OK), 0);
    assert_int_equal(unlink(stray), 0);
    assert_true(package_writer_resume(&world.task, NULL, partial, &writer, &err));
    struct package_writer *second = NULL;
    assert_false(package_writer_resume(&world.task, NULL, partial, &second, &err)); /* somebody is at work */
    assert_string_equal(err.key, "export.begun-gone");
    assert_int_equal(package_partial_drop(world.directory, &job), 0);
    package_writer_free(writer);
    err = (struct error){0};
    assert_false(package_writer_resume(&world.task, NULL, partial, &writer, &err));
    assert_false(package_writer_resume(&world.task, NULL, "..", &writer, &err));
    assert_int_equal(clean(directory), 0); /* and the ledger that was not opened */
    assert_int_equal(world_count_entries(world.directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kept_as_long_as_it_is_wanted, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_a_ledger_alone_is_a_leaving, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_of_another_machine, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_read_is_not_wanted, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(test_gone_on_with, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_gone_on_with, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
