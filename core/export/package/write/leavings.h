/* What exports leave in a directory: partials of dead makers (partial.h) that their jobs can or cannot go on
 * with (ledger.h), and packages that are to go.
 *
 * Threads: one at a time for a directory; another process may do the same. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_LEAVINGS_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_LEAVINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/base/guid.h"

/* Removes the partials of dead makers in a directory that nobody can go on with, and what is left of packages
 * that were being removed; *removed (may be NULL) counts them. And ledgers without a partial. What is not
 * certainly one of ours is left alone. */
bool package_partial_clean(int parent, size_t *removed, struct error *err) WARN_UNUSED;
/* What is unfinished in a directory, a sentence for each: whose it is, and what becomes of it. Appended to an
 * array (mem.h). */
void package_partial_tell(const char *directory, char ***sentences, size_t *count);
/* Removes what a job whose process is dead has begun in a directory, wanted or not. Returns how many. */
size_t package_partial_drop(const char *directory, const struct guid *job);

/* A package that is to go loses its name first: from then on it is ".NAME.removed", for which the same holds
 * as for a partial. */
#define PACKAGE_REMOVED_SUFFIX ".removed"
/* *hidden: the name that it has then; the caller's. The parent is not synced. */
bool package_remove_name(int parent, const char *name, char **hidden, struct error *err) WARN_UNUSED;
/* Of the leavings only these. */
bool package_removed_clean(int parent, size_t *removed, struct error *err) WARN_UNUSED;

#endif
