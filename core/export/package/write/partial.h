/* A directory that is being made under `.NAME.partial`, beside the place where it will have its final name.
 *
 * While its maker lives, the directory is flocked. A partial whose lock is free is one of a dead maker.
 * Somebody can go on with it for as long as its ledger (ledger.h) is wanted; after that, and where it has
 * none, it is removed by package_partial_clean (leavings.h): only when its name has our form, it belongs to
 * this user, and it holds only what we make. On a file system without flock (some network ones) nothing
 * counts as dead.
 *
 * Threads: one at a time. Ownership: package_partial_end. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_PARTIAL_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_PARTIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/export/package/path.h"

struct package_made_file {
    char *name; /* beneath the partial */
    int fd;     /* of the file itself (O_PATH), so that its inode number stays; -1 = not held */
};

struct package_partial {
    int parent; /* the directory around it; borrowed */
    char *stem; /* NAME without its short id */
    char *name; /* ".STEM-1a2b3c4d.partial" */
    int fd;     /* of the partial; holds the lock; -1 = none */
    struct package_made_file *made;
    size_t made_count;
};

/* Makes an empty, locked directory (0700) whose short id begins `id`, drawn here. Never an existing one. */
bool package_partial_begin(int parent, const char *stem, struct package_partial *partial, struct guid *id,
                           struct error *err) WARN_UNUSED;
/* The same of one whose maker is dead, with what it holds. "export.begun-gone": it is not there, or not as we
 * make them. */
bool package_partial_resume(int parent, const char *name, struct package_partial *partial,
                            struct error *err) WARN_UNUSED;
/* The open file has been created beneath the partial under this name, and is to be there to the end. */
void package_partial_made(struct package_partial *partial, const char *name, int fd);
/* The partial lies under its name, and in it the files that were made, the first of them the very same ones:
 * nothing tidied them away or put others in their place. Key "export.partial-gone"; directory: the path of
 * the parent, for people. */
bool package_partial_is_whole(const struct package_partial *partial, const char *directory,
                              struct error *err) WARN_UNUSED;
struct package_naming { /* who is told each name before it is tried */
    void (*tell)(void *context, const char *name);
    void *context;
};
/* Gives it its final name, STEM-SHORTID, and syncs the parent; where that name is taken, another short id.
 * naming: NULL = nobody is told. *name is the caller's. On failure it is still, or again, a partial; but
 * where its name could neither be synced nor taken back: then *name is set. */
bool package_partial_commit(struct package_partial *partial, const struct package_naming *naming, char **name,
                            struct error *err) WARN_UNUSED;
/* The same with a given name, which may exist as an empty directory. */
bool package_partial_commit_as(struct package_partial *partial, const char *name,
                               struct error *err) WARN_UNUSED;
/* Removes what is still partial; releases. */
void package_partial_end(struct package_partial *partial);
/* Releases, and leaves it as it is. */
void package_partial_leave(struct package_partial *partial);

#endif
