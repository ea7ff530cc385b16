#include "core/export/package/prune/chains.h"

#include <stdlib.h>
#include <string.h>

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

void prune_chains_index(struct prune_plan *plan)
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

void prune_chains_bases(const struct prune_plan *plan, size_t index, void (*take)(void *context, size_t base),
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
    prune_chains_bases(plan, package, take_exact, &exact);
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

void prune_chains_find_gaps(struct prune_plan *plan)
{
    CLEANUP_FREE unsigned char *known = mem_alloc(plan->count + 1);
    CLEANUP_FREE size_t *way = mem_alloc((plan->count + 1) * sizeof *way);
    for (size_t i = 0; i < plan->count; i++) {
        find_gap(plan, i, known, way);
        plan->verdicts[i].has_gap = known[i] == GAP;
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

void prune_chains_keep_bases(struct prune_plan *plan)
{
    CLEANUP_FREE size_t *queue = mem_alloc((plan->count + 1) * sizeof *queue);
    struct spread spread = {.plan = plan, .queue = queue};
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->verdicts[i].kept)
            queue[spread.length++] = i;
    }
    for (size_t i = 0; i < spread.length; i++) {
        spread.from = queue[i];
        prune_chains_bases(plan, queue[i], keep_base, &spread);
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
void prune_chains_order(struct prune_plan *plan)
{
    CLEANUP_FREE size_t *dependents = mem_alloc((plan->count + 1) * sizeof *dependents);
    struct order order = {.plan = plan, .dependents = dependents};
    plan->removals = mem_alloc((plan->count + 1) * sizeof *plan->removals);
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->verdicts[i].kept)
            prune_chains_bases(plan, i, count_dependent, &order);
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->verdicts[i].kept && dependents[i] == 0)
            plan->removals[plan->removal_count++] = i;
    }
    for (size_t i = 0; i < plan->removal_count; i++)
        prune_chains_bases(plan, plan->removals[i], release, &order);
    for (size_t i = 0; i < plan->count; i++)
        plan->verdicts[i].kept = plan->verdicts[i].kept || dependents[i] > 0;
}
