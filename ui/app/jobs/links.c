/* A connection to the runner of each job that is not over; a lost one is tried again, later and later. */
#include "ui/app/jobs/links.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/service/follow.h"
#include "ui/app/jobs/state.h"

#define RETRY_MS 1000

size_t jobs_index(const struct jobs *jobs, const struct guid *id)
{
    size_t i = 0;
    while (i < jobs->count && !guid_equal(&jobs->links[i].id, id))
        i++;
    return i;
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

/* --- what they have --- */

static void note(struct jobs *jobs, bool changed)
{
    if (changed)
        jobs->changed = true;
    else
        jobs->moved = true;
}

void jobs_read_links(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        struct link *link = &jobs->links[i];
        struct job_snapshot *snapshot = &jobs->snapshots[i];
        if (!link->follow)
            continue;
        uint32_t state = snapshot->state;
        if (follow_read(link->follow, snapshot))
            note(jobs, state != snapshot->state);
        if (!job_state_is_final(state) && job_state_is_final(snapshot->state)) {
            link->unseen = true;
            jobs->changed = true;
        }
        if (follow_fd(link->follow) < 0) {
            follow_close(link->follow);
            link->follow = NULL;
            jobs->changed = true;
        }
    }
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
    size_t i = jobs_index(jobs, &task->id);
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
    jobs_read_links(jobs);
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
