/* Two arrays side by side: snapshots (what screens borrow) and links (how each is kept fresh). A list that a
 * worker brings replaces both; links that live are carried over, with their snapshot where it is newer. */
#include "ui/jobs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/guid_index.h"
#include "core/base/mem.h"
#include "core/service/follow.h"
#include "core/service/journal.h"

#define RETRY_MS 1000
#define GIVE_UP_FAILURES 5 /* on a job that the list does not know */
/* A new directory is there before what is in it, and that before its owner has the lock. */
#define SETTLE_MS 250
#define SETTLED_MS 2500
#define BLIND_POLL_MS 5000 /* where changes of the directory cannot be watched */

struct link {
    struct guid id;
    struct follow *follow;
    bool opening;
    bool unseen;       /* ended before our eyes, not opened since */
    int64_t retry_ms;  /* when to try to connect again; 0 = no need */
    unsigned failures; /* to connect, in a row */
};

struct jobs {
    struct work *work;
    const char *state_directory;
    int watch_fd;
    bool listing;
    bool list_again;
    int64_t list_at_ms;      /* 0 = not planned */
    int64_t list_late_at_ms; /* the same, once more */
    struct error problem;
    enum jobs_news news;
    struct job_snapshot *snapshots;
    struct link *links;
    size_t count;
};

static void note(struct jobs *jobs, enum jobs_news news)
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

static void clear(struct jobs *jobs)
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
    clear(jobs);
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

static void start_following(struct jobs *jobs, size_t i)
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

/* Takes the snapshot over. */
static void insert_first(struct jobs *jobs, const struct link *link, const struct job_snapshot *snapshot)
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
    insert_first(jobs, &(struct link){.id = *id}, &started);
    note(jobs, JOBS_CHANGED);
}

void jobs_follow(struct jobs *jobs, const struct guid *id)
{
    if (index_of(jobs, id) == jobs->count)
        add_first(jobs, id);
    start_following(jobs, index_of(jobs, id));
}

/* --- reading the list, on a worker --- */

struct list_task {
    struct jobs *jobs;
    char *state_directory;
    struct job_snapshot *snapshots;
    size_t count;
    bool ok;
    struct error err;
};

static void list_run(void *argument)
{
    struct list_task *task = argument;
    task->ok = journal_list(task->state_directory, &task->snapshots, &task->count, &task->err);
}

static bool is_hopeful(const struct link *link)
{
    return link->follow || link->opening || (link->retry_ms && link->failures < GIVE_UP_FAILURES);
}

/* What is followed is fresher than what was read from the disk. */
static void carry_over(struct jobs *jobs, size_t known, struct link *link, struct job_snapshot *listed)
{
    *link = jobs->links[known];
    jobs->links[known].follow = NULL;
    struct job_snapshot *snapshot = &jobs->snapshots[known];
    if (!link->follow && !link->opening && snapshot->revision <= listed->revision)
        return;
    struct job_snapshot staler = *listed;
    *listed = *snapshot;
    *snapshot = staler;
}

/* The known jobs that are not in the list, which has `links` beside it: one that was started since it was
 * read comes first, one that is gone goes. */
static void carry_unlisted(struct jobs *jobs, struct jobs *fresh, const struct guid_index *listed)
{
    for (size_t i = jobs->count; i-- > 0;) {
        struct link *link = &jobs->links[i];
        if (!is_hopeful(link) || guid_index_find(listed, &link->id) != SIZE_MAX)
            continue;
        insert_first(fresh, link, &jobs->snapshots[i]);
        link->follow = NULL;
        jobs->snapshots[i] = (struct job_snapshot){0};
    }
}

/* The list that was read becomes ours; nothing of it is copied, since it may be long. */
static void adopt(struct jobs *jobs, struct list_task *task)
{
    struct jobs fresh = {.snapshots = task->snapshots};
    struct guid_index known = {0};
    struct guid_index listed = {0};
    if (jobs->count > 0)
        guid_index_make(&known, &jobs->links->id, jobs->count, sizeof *jobs->links);
    if (task->count > 0)
        guid_index_make(&listed, &task->snapshots->identity.id, task->count, sizeof *task->snapshots);
    for (size_t i = 0; i < task->count; i++) {
        struct link *link = ARRAY_APPEND(fresh.links, fresh.count);
        link->id = task->snapshots[i].identity.id;
        size_t at = guid_index_find(&known, &link->id);
        if (at != SIZE_MAX)
            carry_over(jobs, at, link, &task->snapshots[i]);
    }
    task->snapshots = NULL;
    task->count = 0;
    carry_unlisted(jobs, &fresh, &listed);
    guid_index_clear(&known);
    guid_index_clear(&listed);
    clear(jobs);
    jobs->snapshots = fresh.snapshots;
    jobs->links = fresh.links;
    jobs->count = fresh.count;
    for (size_t i = 0; i < jobs->count; i++) {
        if (!job_state_is_final(jobs->snapshots[i].state) && !jobs->links[i].retry_ms)
            start_following(jobs, i);
    }
}

static unsigned list_done(struct screen *screen, void *argument)
{
    (void)screen;
    struct list_task *task = argument;
    struct jobs *jobs = task->jobs;
    jobs->listing = false;
    jobs->problem = task->err;
    if (task->ok)
        adopt(jobs, task);
    note(jobs, JOBS_CHANGED);
    if (jobs->list_again)
        jobs_refresh(jobs);
    return 0;
}

static void list_release(void *argument)
{
    struct list_task *task = argument;
    for (size_t i = 0; i < task->count; i++)
        job_snapshot_clear(&task->snapshots[i]);
    free(task->snapshots);
    free(task->state_directory);
    free(task);
}

void jobs_refresh(struct jobs *jobs)
{
    static const struct work_ops ops = {.run = list_run, .done = list_done, .release = list_release};
    jobs->list_again = jobs->listing;
    jobs->list_at_ms = 0;
    if (jobs->listing)
        return;
    jobs->listing = true;
    struct list_task *task = mem_alloc(sizeof *task);
    task->jobs = jobs;
    task->state_directory = mem_strdup(jobs->state_directory);
    work_post(jobs->work, NULL, &ops, task);
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
            note(jobs, state == snapshot->state ? JOBS_PROGRESS : JOBS_CHANGED);
        if (!job_state_is_final(state) && job_state_is_final(snapshot->state)) {
            link->unseen = true;
            note(jobs, JOBS_CHANGED);
        }
        if (follow_fd(link->follow) < 0) {
            follow_close(link->follow);
            link->follow = NULL;
            note(jobs, JOBS_CHANGED);
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
        start_following(jobs, i);
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
