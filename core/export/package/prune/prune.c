#include "core/export/package/prune/prune.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/export/package/prune/chains.h"
#include "core/export/package/prune/removal.h"
#include "core/export/package/read.h"
#include "core/export/package/write/leavings.h"
#include "core/system/fs.h"

struct work {
    struct prune_place place;
    bool dry_run;
    char **names;
    char **leading; /* of each package: one without a readable record whose images lead to it; NULL */
    struct prune_plan plan;
    size_t *staying; /* of each package: one that is based on it and could not be removed; SIZE_MAX */
    struct prune_result *result;
};

void prune_result_clear(struct prune_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        package_clear(&result->packages[i]);
        fs_free_names(result->entries[i].why, result->entries[i].why_count);
    }
    free(result->packages);
    free(result->entries);
    fs_free_names(result->problems, result->problem_count);
    *result = (struct prune_result){0};
}

/* --- what is to be kept for the sake of what cannot be read --- */

struct named {
    const char *name;
    size_t index;
};

struct leads {
    struct work *work;
    struct named *by_name; /* the packages */
};

static int compare_named(const void *left, const void *right)
{
    return strcmp(((const struct named *)left)->name, ((const struct named *)right)->name);
}

static struct named *find_named(const struct leads *leads, const char *name)
{
    const struct named key = {.name = name};
    size_t count = leads->work->result->count;
    return count > 0 ? bsearch(&key, leads->by_name, count, sizeof key, compare_named) : NULL;
}

static void note_lead(void *context, const char *name, const char *base)
{
    const struct leads *leads = context;
    const struct named *found = find_named(leads, base);
    if (found && !leads->work->leading[found->index])
        leads->work->leading[found->index] = mem_strdup(name);
}

/* What is being made has no record yet; whoever makes it may be of a version that holds nothing. */
static bool is_partial(const char *name)
{
    size_t length = strlen(name);
    size_t suffix = strlen(PACKAGE_PARTIAL_SUFFIX);
    return name[0] == '.' && length > suffix && strcmp(name + length - suffix, PACKAGE_PARTIAL_SUFFIX) == 0;
}

static void find_leads(struct work *work)
{
    size_t count = work->result->count;
    CLEANUP_FREE struct named *by_name = mem_alloc((count + 1) * sizeof *by_name);
    struct leads leads = {.work = work, .by_name = by_name};
    work->leading = mem_alloc((count + 1) * sizeof *work->leading);
    for (size_t i = 0; i < count; i++)
        by_name[i] = (struct named){prune_name(&work->result->packages[i]), i};
    if (count > 1)
        qsort(by_name, count, sizeof *by_name, compare_named);
    for (size_t i = 0; i < work->place.name_count; i++) {
        const char *name = work->place.names[i];
        if ((name[0] != '.' || is_partial(name)) && !find_named(&leads, name))
            prune_led_to(&work->place, name, note_lead, &leads);
    }
}

/* --- why --- */

static void add_reason(struct prune_entry *entry, char *sentence)
{
    *ARRAY_APPEND(entry->why, entry->why_count) = sentence;
}

static void explain_kept(const struct work *work, size_t index, struct prune_entry *entry)
{
    const struct prune_verdict *verdict = &work->plan.verdicts[index];
    const struct package *packages = work->result->packages;
    for (enum prune_rule rule = 0; rule < PRUNE_RULES; rule++) {
        if (verdict->rules[rule])
            add_reason(entry, prune_rule_text(rule, packages[index].point.created));
    }
    if (verdict->dependent != SIZE_MAX)
        add_reason(entry, mem_format("%s is based on it", prune_name(&packages[verdict->dependent])));
    if (verdict->needed)
        add_reason(entry, mem_format(is_partial(work->leading[index])
                                         ? "%s, which is not finished, is based on it"
                                         : "the images of %s, whose record cannot be read, are based on it",
                                     work->leading[index]));
    if (entry->why_count == 0)
        add_reason(entry, mem_strdup("what is based on what here leads in a circle"));
}

static void explain_removed(const struct work *work, size_t index, struct prune_entry *entry)
{
    const struct prune_verdict *verdict = &work->plan.verdicts[index];
    if (verdict->counting == SIZE_MAX)
        add_reason(entry, mem_strdup("no rule keeps it"));
    else
        add_reason(entry, mem_format("%s is of the same point, and counts in its place",
                                     prune_name(&work->result->packages[verdict->counting])));
}

static void explain(struct work *work, size_t index)
{
    struct prune_entry *entry = &work->result->entries[index];
    const struct prune_verdict *verdict = &work->plan.verdicts[index];
    if (verdict->kept)
        explain_kept(work, index, entry);
    else
        explain_removed(work, index, entry);
    if (verdict->has_gap)
        add_reason(entry, mem_strdup("not whole here: what it is based on is missing"));
}

/* --- removing --- */

struct hindrance {
    struct work *work;
    size_t dependent;
};

static void note_staying(void *context, size_t base)
{
    const struct hindrance *hindrance = context;
    hindrance->work->staying[base] = hindrance->dependent;
}

static void stay(struct work *work, size_t index, char *reason)
{
    struct hindrance hindrance = {.work = work, .dependent = index};
    struct prune_entry *entry = &work->result->entries[index];
    entry->outcome = PRUNE_STAYS;
    work->result->failed = true;
    add_reason(entry, reason);
    prune_chains_bases(&work->plan, index, note_staying, &hindrance);
}

static void remove_one(struct work *work, size_t index)
{
    struct prune_result *result = work->result;
    struct error err = {0};
    CLEANUP_FREE char *hidden = NULL;
    if (work->staying[index] != SIZE_MAX) {
        stay(work, index,
             mem_format("%s, which could not be removed, is based on it",
                        prune_name(&result->packages[work->staying[index]])));
        return;
    }
    if (prune_remove(&work->place, &result->packages[index], !work->dry_run, &hidden, &err)) {
        result->entries[index].outcome = PRUNE_REMOVED;
    } else if (hidden) {
        result->failed = true;
        result->entries[index].outcome = PRUNE_LEFT;
        add_reason(&result->entries[index], error_text(&err));
    } else {
        stay(work, index, error_text(&err));
    }
}

static void remove_all(struct work *work)
{
    work->staying = mem_alloc((work->result->count + 1) * sizeof *work->staying);
    for (size_t i = 0; i < work->result->count; i++)
        work->staying[i] = SIZE_MAX;
    for (size_t i = 0; i < work->plan.removal_count; i++)
        remove_one(work, work->plan.removals[i]);
}

static void count_up(struct prune_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        bool removed = result->entries[i].outcome == PRUNE_REMOVED;
        result->removed += removed;
        result->kept += !removed && result->entries[i].outcome != PRUNE_LEFT;
        result->bytes += removed ? result->entries[i].bytes : 0;
    }
}

/* --- the whole --- */

static bool check_rules(const struct prune_rules *rules, struct error *err)
{
    for (enum prune_rule rule = 0; rule < PRUNE_RULES; rule++) {
        if (rules->keep[rule] > 0)
            return true;
    }
    error_set(err, RETURN_INVALID_PARAMETER, "package.keep-nothing", "no rule keeps a package: all would go");
    return error_next(err,
                      "Give at least one of --keep-last, --keep-daily, --keep-weekly and --keep-monthly, "
                      "with at least 1.");
}

static bool open_place(const char *directory, struct work *work, char *real, struct error *err)
{
    if (!realpath(directory, real))
        return error_errno(err, errno, "package.list", "cannot look at the directory %s", directory);
    if (!fs_open_directory(AT_FDCWD, real, &work->place.fd, err))
        return false;
    work->place.path = real;
    if (!package_path_is_in_package(work->place.fd))
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "package.prune-package", "%s is a package, or lies in one",
              real);
    return error_next(err, "Give the directory that holds the packages.");
}

/* The names first: what comes after them is looked at again before anything is removed. */
static bool look(struct work *work, struct error *err)
{
    struct prune_result *result = work->result;
    struct error ignored = {0}; /* leavings are no reason to refuse */
    if (!work->dry_run && !package_removed_clean(work->place.fd, &result->leavings, &ignored))
        ignored = (struct error){0};
    if (!fs_list(work->place.fd, &work->names, &work->place.name_count, err) ||
        !package_list(work->place.path, &result->packages, &result->count, &result->problems,
                      &result->problem_count, err))
        return false;
    work->place.names = work->names;
    result->entries = mem_alloc((result->count + 1) * sizeof *result->entries);
    for (size_t i = 0; i < result->count; i++)
        result->entries[i].bytes = prune_bytes(&work->place, prune_name(&result->packages[i]));
    return true;
}

static void decide(struct work *work, const struct prune_rules *rules)
{
    size_t count = work->result->count;
    CLEANUP_FREE bool *needed = mem_alloc((count + 1) * sizeof *needed);
    find_leads(work);
    for (size_t i = 0; i < count; i++)
        needed[i] = work->leading[i] != NULL;
    prune_plan_make(rules, work->result->packages, count, needed, &work->plan);
    for (size_t i = 0; i < count; i++)
        explain(work, i);
}

static void end_work(struct work *work)
{
    if (work->place.fd >= 0)
        close(work->place.fd);
    for (size_t i = 0; work->leading && i < work->result->count; i++)
        free(work->leading[i]);
    free(work->leading);
    free(work->staying);
    fs_free_names(work->names, work->place.name_count);
    prune_plan_clear(&work->plan);
}

bool package_prune(const char *directory, const struct prune_rules *rules, bool dry_run,
                   struct prune_result *result, struct error *err)
{
    char real[PATH_MAX];
    struct work work = {.place.fd = -1, .dry_run = dry_run, .result = result};
    *result = (struct prune_result){0};
    bool ok = check_rules(rules, err) && open_place(directory, &work, real, err) && look(&work, err);
    if (ok) {
        decide(&work, rules);
        remove_all(&work);
        count_up(result);
    }
    end_work(&work);
    if (!ok)
        prune_result_clear(result);
    return ok;
}
