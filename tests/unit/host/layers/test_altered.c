/* What was done to a frozen layer in a way that leaves its size and its time of modification as they were. */
#include "tests/unit/support/history.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/layers.h"

/* One byte of a layer, near its end, with the time put back. */
static void alter(const char *path)
{
    struct stat status;
    char byte;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(chmod(path, 0600), 0);
    CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &byte, 1, status.st_size - 100), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, status.st_size - 100), 1);
    const struct timespec times[2] = {status.st_atim, status.st_mtim};
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(fchmod(fd, 0444), 0);
}

static void assert_not_exported(struct history *history, size_t point, const char *next)
{
    struct error err = {0};
    assert_int_equal(history_try_export(history, point, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "export.layer-changed");
    if (!strstr(err.next, next))
        fail_msg("the way out is not \"%s\": %s", next, err.next);
}

/* findings and notes of a deep look; the finding, or note, has all these words. */
static void look_deep(struct history *history, size_t findings, size_t notes, const char *const *words)
{
    struct store_report report;
    look_through_store(history->fixture, true, &report);
    assert_int_equal(report.finding_count, findings);
    assert_int_equal(report.note_count, notes);
    for (size_t i = 0; words && words[i]; i++) {
        const char *text = findings ? report.findings[0] : report.notes[0];
        if (!strstr(text, words[i]))
            fail_msg("no \"%s\" in: %s", words[i], text);
    }
    store_report_clear(&report);
}
#define LOOK_DEEP(history, findings, notes, ...)                                                             \
    look_deep((history), (findings), (notes), (const char *const[]){__VA_ARGS__, NULL})

/* The directory's name is hostile, and is escaped where it is told. */
static const char *name_of(const char *path)
{
    return strrchr(path, '/') + 1;
}

static void assert_neither_merged_nor_emptied(struct history *history, size_t point)
{
    struct host *host = history->fixture->host;
    struct error err = {0};
    assert_int_equal(host->ops->destroy_point(host, &history->points[point], NULL, &err),
                     RETURN_INVALID_STATE);
    assert_string_equal(err.key, "point.layer-changed");
    err = (struct error){0};
    assert_int_equal(host->ops->remove_associated_data(host, &history->points[point], NULL, &err),
                     RETURN_INVALID_STATE);
    assert_string_equal(err.key, "point.layer-changed");
}

static void test_altered_with_its_time_put_back(void **state)
{
    struct history history;
    struct error err = {0};
    history_make(&history, *state, 4);
    alter(history.layers[1][0]);
    CLEANUP_FREE char *before = history_picture(&history);
    assert_not_exported(&history, 1, "store adopt --unproven");
    assert_not_exported(&history, 2, "store adopt --unproven"); /* it is read through it */
    history_assert_export(&history, 0, HISTORY_FULL);
    assert_int_equal(check_store(*state), 1);
    LOOK_DEEP(&history, 1, 7, name_of(history.layers[1][0]), "no digest");
    assert_not_exported(&history, 1, "store adopt --unproven");
    /* What takes it in would have a record as good as any, as it, or as what lies on it. */
    assert_neither_merged_nor_emptied(&history, 0);
    assert_neither_merged_nor_emptied(&history, 1);
    CLEANUP_FREE char *after = history_picture(&history);
    assert_string_equal(before, after);
    /* Above it nothing changes hands. */
    struct host *host = history.fixture->host;
    assert_int_equal(host->ops->destroy_point(host, &history.points[3], NULL, &err), 0);
    assert_not_exported(&history, 2, "store adopt --unproven");
}

/* Nothing is based on it but the machine's own image, which reads it anyhow. */
static void test_the_last_point_can_go(void **state)
{
    struct history history;
    struct error err = {0};
    history_make(&history, *state, 2);
    assert_int_equal(chmod(history.layers[1][0], 0400), 0);
    struct host *host = history.fixture->host;
    assert_int_equal(host->ops->remove_associated_data(host, &history.points[1], NULL, &err), 0);
    assert_int_equal(host->ops->destroy_point(host, &history.points[1], NULL, &err), 0);
    assert_int_equal(check_store(*state), 0);
    history_assert_export(&history, 0, HISTORY_FULL);
    history_assert_images(&history);
}

static void test_a_digest_tells(void **state)
{
    struct history history;
    struct stat status;
    history_make(&history, *state, 2);
    LOOK_DEEP(&history, 0, 4, "digest", "was made now");
    LOOK_DEEP(&history, 0, 0, NULL);
    /* Only its mode, a link, an attribute: taken again, and read-only. */
    assert_int_equal(chmod(history.layers[0][1], 0640), 0);
    assert_not_exported(&history, 0, "store check --deep");
    assert_not_exported(&history, 1, "store check --deep");
    assert_int_equal(check_store(*state), 1);
    LOOK_DEEP(&history, 1, 0, name_of(history.layers[0][1]), "the same", "vd1");
    assert_int_equal(stat(history.layers[0][1], &status), 0);
    assert_int_equal(status.st_mode & 0777, 0440);
    LOOK_DEEP(&history, 0, 0, NULL);
    assert_int_equal(check_store(*state), 0);
    history_assert_export(&history, 0, HISTORY_FULL);
    history_assert_export(&history, 1, 0);
    CLEANUP_FREE char *name = mem_format("%s/backup", history.fixture->root);
    assert_int_equal(link(history.layers[0][1], name), 0);
    assert_int_equal(unlink(name), 0);
    assert_not_exported(&history, 1, "store check --deep");
    LOOK_DEEP(&history, 1, 0, "the same");
    history_assert_export(&history, 1, HISTORY_FULL);
    /* Its content. */
    alter(history.layers[1][0]);
    assert_not_exported(&history, 1, "store check --deep");
    for (int again = 0; again < 2; again++) {
        LOOK_DEEP(&history, 1, 0, name_of(history.layers[1][0]), "vd0", "altered", "package import");
        assert_not_exported(&history, 1, "store check --deep");
    }
    alter(history.layers[1][0]); /* back */
    LOOK_DEEP(&history, 1, 0, "the same");
    history_assert_export(&history, 1, HISTORY_FULL);
    /* Rot shows in no time: the record, made to agree, says what an untouched file's would. */
    alter(history.layers[1][0]);
    forget_last_changes(history.fixture, &history.points[1]);
    assert_int_equal(check_store(*state), 0);
    LOOK_DEEP(&history, 1, 0, name_of(history.layers[1][0]), "rotted");
}

static void test_a_word_where_no_digest_is(void **state)
{
    struct history history;
    struct adopted_files adopted;
    struct error err = {0};
    history_make(&history, *state, 2);
    assert_int_equal(chmod(history.layers[1][0], 0400), 0);
    assert_not_exported(&history, 1, "store adopt --unproven");
    struct host *host = history.fixture->host;
    assert_true(host->ops->adopt_files(host, false, NULL, &adopted, &err));
    assert_int_equal(adopted.count, 1);
    assert_int_equal(adopted.items[0].how, ADOPTED_NOT);
    adopted_files_clear(&adopted);
    assert_not_exported(&history, 1, "store adopt --unproven");
    assert_true(host->ops->adopt_files(host, true, NULL, &adopted, &err));
    assert_int_equal(adopted.count, 1);
    assert_int_equal(adopted.items[0].how, ADOPTED_UNPROVEN);
    adopted_files_clear(&adopted);
    assert_int_equal(check_store(*state), 0);
    history_assert_export(&history, 1, HISTORY_FULL);
}

/* As it was before: inode, size and time of modification. A deep look knows more from then on. */
static void test_records_of_earlier_versions(void **state)
{
    struct history history;
    history_make(&history, *state, 2);
    forget_last_changes(history.fixture, &history.points[0]);
    assert_int_equal(chmod(history.layers[0][0], 0400), 0);
    assert_int_equal(check_store(*state), 0);
    history_assert_export(&history, 0, HISTORY_FULL);
    history_assert_export(&history, 1, HISTORY_FULL);
    LOOK_DEEP(&history, 0, 4, NULL);
    assert_int_equal(chmod(history.layers[0][0], 0444), 0);
    assert_not_exported(&history, 0, "store check --deep");
}

/* libvirt gives a machine's files to the account of its QEMU when it starts. */
static void test_another_owner(void **state)
{
    struct history history;
    history_make(&history, *state, 2);
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < HISTORY_DISKS; i++)
        assert_int_equal(chown(history.layers[1][i], 64055, 108), 0);
    history_assert_export(&history, 1, HISTORY_FULL);
    assert_int_equal(check_store(*state), 0); /* watched from here on */
    history_assert_export(&history, 1, HISTORY_FULL);
    assert_int_equal(chmod(history.layers[1][0], 0400), 0);
    assert_not_exported(&history, 1, "store adopt --unproven");
}

/* With SELinux it labels what lies beneath an image anew, each time. */
static void test_a_label_that_is_given_at_each_start(void **state)
{
    static const char beneath[] = "system_u:object_r:virt_content_t:s0";
    static const char other[] = "system_u:object_r:virt_content_t_not:s0";
    struct history history;
    history_make(&history, *state, 1);
    if (lsetxattr(history.layers[0][0], "security.selinux", beneath, sizeof beneath, 0) != 0)
        skip();
    history_assert_export(&history, 0, HISTORY_FULL);
    assert_int_equal(check_store(*state), 0);
    assert_int_equal(lsetxattr(history.layers[0][0], "security.selinux", other, sizeof other, 0), 0);
    assert_not_exported(&history, 0, "store adopt --unproven");
}

/* A file is the same by another name; and by its own, once it has it back, something was done to it. */
static void test_moved_by_somebody_else(void **state)
{
    struct history history;
    struct moved_machine moved;
    struct error err = {0};
    history_make(&history, *state, 2);
    CLEANUP_FREE char *other = mem_format("%s/other", history.fixture->root);
    assert_int_equal(mkdir(other, 0755), 0);
    RUN("sh", "-c", "mv \"$0\"/* \"$1\"", history.fixture->images, other);
    const struct move_request request = {.machine = history.machine, .directory = other, .moved = true};
    struct host *host = history.fixture->host;
    if (!host->ops->move_machine(host, &request, NULL, &moved, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_int_equal(moved.unproven, 0);
    moved_machine_clear(&moved);
    assert_int_equal(check_store(*state), 0);
    history_assert_export(&history, 1, HISTORY_FULL);
    RUN("sh", "-c", "for file in \"$0\"/*.refpoint-*; do mv \"$file\" x && mv x \"$file\"; done", other);
    assert_int_equal(check_store(*state), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_altered_with_its_time_put_back, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_the_last_point_can_go, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_digest_tells, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_word_where_no_digest_is, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_records_of_earlier_versions, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_another_owner, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_label_that_is_given_at_each_start, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_moved_by_somebody_else, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
