/* Removing one package: it is nobody's at that moment, and is what it was when that was decided; loses its
 * name in one step, which is synced; then its files go. A kill leaves the package, or leavings that the next
 * prune or export removes (write/partial.h).
 *
 * Threads: one at a time. Ownership: everything is borrowed but for what is said. Units: bytes. */
#ifndef REFPOINT_EXPORT_PACKAGE_PRUNE_REMOVAL_H
#define REFPOINT_EXPORT_PACKAGE_PRUNE_REMOVAL_H

#include "core/base/error.h"
#include "core/export/package/package.h"

struct prune_place {
    const char *path; /* of the directory, absolute */
    int fd;
    char *const *names; /* what lay there before anything was decided, sorted by bytes */
    size_t name_count;
};

/* Whether it could be removed now: 32774 in use (also by a new package, or by a program that has a file of it
 * open), 32775 not what it was, or with something in it that is no part of it, 32769 no right. With
 * `remove` it is. *hidden: NULL, or the name of what could not be removed of it; the caller's. */
bool prune_remove(const struct prune_place *place, const struct package *package, bool remove, char **hidden,
                  struct error *err) WARN_UNUSED;

/* What comes back when it goes: blocks of its files that have no other name. */
uint64_t prune_bytes(const struct prune_place *place, const char *name);

/* Name of a package in its directory; borrowed. */
const char *prune_name(const struct package *package);

/* Calls `take` with the name of each directory beside this one that its images lead to, as QEMU follows them.
 * For what has no record to ask. */
void prune_led_to(const struct prune_place *place, const char *name,
                  void (*take)(void *context, const char *name, const char *base), void *context);

#endif
