/* Runners, followers and the asynchronous form of the method, with real processes: this program is its own
 * runner. What a job does is in a script (scripted_host.h); nothing here waits for time to pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "tests/unit/support/jobs.h"

static void started_means_confirmed(void **state)
{
    (void)state;
    jobs_set_script("disks step wait step");
    struct guid id = jobs_start();
    struct job_snapshot snapshot = {0};
    struct journal_request request = {0};
    struct error err = {0};
    assert_true(journal_read(jobs_directory, &id, &snapshot, &err));
    assert_false(job_state_is_final(snapshot.state));
    assert_string_equal(snapshot.identity.collection, "web \\x1b[31m");
    assert_true(journal_read_request(jobs_directory, &id, &request, &err));
    const struct export_request *work = request.work;
    assert_string_equal(work->directory, "/backup");
    journal_request_clear(&request);
    assert_true(jobs_runner(&id) > 1); /* it answers at once */
    assert_false(journal_discard(jobs_directory, &id, &err));

    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_has_a_step, &snapshot);
    assert_int_equal(snapshot.state, JOB_STATE_RUNNING);
    assert_non_null(strstr(snapshot.note, "one step further"));
    scripted_host_release(jobs_directory);
    jobs_wait(follow, jobs_is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_COMPLETED);
    assert_int_equal(snapshot.percent_complete, 100);
    assert_int_equal(snapshot.error.code, 0);
    assert_string_equal(snapshot.package, "/backup/package");
    assert_true(snapshot.verified);
    /* Who is told the end finds it on the disk. */
    struct job_snapshot kept = {0};
    assert_true(journal_read(jobs_directory, &id, &kept, &err));
    assert_int_equal(kept.state, JOB_STATE_COMPLETED);
    assert_int_equal(kept.revision, snapshot.revision);
    job_snapshot_clear(&kept);
    job_snapshot_clear(&snapshot);
    CLEANUP_FREE char *path = journal_log_path(jobs_directory, &id);
    CLEANUP_FREE char *log = NULL;
    assert_true(fs_read(AT_FDCWD, path, 1 << 20, &log, NULL, &err));
    assert_non_null(strstr(log, "completed, verified: /backup/package"));
    assert_true(journal_discard(jobs_directory, &id, &err));
    assert_int_equal(jobs_count(), 0);
}

static void assert_process_says(pid_t pid, const char *file, const char *wanted)
{
    CLEANUP_FREE char *path = mem_format("/proc/%d/%s", (int)pid, file);
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[256] = "";
    assert_true(read(fd, text, sizeof text - 1) > 0);
    assert_string_equal(text, wanted);
}

/* What ps and top show: which job it is, with what "refpoint job show" takes. */
static void runner_is_called_by_its_job(void **state)
{
    (void)state;
    jobs_set_script("wait");
    struct guid id = jobs_start();
    pid_t runner = jobs_runner(&id);
    CLEANUP_FREE char *title = mem_format("refpoint: job %.4s", id.text);
    CLEANUP_FREE char *name = mem_format("refpoint: %.4s\n", id.text);
    assert_process_says(runner, "cmdline", title);
    assert_process_says(runner, "comm", name);
    scripted_host_release(jobs_directory);
    struct job_snapshot end = jobs_wait_for_end(&id);
    assert_int_equal(end.state, JOB_STATE_COMPLETED);
}

static void runner_is_on_its_own(void **state)
{
    (void)state;
    jobs_set_script("wait");
    struct guid id = jobs_start();
    pid_t runner = jobs_runner(&id);
    CLEANUP_FREE char *path = mem_format("/proc/%d/stat", (int)runner);
    FILE *stream = fopen(path, "re");
    assert_non_null(stream);
    int parent = 0;
    int session = 0;
    int terminal = -1;
    assert_int_equal(fscanf(stream, "%*d (%*[^)]) %*c %d %*d %d %d", &parent, &session, &terminal), 3);
    fclose(stream);
    assert_int_not_equal(parent, getpid());
    assert_int_not_equal(session, getsid(0));
    assert_int_equal(terminal, 0);
    for (int fd = 0; fd < 3; fd++) {
        CLEANUP_FREE char *link = mem_format("/proc/%d/fd/%d", (int)runner, fd);
        char target[64] = "";
        assert_true(readlink(link, target, sizeof target - 1) > 0);
        assert_string_equal(target, "/dev/null");
    }
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left to wait for */
    assert_int_equal(errno, ECHILD);
    scripted_host_release(jobs_directory);
    struct job_snapshot end = jobs_wait_for_end(&id);
    assert_int_equal(end.state, JOB_STATE_COMPLETED);
}

static void nobody_else_can_open_anything(void **state)
{
    (void)state;
    jobs_set_script("disks step wait");
    mode_t mask = umask(0);
    struct guid id = jobs_start();
    umask(mask);
    CLEANUP_FREE char *path = mem_format("%s/jobs/%s", jobs_directory, id.text);
    DIR *files = opendir(path);
    assert_non_null(files);
    size_t sockets = 0;
    for (const struct dirent *entry; (entry = readdir(files));) {
        struct stat status;
        assert_int_equal(fstatat(dirfd(files), entry->d_name, &status, AT_SYMLINK_NOFOLLOW), 0);
        sockets += S_ISSOCK(status.st_mode);
        if (strcmp(entry->d_name, "..") != 0)
            assert_int_equal(status.st_mode & 077, 0);
    }
    closedir(files);
    assert_int_equal(sockets, 1);
    scripted_host_release(jobs_directory);
    struct job_snapshot snapshot = jobs_wait_for_end(&id);
    job_snapshot_clear(&snapshot);
}

static void not_verified_is_a_warning(void **state)
{
    (void)state;
    jobs_set_script("disks step");
    struct export_options options = export_options_default();
    options.verify = false;
    service_set_export_options(jobs_service, &options);
    struct object_path point = {.point_id = guid_new(), .collection_id = guid_new()};
    struct job *job = NULL;
    assert_int_equal(service_export_reference_point(jobs_service, &point, "/backup", "", &job),
                     RETURN_JOB_STARTED);
    struct guid id = job_id(job);
    job_free(job);
    struct job_snapshot end = jobs_wait_for_end(&id);
    assert_int_equal(end.state, JOB_STATE_COMPLETED_WITH_WARNINGS);
    assert_int_equal(end.error.code, 0);
    assert_string_equal(end.error.key, "export.not-verified");
    assert_false(end.verified);
    job_snapshot_clear(&end);
}

/* The synchronous form ends its job as the asynchronous one does. */
static void both_forms_end_alike(void **state)
{
    (void)state;
    static const char *const scripts[] = {"disks step step", "disks step fail"};
    for (size_t i = 0; i < ARRAY_LENGTH(scripts); i++) {
        jobs_set_script(scripts[i]);
        struct guid id = jobs_start();
        struct job_snapshot there = jobs_wait_for_end(&id);
        struct export_request request = jobs_request();
        struct job_identity identity;
        assert_true(service_describe_job(jobs_service, &request, &identity));
        struct job *job = job_new(&identity);
        uint32_t code = service_run_export(jobs_service, &request, job);
        struct job_snapshot here = {0};
        job_get_snapshot(job, &here);
        assert_int_equal(code, here.error.code);
        assert_int_equal(code, service_error(jobs_service)->code);
        assert_int_equal(here.state, there.state);
        assert_int_equal(here.percent_complete, there.percent_complete);
        assert_int_equal(here.bytes_done, there.bytes_done);
        assert_int_equal(here.verified, there.verified);
        assert_string_equal(here.package, there.package);
        assert_memory_equal(&here.error, &there.error, sizeof here.error);
        job_free(job);
        job_snapshot_clear(&here);
        job_snapshot_clear(&there);
        export_request_clear(&request);
    }
}

static void refused_leaves_no_journal(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        uint32_t code;
        const char *key;
    } cases[] = {
        {"refuse-check", RETURN_INVALID_PARAMETER, "scripted.refusal"},
        {"no-point", RETURN_INVALID_PARAMETER, "scripted.unknown"},
        {"refuse-open", RETURN_NOT_AVAILABLE, "scripted.closed"},
        {"die-open", RETURN_FAILED, "runner.ended"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        jobs_set_script(cases[i].script);
        struct export_request request = jobs_request();
        struct job *job = NULL;
        assert_int_equal(service_start_export(jobs_service, &request, &job), cases[i].code);
        assert_null(job);
        assert_string_equal(service_error(jobs_service)->key, cases[i].key);
        assert_int_equal(jobs_count(), 0);
        export_request_clear(&request);
    }
}

static void no_state_directory_no_job(void **state)
{
    (void)state;
    jobs_set_script("disks");
    service_free(jobs_service);
    CLEANUP_FREE char *file = mem_format("%s/script/below-a-file", jobs_directory);
    const struct service_options options = {.state_directory = file, .store = jobs_directory};
    jobs_service = service_new(jobs_host, &options);
    struct export_request request = jobs_request();
    struct job *job = NULL;
    uint32_t code = service_start_export(jobs_service, &request, &job);
    assert_true(code >= RETURN_FAILED);
    assert_null(job);
    assert_true(*service_error(jobs_service)->next);
    export_request_clear(&request);
}

static void sigterm_asks_to_end(void **state)
{
    (void)state;
    jobs_set_script("disks step spin");
    struct guid id = jobs_start();
    assert_int_equal(kill(jobs_runner(&id), SIGTERM), 0);
    struct job_snapshot end = jobs_wait_for_end(&id);
    assert_int_equal(end.state, JOB_STATE_TERMINATED);
    job_snapshot_clear(&end);
}

static void killed_runner_is_interrupted(void **state)
{
    (void)state;
    jobs_set_script("disks step wait");
    struct guid id = jobs_start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_has_a_step, &snapshot);
    assert_int_equal(kill(jobs_runner(&id), SIGKILL), 0);
    jobs_wait(follow, jobs_is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_EXCEPTION);
    assert_string_equal(snapshot.error.key, "job.interrupted");
    job_snapshot_clear(&snapshot);
    struct error err = {0};
    assert_int_equal(follow_request(jobs_directory, &id, REQUESTED_STATE_TERMINATE, &err),
                     RETURN_INVALID_STATE);
    assert_string_equal(err.key, "job.over");
    snapshot = jobs_wait_for_end(&id); /* a new follower sees the same */
    assert_string_equal(snapshot.error.key, "job.interrupted");
    job_snapshot_clear(&snapshot);
    assert_true(journal_discard(jobs_directory, &id, &err));
}

static void wait_for_end_of(int pidfd)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    assert_int_equal(poll(&ended, 1, PATIENCE_MS), 1);
}

/* Whoever removes a job's journal has taken away the only way to it: it ends by itself, paused or not. */
static void job_without_a_journal_ends(void **state)
{
    (void)state;
    for (int paused = 0; paused < 2; paused++) {
        jobs_set_script("disks step spin");
        struct error err = {0};
        struct guid id = jobs_start();
        CLEANUP_FREE char *jobs = mem_format("%s/jobs", jobs_directory);
        CLEANUP_FREE char *lock = mem_format("%s/%s/lock", jobs, id.text);
        CLEANUP_FD int runner = (int)syscall(SYS_pidfd_open, jobs_runner(&id), 0);
        assert_true(runner >= 0);
        struct job_snapshot snapshot = {0};
        struct follow *follow = jobs_watch(&id);
        jobs_wait(follow, jobs_has_a_step, &snapshot);
        if (paused) {
            jobs_ask(&id, REQUESTED_STATE_SUSPEND);
            jobs_wait(follow, jobs_is_suspended, &snapshot);
            while (!fs_remove_tree(AT_FDCWD, jobs, &err)) /* its progress may just be written */
                ;
        } else {
            assert_int_equal(unlink(lock), 0);
        }
        wait_for_end_of(runner);
        follow_close(follow);
        job_snapshot_clear(&snapshot);
    }
    assert_int_equal(jobs_count(), 0);
}

static void dying_work_is_interrupted(void **state)
{
    (void)state;
    jobs_set_script("disks step die");
    struct guid id = jobs_start();
    struct job_snapshot end = jobs_wait_for_end(&id);
    assert_string_equal(end.error.key, "job.interrupted");
    job_snapshot_clear(&end);
}

static void failure_is_told(void **state)
{
    (void)state;
    jobs_set_script("disks step fail");
    struct guid id = jobs_start();
    struct job_snapshot end = jobs_wait_for_end(&id);
    assert_int_equal(end.state, JOB_STATE_EXCEPTION);
    assert_int_equal(end.error.code, RETURN_IN_USE);
    assert_string_equal(end.error.key, "scripted.failure");
    job_snapshot_clear(&end);
}

static void journal_that_cannot_be_written(void **state)
{
    (void)state;
    jobs_set_script("disks choke step wait breathe step");
    struct guid id = jobs_start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_has_a_step, &snapshot); /* the socket still tells */
    scripted_host_release(jobs_directory);
    jobs_wait(follow, jobs_is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_COMPLETED);
    assert_non_null(strstr(snapshot.note, "could not be kept"));
    job_snapshot_clear(&snapshot);
}

static void read_events(int watch)
{
    char events[4096];
    struct pollfd poll_fd = {.fd = watch, .events = POLLIN};
    assert_int_equal(poll(&poll_fd, 1, PATIENCE_MS), 1);
    assert_true(read(watch, events, sizeof events) > 0);
}

/* The creator dies before it has told anybody: the runner takes the job back. */
static void abandoned_runner_withdraws(void **state)
{
    (void)state;
    jobs_set_script("wait-open disks");
    CLEANUP_FREE char *jobs = mem_format("%s/jobs", jobs_directory);
    CLEANUP_FREE char *opening = mem_format("%s/opening", jobs_directory);
    assert_int_equal(mkdir(jobs, 0700), 0);
    assert_int_equal(mkdir(opening, 0700), 0);
    CLEANUP_FD int begun = inotify_init1(IN_CLOEXEC);
    CLEANUP_FD int removed = inotify_init1(IN_CLOEXEC);
    assert_true(inotify_add_watch(begun, opening, IN_CREATE) >= 0);
    assert_true(inotify_add_watch(removed, jobs, IN_DELETE) >= 0);
    pid_t creator = fork();
    if (creator == 0) {
        struct export_request request = jobs_request();
        struct job *job = NULL;
        service_start_export(jobs_service, &request, &job);
        _exit(0);
    }
    read_events(begun);
    kill(creator, SIGKILL);
    waitpid(creator, NULL, 0);
    assert_int_equal(jobs_count(), 1);
    scripted_host_release(jobs_directory);
    while (jobs_count() > 0)
        read_events(removed);
}

static void not_for_people(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        close(RUNNER_CREATOR_FD);
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (dup2(nowhere, STDERR_FILENO) < 0)
            _exit(99);
        char name[] = "refpoint";
        char *argv[] = {name, NULL};
        _exit(runner_main(1, argv, NULL));
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 2);
}

int main(int argc, char **argv)
{
    int status = 0;
    if (jobs_is_runner(argc, argv, &status))
        return status;
    const struct CMUnitTest tests[] = {
        JOBS_TEST(started_means_confirmed),
        JOBS_TEST(runner_is_called_by_its_job),
        JOBS_TEST(runner_is_on_its_own),
        JOBS_TEST(nobody_else_can_open_anything),
        JOBS_TEST(not_verified_is_a_warning),
        JOBS_TEST(both_forms_end_alike),
        JOBS_TEST(refused_leaves_no_journal),
        JOBS_TEST(no_state_directory_no_job),
        JOBS_TEST(sigterm_asks_to_end),
        JOBS_TEST(killed_runner_is_interrupted),
        JOBS_TEST(job_without_a_journal_ends),
        JOBS_TEST(dying_work_is_interrupted),
        JOBS_TEST(failure_is_told),
        JOBS_TEST(journal_that_cannot_be_written),
        JOBS_TEST(abandoned_runner_withdraws),
        JOBS_TEST(not_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
