/* The journal: what owners write and readers make of it, damage, hostile files, a full disk, dead owners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/service/journal/journal.h"
#include "core/service/kinds/export.h"
#include "core/system/fs.h"

static char directory[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/refpoint-journal-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    struct error err = {0};
    return fs_remove_tree(AT_FDCWD, directory, &err) ? 0 : -1;
}

static struct export_request *work_of(const struct journal_request *request)
{
    return request->work;
}

static struct journal_request make_request(void)
{
    struct journal_request request = {.kind = &job_kind_export,
                                      .work = mem_alloc(sizeof(struct export_request))};
    struct job_identity *identity = &request.identity;
    identity->id = guid_new();
    strcpy(identity->collection, "web-prod");
    strcpy(identity->point, "nightly");
    strcpy(identity->directory, "/backup");
    strcpy(identity->owner, "op");
    work_of(&request)->point = (struct object_path){.point_id = guid_new(), .collection_id = guid_new()};
    work_of(&request)->directory = mem_strdup("/backup/caf\xe9 \"\n"); /* no UTF-8 */
    work_of(&request)->options = export_options_default();
    request.store = mem_strdup("/srv/store");
    return request;
}

static struct journal *create(struct guid *id)
{
    struct journal_request request = make_request();
    struct journal *journal = NULL;
    struct error err = {0};
    if (!journal_create(directory, &request, &journal, &err))
        fail_msg("%s: %s", err.what, err.cause);
    *id = request.identity.id;
    journal_request_clear(&request);
    return journal;
}

static struct job_snapshot read_job(const struct guid *id)
{
    struct job_snapshot snapshot = {0};
    struct error err = {0};
    assert_true(journal_read(directory, id, &snapshot, &err));
    assert_true(guid_equal(&snapshot.identity.id, id));
    return snapshot;
}

static struct job_snapshot running(const struct guid *id)
{
    struct job_snapshot snapshot = {.identity = {.id = *id, .collection = "web-prod", .directory = "/backup"},
                                    .state = JOB_STATE_RUNNING,
                                    .phase = JOB_PHASE_COPY,
                                    .percent_complete = 33,
                                    .bytes_done = MIB,
                                    .bytes_total = 4 * MIB,
                                    .revision = 17};
    return snapshot;
}

static struct job_snapshot completed(const struct guid *id)
{
    struct job_snapshot snapshot = running(id);
    snapshot.state = JOB_STATE_COMPLETED;
    snapshot.percent_complete = 100;
    strcpy(snapshot.package, "/backup/p");
    strcpy(snapshot.package_sum, "00ff");
    return snapshot;
}

static void put_file(const struct guid *id, const char *name, const void *data, size_t length)
{
    CLEANUP_FREE char *path = mem_format("%s/jobs/%s/%s", directory, id->text, name);
    unlink(path);
    CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, length), (ssize_t)length);
}

static void modes_and_first_words(void **state)
{
    (void)state;
    struct guid id;
    mode_t mask = umask(0);
    struct journal *journal = create(&id);
    umask(mask);
    static const char *const names[] = {"", "request", "progress", "log", "lock"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        CLEANUP_FREE char *path = mem_format("%s/jobs/%s/%s", directory, id.text, names[i]);
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, i == 0 ? 0700 : 0600);
    }
    struct job_snapshot snapshot = read_job(&id);
    assert_int_equal(snapshot.state, JOB_STATE_NEW);
    assert_true(snapshot.cancellable);
    assert_string_equal(snapshot.identity.collection, "web-prod");
    journal_close(journal);
}

static void request_round_trip(void **state)
{
    (void)state;
    struct journal_request out = make_request();
    struct machine_to_disks *machine =
        ARRAY_APPEND(work_of(&out)->settings.machines, work_of(&out)->settings.machine_count);
    machine->machine_id = mem_strdup("m1");
    *ARRAY_APPEND(machine->disks, machine->disk_count) = mem_strdup("vda");
    work_of(&out)->settings.base = (struct object_path){.point_id = guid_new(), .collection_id = guid_new()};
    *ARRAY_APPEND(work_of(&out)->options.base_packages, work_of(&out)->options.base_package_count) =
        mem_strdup("/b\xff");
    work_of(&out)->options.verify = false;
    work_of(&out)->options.compression = COMPRESSION_ZSTD;
    work_of(&out)->options.rate = 12345;
    work_of(&out)->options.sign_key = mem_strdup("/k\xff.pub");
    work_of(&out)->options.no_sign = true;
    struct journal *journal = NULL;
    struct error err = {0};
    assert_true(journal_create(directory, &out, &journal, &err));
    struct journal_request in = {0};
    assert_true(journal_read_request(directory, &out.identity.id, &in, &err));
    assert_memory_equal(&in.identity, &out.identity, sizeof in.identity);
    assert_string_equal(work_of(&in)->directory, work_of(&out)->directory);
    assert_string_equal(in.store, "/srv/store");
    assert_null(in.config);
    assert_true(guid_equal(&work_of(&in)->point.point_id, &work_of(&out)->point.point_id));
    assert_true(
        guid_equal(&work_of(&in)->settings.base.collection_id, &work_of(&out)->settings.base.collection_id));
    assert_int_equal(work_of(&in)->settings.machine_count, 1);
    assert_string_equal(work_of(&in)->settings.machines[0].disks[0], "vda");
    assert_string_equal(work_of(&in)->options.base_packages[0], "/b\xff");
    assert_int_equal(work_of(&in)->options.compression, COMPRESSION_ZSTD);
    assert_false(work_of(&in)->options.verify);
    assert_int_equal(work_of(&in)->options.rate, 12345);
    assert_string_equal(work_of(&in)->options.sign_key, "/k\xff.pub");
    assert_true(work_of(&in)->options.no_sign);
    journal_request_clear(&in);
    journal_request_clear(&out);
    journal_close(journal);
}

static void progress_then_outcome(void **state)
{
    (void)state;
    struct guid id;
    struct error err = {0};
    struct journal *journal = create(&id);
    struct job_snapshot snapshot = running(&id);
    assert_true(journal_write_progress(journal, &snapshot, &err));
    struct job_snapshot read = read_job(&id);
    assert_int_equal(read.percent_complete, 33);
    assert_int_equal(read.state, JOB_STATE_RUNNING);
    snapshot = completed(&id);
    assert_true(journal_write_outcome(journal, &snapshot, &err));
    read = read_job(&id);
    assert_int_equal(read.state, JOB_STATE_COMPLETED);
    journal_close(journal);
    read = read_job(&id);
    assert_int_equal(read.state, JOB_STATE_COMPLETED);
    assert_string_equal(read.package, "/backup/p");
    assert_string_equal(read.package_sum, "00ff");
}

static void log_lines_have_a_time(void **state)
{
    (void)state;
    struct guid id;
    struct error err = {0};
    struct journal *journal = create(&id);
    assert_true(journal_append_log(journal, "one", &err));
    assert_true(journal_append_log(journal, "two", &err));
    CLEANUP_FREE char *path = journal_log_path(directory, &id);
    CLEANUP_FREE char *text = NULL;
    assert_true(fs_read(AT_FDCWD, path, 1000, &text, NULL, &err));
    struct moment moment;
    text[25] = '\0';
    assert_true(moment_parse_rfc3339(&moment, text));
    assert_string_equal(text + 26 + strlen("one\n") + 26, "two\n");
    journal_close(journal);
}

static void free_lock_is_interrupted(void **state)
{
    (void)state;
    struct guid id;
    struct error err = {0};
    struct journal *journal = create(&id);
    struct job_snapshot snapshot = running(&id);
    assert_true(journal_write_progress(journal, &snapshot, &err));
    journal_close(journal);
    struct job_snapshot read = read_job(&id);
    assert_int_equal(read.state, JOB_STATE_EXCEPTION);
    assert_string_equal(read.error.key, "job.interrupted");
    assert_int_equal(read.error.code, RETURN_FAILED);
    assert_non_null(strstr(read.error.what, "1.0 MiB of 4.0 MiB"));
    assert_true(*read.error.next);
    assert_int_equal(read.percent_complete, 33);
    assert_true(read.revision > 17);
    /* In the commit phase nobody can promise that there is no package. */
    assert_true(journal_own(directory, &id, -1, &journal, &err));
    snapshot.phase = JOB_PHASE_COMMIT;
    assert_true(journal_write_progress(journal, &snapshot, &err));
    journal_close(journal);
    read = read_job(&id);
    assert_non_null(strstr(read.error.next, "package list"));
    /* Where it would be is looked at. */
    assert_true(journal_own(directory, &id, -1, &journal, &err));
    const struct guid package = guid_new();
    assert_true(journal_write_naming(journal, "/nowhere/at-all", &package, &err));
    journal_close(journal);
    read = read_job(&id);
    assert_string_equal(read.error.key, "job.interrupted");
    assert_non_null(strstr(read.error.cause, "at its path /nowhere/at-all there is no package"));
    assert_string_equal(read.package, "");
}

static void lock_is_handed_over_without_a_gap(void **state)
{
    (void)state;
    struct guid id;
    struct error err = {0};
    struct journal *first = create(&id);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int lock_fd = dup(journal_lock_fd(first));
    pid_t child = fork();
    if (child == 0) {
        struct journal *second = NULL;
        char byte;
        journal_close(first);
        close(ends[1]);
        bool ok = journal_own(directory, &id, lock_fd, &second, &err);
        _exit(ok && read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(lock_fd);
    journal_close(first);
    assert_int_equal(read_job(&id).state, JOB_STATE_NEW);
    struct journal *third = NULL;
    assert_false(journal_own(directory, &id, -1, &third, &err));
    assert_int_equal(err.code, RETURN_IN_USE);
    assert_false(journal_discard(directory, &id, &err));
    assert_int_equal(err.code, RETURN_INVALID_STATE);
    close(ends[1]);
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    close(ends[0]);
    assert_string_equal(read_job(&id).error.key, "job.interrupted");
}

static void a_foreign_lock_is_refused(void **state)
{
    (void)state;
    struct guid id;
    struct guid other;
    struct error err = {0};
    struct journal *journal = create(&id);
    struct journal *victim = create(&other);
    struct journal *made = NULL;
    assert_false(journal_own(directory, &other, dup(journal_lock_fd(journal)), &made, &err));
    assert_string_equal(err.key, "journal.lock");
    journal_close(victim);
    journal_close(journal);
}

static void killed_owner(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct guid id;
        create(&id);
        if (write(ends[1], &id, sizeof id) < 0)
            _exit(1);
        for (;;)
            pause();
    }
    struct guid id;
    assert_int_equal(read(ends[0], &id, sizeof id), sizeof id);
    assert_int_equal(read_job(&id).state, JOB_STATE_NEW);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    assert_string_equal(read_job(&id).error.key, "job.interrupted");
}

static void damaged_files(void **state)
{
    (void)state;
    static const char *const junk[] = {"",    "{", "[1]", "{\"job\":3}", "\xff\xfe", "{\"job_state\":7}",
                                       "null"};
    for (size_t i = 0; i < ARRAY_LENGTH(junk); i++) {
        struct guid id;
        struct error err = {0};
        journal_close(create(&id));
        put_file(&id, "outcome", junk[i], strlen(junk[i]));
        struct job_snapshot read = read_job(&id);
        assert_int_equal(read.state, JOB_STATE_EXCEPTION);
        assert_string_equal(read.error.key, "journal.damaged");
        assert_string_equal(read.identity.collection, "web-prod");
        put_file(&id, "progress", junk[i], strlen(junk[i]));
        put_file(&id, "request", junk[i], strlen(junk[i]));
        read = read_job(&id);
        assert_string_equal(read.error.key, "journal.damaged");
        struct journal_request request = {0};
        assert_false(journal_read_request(directory, &id, &request, &err));
        assert_true(journal_discard(directory, &id, &err));
    }
}

static void half_an_outcome_is_none(void **state)
{
    (void)state;
    struct guid id;
    struct guid other = guid_new();
    struct error err = {0};
    journal_close(create(&id));
    struct journal *journal = NULL;
    assert_true(journal_own(directory, &id, -1, &journal, &err));
    struct job_snapshot snapshot = completed(&other); /* of another job */
    assert_true(journal_write_outcome(journal, &snapshot, &err));
    journal_close(journal);
    assert_int_equal(read_job(&id).state, JOB_STATE_EXCEPTION);
    assert_true(journal_own(directory, &id, -1, &journal, &err));
    snapshot = running(&id); /* not final */
    assert_true(journal_write_outcome(journal, &snapshot, &err));
    journal_close(journal);
    assert_int_equal(read_job(&id).state, JOB_STATE_EXCEPTION);
}

static void strange_files_never_block(void **state)
{
    (void)state;
    struct guid id;
    struct error err = {0};
    journal_close(create(&id));
    static const char *const names[] = {"outcome", "progress", "request", "lock"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        CLEANUP_FREE char *path = mem_format("%s/jobs/%s/%s", directory, id.text, names[i]);
        unlink(path);
        assert_int_equal(mkfifo(path, 0600), 0);
    }
    assert_int_equal(read_job(&id).state, JOB_STATE_EXCEPTION);
    struct job_snapshot *list = NULL;
    size_t count = 0;
    assert_true(journal_list(directory, &list, &count, &err));
    assert_int_equal(count, 1);
    free(list);
    /* Larger than any journal's file. */
    CLEANUP_FREE char *path = mem_format("%s/jobs/%s/outcome", directory, id.text);
    put_file(&id, "outcome", "", 0);
    assert_int_equal(truncate(path, (off_t)1 << 40), 0);
    assert_int_equal(read_job(&id).state, JOB_STATE_EXCEPTION);
    assert_true(journal_discard(directory, &id, &err));
    assert_false(journal_read(directory, &id, &(struct job_snapshot){0}, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
}

static void list_and_resolve(void **state)
{
    (void)state;
    struct error err = {0};
    struct job_snapshot *list = NULL;
    size_t count = 99;
    assert_true(journal_list(directory, &list, &count, &err));
    assert_int_equal(count, 0);
    struct guid ids[3];
    for (int i = 0; i < 3; i++) {
        struct journal *journal = create(&ids[i]);
        struct job_snapshot snapshot = completed(&ids[i]);
        snapshot.started = (struct moment){.seconds = 1000 + (i == 1 ? 50 : i)};
        assert_true(journal_write_outcome(journal, &snapshot, &err));
        journal_close(journal);
    }
    CLEANUP_FREE char *other = mem_format("%s/jobs/not-a-job", directory);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_true(journal_list(directory, &list, &count, &err));
    assert_int_equal(count, 3);
    assert_string_equal(list[0].identity.id.text, ids[1].text);
    assert_string_equal(list[1].identity.id.text, ids[2].text);
    assert_string_equal(list[2].identity.id.text, ids[0].text);
    free(list);

    struct guid found;
    char prefix[20];
    snprintf(prefix, sizeof prefix, "%.13s", ids[0].text);
    assert_true(journal_resolve(directory, prefix, &found, &err));
    assert_true(guid_equal(&found, &ids[0]));
    char upper[40];
    snprintf(upper, sizeof upper, "{%s}", ids[2].text);
    for (char *at = upper; *at; at++)
        *at = (char)(*at >= 'a' && *at <= 'f' ? *at - 32 : *at);
    assert_true(journal_resolve(directory, upper, &found, &err));
    assert_true(guid_equal(&found, &ids[2]));
    prefix[3] = '\0';
    assert_false(journal_resolve(directory, prefix, &found, &err));
    assert_false(journal_resolve(directory, "../../etc", &found, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_string_equal(err.key, "job.unknown");
}

static void ambiguous_prefix(void **state)
{
    (void)state;
    struct error err = {0};
    struct guid found;
    CLEANUP_FREE char *jobs = mem_format("%s/jobs", directory);
    assert_int_equal(mkdir(jobs, 0700), 0);
    for (int i = 0; i < 2; i++) {
        CLEANUP_FREE char *path = mem_format("%s/abcd0000-0000-4000-8000-00000000000%d", jobs, i);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    assert_false(journal_resolve(directory, "abcd", &found, &err));
    assert_string_equal(err.key, "job.ambiguous");
}

static void refused_leaves_nothing(void **state)
{
    (void)state;
    struct journal_request request = make_request();
    struct journal *journal = NULL;
    struct error err = {0};
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 0, .rlim_max = 0});
        _exit(journal_create(directory, &request, &journal, &err) || err.code == 0 || !*err.next);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    CLEANUP_FREE char *jobs = mem_format("%s/jobs", directory);
    assert_int_equal(rmdir(jobs), 0); /* empty */
    assert_int_equal(mkdir(jobs, 0700), 0);
    /* The same id twice. */
    assert_true(journal_create(directory, &request, &journal, &err));
    struct journal *again = NULL;
    assert_false(journal_create(directory, &request, &again, &err));
    journal_remove(journal);
    assert_int_equal(rmdir(jobs), 0);
    journal_request_clear(&request);
}

static bool write_text(const char *path, const char *text)
{
    CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool enter_own_mounts(void)
{
    uid_t user = getuid();
    if (user != 0) {
        CLEANUP_FREE char *users = mem_format("0 %u 1", (unsigned)user);
        CLEANUP_FREE char *groups = mem_format("0 %u 1", (unsigned)getgid());
        if (unshare(CLONE_NEWUSER) != 0 || !write_text("/proc/self/uid_map", users) ||
            !write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/gid_map", groups))
            return false;
    }
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* In a file system of its own that is then filled up: progress fails, the outcome has its reserve. */
static int use_full_disk(void)
{
    if (!enter_own_mounts() || mount("none", directory, "tmpfs", 0, "size=400k,mode=0700") != 0)
        return 77;
    struct journal_request request = make_request();
    struct guid id = request.identity.id;
    struct error err = {0};
    struct journal *journal = NULL;
    if (!journal_create(directory, &request, &journal, &err))
        return 7;
    CLEANUP_FREE char *path = mem_format("%s/filler", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    static char block[4096];
    while (write(fd, block, sizeof block) > 0)
        ;
    close(fd);
    struct job_snapshot snapshot = running(&id);
    if (journal_write_progress(journal, &snapshot, &err) || err.code != RETURN_FAILED)
        return 1;
    if (journal_append_log(journal, "a line", &err))
        return 2;
    if (read_job(&id).state != JOB_STATE_NEW) /* the last that could be written */
        return 3;
    snapshot = completed(&id);
    if (!journal_write_outcome(journal, &snapshot, &err))
        return 4;
    journal_close(journal);
    if (read_job(&id).state != JOB_STATE_COMPLETED)
        return 5;
    return journal_discard(directory, &id, &err) ? 0 : 6;
}

static void full_disk(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(use_full_disk());
    int status = -1;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip(); /* no user namespaces here */
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(modes_and_first_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(request_round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(progress_then_outcome, set_up, tear_down),
        cmocka_unit_test_setup_teardown(log_lines_have_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(free_lock_is_interrupted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lock_is_handed_over_without_a_gap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_foreign_lock_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(half_an_outcome_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strange_files_never_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(list_and_resolve, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ambiguous_prefix, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(full_disk, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
