#include "core/export/package/prune/rules.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/export/package/prune/chains.h"

struct row {
    const struct package *package;
    size_t index;
    bool has_gap;
};

static int compare_points(const struct package *a, const struct package *b)
{
    int order = strcmp(a->point.collection_id.text, b->point.collection_id.text);
    if (order == 0)
        order = moment_compare(b->point.created, a->point.created);
    return order != 0 ? order : strcmp(a->point.id.text, b->point.id.text);
}

/* By collection, newest point first, of each point the one that counts first. */
static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    int order = compare_points(a->package, b->package);
    if (order == 0)
        order = (int)a->has_gap - (int)b->has_gap;
    if (order == 0)
        order = (int)b->package->verified - (int)a->package->verified;
    if (order == 0)
        order = moment_compare(b->package->exported, a->package->exported);
    if (order == 0)
        order = strcmp(a->package->id.text, b->package->id.text);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static bool local_time(struct moment moment, struct tm *local)
{
    time_t seconds = (time_t)moment.seconds;
    return localtime_r(&seconds, local) != NULL;
}

/* Grows from one day, week or month to the next. */
static long long period_of(enum prune_rule rule, struct moment created)
{
    struct tm local;
    char week[40];
    if (!local_time(created, &local))
        return created.seconds / 86400; /* no calendar has it */
    switch (rule) {
    case PRUNE_DAILY:
        return ((long long)local.tm_year + 1900) * 400 + local.tm_yday;
    case PRUNE_WEEKLY: {
        char *end;
        strftime(week, sizeof week, "%G %V", &local);
        long long year = strtoll(week, &end, 10);
        return year * 100 + strtoll(end, NULL, 10);
    }
    default:
        return ((long long)local.tm_year + 1900) * 12 + local.tm_mon;
    }
}

/* Rows of one collection, of each point the one that counts. */
static void apply(enum prune_rule rule, uint64_t keep, const struct row *rows, size_t count, bool whole_only,
                  struct prune_verdict *verdicts)
{
    bool any = false;
    long long last = 0;
    for (size_t i = 0; i < count && keep > 0; i++) {
        if (whole_only && rows[i].has_gap)
            continue;
        long long period = rule == PRUNE_LAST ? 0 : period_of(rule, rows[i].package->point.created);
        /* A clock that was set back over midnight shows a day again: it has had its package. */
        if (rule != PRUNE_LAST && any && period >= last)
            continue;
        any = true;
        last = period;
        verdicts[rows[i].index].rules[rule] = true;
        verdicts[rows[i].index].kept = true;
        keep--;
    }
}

static void apply_all(const struct prune_rules *rules, const struct row *rows, size_t count,
                      struct prune_verdict *verdicts)
{
    for (enum prune_rule rule = 0; rule < PRUNE_RULES; rule++) {
        apply(rule, rules->keep[rule], rows, count, false, verdicts);
        apply(rule, rules->keep[rule], rows, count, true, verdicts);
    }
}

/* Leaves of each point the row that counts. */
static size_t thin_out(struct row *rows, size_t count, struct prune_verdict *verdicts)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (left > 0 && compare_points(rows[left - 1].package, rows[i].package) == 0)
            verdicts[rows[i].index].counting = rows[left - 1].index;
        else
            rows[left++] = rows[i];
    }
    return left;
}

static void select_kept(struct prune_plan *plan, const struct prune_rules *rules)
{
    CLEANUP_FREE struct row *rows = mem_alloc((plan->count + 1) * sizeof *rows);
    for (size_t i = 0; i < plan->count; i++)
        rows[i] = (struct row){&plan->packages[i], i, plan->verdicts[i].has_gap};
    if (plan->count > 1)
        qsort(rows, plan->count, sizeof *rows, compare_rows);
    size_t count = thin_out(rows, plan->count, plan->verdicts);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && guid_equal(&rows[to].package->point.collection_id,
                                                     &rows[from].package->point.collection_id);)
            to++;
        apply_all(rules, rows + from, to - from, plan->verdicts);
    }
}

void prune_plan_make(const struct prune_rules *rules, const struct package *packages, size_t count,
                     const bool *needed, struct prune_plan *plan)
{
    *plan = (struct prune_plan){.packages = packages, .count = count};
    plan->verdicts = mem_alloc((count + 1) * sizeof *plan->verdicts);
    for (size_t i = 0; i < count; i++) {
        bool is_needed = needed && needed[i];
        plan->verdicts[i] = (struct prune_verdict){
            .kept = is_needed, .needed = is_needed, .dependent = SIZE_MAX, .counting = SIZE_MAX};
    }
    prune_chains_index(plan);
    prune_chains_find_gaps(plan);
    select_kept(plan, rules);
    prune_chains_keep_bases(plan);
    prune_chains_order(plan);
}

void prune_plan_clear(struct prune_plan *plan)
{
    free(plan->verdicts);
    free(plan->removals);
    free(plan->by_id);
    *plan = (struct prune_plan){0};
}

char *prune_rule_text(enum prune_rule rule, struct moment created)
{
    struct tm local;
    char period[64] = "";
    if (rule == PRUNE_LAST)
        return mem_strdup("last");
    bool known = local_time(created, &local);
    if (rule == PRUNE_DAILY && known)
        strftime(period, sizeof period, " %Y-%m-%d", &local);
    else if (rule == PRUNE_WEEKLY && known)
        strftime(period, sizeof period, " %G-W%V", &local);
    else if (rule == PRUNE_MONTHLY && known)
        strftime(period, sizeof period, " %Y-%m", &local);
    return mem_format("%s%s",
                      rule == PRUNE_DAILY    ? "daily"
                      : rule == PRUNE_WEEKLY ? "weekly"
                                             : "monthly",
                      period);
}
