/* Which packages are kept, by the times of their points: the rules of `refpoint package prune`, on values.
 *
 * Per collection, newest point first, in local time. Of several packages of one point one counts for the
 * rules: one whose bases are all there before one with a gap beneath it, then a verified one, then the newest
 * export. Packages with a gap take no place from whole ones: each rule has its number of whole ones too. What
 * a kept one is based on (by id and checksum of the record; where only the id fits, by that) is kept.
 *
 * Threads: any (the time zone is the process's). Ownership: packages are borrowed while a plan is used;
 * prune_plan_clear. */
#ifndef REFPOINT_EXPORT_PACKAGE_PRUNE_RULES_H
#define REFPOINT_EXPORT_PACKAGE_PRUNE_RULES_H

#include "core/export/package/package.h"

enum prune_rule { PRUNE_LAST, PRUNE_DAILY, PRUNE_WEEKLY, PRUNE_MONTHLY, PRUNE_RULES };
struct prune_rules {
    uint64_t keep[PRUNE_RULES]; /* how many; 0 = no such rule */
};

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

/* needed: of each package, whether it is to be kept for another reason; NULL = none. */
void prune_plan_make(const struct prune_rules *rules, const struct package *packages, size_t count,
                     const bool *needed, struct prune_plan *plan);
void prune_plan_clear(struct prune_plan *plan);

/* "last", "daily 2026-09-24", "weekly 2026-W39", "monthly 2026-09"; the caller's. */
char *prune_rule_text(enum prune_rule rule, struct moment created);

#endif
