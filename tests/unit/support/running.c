#include "tests/unit/support/running.h"

#include <dirent.h>
#include <glob.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "tests/pulse.h"

#define PATIENCE_MS 300000

static void on_change(void *context)
{
    struct running *running = context;
    struct job_snapshot now = {0};
    job_get_snapshot(running->job, &now);
    if (running->hold != RUNNING_FREELY && now.state == JOB_STATE_RUNNING &&
        (int)now.phase == running->hold && !atomic_load(&running->held)) {
        atomic_store(&running->held, 1);
        job_request_state_change(running->job, REQUESTED_STATE_SUSPEND);
        if (running->still)
            (void)job_checkpoint(running->job);
    }
    job_snapshot_clear(&now);
}

static void *run(void *context)
{
    struct running *running = context;
    running->code = export_run(running->task, running->job, &running->result, &running->err);
    atomic_store(&running->over, 1);
    return NULL;
}

static void start(struct running *running, const struct export_task *task, int hold, bool still)
{
    struct job_identity identity = {.id = guid_new()};
    *running = (struct running){.task = task, .job = job_new(&identity), .hold = hold, .still = still};
    struct job_listener listener = {.changed = on_change, .context = running};
    job_set_listener(running->job, &listener);
    assert_int_equal(pthread_create(&running->thread, NULL, run, running), 0);
}

void running_start(struct running *running, const struct export_task *task, int hold)
{
    start(running, task, hold, false);
}

void running_start_still(struct running *running, const struct export_task *task, int hold)
{
    start(running, task, hold, true);
}

/* Until the condition holds; an export that has ended will not make it come true. */
static void wait_for(struct running *running, bool (*holds)(struct running *, void *), void *context,
                     const char *what)
{
    int64_t end = monotonic_milliseconds() + PATIENCE_MS;
    while (!holds(running, context)) {
        if (atomic_load(&running->over))
            fail_msg("the export ended before %s: %s: %s", what, running->err.what, running->err.cause);
        if (monotonic_milliseconds() > end)
            fail_msg("waited in vain for %s", what);
        sched_yield();
    }
}

static bool is_held(struct running *running, void *context)
{
    (void)context;
    struct job_snapshot now = {0};
    job_get_snapshot(running->job, &now);
    bool held = now.state == JOB_STATE_SUSPENDED;
    job_snapshot_clear(&now);
    return held;
}

void running_wait_held(struct running *running)
{
    wait_for(running, is_held, NULL, "its phase");
}

static bool has_bytes(struct running *running, void *context)
{
    (void)context;
    struct job_snapshot now = {0};
    job_get_snapshot(running->job, &now);
    bool some = now.bytes_done > 0;
    job_snapshot_clear(&now);
    return some;
}

void running_wait_bytes(struct running *running)
{
    wait_for(running, has_bytes, NULL, "the first bytes");
}

void running_resume(struct running *running)
{
    assert_int_equal(job_request_state_change(running->job, REQUESTED_STATE_START), RETURN_DONE);
}

void running_join(struct running *running)
{
    pthread_join(running->thread, NULL);
}

void running_cancel(struct running *running)
{
    struct pulse *pulse = pulse_start();
    assert_int_equal(job_request_state_change(running->job, REQUESTED_STATE_TERMINATE), RETURN_DONE);
    running_join(running);
    long took = pulse_stop(pulse);
    print_message("cancelled in %ld ms\n", took);
    assert_true(took < 1000);
    assert_int_equal(running->code, RETURN_FAILED);
    assert_string_equal(running->err.key, "export.cancelled");
    assert_null(running->result.package);
}

void running_clear(struct running *running)
{
    export_result_clear(&running->result);
    job_free(running->job);
}

/* name and state of a process, and who started it. */
static bool look_at(pid_t pid, char name[32], char *state, pid_t *parent)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    long above = 0;
    int got = fscanf(file, "%*d (%31[^)]) %c %ld", name, state, &above);
    fclose(file);
    *parent = (pid_t)above;
    return got == 3;
}

struct search {
    const char *name; /* NULL = any */
    char state;       /* 0 = any that lives */
    pid_t *pids;
    size_t most;
};

static size_t find_children(const struct search *search)
{
    size_t count = 0;
    DIR *directory = opendir("/proc");
    assert_non_null(directory);
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        pid_t pid = (pid_t)atol(entry->d_name);
        pid_t parent = 0;
        char name[32];
        char state = 0;
        if (pid <= 0 || !look_at(pid, name, &state, &parent) || parent != getpid())
            continue;
        if ((search->name && strcmp(name, search->name) != 0) ||
            (search->state ? state != search->state : state == 'Z'))
            continue;
        if (count < search->most)
            search->pids[count] = pid;
        count++;
    }
    closedir(directory);
    return count;
}

static bool has_children(struct running *running, void *context)
{
    (void)running;
    const struct search *search = context;
    return find_children(search) == search->most;
}

void running_children(struct running *running, const char *name, pid_t *pids, size_t count)
{
    struct search search = {.name = name, .pids = pids, .most = count};
    wait_for(running, has_children, &search, name);
}

pid_t running_stopped_child(struct running *running)
{
    pid_t pid = -1;
    struct search search = {.state = 'T', .pids = &pid, .most = 1};
    wait_for(running, has_children, &search, "a stopped child");
    return pid;
}

size_t running_children_left(void)
{
    return find_children(&(struct search){0});
}

static size_t count_descriptors(const char *kind)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        char target[64];
        ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        count += length > 0 && strncmp(target, kind, strlen(kind)) == 0;
    }
    closedir(directory);
    return count;
}

static bool has_connections(struct running *running, void *context)
{
    (void)running;
    return count_descriptors("socket:") == *(const size_t *)context;
}

void running_connections(struct running *running, size_t count)
{
    wait_for(running, has_connections, &count, "connections");
}

static bool has_file(struct running *running, void *context)
{
    glob_t found;
    struct stat status = {0};
    (void)running;
    if (glob(context, GLOB_PERIOD, NULL, &found) != 0)
        return false;
    bool has = false; /* "*" finds "." too */
    for (size_t i = 0; i < found.gl_pathc && !has; i++)
        has = stat(found.gl_pathv[i], &status) == 0 && S_ISREG(status.st_mode);
    globfree(&found);
    return has;
}

void running_file(struct running *running, const char *pattern)
{
    CLEANUP_FREE char *text = mem_strdup(pattern);
    wait_for(running, has_file, text, "a file");
}

size_t running_descriptors(void)
{
    return count_descriptors("") - 1; /* without the one that looks */
}
