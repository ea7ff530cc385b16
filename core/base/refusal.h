/* Who refuses a path: of all the directories on the way to a file and the file itself, the one that does not
 * let this account do what was tried. Asked of the system (access(2)), not computed, so that access lists and
 * file servers are believed. Threads: any. */
#ifndef REFPOINT_BASE_REFUSAL_H
#define REFPOINT_BASE_REFUSAL_H

#include <stdbool.h>
#include <sys/stat.h>

struct refusal {
    char *path; /* the directory or file that refuses; links are followed */
    struct stat status;
    int need; /* what it does not give: R_OK, W_OK, X_OK */
};

/* Looks at an absolute path: first for what does not let anybody through to it, then whether it can be read,
 * then written, then whether names in its directory can be changed. Where it does not exist, its directory is
 * looked at. False: nothing of it refuses. */
bool refusal_find(const char *path, struct refusal *refusal);

/* Looks for who does not give all of `need` (R_OK, W_OK, X_OK), no matter what else could be refused. */
bool refusal_find_of(const char *path, int need, struct refusal *refusal);

/* What needs the owner: a mode, an owner, times, a name in a directory like /tmp. False: the account is the
 * owner, or root, or cannot see it. */
bool refusal_find_owner(const char *path, struct refusal *refusal);

void refusal_clear(struct refusal *refusal);
#define CLEANUP_REFUSAL __attribute__((cleanup(refusal_clear)))

#endif
