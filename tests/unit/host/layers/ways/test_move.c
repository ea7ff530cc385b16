/* A machine moved into another directory, on one file system and to another: points stay what they were,
 * whatever happens on the way. */
#include "tests/unit/support/history.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/watch.h"
#include "core/host/layers/ways/move.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

/* Where there is no other file system, the same one: a difference in speed only. */
static char *other_directory(struct history *history, bool across)
{
    char *path = across && access("/dev/shm", W_OK) == 0
                     ? mem_strdup("/dev/shm/refpoint-move-XXXXXX")
                     : mem_format("%s/other\"%s", history->fixture->root, "-XXXXXX");
    assert_non_null(mkdtemp(path));
    return keep(history->fixture, path);
}

static void remove_directory(const char *path)
{
    struct error err = {0};
    assert_true(fs_remove_tree(AT_FDCWD, path, &err));
}

static size_t count_files(const char *directory)
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

static bool try_move(struct history *history, const struct move_request *request, struct moved_machine *moved,
                     struct error *err)
{
    struct host *host = history->fixture->host;
    *err = (struct error){0};
    return host->ops->move_machine(host, request, NULL, moved, err);
}

static void move_to(struct history *history, const char *directory, struct moved_machine *moved)
{
    const struct move_request request = {.machine = history->machine, .directory = directory};
    struct error err;
    if (!try_move(history, &request, moved, &err))
        fail_msg("%s: %s. %s", err.what, err.cause, err.next);
}

/* The tests that change images afterwards know them by these. */
static void follow_paths(struct history *history, const char *directory)
{
    for (size_t i = 0; i < HISTORY_DISKS; i++)
        history->images[i] =
            keep(history->fixture, mem_format("%s/%s", directory, i ? "b.qcow2" : "a.qcow2"));
}

static void assert_digests(struct history *history, size_t number, bool known)
{
    struct reference_point point;
    struct error err = {0};
    struct host *host = history->fixture->host;
    assert_true(host->ops->read_point(host, &history->points[number], &point, &err));
    for (size_t i = 0; i < HISTORY_DISKS; i++) {
        const struct disk_point *disk = &point.members[0].disks[i];
        struct stat status;
        assert_int_equal(lstat(disk->layer_path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0444);
        assert_false(disk->unproven);
        assert_int_equal(disk->content_sha256 != NULL, known);
        if (!known)
            continue;
        CLEANUP_FREE char *line =
            mem_format("test \"$(sha256sum <\"$0\" | cut -d' ' -f1)\" = %s", disk->content_sha256);
        RUN("sh", "-c", line, disk->layer_path);
    }
    reference_point_clear(&point);
}

static void there_and_back(struct local_fixture *fixture, bool across)
{
    struct history history;
    struct moved_machine moved;
    struct error err = {0};
    history_make(&history, fixture, 3);
    history_assert_export(&history, 0, HISTORY_FULL);
    char *other = other_directory(&history, across);
    assert_int_equal(chmod(history.images[0], 0620), 0);
    move_to(&history, other, &moved);
    assert_int_equal(moved.file_count, 8);
    assert_int_equal(moved.disk_count, 2);
    assert_string_equal(moved.disks[0].from, history.images[0]);
    assert_int_equal(moved.note_count, 0);
    moved_machine_clear(&moved);
    follow_paths(&history, other);
    struct stat status;
    assert_int_equal(stat(history.images[0], &status), 0);
    assert_int_equal(status.st_mode & 0777, 0620);
    assert_int_equal(count_names(fixture, ""), 1); /* the template */
    assert_int_equal(count_files(other), 8);
    assert_int_equal(check_store(fixture), 0);
    history_assert_all(&history);
    history_assert_export(&history, 2, 0);
    history_assert_export(&history, 1, HISTORY_FULL);
    if (across)
        assert_digests(&history, 1, true);
    /* Everything that is done with points is done there. */
    history_add_point(&history, NULL);
    history_assert_export(&history, 3, 2);
    struct host *host = history.fixture->host;
    assert_int_equal(host->ops->remove_associated_data(host, &history.points[0], NULL, &err), 0);
    assert_int_equal(host->ops->destroy_point(host, &history.points[1], NULL, &err), 0);
    history_assert_images(&history);
    assert_int_equal(check_store(fixture), 0);
    move_to(&history, fixture->images, &moved);
    moved_machine_clear(&moved);
    follow_paths(&history, fixture->images);
    assert_int_equal(count_files(other), 0);
    assert_int_equal(check_store(fixture), 0);
    history_assert_images(&history);
    history_assert_export(&history, 3, 2);
    history_assert_export(&history, 2, 0);
    remove_directory(other);
}

static void test_on_one_file_system(void **state)
{
    there_and_back(*state, false);
}

static void test_to_another_file_system(void **state)
{
    there_and_back(*state, true);
}

/* Layers without a point go along; a disk whose image was replaced keeps its old layers too. */
static void test_what_belongs_to_no_point(void **state)
{
    struct history history;
    struct moved_machine moved;
    struct error err = {0};
    history_make(&history, *state, 4);
    struct host *host = history.fixture->host;
    assert_true(host->ops->forget_point(host, &history.points[1], NULL, &err));
    assert_true(host->ops->forget_point(host, &history.points[3], NULL, &err));
    assert_int_equal(unlink(history.images[1]), 0);
    make_image(history.images[1], "qcow2", "4M", NULL);
    history.now[1] = copy_of(*state, history.images[1], "qcow2");
    history_assert_export(&history, 0, HISTORY_FULL);
    char *other = other_directory(&history, true);
    move_to(&history, other, &moved);
    assert_int_equal(moved.file_count, 10);
    moved_machine_clear(&moved);
    follow_paths(&history, other);
    history_assert_all(&history);
    history_assert_export(&history, 2, 0);
    (void)check_store(*state);
    history_add_point(&history, NULL);
    history_assert_all(&history);
    remove_directory(other);
}

struct move_work_context {
    struct history *history;
    const char *directory;
    bool moved;
    bool fails; /* this is expected */
};

static void work_move(const struct step_hook *hook, void *context)
{
    struct move_work_context *work = context;
    const struct move_request request = {.machine = work->history->machine,
                                         .directory = work->directory,
                                         .moved = work->moved,
                                         .unproven = work->moved};
    struct moved_machine moved;
    struct error err = {0};
    bool ok = move_machine(fixture_store(work->history->fixture), &request, NULL, hook, &moved, &err);
    if (ok == work->fails)
        _exit(1);
    moved_machine_clear(&moved);
}

static bool is_moved(struct history *history, const char *directory)
{
    struct machine machine;
    struct error err = {0};
    assert_true(store_read_machine(fixture_store(history->fixture), &history->machine, &machine, &err));
    size_t there = 0;
    for (size_t i = 0; i < machine.disk_count; i++)
        there += strncmp(machine.disks[i].path, directory, strlen(directory)) == 0;
    machine_clear(&machine);
    assert_true(there == 0 || there == HISTORY_DISKS);
    return there > 0;
}

/* One fresh history for each step at which there is a crash; recovery crashes too. In the end all files are
 * in one place. */
static void crash_everywhere(bool across, bool already)
{
    size_t steps = 0;
    size_t forward = 0;
    for (bool crashed = true; crashed; steps += crash_stride()) {
        struct history history;
        void *fixture = NULL;
        assert_int_equal(local_setup(&fixture), 0);
        history_make(&history, fixture, 1);
        char *other = other_directory(&history, across);
        struct move_work_context work = {.history = &history, .directory = other, .moved = already};
        if (already) {
            RUN("sh", "-c", "cp -a \"$0\"/* \"$1\" && rm -f \"$0\"/[ab].*", history.fixture->images, other);
        }
        crashed = crash_at(steps, work_move, &work);
        (void)crash_at(steps / 2, work_recover, fixture);
        assert_true(check_store(fixture) <= (already ? 20 : 1));
        if (already && !is_moved(&history, other))
            assert_false(crash_at(SIZE_MAX, work_move, &work));
        assert_int_equal(check_store(fixture), 0);
        history_assert_all(&history);
        history_assert_export(&history, 0, HISTORY_FULL);
        bool moved = is_moved(&history, other);
        forward += moved;
        if (!already) {
            assert_int_equal(count_files(other), moved ? 4 : 0);
            assert_int_equal(count_names(fixture, ""), moved ? 1 : 5);
        }
        /* And it can be asked for again. */
        if (!moved)
            assert_false(crash_at(SIZE_MAX, work_move, &work));
        assert_int_equal(check_store(fixture), 0);
        history_assert_all(&history);
        remove_directory(other);
        assert_int_equal(local_teardown(&fixture), 0);
    }
    print_message("%zu steps, tried every %zu; after %zu of them the machine is moved\n", steps,
                  crash_stride(), forward);
    assert_true(steps > (already ? 3 : 15));
    assert_true(forward * crash_stride() > 2);
}

static void test_crash_on_one_file_system(void **state)
{
    (void)state;
    crash_everywhere(false, false);
}

static void test_crash_to_another_file_system(void **state)
{
    (void)state;
    crash_everywhere(true, false);
}

static void test_crash_while_following(void **state)
{
    (void)state;
    crash_everywhere(true, true);
}

/* The machine was started with its old definition before recovery came. */
static void test_the_machine_ran_after_a_crash(void **state)
{
    static const char *const steps[] = {"copy", "name", "commit", "point", "machine"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        struct history history;
        void *fixture = NULL;
        assert_int_equal(local_setup(&fixture), 0);
        history_make(&history, fixture, 2);
        char *other = other_directory(&history, true);
        struct move_work_context work = {.history = &history, .directory = other};
        crash_at_step(steps[i], 0, work_move, &work);
        WRITE(history.images[1], "qcow2", "write -P 77 1M 100k");
        history.now[1] = copy_of(fixture, history.images[1], "qcow2");
        assert_int_equal(check_store(fixture), 1);
        assert_false(is_moved(&history, other));
        assert_int_equal(count_files(other), 0);
        assert_int_equal(check_store(fixture), 0);
        history_assert_all(&history);
        history_assert_export(&history, 1, HISTORY_FULL);
        remove_directory(other);
        assert_int_equal(local_teardown(&fixture), 0);
    }
}

/* One of its images is gone already, and somebody has written to another: nothing is removed that is not
 * known.
 */
static void test_written_to_when_there_is_no_way_back(void **state)
{
    struct history history;
    history_make(&history, *state, 1);
    char *other = other_directory(&history, true);
    struct move_work_context work = {.history = &history, .directory = other};
    size_t first = 0;
    crash_at_step("removed", 0, work_move, &work);
    first = access(history.images[0], F_OK) == 0;
    assert_int_equal(access(history.images[!first], F_OK), 0);
    RUN("sh", "-c", "printf x >>\"$0\"", history.images[!first]);
    assert_int_equal(check_store(*state), 2);
    assert_true(is_moved(&history, other));
    assert_int_equal(access(history.images[!first], F_OK), 0);
    assert_int_equal(check_store(*state), 0);
    history_assert_all(&history);
    remove_directory(other);
}

static void assert_refused(struct history *history, const char *directory, bool moved, uint32_t code,
                           const char *key)
{
    const struct move_request request = {.machine = history->machine, .directory = directory, .moved = moved};
    struct moved_machine told;
    struct error err;
    CLEANUP_FREE char *before = history_picture(history);
    assert_false(try_move(history, &request, &told, &err));
    CLEANUP_FREE char *text = error_text(&err);
    if (strcmp(err.key, key) != 0)
        fail_msg("%s, not %s: %s", err.key, key, text);
    assert_int_equal(err.code, code);
    assert_true(*err.next);
    CLEANUP_FREE char *after = history_picture(history);
    assert_string_equal(before, after);
}

static void test_refusals(void **state)
{
    struct history history;
    struct error err = {0};
    history_make(&history, *state, 2);
    char *other = other_directory(&history, true);
    CLEANUP_FREE char *nowhere = mem_format("%s/nowhere", other);
    assert_refused(&history, nowhere, false, RETURN_FILE_NOT_FOUND, "directory.open");
    assert_refused(&history, "relative", false, RETURN_INVALID_PARAMETER, "machine.directory");
    assert_refused(&history, history.fixture->images, false, RETURN_INVALID_PARAMETER, "machine.is-there");
    CLEANUP_FREE char *taken = mem_format("%s/b.qcow2", other);
    RUN("touch", taken);
    assert_refused(&history, other, false, RETURN_INVALID_PARAMETER, "machine.name-taken");
    assert_int_equal(unlink(taken), 0);
    pid_t writer = start_writer(history.fixture, history.images[0], "qcow2");
    assert_refused(&history, other, false, RETURN_IN_USE, "image.in-use");
    end_writer(writer);
    int plain = open(history.images[1], O_WRONLY | O_CLOEXEC);
    assert_refused(&history, other, false, RETURN_IN_USE, "image.in-use");
    close(plain);
    int pinned = open(history.layers[0][1], O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(pinned, LOCK_SH), 0);
    assert_refused(&history, other, false, RETURN_IN_USE, "point.pinned");
    close(pinned);
    /* Somebody's overlay of a layer, known to the store or not. */
    char *clone = image_at(history.fixture, "clone.qcow2");
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-b", history.layers[0][1], "-F", "qcow2", clone);
    assert_refused(&history, other, false, RETURN_INVALID_STATE, "point.stranger");
    assert_int_equal(unlink(clone), 0);
    /* Another inode. */
    RUN("sh", "-c", "cp -a \"$0\" \"$0.copy\" && mv \"$0.copy\" \"$0\"", history.layers[0][0]);
    assert_refused(&history, other, false, RETURN_INVALID_STATE, "disk.layer-replaced");
    struct adopted_files adopted;
    struct host *host = history.fixture->host;
    assert_true(host->ops->adopt_files(host, true, NULL, &adopted, &err));
    adopted_files_clear(&adopted);
    assert_refused(&history, other, true, RETURN_INVALID_STATE, "machine.not-moved");
    assert_int_equal(count_files(other), 0);
    assert_int_equal(check_store(*state), 0);
    history_assert_all(&history);
    remove_directory(other);
}

/* What has rotted since its digest was taken is found before its original goes. */
static void test_a_layer_that_has_rotted(void **state)
{
    struct history history;
    struct moved_machine moved;
    struct stat status;
    history_make(&history, *state, 1);
    char *other = other_directory(&history, true);
    char *third = other_directory(&history, false);
    move_to(&history, other, &moved);
    moved_machine_clear(&moved);
    CLEANUP_FREE char *layer = mem_format("%s/%s", other, strrchr(history.layers[0][1], '/') + 1);
    assert_int_equal(stat(layer, &status), 0);
    assert_int_equal(chmod(layer, 0600), 0);
    CLEANUP_FD int fd = open(layer, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "rot", 3, status.st_size - 100), 3);
    const struct timespec times[2] = {status.st_atim, status.st_mtim};
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(fchmod(fd, 0444), 0);
    close(fd);
    fd = -1;
    bool one_file_system = strncmp(other, "/dev/shm", 8) != 0;
    assert_refused(&history, third, false, RETURN_INVALID_STATE, "disk.layer-replaced");
    /* As rot does it: no time shows it. */
    forget_last_changes(history.fixture, &history.points[0]);
    if (!one_file_system)
        assert_refused(&history, third, false, RETURN_INVALID_STATE, "layer.content");
    assert_int_equal(count_files(third), 0);
    remove_directory(other);
}

struct stopping {
    uint64_t at;
    bool stopped;
};

static bool stop_at(void *context, uint64_t done, uint64_t total)
{
    struct stopping *stopping = context;
    assert_true(done <= total);
    stopping->stopped = done >= stopping->at;
    return !stopping->stopped;
}

static void test_cancelled(void **state)
{
    struct history history;
    struct moved_machine moved;
    history_make(&history, *state, 2);
    char *other = other_directory(&history, true);
    CLEANUP_FREE char *before = history_picture(&history);
    struct host *host = history.fixture->host;
    for (uint64_t at = 1; at < 3000000; at += 500000) {
        const struct move_request request = {.machine = history.machine, .directory = other};
        struct stopping stopping = {.at = at};
        struct watch watch = {.go_on = stop_at, .context = &stopping};
        struct error err = {0};
        if (host->ops->move_machine(host, &request, &watch, &moved, &err)) {
            moved_machine_clear(&moved);
            break;
        }
        assert_string_equal(err.key, "file.cancelled");
        assert_false(err.begun);
        CLEANUP_FREE char *after = history_picture(&history);
        assert_string_equal(before, after);
        assert_int_equal(count_files(other), 0);
        assert_int_equal(check_store(*state), 0);
    }
    history_assert_all(&history);
    remove_directory(other);
}

static void carry(struct history *history, const char *how, const char *to)
{
    CLEANUP_FREE char *line = mem_format("%s \"$0\"/* \"$1\" && rm -f \"$0\"/[ab].*", how);
    RUN("sh", "-c", line, history->fixture->images, to);
}

static void test_somebody_else_has_moved_it(void **state)
{
    struct history history;
    struct moved_machine moved;
    struct error err;
    history_make(&history, *state, 3);
    struct host *host = history.fixture->host;
    history_assert_export(&history, 0, HISTORY_FULL);
    assert_true(host->ops->forget_point(host, &history.points[1], NULL, &err));
    char *other = other_directory(&history, true);
    struct move_request request = {.machine = history.machine, .directory = other, .moved = true};
    carry(&history, "cp -a", other);
    assert_refused(&history, other, true, RETURN_INVALID_STATE, "layer.unproven");
    request.unproven = true;
    if (!try_move(&history, &request, &moved, &err))
        fail_msg("%s: %s. %s", err.what, err.cause, err.next);
    assert_int_equal(moved.unproven, 4);
    assert_int_equal(moved.file_count, 9); /* and the template, which lay beside the image */
    moved_machine_clear(&moved);
    follow_paths(&history, other);
    assert_int_equal(check_store(*state), 0);
    history_assert_all(&history);
    history_assert_export(&history, 2, 0);
    /* Once there are digests, no word is needed; and the template has another time there. */
    request.unproven = false;
    request.directory = history.fixture->images;
    RUN("sh", "-c", "rm \"$1\"/template.raw; cp -a \"$0\"/* \"$1\"", other, history.fixture->images);
    assert_refused(&history, history.fixture->images, true, RETURN_INVALID_STATE, "machine.not-moved");
    RUN("sh", "-c", "rm -f \"$0\"/[ab].qcow2", other);
    if (!try_move(&history, &request, &moved, &err))
        fail_msg("%s: %s. %s", err.what, err.cause, err.next);
    assert_int_equal(moved.unproven, 0);
    moved_machine_clear(&moved);
    follow_paths(&history, history.fixture->images);
    assert_int_equal(check_store(*state), 0);
    history_assert_all(&history);
    history_assert_export(&history, 2, 0);
    /* A plain rename: the very files, nothing to prove. */
    char *third = other_directory(&history, false);
    RUN("sh", "-c", "mv \"$0\"/* \"$1\"", history.fixture->images, third);
    request.directory = third;
    if (!try_move(&history, &request, &moved, &err))
        fail_msg("%s: %s. %s", err.what, err.cause, err.next);
    moved_machine_clear(&moved);
    follow_paths(&history, third);
    history_assert_all(&history);
    history_assert_export(&history, 2, HISTORY_FULL);
    remove_directory(other);
}

/* An operator without root: what he owns he can move, copy and forget. */
static void work_as_nobody(const struct step_hook *hook, void *context)
{
    struct move_work_context *work = context;
    struct host *host = work->history->fixture->host;
    struct moved_machine moved;
    struct adopted_files adopted;
    struct error err = {0};
    struct move_request request = {.machine = work->history->machine, .directory = work->directory};
    (void)hook;
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
        _exit(1);
    bool ok = host->ops->move_machine(host, &request, NULL, &moved, &err);
    if (ok) {
        moved_machine_clear(&moved);
        RUN("sh", "-c", "cp -a \"$0\" \"$0.new\" && mv \"$0\" \"$0.old\" && mv \"$0.new\" \"$0\"",
            work->directory);
        ok = host->ops->adopt_files(host, false, NULL, &adopted, &err) && adopted.count == 4 &&
             adopted.items[0].how == ADOPTED_PROVEN;
        adopted_files_clear(&adopted);
        RUN("rm", "-rf", "--", keep(work->history->fixture, mem_format("%s.old", work->directory)));
    }
    request.directory = work->history->fixture->images;
    if (ok && host->ops->move_machine(host, &request, NULL, &moved, &err))
        moved_machine_clear(&moved);
    else
        ok = false;
    ok = ok && host->ops->forget_point(host, &work->history->points[0], NULL, &err);
    if (!ok) {
        fprintf(stderr, "%s: %s\n", err.what, err.cause);
        _exit(1);
    }
}

static void test_without_root(void **state)
{
    struct history history;
    struct local_fixture *fixture = *state;
    if (geteuid() != 0)
        skip();
    history_make(&history, fixture, 2);
    char *parent = other_directory(&history, true);
    char *other = keep(fixture, mem_format("%s/vm", parent));
    assert_int_equal(mkdir(other, 0755), 0);
    RUN("chown", "-R", "65534:65534", fixture->root, parent);
    struct move_work_context work = {.history = &history, .directory = other};
    assert_false(crash_at(SIZE_MAX, work_as_nobody, &work));
    history_assert_all(&history);
    history_assert_export(&history, 1, HISTORY_FULL);
    assert_int_equal(check_store(fixture), 0);
    remove_directory(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_on_one_file_system, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_to_another_file_system, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_what_belongs_to_no_point, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_layer_that_has_rotted, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_cancelled, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_somebody_else_has_moved_it, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_without_root, local_setup, local_teardown),
        cmocka_unit_test(test_the_machine_ran_after_a_crash),
        cmocka_unit_test_setup_teardown(test_written_to_when_there_is_no_way_back, local_setup,
                                        local_teardown),
        cmocka_unit_test(test_crash_on_one_file_system),
        cmocka_unit_test(test_crash_to_another_file_system),
        cmocka_unit_test(test_crash_while_following),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
