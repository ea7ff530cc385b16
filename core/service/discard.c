#include "core/service/discard.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/service/journal/journal.h"
#include "core/service/kinds/kinds.h"

#define DAY_S ((int64_t)24 * 3600)

bool discard_job(const char *state_directory, const struct guid *id, size_t *removed, struct error *err)
{
    struct job_snapshot snapshot = {0};
    struct error ignored = {0}; /* what cannot be read can still be forgotten */
    const struct job_kind *kind =
        journal_read(state_directory, id, &snapshot, &ignored) ? job_kind_find(snapshot.identity.kind) : NULL;
    bool ok = journal_discard(state_directory, id, err);
    *removed = 0;
    if (ok && kind && kind->tidy)
        *removed = kind->tidy(&snapshot.identity);
    job_snapshot_clear(&snapshot);
    return ok;
}

void discard_result_clear(struct discard_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        free(result->jobs[i].collection);
        free(result->jobs[i].point);
    }
    free(result->jobs);
    *result = (struct discard_result){0};
}

static bool is_older(struct moment moment, const struct discard_rule *rule)
{
    return moment.seconds != 0 && moment_compare(moment, rule->before) < 0;
}

/* It has no outcome that can be read: its process died, or the journal was damaged. */
static bool has_no_end(const struct job_snapshot *job)
{
    return strcmp(job->error.key, "job.interrupted") == 0 || strcmp(job->error.key, "journal.damaged") == 0;
}

static void add(struct discard_result *result, const struct job_snapshot *job)
{
    *ARRAY_APPEND(result->jobs, result->count) =
        (struct discard_entry){.id = job->identity.id,
                               .state = job->state,
                               .ended = job->changed,
                               .collection = mem_strdup(job->identity.collection),
                               .point = mem_strdup(job->identity.point)};
}

/* What has ended has tidied up after itself: nothing is looked for in its directory, which may be away. */
static bool forget(const char *state_directory, const struct job_snapshot *job, size_t *partials,
                   struct error *err)
{
    *partials = 0;
    return has_no_end(job) ? discard_job(state_directory, &job->identity.id, partials, err)
                           : journal_discard(state_directory, &job->identity.id, err);
}

static void settle(const char *state_directory, const struct discard_rule *rule,
                   const struct job_snapshot *job, struct discard_result *result)
{
    struct error err = {0};
    size_t partials = 0;
    if (!job_state_is_final(job->state) || !is_older(job->changed, rule) ||
        strcmp(job->error.key, "journal.link") == 0)
        return;
    if (has_no_end(job) && !rule->interrupted) {
        result->resumable++;
    } else if (rule->only_look || forget(state_directory, job, &partials, &err)) {
        add(result, job);
        result->partials += partials;
    } else if (strcmp(err.key, "job.running") != 0 && strcmp(err.key, "job.unknown") != 0) {
        /* Not one that somebody went on with, or forgot, since it was read. */
        if (result->failed++ == 0)
            result->first_failure = err;
    }
}

bool discard_old(const char *state_directory, const struct discard_rule *rule, struct discard_result *result,
                 struct error *err)
{
    struct journal_entry *entries = NULL;
    size_t count = 0;
    if (!journal_list_entries(state_directory, &entries, &count, err))
        return false;
    for (size_t i = 0; i < count && (rule->limit == 0 || result->count < rule->limit); i++) {
        struct job_snapshot job = {0};
        struct error ignored = {0}; /* it has gone meanwhile */
        if (rule->untouched && !is_older(entries[i].changed, rule))
            continue;
        if (journal_read(state_directory, &entries[i].id, &job, &ignored))
            settle(state_directory, rule, &job, result);
        job_snapshot_clear(&job);
    }
    free(entries);
    return true;
}

void discard_expired(const char *state_directory, uint64_t days, size_t limit)
{
    struct discard_rule rule = {.before = moment_now(), .untouched = true, .limit = limit};
    struct discard_result result = {0};
    struct error ignored = {0};
    if (days == 0)
        return;
    rule.before.seconds -= (int64_t)days * DAY_S;
    if (!discard_old(state_directory, &rule, &result, &ignored))
        return;
    discard_result_clear(&result);
}
