#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "tests/unit/support/jobs.h"

char jobs_directory[64];
struct host *jobs_host;
struct service *jobs_service;

static void drop_service(void)
{
    service_free(jobs_service);
    jobs_service = NULL;
    if (jobs_host)
        jobs_host->ops->close(jobs_host);
    jobs_host = NULL;
}

/* The script is for the runner; the service's own host has the part that refuses. */
void jobs_set_script(const char *script)
{
    struct error err = {0};
    drop_service();
    scripted_host_write(jobs_directory, script);
    jobs_host = scripted_host_open(jobs_directory, &err);
    assert_non_null(jobs_host);
    const struct service_options options = {.state_directory = jobs_directory, .store = jobs_directory};
    jobs_service = service_new(jobs_host, &options);
}

int jobs_set_up(void **state)
{
    (void)state;
    snprintf(jobs_directory, sizeof jobs_directory, "/tmp/refpoint-runner-XXXXXX");
    if (!mkdtemp(jobs_directory))
        return -1;
    /* What a sanitizer finds in a runner: its standard error is /dev/null. */
    CLEANUP_FREE char *options = mem_format("log_path=%s/sanitizer", jobs_directory);
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
    if (!fs_open_directory(AT_FDCWD, jobs_directory, &fd, &err) || !fs_list(fd, &names, &count, &err))
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

int jobs_tear_down(void **state)
{
    (void)state;
    drop_service();
    struct error err = {0};
    bool bad = has_sanitizer_report();
    return fs_remove_tree(AT_FDCWD, jobs_directory, &err) && !bad ? 0 : -1;
}

struct export_request jobs_request(void)
{
    struct export_request request = {.point = {.point_id = guid_new(), .collection_id = guid_new()},
                                     .directory = mem_strdup("/backup"),
                                     .options = export_options_default()};
    return request;
}

struct guid jobs_start(void)
{
    struct export_request request = jobs_request();
    struct job *job = NULL;
    uint32_t code = service_start_export(jobs_service, &request, &job);
    if (code != RETURN_JOB_STARTED)
        fail_msg("%u %s", (unsigned)code, service_error(jobs_service)->what);
    assert_non_null(job);
    struct guid id = job_id(job);
    job_free(job);
    export_request_clear(&request);
    return id;
}

size_t jobs_count(void)
{
    CLEANUP_FREE char *path = mem_format("%s/jobs", jobs_directory);
    DIR *stream = opendir(path);
    size_t count = 0;
    if (!stream)
        return 0;
    for (struct dirent *entry; (entry = readdir(stream));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}

bool jobs_is_final(const struct job_snapshot *snapshot)
{
    return job_state_is_final(snapshot->state);
}

bool jobs_is_suspended(const struct job_snapshot *snapshot)
{
    return snapshot->state == JOB_STATE_SUSPENDED;
}

bool jobs_is_running(const struct job_snapshot *snapshot)
{
    return snapshot->state == JOB_STATE_RUNNING;
}

bool jobs_has_a_step(const struct job_snapshot *snapshot)
{
    return snapshot->bytes_done >= MIB;
}

bool jobs_has_many(const struct job_snapshot *snapshot)
{
    return snapshot->disk_count == 3000;
}

void jobs_wait(struct follow *follow, jobs_condition *wanted, struct job_snapshot *snapshot)
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

struct follow *jobs_watch(const struct guid *id)
{
    struct error err = {0};
    struct follow *follow = follow_open(jobs_directory, id, &err);
    if (!follow)
        fail_msg("%s", err.what);
    return follow;
}

struct job_snapshot jobs_wait_for_end(const struct guid *id)
{
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(id);
    jobs_wait(follow, jobs_is_final, &snapshot);
    assert_int_equal(follow_fd(follow), -1);
    assert_false(follow_read(follow, &snapshot));
    follow_close(follow);
    return snapshot;
}

void jobs_ask(const struct guid *id, uint32_t state)
{
    struct error err = {0};
    uint32_t code = follow_request(jobs_directory, id, state, &err);
    if (code != RETURN_DONE)
        fail_msg("%u %s", (unsigned)code, err.what);
}

int jobs_connect(const struct guid *id)
{
    CLEANUP_FREE char *path = mem_format("%s/jobs/%s/socket", jobs_directory, id->text);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

pid_t jobs_runner(const struct guid *id)
{
    CLEANUP_FD int fd = jobs_connect(id);
    struct ucred peer;
    socklen_t size = sizeof peer;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
    assert_true(peer.pid > 1 && peer.pid != getpid());
    return peer.pid;
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

bool jobs_is_runner(int argc, char **argv, int *status)
{
    bool runner = argc > 1 && strcmp(argv[1], RUNNER_ARGUMENT) == 0;
    if (runner)
        *status = runner_main(argc, argv, open_in_runner);
    return runner;
}
