/* The first list that is read may be of thousands: what changed last is shown before the rest is read, in a
 * request of its own. What a list brings replaces the arrays; links that live are carried over, with their
 * snapshot where it is newer. */
#include "ui/app/jobs/list.h"

#include <stdlib.h>

#include "core/base/guid_index.h"
#include "core/base/mem.h"
#include "core/service/discard.h"
#include "core/service/follow.h"
#include "core/service/journal/journal.h"
#include "ui/app/jobs/links.h"
#include "ui/app/jobs/state.h"

#define FIRST_PAGE 100     /* more than a screen has rows */
#define GIVE_UP_FAILURES 5 /* on a job that the list does not know */

struct list_task {
    struct jobs *jobs;
    char *state_directory;
    struct job_snapshot *snapshots;
    size_t count;
    size_t limit;       /* of jobs that are read, those that changed last; 0 = all */
    size_t unread;      /* that are there beside them */
    uint64_t keep_days; /* ended ones that are older are forgotten first; 0 = none */
    bool ok;
    struct error err;
};

static void list_run(void *argument)
{
    struct list_task *task = argument;
    struct journal_entry *entries = NULL;
    size_t count = 0;
    discard_expired(task->state_directory, task->keep_days, 0);
    task->ok = journal_list_entries(task->state_directory, &entries, &count, &task->err);
    size_t wanted = task->limit > 0 && task->limit < count ? task->limit : count;
    task->unread = count - wanted;
    task->ok = task->ok && journal_read_entries(task->state_directory, entries, wanted, &task->snapshots,
                                                &task->count, &task->err);
    free(entries);
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

/* Known jobs that are not in the list: one that was started since it was read stays, in front; one that is
 * gone goes. */
static void carry_unlisted(struct jobs *jobs, struct jobs *fresh, const struct guid_index *listed)
{
    for (size_t i = jobs->count; i-- > 0;) {
        struct link *link = &jobs->links[i];
        if (!is_hopeful(link) || guid_index_find(listed, &link->id) != SIZE_MAX)
            continue;
        jobs_insert_first(fresh, link, &jobs->snapshots[i]);
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
    jobs_clear(jobs);
    jobs->snapshots = fresh.snapshots;
    jobs->links = fresh.links;
    jobs->count = fresh.count;
    for (size_t i = 0; i < jobs->count; i++) {
        if (!job_state_is_final(jobs->snapshots[i].state) && !jobs->links[i].retry_ms)
            jobs_start_following(jobs, i);
    }
}

static void read_list(struct jobs *jobs, size_t limit);

static unsigned list_done(struct screen *screen, void *argument)
{
    (void)screen;
    struct list_task *task = argument;
    struct jobs *jobs = task->jobs;
    jobs->listing = false;
    jobs->problem = task->err;
    if (task->ok)
        adopt(jobs, task);
    jobs->listed = true;
    jobs->unread = task->ok ? task->unread : 0;
    jobs->changed = true;
    if (task->limit > 0 && task->ok)
        read_list(jobs, 0); /* the rest; and what is too old to be kept goes */
    else if (jobs->list_again)
        jobs_read_list(jobs);
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

static void read_list(struct jobs *jobs, size_t limit)
{
    static const struct work_ops ops = {.run = list_run, .done = list_done, .release = list_release};
    jobs->listing = true;
    struct list_task *task = mem_alloc(sizeof *task);
    task->jobs = jobs;
    task->limit = limit;
    if (limit == 0) {
        task->keep_days = jobs->keep_days;
        jobs->keep_days = 0; /* once is enough */
    }
    task->state_directory = mem_strdup(jobs->state_directory);
    work_post(jobs->work, NULL, &ops, task);
}

void jobs_read_first(struct jobs *jobs)
{
    read_list(jobs, FIRST_PAGE);
}

void jobs_read_list(struct jobs *jobs)
{
    jobs->list_again = jobs->listing;
    jobs->list_at_ms = 0;
    if (!jobs->listing)
        read_list(jobs, 0);
}
