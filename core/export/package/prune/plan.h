/* What is to become of each of a directory's packages: what rules.h decides by the rules and chains.h by what
 * is based on what. Threads: any. Ownership: packages are borrowed; prune_plan_clear (rules.h). */
#ifndef REFPOINT_EXPORT_PACKAGE_PRUNE_PLAN_H
#define REFPOINT_EXPORT_PACKAGE_PRUNE_PLAN_H

#include "core/export/package/package.h"

enum prune_rule { PRUNE_LAST, PRUNE_DAILY, PRUNE_WEEKLY, PRUNE_MONTHLY, PRUNE_RULES };

struct prune_verdict {
    bool kept;
    bool rules[PRUNE_RULES]; /* that keep it */
    bool needed;             /* by what the caller said */
    bool has_gap;            /* something that it is based on is not among the packages */
    size_t dependent;        /* a kept one that is based on it directly; SIZE_MAX */
    size_t counting;         /* the package of the same point that counts in its place; SIZE_MAX: it does */
};

struct prune_plan {
    const struct package *packages;
    struct prune_verdict *verdicts; /* of each package */
    size_t count;
    size_t *removals; /* what is to go, in this order: nothing before what is based on it */
    size_t removal_count;
    size_t *by_id; /* all, by id, for chains.h */
};

#endif
