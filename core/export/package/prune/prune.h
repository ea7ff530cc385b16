/* Keeping of the packages in a directory only what rules ask for (rules.h), and what that stands on.
 *
 * Never touched: what is no package, a package whose record cannot be read and what its images lead to, what
 * somebody is making, and what somebody reads or builds upon (hold.h). A package that cannot be removed keeps
 * what it is based on. No package has its name without its base at any moment.
 *
 * Threads: one at a time in a directory; other processes may do as they like. Ownership: prune_result_clear.
 * Units: bytes. */
#ifndef REFPOINT_EXPORT_PACKAGE_PRUNE_PRUNE_H
#define REFPOINT_EXPORT_PACKAGE_PRUNE_PRUNE_H

#include "core/base/error.h"
#include "core/export/package/prune/rules.h"

enum prune_outcome {
    PRUNE_KEPT,
    PRUNE_REMOVED,
    PRUNE_STAYS, /* no rule keeps it, and it cannot be removed: the last reason says why */
    PRUNE_LEFT,  /* it is no package any more, but something of it is left: the last reason says what */
};

struct prune_entry {
    enum prune_outcome outcome;
    char **why; /* sentences */
    size_t why_count;
    uint64_t bytes; /* that it takes from the disk */
};

struct prune_result {
    struct package *packages; /* by the times of their points */
    struct prune_entry *entries;
    size_t count;
    size_t kept;
    size_t removed;
    uint64_t bytes;  /* of those that are removed */
    size_t leavings; /* of a prune that was killed, removed too */
    bool failed;     /* at least one should have been removed, and was not, or not wholly */
    char **problems; /* a sentence for each package that cannot be read */
    size_t problem_count;
};

/* dry_run: the same, and nothing is removed. 32773 "package.keep-nothing" where no rule keeps anything or the
 * directory is itself a package, 32779 where there is none. */
bool package_prune(const char *directory, const struct prune_rules *rules, bool dry_run,
                   struct prune_result *result, struct error *err) WARN_UNUSED;
void prune_result_clear(struct prune_result *result);

#endif
