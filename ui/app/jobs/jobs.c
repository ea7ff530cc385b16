/* Following the jobs that run, and noticing those that come and go; the list of them all is jobs_list.c's. */
#include "ui/app/jobs/state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/service/follow.h"
#include "core/system/fs.h"

#define RETRY_MS 1000
/* A new directory is there before what is in it, and that before its owner has the lock. */
#define SETTLE_MS 250
#define SETTLED_MS 2500
#define BLIND_POLL_MS 5000 /* where changes of the directory cannot be watched */

void jobs_note(struct jobs *jobs, enum jobs_news news)
{
    if (news > jobs->news)
        jobs->news = news;
}

static void plan_list(struct jobs *jobs, int64_t at_ms)
{
    if (jobs->list_at_ms == 0 || at_ms < jobs->list_at_ms)
        jobs->list_at_ms = at_ms;
}

/* The directory is made here, so that there is something to watch before the first job. */
static int watch(const char *state_directory)
{
    CLEANUP_FREE char *path = mem_format("%s/jobs", state_directory);
    struct error ignored = {0};
    if (!fs_make_directories(path, 0700, &ignored))
        return -1;
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0 && inotify_add_watch(fd, path, IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

struct jobs *jobs_new(struct work *work, const char *state_directory)
{
    struct jobs *jobs = mem_alloc(sizeof *jobs);
    jobs->work = work;
    jobs->state_directory = state_directory;
    jobs->watch_fd = watch(state_directory);
    jobs_refresh(jobs);
    return jobs;
}

void jobs_clear(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        job_snapshot_clear(&jobs->snapshots[i]);
        if (jobs->links[i].follow)
            follow_close(jobs->links[i].follow);
    }
    free(jobs->snapshots);
    free(jobs->links);
    jobs->snapshots = NULL;
    jobs->links = NULL;
    jobs->count = 0;
}

void jobs_free(struct jobs *jobs)
{
    if (!jobs)
        return;
    jobs_clear(jobs);
    if (jobs->watch_fd >= 0)
        close(jobs->watch_fd);
    free(jobs);
}

static size_t index_of(const struct jobs *jobs, const struct guid *id)
{
    size_t i = 0;
    while (i < jobs->count && !guid_equal(&jobs->links[i].id, id))
        i++;
    return i;
}

/* --- connecting to a running job, on a worker --- */

struct open_task {
    struct jobs *jobs;
    struct guid id;
    char *state_directory;
    struct follow *follow;
    struct error err;
};

static void open_run(void *argument)
{
    struct open_task *task = argument;
    task->follow = follow_open(task->state_directory, &task->id, &task->err);
}

/* Later and later: whatever is wrong there, it must not keep this program busy. */
static void plan_retry(struct link *link)
{
    unsigned doublings = link->failures < 5 ? link->failures : 5;
    link->failures++;
    link->retry_ms = monotonic_milliseconds() + ((int64_t)RETRY_MS << doublings);
}

static unsigned open_done(struct screen *screen, void *argument)
{
    (void)screen;
    struct open_task *task = argument;
    struct jobs *jobs = task->jobs;
    size_t i = index_of(jobs, &task->id);
    if (i == jobs->count)
        return 0;
    jobs->links[i].opening = false;
    if (!task->follow) {
        plan_retry(&jobs->links[i]);
        return 0;
    }
    jobs->links[i].failures = 0;
    jobs->links[i].follow = task->follow;
    task->follow = NULL;
    jobs_read(jobs);
    return 0;
}

static void open_release(void *argument)
{
    struct open_task *task = argument;
    if (task->follow)
        follow_close(task->follow);
    free(task->state_directory);
    free(task);
}

void jobs_start_following(struct jobs *jobs, size_t i)
{
    static const struct work_ops ops = {.run = open_run, .done = open_done, .release = open_release};
    if (jobs->links[i].follow || jobs->links[i].opening)
        return;
    jobs->links[i].opening = true;
    jobs->links[i].retry_ms = 0;
    struct open_task *task = mem_alloc(sizeof *task);
    task->jobs = jobs;
    task->id = jobs->links[i].id;
    task->state_directory = mem_strdup(jobs->state_directory);
    work_post(jobs->work, NULL, &ops, task);
}

void jobs_insert_first(struct jobs *jobs, const struct link *link, const struct job_snapshot *snapshot)
{
    jobs->links = mem_grow(jobs->links, jobs->count, sizeof *jobs->links);
    jobs->snapshots = mem_grow(jobs->snapshots, jobs->count, sizeof *jobs->snapshots);
    memmove(jobs->links + 1, jobs->links, jobs->count * sizeof *jobs->links);
    memmove(jobs->snapshots + 1, jobs->snapshots, jobs->count * sizeof *jobs->snapshots);
    jobs->count++;
    jobs->links[0] = *link;
    jobs->snapshots[0] = *snapshot;
}

static void add_first(struct jobs *jobs, const struct guid *id)
{
    struct job_snapshot started = {.state = JOB_STATE_NEW, .identity.id = *id};
    jobs_insert_first(jobs, &(struct link){.id = *id}, &started);
    jobs_note(jobs, JOBS_CHANGED);
}

void jobs_follow(struct jobs *jobs, const struct guid *id)
{
    if (index_of(jobs, id) == jobs->count)
        add_first(jobs, id);
    jobs_start_following(jobs, index_of(jobs, id));
}

/* --- once per turn --- */

size_t jobs_descriptors(const struct jobs *jobs, int *descriptors, size_t limit)
{
    size_t count = 0;
    if (jobs->watch_fd >= 0 && count < limit)
        descriptors[count++] = jobs->watch_fd;
    for (size_t i = 0; i < jobs->count && count < limit; i++) {
        int fd = jobs->links[i].follow ? follow_fd(jobs->links[i].follow) : -1;
        if (fd >= 0)
            descriptors[count++] = fd;
    }
    return count;
}

static void read_watch(struct jobs *jobs)
{
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool any = false;
    while (jobs->watch_fd >= 0 && read(jobs->watch_fd, events, sizeof events) > 0)
        any = true;
    if (!any)
        return;
    int64_t now_ms = monotonic_milliseconds();
    plan_list(jobs, now_ms + SETTLE_MS);
    jobs->list_late_at_ms = now_ms + SETTLED_MS;
}

void jobs_read(struct jobs *jobs)
{
    read_watch(jobs);
    for (size_t i = 0; i < jobs->count; i++) {
        struct link *link = &jobs->links[i];
        struct job_snapshot *snapshot = &jobs->snapshots[i];
        if (!link->follow)
            continue;
        uint32_t state = snapshot->state;
        if (follow_read(link->follow, snapshot))
            jobs_note(jobs, state == snapshot->state ? JOBS_PROGRESS : JOBS_CHANGED);
        if (!job_state_is_final(state) && job_state_is_final(snapshot->state)) {
            link->unseen = true;
            jobs_note(jobs, JOBS_CHANGED);
        }
        if (follow_fd(link->follow) < 0) {
            follow_close(link->follow);
            link->follow = NULL;
            jobs_note(jobs, JOBS_CHANGED);
        }
    }
}

static int64_t sooner(int64_t left, int64_t right)
{
    return left == 0 || (right != 0 && right < left) ? right : left;
}

int64_t jobs_due_ms(const struct jobs *jobs)
{
    int64_t due = sooner(jobs->list_at_ms, jobs->list_late_at_ms);
    for (size_t i = 0; i < jobs->count; i++)
        due = sooner(due, jobs->links[i].retry_ms);
    return due;
}

void jobs_tick(struct jobs *jobs, int64_t now_ms)
{
    if (jobs->list_late_at_ms && now_ms >= jobs->list_late_at_ms) {
        jobs->list_late_at_ms = 0;
        plan_list(jobs, now_ms);
    }
    if (jobs->list_at_ms && now_ms >= jobs->list_at_ms)
        jobs_refresh(jobs);
    for (size_t i = 0; i < jobs->count; i++) {
        if (!jobs->links[i].retry_ms || now_ms < jobs->links[i].retry_ms)
            continue;
        plan_list(jobs, now_ms); /* perhaps it has ended: the journal knows */
        jobs_start_following(jobs, i);
    }
    if (jobs->watch_fd < 0 && jobs->list_at_ms == 0)
        plan_list(jobs, now_ms + BLIND_POLL_MS);
}

enum jobs_news jobs_take_news(struct jobs *jobs)
{
    enum jobs_news news = jobs->news;
    jobs->news = JOBS_NO_NEWS;
    return news;
}

const struct job_snapshot *jobs_all(const struct jobs *jobs, size_t *count)
{
    *count = jobs->count;
    return jobs->snapshots;
}

const struct job_snapshot *jobs_find(const struct jobs *jobs, const struct guid *id)
{
    size_t i = index_of(jobs, id);
    return i < jobs->count ? &jobs->snapshots[i] : NULL;
}

bool jobs_is_unseen(const struct jobs *jobs, size_t at)
{
    return jobs->links[at].unseen;
}

void jobs_mark_seen(struct jobs *jobs, const struct guid *id)
{
    for (size_t i = 0; i < jobs->count; i++) {
        if (!id || guid_equal(&jobs->links[i].id, id))
            jobs->links[i].unseen = false;
    }
}

const struct error *jobs_problem(const struct jobs *jobs)
{
    return jobs->problem.code ? &jobs->problem : NULL;
}
