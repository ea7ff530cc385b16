/* Forgetting jobs: a journal goes, and with it the unfinished package that an interrupted job left in its
 * directory. Threads: a worker (the directory may be slow). Errors: those of the journal; a directory that
 * cannot be reached is none. */
#ifndef REFPOINT_SERVICE_DISCARD_H
#define REFPOINT_SERVICE_DISCARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/base/units.h"

/* A running job: 32775. *removed counts the unfinished packages that have been removed: those of this user's
 * dead jobs in that directory, as the next export to it would do. */
bool discard_job(const char *state_directory, const struct guid *id, size_t *removed,
                 struct error *err) WARN_UNUSED;

struct discard_rule {
    struct moment before; /* jobs that ended before that */
    bool interrupted;     /* those whose process died, or whose journal is damaged, too */
    bool only_look;
    /* Journals in which nothing was touched since `before` are looked at, no others: cheap, for what nobody
     * asked for and must not wait for. */
    bool untouched;
    size_t limit; /* of jobs that are forgotten; 0 = none */
};

struct discard_entry {
    struct guid id;
    uint32_t state;      /* enum job_state */
    struct moment ended; /* of an interrupted one: when it was last heard of */
    char *collection;
    char *point;
};

struct discard_result {         /* zeroed at first; owns what is in it: discard_result_clear */
    struct discard_entry *jobs; /* that were forgotten, or would be; the one that changed last first */
    size_t count;
    size_t partials;  /* unfinished packages that were removed with them */
    size_t resumable; /* interrupted or damaged ones of that age that were left */
    size_t failed;    /* that could not be removed */
    struct error first_failure;
};
void discard_result_clear(struct discard_result *result);
/* Forgets all jobs of a rule; a running one never. False: the jobs cannot be listed. What could not be
 * removed is counted, and the others are done. */
bool discard_old(const char *state_directory, const struct discard_rule *rule, struct discard_result *result,
                 struct error *err) WARN_UNUSED;
/* What the setting keep_jobs_days asks for: ended jobs that are older, at most `limit` of them (0: all); no
 * problem that comes up on the way is told: the next time is soon. days 0: nothing. */
void discard_expired(const char *state_directory, uint64_t days, size_t limit);

#endif
