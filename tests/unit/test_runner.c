/* Runners, followers and the asynchronous form of the method, with real processes: this program is its own
 * runner. What a job does is in a script (support_scripted_host.h); nothing here waits for time to pass. */
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
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/service/follow.h"
#include "core/service/journal.h"
#include "core/service/runner.h"
#include "core/service/service.h"
#include "support_scripted_host.h"

#define PATIENCE_MS 60000

static char directory[64];
static struct host *host;
static struct service *service;

/* The script is for the runner; the service's own host has the part that refuses. */
static void set_script(const char *script)
{
    struct error err = {0};
    scripted_host_write(directory, script);
    CLEANUP_FREE char *own = mem_strdup(script);
    host = scripted_host_open(directory, &err);
    assert_non_null(host);
    const struct service_options options = {.state_directory = directory, .store = directory};
    service = service_new(host, &options);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/refpoint-runner-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    /* What a sanitizer finds in a runner: its standard error is /dev/null. */
    CLEANUP_FREE char *options = mem_format("log_path=%s/sanitizer", directory);
    setenv("ASAN_OPTIONS", options, 1);
    setenv("UBSAN_OPTIONS", options, 1);
    setenv("TSAN_OPTIONS", options, 1);
    return 0;
}

static bool has_sanitizer_report(void)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    bool found = false;
    if (!fs_open_directory(AT_FDCWD, directory, &fd, &err) || !fs_list(fd, &names, &count, &err))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(names[i], "sanitizer", 9) == 0) {
            CLEANUP_FREE char *text = NULL;
            found = true;
            if (fs_read(fd, names[i], 1 << 20, &text, NULL, &err))
                print_error("%s\n", text);
        }
    }
    fs_free_names(names, count);
    return found;
}

static int tear_down(void **state)
{
    (void)state;
    service_free(service);
    service = NULL;
    if (host)
        host->ops->close(host);
    host = NULL;
    struct error err = {0};
    bool bad = has_sanitizer_report();
    return fs_remove_tree(AT_FDCWD, directory, &err) && !bad ? 0 : -1;
}

static struct export_request make_request(void)
{
    struct export_request request = {.point = {.point_id = guid_new(), .collection_id = guid_new()},
                                     .directory = mem_strdup("/backup"),
                                     .options = export_options_default()};
    return request;
}

static struct guid start(void)
{
    struct export_request request = make_request();
    struct job *job = NULL;
    uint32_t code = service_start_export(service, &request, &job);
    if (code != RETURN_JOB_STARTED)
        fail_msg("%u %s", (unsigned)code, service_error(service)->what);
    assert_non_null(job);
    struct guid id = job_id(job);
    job_free(job);
    export_request_clear(&request);
    return id;
}

static size_t count_jobs(void)
{
    CLEANUP_FREE char *path = mem_format("%s/jobs", directory);
    DIR *stream = opendir(path);
    size_t count = 0;
    if (!stream)
        return 0;
    for (struct dirent *entry; (entry = readdir(stream));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}

typedef bool condition(const struct job_snapshot *snapshot);

static bool is_final(const struct job_snapshot *snapshot)
{
    return job_state_is_final(snapshot->state);
}

static bool is_suspended(const struct job_snapshot *snapshot)
{
    return snapshot->state == JOB_STATE_SUSPENDED;
}

static bool is_running(const struct job_snapshot *snapshot)
{
    return snapshot->state == JOB_STATE_RUNNING;
}

static bool has_a_step(const struct job_snapshot *snapshot)
{
    return snapshot->bytes_done >= MIB;
}

static bool has_many(const struct job_snapshot *snapshot)
{
    return snapshot->disk_count == 3000;
}

static void wait_for(struct follow *follow, condition *wanted, struct job_snapshot *snapshot)
{
    int64_t end = monotonic_milliseconds() + PATIENCE_MS;
    follow_read(follow, snapshot);
    while (!wanted(snapshot)) {
        struct pollfd poll_fd = {.fd = follow_fd(follow), .events = POLLIN};
        assert_true(monotonic_milliseconds() < end);
        assert_true(poll_fd.fd >= 0);
        poll(&poll_fd, 1, 1000);
        follow_read(follow, snapshot);
    }
}

static struct follow *open_follow(const struct guid *id)
{
    struct error err = {0};
    struct follow *follow = follow_open(directory, id, &err);
    if (!follow)
        fail_msg("%s", err.what);
    return follow;
}

static struct job_snapshot wait_for_end(const struct guid *id)
{
    struct job_snapshot snapshot = {0};
    struct follow *follow = open_follow(id);
    wait_for(follow, is_final, &snapshot);
    assert_int_equal(follow_fd(follow), -1);
    assert_false(follow_read(follow, &snapshot));
    follow_close(follow);
    return snapshot;
}

static void ask(const struct guid *id, uint32_t state)
{
    struct error err = {0};
    uint32_t code = follow_request(directory, id, state, &err);
    if (code != RETURN_DONE)
        fail_msg("%u %s", (unsigned)code, err.what);
}

static int connect_raw(const struct guid *id)
{
    CLEANUP_FREE char *path = mem_format("%s/jobs/%s/socket", directory, id->text);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static pid_t runner_of(const struct guid *id)
{
    CLEANUP_FD int fd = connect_raw(id);
    struct ucred peer;
    socklen_t size = sizeof peer;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
    assert_true(peer.pid > 1 && peer.pid != getpid());
    return peer.pid;
}

static void started_means_confirmed(void **state)
{
    (void)state;
    set_script("disks step wait step");
    struct guid id = start();
    struct job_snapshot snapshot = {0};
    struct journal_request request = {0};
    struct error err = {0};
    assert_true(journal_read(directory, &id, &snapshot, &err));
    assert_false(job_state_is_final(snapshot.state));
    assert_string_equal(snapshot.identity.collection, "web \\x1b[31m");
    assert_true(journal_read_request(directory, &id, &request, &err));
    assert_string_equal(request.request.directory, "/backup");
    journal_request_clear(&request);
    assert_true(runner_of(&id) > 1); /* it answers at once */
    assert_false(journal_discard(directory, &id, &err));

    struct follow *follow = open_follow(&id);
    wait_for(follow, has_a_step, &snapshot);
    assert_int_equal(snapshot.state, JOB_STATE_RUNNING);
    assert_non_null(strstr(snapshot.note, "one step further"));
    scripted_host_release(directory);
    wait_for(follow, is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_COMPLETED);
    assert_int_equal(snapshot.percent_complete, 100);
    assert_int_equal(snapshot.error.code, 0);
    assert_string_equal(snapshot.package, "/backup/package");
    assert_true(snapshot.verified);
    /* Who is told the end finds it on the disk. */
    struct job_snapshot kept = {0};
    assert_true(journal_read(directory, &id, &kept, &err));
    assert_int_equal(kept.state, JOB_STATE_COMPLETED);
    assert_int_equal(kept.revision, snapshot.revision);
    job_snapshot_clear(&kept);
    job_snapshot_clear(&snapshot);
    CLEANUP_FREE char *path = journal_log_path(directory, &id);
    CLEANUP_FREE char *log = NULL;
    assert_true(fs_read(AT_FDCWD, path, 1 << 20, &log, NULL, &err));
    assert_non_null(strstr(log, "completed, verified: /backup/package"));
    assert_true(journal_discard(directory, &id, &err));
    assert_int_equal(count_jobs(), 0);
}

static void runner_is_on_its_own(void **state)
{
    (void)state;
    set_script("wait");
    struct guid id = start();
    pid_t runner = runner_of(&id);
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
    scripted_host_release(directory);
    struct job_snapshot end = wait_for_end(&id);
    assert_int_equal(end.state, JOB_STATE_COMPLETED);
}

static void not_verified_is_a_warning(void **state)
{
    (void)state;
    set_script("disks step");
    struct export_options options = export_options_default();
    options.verify = false;
    service_set_export_options(service, &options);
    struct object_path point = {.point_id = guid_new(), .collection_id = guid_new()};
    struct job *job = NULL;
    assert_int_equal(service_export_reference_point(service, &point, "/backup", "", &job),
                     RETURN_JOB_STARTED);
    struct guid id = job_id(job);
    job_free(job);
    struct job_snapshot end = wait_for_end(&id);
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
        set_script(scripts[i]);
        struct guid id = start();
        struct job_snapshot there = wait_for_end(&id);
        struct export_request request = make_request();
        struct job_identity identity;
        assert_true(service_describe_job(service, &request, &identity));
        struct job *job = job_new(&identity);
        uint32_t code = service_run_export(service, &request, job);
        struct job_snapshot here = {0};
        job_get_snapshot(job, &here);
        assert_int_equal(code, here.error.code);
        assert_int_equal(code, service_error(service)->code);
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
        service_free(service);
        host->ops->close(host);
        service = NULL;
        host = NULL;
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
        set_script(cases[i].script);
        struct export_request request = make_request();
        struct job *job = NULL;
        assert_int_equal(service_start_export(service, &request, &job), cases[i].code);
        assert_null(job);
        assert_string_equal(service_error(service)->key, cases[i].key);
        assert_int_equal(count_jobs(), 0);
        export_request_clear(&request);
        service_free(service);
        host->ops->close(host);
        service = NULL;
        host = NULL;
    }
}

static void no_state_directory_no_job(void **state)
{
    (void)state;
    set_script("disks");
    service_free(service);
    CLEANUP_FREE char *file = mem_format("%s/script/below-a-file", directory);
    const struct service_options options = {.state_directory = file, .store = directory};
    service = service_new(host, &options);
    struct export_request request = make_request();
    struct job *job = NULL;
    uint32_t code = service_start_export(service, &request, &job);
    assert_true(code >= RETURN_FAILED);
    assert_null(job);
    assert_true(*service_error(service)->next);
    export_request_clear(&request);
}

static void cancel_is_honoured(void **state)
{
    (void)state;
    set_script("disks step wait");
    struct guid id = start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = open_follow(&id);
    wait_for(follow, has_a_step, &snapshot);
    int64_t asked = monotonic_milliseconds();
    ask(&id, REQUESTED_STATE_TERMINATE);
    wait_for(follow, is_final, &snapshot);
    assert_true(monotonic_milliseconds() - asked < 10000);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_TERMINATED);
    assert_int_equal(snapshot.error.code, RETURN_FAILED);
    assert_string_equal(snapshot.error.key, "job.cancelled");
    assert_string_equal(snapshot.package, "");
    assert_true(snapshot.percent_complete < 100);
    job_snapshot_clear(&snapshot);
    struct error err = {0};
    assert_int_equal(follow_request(directory, &id, REQUESTED_STATE_TERMINATE, &err), RETURN_INVALID_STATE);
}

static void sigterm_asks_to_end(void **state)
{
    (void)state;
    set_script("disks step spin");
    struct guid id = start();
    assert_int_equal(kill(runner_of(&id), SIGTERM), 0);
    struct job_snapshot end = wait_for_end(&id);
    assert_int_equal(end.state, JOB_STATE_TERMINATED);
    job_snapshot_clear(&end);
}

static void killed_runner_is_interrupted(void **state)
{
    (void)state;
    set_script("disks step wait");
    struct guid id = start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = open_follow(&id);
    wait_for(follow, has_a_step, &snapshot);
    assert_int_equal(kill(runner_of(&id), SIGKILL), 0);
    wait_for(follow, is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_EXCEPTION);
    assert_string_equal(snapshot.error.key, "job.interrupted");
    job_snapshot_clear(&snapshot);
    struct error err = {0};
    assert_int_equal(follow_request(directory, &id, REQUESTED_STATE_TERMINATE, &err), RETURN_INVALID_STATE);
    assert_string_equal(err.key, "job.over");
    snapshot = wait_for_end(&id); /* a new follower sees the same */
    assert_string_equal(snapshot.error.key, "job.interrupted");
    job_snapshot_clear(&snapshot);
    assert_true(journal_discard(directory, &id, &err));
}

static void dying_work_is_interrupted(void **state)
{
    (void)state;
    set_script("disks step die");
    struct guid id = start();
    struct job_snapshot end = wait_for_end(&id);
    assert_string_equal(end.error.key, "job.interrupted");
    job_snapshot_clear(&end);
}

static void failure_is_told(void **state)
{
    (void)state;
    set_script("disks step fail");
    struct guid id = start();
    struct job_snapshot end = wait_for_end(&id);
    assert_int_equal(end.state, JOB_STATE_EXCEPTION);
    assert_int_equal(end.error.code, RETURN_IN_USE);
    assert_string_equal(end.error.key, "scripted.failure");
    job_snapshot_clear(&end);
}

static void pause_and_go_on(void **state)
{
    (void)state;
    set_script("disks step spin");
    struct guid id = start();
    struct error err = {0};
    struct job_snapshot snapshot = {0};
    struct follow *follow = open_follow(&id);
    wait_for(follow, is_running, &snapshot);
    assert_int_equal(follow_request(directory, &id, REQUESTED_STATE_START, &err), RETURN_INVALID_STATE);
    assert_int_equal(follow_request(directory, &id, REQUESTED_STATE_KILL, &err), RETURN_NOT_SUPPORTED);
    ask(&id, REQUESTED_STATE_SUSPEND);
    wait_for(follow, is_suspended, &snapshot);
    assert_int_equal(follow_request(directory, &id, REQUESTED_STATE_SUSPEND, &err), RETURN_INVALID_STATE);
    ask(&id, REQUESTED_STATE_START);
    wait_for(follow, is_running, &snapshot);
    scripted_host_release(directory);
    wait_for(follow, is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_COMPLETED);
    job_snapshot_clear(&snapshot);
}

static void cancel_while_paused(void **state)
{
    (void)state;
    set_script("disks spin");
    struct guid id = start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = open_follow(&id);
    wait_for(follow, is_running, &snapshot);
    ask(&id, REQUESTED_STATE_SUSPEND);
    ask(&id, REQUESTED_STATE_TERMINATE);
    wait_for(follow, is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_TERMINATED);
    job_snapshot_clear(&snapshot);
}

static void two_followers_see_the_same(void **state)
{
    (void)state;
    set_script("disks step wait step");
    struct guid id = start();
    struct job_snapshot one = {0};
    struct job_snapshot two = {0};
    struct follow *first = open_follow(&id);
    struct follow *second = open_follow(&id);
    wait_for(first, has_a_step, &one);
    wait_for(second, has_a_step, &two);
    scripted_host_release(directory);
    wait_for(first, is_final, &one);
    wait_for(second, is_final, &two);
    assert_int_equal(one.revision, two.revision);
    assert_int_equal(one.state, two.state);
    assert_memory_equal(one.disks, two.disks, sizeof *one.disks);
    follow_close(first);
    follow_close(second);
    job_snapshot_clear(&one);
    job_snapshot_clear(&two);
}

/* Each snapshot is larger than a socket takes: who never reads gets stuck at once. */
static void deaf_and_rude_clients(void **state)
{
    (void)state;
    set_script("many step wait step spin");
    struct guid id = start();
    int fds[60];
    static const char follow_line[] = "{\"request\":\"follow\"}\n";
    char junk[4096];
    memset(junk, 'x', sizeof junk);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        fds[i] = connect_raw(&id);
        if (fds[i] < 0)
            continue;
        /* Deaf, garbage, an endless line, requests without end that nobody reads the answers of. */
        ssize_t sent = 0;
        if (i % 4 == 0)
            sent = send(fds[i], follow_line, sizeof follow_line - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (i % 4 == 1)
            sent = send(fds[i], "{]\n", 3, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (i % 4 == 2)
            sent = send(fds[i], junk, sizeof junk, MSG_NOSIGNAL | MSG_DONTWAIT);
        for (int n = 0; i % 4 == 3 && n < 2000 && sent >= 0; n++)
            sent = send(fds[i], "{\"request\":\"state\",\"requested_state\":5}\n", 40,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
        /* Half of the well-behaved leave, so that there is room for the follower below. */
        if (i % 4 == 0 && i >= 40) {
            close(fds[i]);
            fds[i] = -1;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        if (i % 4 == 3 && fds[i] >= 0) {
            close(fds[i]);
            fds[i] = -1;
        }
    }
    struct job_snapshot snapshot = {0};
    struct follow *follow = open_follow(&id);
    wait_for(follow, has_many, &snapshot);
    scripted_host_release(directory);
    wait_for(follow, has_a_step, &snapshot);
    ask(&id, REQUESTED_STATE_SUSPEND);
    wait_for(follow, is_suspended, &snapshot);
    ask(&id, REQUESTED_STATE_TERMINATE);
    wait_for(follow, is_final, &snapshot);
    assert_int_equal(snapshot.state, JOB_STATE_TERMINATED);
    follow_close(follow);
    job_snapshot_clear(&snapshot);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
        mem_cleanup_fd(&fds[i]);
}

static void journal_that_cannot_be_written(void **state)
{
    (void)state;
    set_script("disks choke step wait breathe step");
    struct guid id = start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = open_follow(&id);
    wait_for(follow, has_a_step, &snapshot); /* the socket still tells */
    scripted_host_release(directory);
    wait_for(follow, is_final, &snapshot);
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
    set_script("wait-open disks");
    CLEANUP_FREE char *jobs = mem_format("%s/jobs", directory);
    CLEANUP_FREE char *opening = mem_format("%s/opening", directory);
    assert_int_equal(mkdir(jobs, 0700), 0);
    assert_int_equal(mkdir(opening, 0700), 0);
    CLEANUP_FD int begun = inotify_init1(IN_CLOEXEC);
    CLEANUP_FD int removed = inotify_init1(IN_CLOEXEC);
    assert_true(inotify_add_watch(begun, opening, IN_CREATE) >= 0);
    assert_true(inotify_add_watch(removed, jobs, IN_DELETE) >= 0);
    pid_t creator = fork();
    if (creator == 0) {
        struct export_request request = make_request();
        struct job *job = NULL;
        service_start_export(service, &request, &job);
        _exit(0);
    }
    read_events(begun);
    kill(creator, SIGKILL);
    waitpid(creator, NULL, 0);
    assert_int_equal(count_jobs(), 1);
    scripted_host_release(directory);
    while (count_jobs() > 0)
        read_events(removed);
}

static void unknown_jobs(void **state)
{
    (void)state;
    struct error err = {0};
    struct guid id = guid_new();
    assert_null(follow_open(directory, &id, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_int_equal(follow_request(directory, &id, REQUESTED_STATE_TERMINATE, &err),
                     RETURN_INVALID_PARAMETER);
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

/* In the runner: the part of the script that is about opening. */
static struct host *open_in_runner(const struct journal_request *request, struct error *err)
{
    struct host *opened = scripted_host_open(request->store, err);
    CLEANUP_FREE char *path = mem_format("%s/script", request->store);
    CLEANUP_FREE char *script = NULL;
    if (!opened || !fs_read(AT_FDCWD, path, 4096, &script, NULL, err))
        return NULL;
    if (strstr(script, "die-open"))
        raise(SIGKILL);
    if (strstr(script, "wait-open")) {
        CLEANUP_FREE char *gate = mem_format("%s/gate", request->store);
        CLEANUP_FREE char *mark = mem_format("%s/opening/now", request->store);
        CLEANUP_FD int fd = open(gate, O_RDWR | O_CLOEXEC);
        char byte;
        mkdir(mark, 0700);
        if (read(fd, &byte, 1) != 1)
            abort();
    }
    if (strstr(script, "refuse-open")) {
        opened->ops->close(opened);
        error_set(err, RETURN_NOT_AVAILABLE, "scripted.closed", "the host does not open");
        return NULL;
    }
    return opened;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], RUNNER_ARGUMENT) == 0)
        return runner_main(argc, argv, open_in_runner);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(started_means_confirmed),
        TEST(runner_is_on_its_own),
        TEST(not_verified_is_a_warning),
        TEST(both_forms_end_alike),
        TEST(refused_leaves_no_journal),
        TEST(no_state_directory_no_job),
        TEST(cancel_is_honoured),
        TEST(sigterm_asks_to_end),
        TEST(killed_runner_is_interrupted),
        TEST(dying_work_is_interrupted),
        TEST(failure_is_told),
        TEST(pause_and_go_on),
        TEST(cancel_while_paused),
        TEST(two_followers_see_the_same),
        TEST(deaf_and_rude_clients),
        TEST(journal_that_cannot_be_written),
        TEST(abandoned_runner_withdraws),
        TEST(unknown_jobs),
        TEST(not_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
