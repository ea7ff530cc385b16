/* Finding the packages that a package is based on: by id and by the SHA-256 of the record, never by name,
 * time, or by what an image's header says (traps.md 9).
 *
 * Looked in: the export directory, then each further directory in the order given; each is either a package
 * itself or a directory that holds packages. A chain is complete when every package down to the full ones is
 * there and its record has the digest that the package above it recorded. To be built upon, every image that
 * the export needs must be there with its recorded length and header, and lead to its own base. (Contents are
 * hashed by package_verify, which reads everything.)
 *
 * Threads: any. Ownership: base_package_clear. */
#ifndef REFPOINT_EXPORT_PACKAGE_FIND_BASE_H
#define REFPOINT_EXPORT_PACKAGE_FIND_BASE_H

#include "core/base/error.h"
#include "core/export/package/base_index.h"
#include "core/export/package/package.h"

struct package_proof;

#include "core/export/plan/task.h"

#define BASE_PACKAGE_CHAIN_WARNING 30 /* packages, the new one included */
#define BASE_PACKAGE_CHAIN_LIMIT 1000

struct base_package {         /* a chain of packages */
    struct package *packages; /* [0] = the nearest; each further one is the base of the one before */
    size_t count;             /* at least 1 when found */
    int *holds;               /* base_package_find: of each, its directory, held (hold.h); else NULL */
    /* What is known of each when the new package is made, for its record; borrowed; NULL = nothing. */
    const struct package_proof *proofs;
};
void base_package_clear(struct base_package *base);

/* The package of task->base_point for an export: in task->directory and task->options.base_packages. Where
 * several packages of that point exist, the one that holds most of the disks that are to be differential,
 * then a verified one, then the shortest chain, then the smallest id. All of the chain is held until
 * base_package_clear. 32773 when there is none, naming what is missing and where it was looked for; 32774
 * where somebody removes one just now. A disk that the package does not hold is the layout's business
 * (package_layout_make: full_reason). */
bool base_package_find(const struct export_task *task, struct base_package *base,
                       struct error *err) WARN_UNUSED;

/* The chain under a package that has been read: empty (count 0) when it is full. 32773 as above, but for the
 * images, which are not looked at. */
bool base_package_find_chain(const struct package_search *search, const struct package *package,
                             struct base_package *chain, struct error *err) WARN_UNUSED;

/* Warning for an export onto this base whose chain is long; NULL when it is not. The caller's. */
char *base_package_warning(const struct base_package *base);

#endif
