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

#include "core/export/package/prune/plan.h"

struct prune_rules {
    uint64_t keep[PRUNE_RULES]; /* how many; 0 = no such rule */
};

/* needed: of each package, whether it is to be kept for another reason; NULL = none. */
void prune_plan_make(const struct prune_rules *rules, const struct package *packages, size_t count,
                     const bool *needed, struct prune_plan *plan);
void prune_plan_clear(struct prune_plan *plan);

/* "last", "daily 2026-09-24", "weekly 2026-W39", "monthly 2026-09"; the caller's. */
char *prune_rule_text(enum prune_rule rule, struct moment created);

#endif
