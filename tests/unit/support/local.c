#include "tests/unit/support/local.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/local/internal.h"
#include "core/host/local/local.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

int local_setup(void **state)
{
    struct local_fixture *fixture = mem_alloc(sizeof *fixture);
    struct error err = {0};
    umask(022); /* the modes of images are looked at */
    snprintf(fixture->root, sizeof fixture->root, "/tmp/refpoint-local-XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    fixture->images = mem_format("%s/i m,a:g\ne's \"x\"", fixture->root);
    fixture->store_path = mem_format("%s/store", fixture->root);
    CLEANUP_FREE char *state_home = mem_format("%s/state", fixture->root);
    assert_int_equal(setenv("XDG_STATE_HOME", state_home, 1), 0); /* what was verified is remembered there */
    assert_int_equal(mkdir(fixture->images, 0755), 0);
    fixture->host = local_host_open(fixture->store_path, &err);
    assert_non_null(fixture->host);
    *state = fixture;
    return 0;
}

int local_teardown(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err = {0};
    fixture->host->ops->close(fixture->host);
    assert_true(fs_remove_tree(AT_FDCWD, fixture->root, &err));
    for (size_t i = 0; i < fixture->text_count; i++)
        free(fixture->texts[i]);
    free(fixture->texts);
    free(fixture->images);
    free(fixture->store_path);
    free(fixture);
    return 0;
}

const struct store *fixture_store(const struct local_fixture *fixture)
{
    return local_store(fixture->host);
}

char *keep(struct local_fixture *fixture, char *text)
{
    *ARRAY_APPEND(fixture->texts, fixture->text_count) = text;
    return text;
}

char *image_at(struct local_fixture *fixture, const char *name)
{
    return keep(fixture, mem_format("%s/%s", fixture->images, name));
}

bool try_run(const char *const *argv)
{
    struct error err = {0};
    const struct proc_spec spec = {.argv = argv};
    CLEANUP_FREE char *output = NULL;
    if (proc_run(&spec, 60000, "test", &output, &err))
        return true;
    print_message("%s: %s\n%s\n", err.what, err.cause, output ? output : "");
    return false;
}

void run_ok(const char *const *argv)
{
    assert_true(try_run(argv));
}

void qemu_io(const char *path, const char *format, const char *const *commands)
{
    const char *argv[2 * QEMU_IO_LIMIT + 6] = {"qemu-io", "-d", "unmap", "-f", format};
    size_t count = 5;
    for (size_t i = 0; commands[i]; i++) {
        assert_true(i < QEMU_IO_LIMIT);
        argv[count++] = "-c";
        argv[count++] = commands[i];
    }
    argv[count] = path;
    run_ok(argv);
}

void make_image(const char *path, const char *format, const char *size, const char *options)
{
    if (options)
        RUN("qemu-img", "create", "-q", "-f", format, "-o", options, path, size);
    else
        RUN("qemu-img", "create", "-q", "-f", format, path, size);
}

char *copy_of(struct local_fixture *fixture, const char *path, const char *format)
{
    char *copy = keep(fixture, mem_format("%s/copy-%zu.raw", fixture->root, fixture->text_count));
    RUN("qemu-img", "convert", "-f", format, "-O", "raw", path, copy);
    return copy;
}

void assert_same(const char *path, const char *format, const char *raw_copy)
{
    RUN("qemu-img", "compare", "-f", format, "-F", "raw", path, raw_copy);
}

void assert_clean(const char *path, const char *format)
{
    if (strcmp(format, "raw") != 0)
        RUN("qemu-img", "check", "-f", format, path);
}

size_t count_names(const struct local_fixture *fixture, const char *part)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    size_t found = 0;
    assert_true(fs_open_directory(AT_FDCWD, fixture->images, &fd, &err));
    assert_true(fs_list(fd, &names, &count, &err));
    for (size_t i = 0; i < count; i++)
        found += strstr(names[i], part) != NULL;
    fs_free_names(names, count);
    return found;
}

static void fail_with(const struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    fail_msg("%u %s: %s", err->code, err->key, text);
}

struct guid add_machine(struct local_fixture *fixture, const char *name, const char *const *paths,
                        const enum disk_format *formats, size_t count)
{
    struct machine machine = {.name = mem_strdup(name)};
    struct error err = {0};
    for (size_t i = 0; i < count; i++) {
        struct disk *disk = ARRAY_APPEND(machine.disks, machine.disk_count);
        disk->id = mem_format("vd%zu", i);
        disk->path = mem_strdup(paths[i]);
        disk->format = formats[i];
    }
    if (!fixture->host->ops->add_machine(fixture->host, &machine, &err))
        fail_with(&err);
    struct guid id = machine.id;
    machine_clear(&machine);
    return id;
}

struct guid add_one_disk(struct local_fixture *fixture, const char *name, const char *path,
                         enum disk_format format)
{
    return add_machine(fixture, name, &path, &format, 1);
}

struct guid define_collection(struct local_fixture *fixture, const char *name, const struct guid *members,
                              size_t count)
{
    struct collection made = {0};
    struct error err = {0};
    if (!fixture->host->ops->define_collection(fixture->host, name, members, count, &made, &err))
        fail_with(&err);
    struct guid id = made.id;
    collection_clear(&made);
    return id;
}

struct point_request request_for(const struct guid *collection)
{
    return (struct point_request){.collection_id = *collection,
                                  .consistency_level = CONSISTENCY_CRASH,
                                  .reference_point_type = POINT_TYPE_LOG_BASED};
}

void create_point(struct local_fixture *fixture, const struct guid *collection, struct reference_point *point)
{
    struct point_request request = request_for(collection);
    struct error err = {0};
    *point = (struct reference_point){0};
    if (fixture->host->ops->create_point(fixture->host, &request, point, NULL, &err) != RETURN_DONE)
        fail_with(&err);
}

uint32_t try_create(struct local_fixture *fixture, const struct guid *collection, struct error *err)
{
    struct point_request request = request_for(collection);
    struct reference_point point = {0};
    *err = (struct error){0};
    uint32_t code = fixture->host->ops->create_point(fixture->host, &request, &point, NULL, err);
    reference_point_clear(&point);
    assert_int_equal(code, err->code);
    return code;
}

struct object_path path_of(const struct reference_point *point)
{
    return (struct object_path){.point_id = point->id, .collection_id = point->collection_id};
}

void look_through_store(struct local_fixture *fixture, bool deep, struct store_report *report)
{
    struct error err = {0};
    if (!fixture->host->ops->check_store(fixture->host, deep, NULL, report, &err))
        fail_with(&err);
    for (size_t i = 0; i < report->finding_count; i++)
        print_message("  finding: %s\n", report->findings[i]);
}

size_t check_store(struct local_fixture *fixture)
{
    struct store_report report;
    look_through_store(fixture, false, &report);
    size_t count = report.finding_count;
    assert_int_equal(report.note_count, 0);
    store_report_clear(&report);
    return count;
}

void forget_last_changes(struct local_fixture *fixture, const struct object_path *path)
{
    struct reference_point point;
    struct error err = {0};
    if (!store_read_point(fixture_store(fixture), path, &point, &err))
        fail_with(&err);
    for (size_t m = 0; m < point.member_count; m++) {
        for (size_t d = 0; d < point.members[m].disk_count; d++)
            point.members[m].disks[d].touched = (struct touch){0};
    }
    if (!store_write_point(fixture_store(fixture), &point, &err))
        fail_with(&err);
    reference_point_clear(&point);
}

size_t point_count(struct local_fixture *fixture, const struct guid *collection)
{
    struct reference_point_list list;
    struct error err = {0};
    assert_true(fixture->host->ops->list_points(fixture->host, collection, &list, &err));
    size_t count = list.count;
    reference_point_list_clear(&list);
    return count;
}

struct crash {
    size_t at; /* number of the step, or the step with this name */
    const char *name;
    size_t disk;
    size_t count;
};

static void crash_reached(void *context, const char *step, size_t disk)
{
    struct crash *crash = context;
    bool now =
        crash->name ? strcmp(step, crash->name) == 0 && disk == crash->disk : crash->count == crash->at;
    crash->count++;
    if (now)
        _exit(CRASH_STATUS);
}

static bool run_and_crash(struct crash crash, crash_work *work, void *context)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct step_hook hook = {.reached = crash_reached, .context = &crash};
        work(&hook, context);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == CRASH_STATUS);
    return WEXITSTATUS(status) == CRASH_STATUS;
}

bool crash_at(size_t step, crash_work *work, void *context)
{
    return run_and_crash((struct crash){.at = step}, work, context);
}

size_t crash_stride(void)
{
    const char *steps = getenv("REFPOINT_TEST_STEPS");
    return steps && strcmp(steps, "all") == 0 ? 1 : 5;
}

void crash_at_step(const char *name, size_t disk, crash_work *work, void *context)
{
    assert_true(run_and_crash((struct crash){.name = name, .disk = disk}, work, context));
}

void work_recover(const struct step_hook *hook, void *fixture)
{
    const struct store *store = fixture_store(fixture);
    struct error err = {0};
    int lock = -1;
    if (!store_lock(store, &lock, &err) || !recovery_run(store, hook, NULL, &err))
        _exit(1);
}

pid_t start_writer(struct local_fixture *fixture, const char *path, const char *format)
{
    CLEANUP_FREE char *socket = mem_format("%s/writer.sock", fixture->root);
    CLEANUP_FREE char *pid_file = mem_format("%s/writer.pid", fixture->root);
    CLEANUP_FREE char *text = NULL;
    struct error err = {0};
    RUN("qemu-nbd", "--fork", "--persistent", "--pid-file", pid_file, "-f", format, "-k", socket, path);
    assert_true(fs_read(AT_FDCWD, pid_file, 64, &text, NULL, &err));
    assert_int_equal(unlink(pid_file), 0);
    return (pid_t)atoi(text);
}

void end_writer(pid_t pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    assert_true(pidfd >= 0);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(poll(&ended, 1, 300000), 1);
    close(pidfd);
}
