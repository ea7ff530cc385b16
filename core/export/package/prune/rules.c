#include "core/export/package/prune/rules.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"

/* --- what is based on what --- */

struct place {
    const char *id;
    size_t index;
};

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static void index_by_id(struct prune_plan *plan)
{
    struct place *places = mem_alloc((plan->count + 1) * sizeof *places);
    plan->by_id = mem_alloc((plan->count + 1) * sizeof *plan->by_id);
    for (size_t i = 0; i < plan->count; i++)
        places[i] = (struct place){plan->packages[i].id.text, i};
    if (plan->count > 1)
        qsort(places, plan->count, sizeof *places, compare_places);
    for (size_t i = 0; i < plan->count; i++)
        plan->by_id[i] = places[i].index;
    free(places);
}

static const char *id_at(const struct prune_plan *plan, size_t at)
{
    return plan->packages[plan->by_id[at]].id.text;
}

/* The first with this id in by_id. */
static size_t find_id(const struct prune_plan *plan, const char *id)
{
    size_t low = 0;
    size_t high = plan->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(id_at(plan, middle), id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_exact(const struct package *package, const struct package *base)
{
    return package->base_record_sha256 && base->record_sha256 &&
           strcmp(package->base_record_sha256, base->record_sha256) == 0;
}

void prune_plan_bases(const struct prune_plan *plan, size_t index, void (*take)(void *context, size_t base),
                      void *context)
{
    const struct package *package = &plan->packages[index];
    const char *id = package->base_package_id.text;
    if (guid_is_none(&package->base_package_id))
        return;
    size_t first = find_id(plan, id);
    bool any_exact = false;
    for (size_t i = first; i < plan->count && strcmp(id_at(plan, i), id) == 0; i++)
        any_exact = any_exact || is_exact(package, &plan->packages[plan->by_id[i]]);
    for (size_t i = first; i < plan->count && strcmp(id_at(plan, i), id) == 0; i++) {
        size_t base = plan->by_id[i];
        if (base != index && (!any_exact || is_exact(package, &plan->packages[base])))
            take(context, base);
    }
}

/* --- whole or with a gap --- */

enum wholeness { UNKNOWN, ON_THE_WAY, WHOLE, GAP };

struct exact {
    const struct prune_plan *plan;
    size_t package;
    size_t found;
};

static void take_exact(void *context, size_t base)
{
    struct exact *exact = context;
    const struct package *packages = exact->plan->packages;
    if (exact->found == SIZE_MAX && is_exact(&packages[exact->package], &packages[base]))
        exact->found = base;
}

static size_t exact_base(const struct prune_plan *plan, size_t package)
{
    struct exact exact = {.plan = plan, .package = package, .found = SIZE_MAX};
    prune_plan_bases(plan, package, take_exact, &exact);
    return exact.found;
}

/* Down to a full one or one of which it is known, then the same for all that were passed. */
static void find_gap(const struct prune_plan *plan, size_t from, unsigned char *known, size_t *way)
{
    size_t length = 0;
    size_t at = from;
    unsigned char verdict = UNKNOWN;
    while (verdict == UNKNOWN) {
        if (known[at] != UNKNOWN) {
            verdict = known[at] == WHOLE ? WHOLE : GAP; /* on the way: the records lead in a circle */
            break;
        }
        known[at] = ON_THE_WAY;
        way[length++] = at;
        if (guid_is_none(&plan->packages[at].base_package_id))
            verdict = WHOLE;
        else if ((at = exact_base(plan, at)) == SIZE_MAX)
            verdict = GAP;
    }
    while (length > 0)
        known[way[--length]] = verdict;
}

static void find_gaps(struct prune_plan *plan)
{
    CLEANUP_FREE unsigned char *known = mem_alloc(plan->count + 1);
    CLEANUP_FREE size_t *way = mem_alloc((plan->count + 1) * sizeof *way);
    for (size_t i = 0; i < plan->count; i++) {
        find_gap(plan, i, known, way);
        plan->verdicts[i].has_gap = known[i] == GAP;
    }
}

/* --- rules --- */

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

/* --- what stands on what --- */

struct spread {
    struct prune_plan *plan;
    size_t *queue;
    size_t length;
    size_t from;
};

static void keep_base(void *context, size_t base)
{
    struct spread *spread = context;
    struct prune_verdict *verdict = &spread->plan->verdicts[base];
    if (verdict->dependent == SIZE_MAX)
        verdict->dependent = spread->from;
    if (verdict->kept)
        return;
    verdict->kept = true;
    spread->queue[spread->length++] = base;
}

static void keep_bases(struct prune_plan *plan)
{
    CLEANUP_FREE size_t *queue = mem_alloc((plan->count + 1) * sizeof *queue);
    struct spread spread = {.plan = plan, .queue = queue};
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->verdicts[i].kept)
            queue[spread.length++] = i;
    }
    for (size_t i = 0; i < spread.length; i++) {
        spread.from = queue[i];
        prune_plan_bases(plan, queue[i], keep_base, &spread);
    }
}

struct order {
    struct prune_plan *plan;
    size_t *dependents; /* of each package, those that are to go and are not in the order yet */
};

static void count_dependent(void *context, size_t base)
{
    const struct order *order = context;
    order->dependents[base]++;
}

static void release(void *context, size_t base)
{
    const struct order *order = context;
    struct prune_plan *plan = order->plan;
    if (--order->dependents[base] == 0 && !plan->verdicts[base].kept)
        plan->removals[plan->removal_count++] = base;
}

/* What leads in a circle never gets its turn: it is kept. */
static void order_removals(struct prune_plan *plan)
{
    CLEANUP_FREE size_t *dependents = mem_alloc((plan->count + 1) * sizeof *dependents);
    struct order order = {.plan = plan, .dependents = dependents};
    plan->removals = mem_alloc((plan->count + 1) * sizeof *plan->removals);
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->verdicts[i].kept)
            prune_plan_bases(plan, i, count_dependent, &order);
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->verdicts[i].kept && dependents[i] == 0)
            plan->removals[plan->removal_count++] = i;
    }
    for (size_t i = 0; i < plan->removal_count; i++)
        prune_plan_bases(plan, plan->removals[i], release, &order);
    for (size_t i = 0; i < plan->count; i++)
        plan->verdicts[i].kept = plan->verdicts[i].kept || dependents[i] > 0;
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
    index_by_id(plan);
    find_gaps(plan);
    select_kept(plan, rules);
    keep_bases(plan);
    order_removals(plan);
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
    static const char *const words[PRUNE_RULES] = {"last", "daily", "weekly", "monthly"};
    static const char *const forms[PRUNE_RULES] = {"", "%Y-%m-%d", "%G-W%V", "%Y-%m"};
    struct tm local;
    char period[64] = "";
    if (rule == PRUNE_LAST || !local_time(created, &local))
        return mem_strdup(words[rule]);
    strftime(period, sizeof period, forms[rule], &local);
    return mem_format("%s %s", words[rule], period);
}
