/* Noticing jobs that come and go, and what is due when; links.c keeps each fresh, list.c reads them all. */
#include "ui/app/jobs/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/service/follow.h"
#include "core/service/journal/place.h"
#include "ui/app/jobs/links.h"
#include "ui/app/jobs/list.h"
#include "ui/app/jobs/state.h"

/* A new directory is there before what is in it, and that before its owner has the lock. */
#define SETTLE_MS 250
#define SETTLED_MS 2500
#define BLIND_POLL_MS 5000 /* where changes of the directory cannot be watched */

static void plan_list(struct jobs *jobs, int64_t at_ms)
{
    if (jobs->list_at_ms == 0 || at_ms < jobs->list_at_ms)
        jobs->list_at_ms = at_ms;
}

/* The directory is made here, so that there is something to watch before the first job. */
static int watch(const char *state_directory)
{
    struct error ignored = {0};
    char path[32];
    CLEANUP_FD int jobs = journal_make_jobs(state_directory, &ignored);
    if (jobs < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", jobs);
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0 && inotify_add_watch(fd, path, IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

struct jobs *jobs_new(struct work *work, const char *state_directory, uint64_t keep_days)
{
    struct jobs *jobs = mem_alloc(sizeof *jobs);
    jobs->work = work;
    jobs->state_directory = state_directory;
    jobs->watch_fd = watch(state_directory);
    jobs->keep_days = keep_days;
    jobs_read_first(jobs);
    return jobs;
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

void jobs_refresh(struct jobs *jobs)
{
    jobs_read_list(jobs);
}

static void add_first(struct jobs *jobs, const struct guid *id)
{
    struct job_snapshot started = {.state = JOB_STATE_NEW, .identity.id = *id};
    jobs_insert_first(jobs, &(struct link){.id = *id}, &started);
    jobs->changed = true;
}

void jobs_follow(struct jobs *jobs, const struct guid *id)
{
    if (jobs_index(jobs, id) == jobs->count)
        add_first(jobs, id);
    jobs_start_following(jobs, jobs_index(jobs, id));
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
    jobs_read_links(jobs);
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
        jobs_read_list(jobs);
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
    enum jobs_news news = jobs->changed ? JOBS_CHANGED : jobs->moved ? JOBS_PROGRESS : JOBS_NO_NEWS;
    jobs->changed = false;
    jobs->moved = false;
    return news;
}

const struct job_snapshot *jobs_all(const struct jobs *jobs, size_t *count)
{
    *count = jobs->count;
    return jobs->snapshots;
}

const struct job_snapshot *jobs_find(const struct jobs *jobs, const struct guid *id)
{
    size_t i = jobs_index(jobs, id);
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

bool jobs_is_listed(const struct jobs *jobs)
{
    return jobs->listed;
}

size_t jobs_unread(const struct jobs *jobs)
{
    return jobs->unread;
}

const struct error *jobs_problem(const struct jobs *jobs)
{
    return jobs->problem.code ? &jobs->problem : NULL;
}
