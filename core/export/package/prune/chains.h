/* What is based on what among the packages of a plan, and what follows from that. A step of rules.h each, in
 * this order. Threads: any. */
#ifndef REFPOINT_EXPORT_PACKAGE_PRUNE_CHAINS_H
#define REFPOINT_EXPORT_PACKAGE_PRUNE_CHAINS_H

#include "core/export/package/prune/plan.h"

/* Fills by_id, which the others need. */
void prune_chains_index(struct prune_plan *plan);
/* Which packages have a gap beneath them: has_gap. */
void prune_chains_find_gaps(struct prune_plan *plan);
/* Keeps what the kept ones stand on. */
void prune_chains_keep_bases(struct prune_plan *plan);
/* Puts the others in order; those whose records lead in a circle, and what they stand on, are kept. */
void prune_chains_order(struct prune_plan *plan);

/* Calls `take` for each package that this one is based on directly (several where there are copies). */
void prune_chains_bases(const struct prune_plan *plan, size_t package,
                        void (*take)(void *context, size_t base), void *context);

#endif
