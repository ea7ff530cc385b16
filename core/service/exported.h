/* Where points have been exported to: from what jobs have said, and from the packages that lie in the
 * directories to which they wrote. What is told of a package was looked at just now: whether it is there with
 * all that it stands on, and whether this machine has verified all of these since their files were last
 * touched (package/proof/proof.h).
 *
 * Ownership: exported_list_clear. Threads: any; blocks for as long as the storage of the directories does. */
#ifndef REFPOINT_SERVICE_EXPORTED_H
#define REFPOINT_SERVICE_EXPORTED_H

#include "core/base/guid.h"
#include "core/base/units.h"
#include "core/job/job.h"

struct exported_claim { /* of a job that has left a package */
    struct guid point;
    struct guid job;
    char *package; /* path */
    char *sum;     /* SHA-256 of its SHA256SUMS; "" = not known */
    struct moment when;
};

struct exported_claims {
    struct exported_claim *items;
    size_t count;
};
/* Where the job is an export that left a package. */
void exported_claims_add(struct exported_claims *claims, const struct job_snapshot *job);
void exported_claims_clear(struct exported_claims *claims);

enum exported_state {
    EXPORTED_GONE,     /* a job has left it there, and nothing of the kind is there now */
    EXPORTED_BASELESS, /* there, but a package that it stands on is not where it should be */
    EXPORTED_UNPROVEN, /* there; it, or what it stands on, is not verified on this machine */
    EXPORTED_TOUCHED,  /* there; verified once, but its files are not what they were */
    EXPORTED_VERIFIED, /* there, and verified since its files were last touched */
};
const char *exported_state_word(enum exported_state state); /* "gone", "not verified" ... */

struct exported_package {
    struct guid point;
    char *path;
    enum exported_state state;
    bool is_differential;
    struct moment exported; /* when it was made */
    struct moment verified; /* {0}: it is not */
};

struct exported_list { /* of each point the best first: a verified one, then the newest */
    struct exported_package *items;
    size_t count;
};
/* memory: of verifications (proof.h); NULL = none. At most EXPORTED_DIRECTORIES directories are looked into,
 * those of the newest claims. */
#define EXPORTED_DIRECTORIES 16
void exported_read(const struct exported_claims *claims, const char *memory, struct exported_list *list);
void exported_list_clear(struct exported_list *list);

/* The best package of a point; the next ones of it follow. NULL: none is known. */
const struct exported_package *exported_find(const struct exported_list *list, const struct guid *point,
                                             size_t *count);

#endif
