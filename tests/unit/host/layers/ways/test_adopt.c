/* Files that somebody else copied or moved: what is taken with a proof, what by the operator's word, what
 * never. */
#include "tests/unit/support/history.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/watch.h"
#include "core/host/layers/ways/adopt.h"
#include "core/system/digest.h"

/* Everything becomes another file: other inodes, and with `plain` other times and modes too. */
static void copy_away_and_back(struct history *history, bool plain)
{
    const char *images = history->fixture->images;
    CLEANUP_FREE char *aside = mem_format("%s/aside", history->fixture->root);
    /* The old ones are there until the new ones are: no inode number is used again. */
    assert_int_equal(rename(images, aside), 0);
    RUN("cp", plain ? "-r" : "-a", aside, images);
    RUN("rm", "-rf", aside);
    if (plain)
        RUN("find", images, "-type", "f", "-exec", "touch", "-d", "tomorrow", "{}", ";");
}

static void adopt(struct history *history, bool unproven, struct adopted_files *adopted)
{
    struct host *host = history->fixture->host;
    struct error err = {0};
    if (!host->ops->adopt_files(host, unproven, NULL, adopted, &err))
        fail_msg("%s: %s", err.what, err.cause);
}

static size_t count_how(const struct adopted_files *adopted, enum adopted_how how)
{
    size_t count = 0;
    for (size_t i = 0; i < adopted->count; i++)
        count += adopted->items[i].how == how;
    return count;
}

static bool is_unproven(struct history *history, size_t point, size_t disk)
{
    struct reference_point read;
    struct error err = {0};
    struct host *host = history->fixture->host;
    assert_true(host->ops->read_point(host, &history->points[point], &read, &err));
    bool unproven = read.members[0].disks[disk].unproven;
    assert_int_equal(read.members[0].disks[disk].unproven_since.seconds > 0, unproven);
    reference_point_clear(&read);
    return unproven;
}

static void test_by_word_and_then_by_proof(void **state)
{
    struct history history;
    struct adopted_files adopted;
    struct error err = {0};
    history_make(&history, *state, 3);
    history_assert_export(&history, 0, HISTORY_FULL);
    adopt(&history, true, &adopted);
    assert_int_equal(adopted.count, 0);
    copy_away_and_back(&history, false);
    assert_int_equal(history_try_export(&history, 2, &err), RETURN_INVALID_STATE);
    CLEANUP_FREE char *before = history_picture(&history);
    adopt(&history, false, &adopted);
    assert_int_equal(count_how(&adopted, ADOPTED_NOT), 8); /* six layers; two images that rest on them */
    assert_non_null(strstr(adopted.items[0].reason, "--unproven"));
    adopted_files_clear(&adopted);
    CLEANUP_FREE char *after = history_picture(&history);
    assert_string_equal(before, after);
    adopt(&history, true, &adopted);
    assert_int_equal(adopted.count, 6);
    assert_int_equal(count_how(&adopted, ADOPTED_UNPROVEN), 6);
    adopted_files_clear(&adopted);
    assert_int_equal(check_store(*state), 0);
    assert_true(is_unproven(&history, 1, 0));
    history_assert_export(&history, 2, 0);
    history_assert_all(&history);

    /* A digest is kept now; and the plain copy's modes are put right. The template has none. */
    copy_away_and_back(&history, true);
    adopt(&history, false, &adopted);
    assert_int_equal(count_how(&adopted, ADOPTED_PROVEN), 6);
    assert_int_equal(count_how(&adopted, ADOPTED_NOT), 1);
    adopted_files_clear(&adopted);
    assert_int_equal(history_try_export(&history, 1, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "export.template-changed");
    adopt(&history, true, &adopted);
    assert_int_equal(adopted.count, 1);
    assert_string_equal(adopted.items[0].path, history.template);
    assert_int_equal(adopted.items[0].how, ADOPTED_UNPROVEN);
    adopted_files_clear(&adopted);
    assert_int_equal(check_store(*state), 0);
    history_assert_export(&history, 1, 0);
    history_assert_all(&history);
    history_add_point(&history, NULL);
    assert_false(is_unproven(&history, 3, 1));
    history_assert_export(&history, 3, 2);

    /* What takes in an unproven layer is unproven. */
    struct host *host = history.fixture->host;
    assert_int_equal(host->ops->destroy_point(host, &history.points[2], NULL, &err), 0);
    assert_true(is_unproven(&history, 3, 1));
    history_assert_all(&history);
}

static void flip_byte(const char *path, off_t at, bool keep_time)
{
    struct stat status;
    char byte;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(chmod(path, 0600), 0);
    CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    const struct timespec times[2] = {status.st_atim, status.st_mtim};
    if (keep_time)
        assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(fchmod(fd, 0444), 0);
}

static void test_what_is_not_taken(void **state)
{
    struct history history;
    struct adopted_files adopted;
    struct error err = {0};
    history_make(&history, *state, 3);
    copy_away_and_back(&history, false);
    adopt(&history, true, &adopted);
    adopted_files_clear(&adopted);
    /* Another content where a digest is kept, and another size: not even by word. What rests on them is not
     * taken either, the other disk is. */
    copy_away_and_back(&history, false);
    struct stat status;
    assert_int_equal(stat(history.layers[1][1], &status), 0);
    flip_byte(history.layers[1][1], status.st_size - 10, true);
    adopt(&history, true, &adopted);
    assert_int_equal(count_how(&adopted, ADOPTED_PROVEN), 4);
    assert_int_equal(count_how(&adopted, ADOPTED_NOT), 3);
    assert_non_null(strstr(adopted.items[0].reason, "point forget"));
    adopted_files_clear(&adopted);
    assert_int_equal(history_try_export(&history, 1, &err), RETURN_INVALID_STATE);
    assert_int_equal(history_try_export(&history, 2, &err), RETURN_INVALID_STATE);
    history_assert_export(&history, 0, HISTORY_FULL);
    flip_byte(history.layers[1][1], status.st_size - 10, true);
    adopt(&history, false, &adopted);
    assert_int_equal(count_how(&adopted, ADOPTED_NOT), 0);
    adopted_files_clear(&adopted);
    history_assert_export(&history, 2, HISTORY_FULL);
    RUN("truncate", "-s", "+512", history.layers[0][0]);
    adopt(&history, true, &adopted);
    assert_int_equal(adopted.count, 1);
    assert_int_equal(adopted.items[0].how, ADOPTED_NOT);
    assert_non_null(strstr(adopted.items[0].reason, "size"));
    adopted_files_clear(&adopted);
    RUN("truncate", "-s", "-512", history.layers[0][0]);
    assert_int_equal(unlink(history.layers[2][1]), 0);
    adopt(&history, true, &adopted);
    assert_int_equal(count_how(&adopted, ADOPTED_PROVEN), 1);
    assert_int_equal(count_how(&adopted, ADOPTED_NOT), 2); /* it, and the image above it */
    adopted_files_clear(&adopted);
}

/* Two layers of one size have changed names, and no digest is there to tell. */
static void test_files_that_have_changed_places(void **state)
{
    struct history history;
    struct adopted_files adopted;
    struct stat first;
    struct stat second;
    history_begin(&history, *state);
    history_add_point(&history, NULL);
    history_add_point(&history, NULL);
    history_add_point(&history, NULL);
    assert_int_equal(stat(history.layers[1][1], &first), 0);
    assert_int_equal(stat(history.layers[2][1], &second), 0);
    if (first.st_size != second.st_size)
        skip();
    CLEANUP_FREE char *aside = mem_format("%s/aside", history.fixture->root);
    assert_int_equal(rename(history.layers[1][1], aside), 0);
    assert_int_equal(rename(history.layers[2][1], history.layers[1][1]), 0);
    assert_int_equal(rename(aside, history.layers[2][1]), 0);
    adopt(&history, true, &adopted);
    assert_int_equal(count_how(&adopted, ADOPTED_NOT), adopted.count);
    adopted_files_clear(&adopted);
}

static void test_somebody_writes_to_it(void **state)
{
    struct history history;
    struct adopted_files adopted;
    history_make(&history, *state, 2);
    copy_away_and_back(&history, false);
    assert_int_equal(chmod(history.layers[0][1], 0644), 0);
    int writer = open(history.layers[0][1], O_WRONLY | O_CLOEXEC);
    adopt(&history, true, &adopted);
    assert_int_equal(count_how(&adopted, ADOPTED_UNPROVEN), 2);
    close(writer);
    adopted_files_clear(&adopted);
    adopt(&history, true, &adopted);
    assert_int_equal(count_how(&adopted, ADOPTED_UNPROVEN), 2);
    assert_int_equal(adopted.count, 2);
    adopted_files_clear(&adopted);
    assert_int_equal(check_store(*state), 0);
}

static bool end_soon(void *context, uint64_t done, uint64_t total)
{
    uint64_t *seen = context;
    assert_true(done <= total);
    *seen = done;
    return false;
}

static void test_cancelled(void **state)
{
    struct history history;
    struct adopted_files adopted;
    struct error err = {0};
    uint64_t seen = 0;
    struct watch watch = {.go_on = end_soon, .context = &seen};
    history_make(&history, *state, 2);
    copy_away_and_back(&history, false);
    struct host *host = history.fixture->host;
    assert_false(host->ops->adopt_files(host, true, &watch, &adopted, &err));
    assert_string_equal(err.key, "file.cancelled");
    assert_true(seen > 0);
    assert_int_equal(adopted.count, 0);
    assert_int_equal(history_try_export(&history, 1, &err), RETURN_INVALID_STATE);
}

static void work_adopt(const struct step_hook *hook, void *context)
{
    struct history *history = context;
    struct adopted_files adopted;
    struct error err = {0};
    if (!adopt_files(fixture_store(history->fixture), true, NULL, hook, &adopted, &err))
        _exit(1);
    adopted_files_clear(&adopted);
}

static void test_crash_in_the_middle(void **state)
{
    (void)state;
    size_t steps = 0;
    for (bool crashed = true; crashed; steps++) {
        struct history history;
        struct adopted_files adopted;
        void *fixture = NULL;
        assert_int_equal(local_setup(&fixture), 0);
        history_make(&history, fixture, 2);
        copy_away_and_back(&history, false);
        crashed = crash_at(steps, work_adopt, &history);
        adopt(&history, true, &adopted);
        assert_int_equal(count_how(&adopted, ADOPTED_NOT), 0);
        adopted_files_clear(&adopted);
        assert_int_equal(check_store(fixture), 0);
        history_assert_all(&history);
        assert_int_equal(local_teardown(&fixture), 0);
    }
    assert_true(steps > 2);
}

/* As sha256sum has it, holes and all. */
static void test_digest(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err = {0};
    char text[DIGEST_TEXT];
    char *path = image_at(fixture, "sparse");
    RUN("truncate", "-s", "300M", path);
    CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "data", 4, 5000000), 4);
    assert_true(digest_file(fd, path, NULL, text, &err));
    CLEANUP_FREE char *line =
        mem_format("test \"$(openssl dgst -r -sha256 \"$0\" | cut -d' ' -f1 | tr -d '\\\\')\" = %s", text);
    RUN("sh", "-c", line, path);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_true(digest_file(fd, path, NULL, text, &err));
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_digest, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_by_word_and_then_by_proof, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_not_taken, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_files_that_have_changed_places, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_somebody_writes_to_it, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_cancelled, local_setup, local_teardown),
        cmocka_unit_test(test_crash_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
