/* A kind of job: what differs between exporting, verifying and whatever else runs in a process of its own.
 * One const row each in kinds.c; journal, runner, control socket and following know no kind by name.
 *
 * `work` is the kind's own request (struct export_request, struct verify_request): made by the caller, copied
 * for the journal, read back by the runner. Threads: any, but for run: one thread that outlives the call
 * (children die with it). */
#ifndef REFPOINT_SERVICE_KINDS_KIND_H
#define REFPOINT_SERVICE_KINDS_KIND_H

#include "core/base/error.h"
#include "core/host/host.h"
#include "core/job/job.h"
#include "core/syntax/json.h"

struct job_naming {
    char *package; /* absolute path */
    struct guid id;
};

struct job_left {                   /* by the process of a job, when it died */
    struct job *job;                /* of the process that goes on, with the old id; borrowed */
    const struct job_naming *named; /* was about to be given its name; NULL: none was */
    bool anew;                      /* what is left is removed: it begins at the beginning */
    bool has_name;                  /* take_up tells: it was given, and the package is there */
};

struct job_kind {
    const char *name;       /* in journals and lists: "export", "verify" */
    const char *class_name; /* contract.md, "The job" */
    uint32_t job_type; /* contract.md, "JobType"; 0: this class of jobs has none, or the contract has not */
    bool needs_host;

    /* The request as members of the journal's object, and back: NULL when that cannot be read. */
    void (*to_json)(json_t *object, const void *work);
    void *(*from_json)(const json_t *object);
    void *(*copy)(const void *work);
    void (*release)(void *work); /* NULL is allowed */

    /* Refusals, before anybody is told 4096; leaves everything as it was. found: what this kind has to tell
     * before it is done (an export: its struct export_estimate); NULL: nobody asks. */
    uint32_t (*check)(struct host *host, const void *work, void *found, struct error *err);
    /* A descriptor of what check has found, so that whoever does it need not look again: borrowed, and -1
     * where there is none; and, in the other process, into a request that from_json made, which owns it then.
     * NULL: this kind has nothing to hand over. */
    int (*hand_over)(const void *found);
    void (*take_over)(void *work, int fd);
    /* Fills what the job is about into an identity that has its id and owner. */
    bool (*describe)(struct host *host, const void *work, struct job_identity *identity, struct error *err);
    /* First line of the job's log. */
    void (*log_begin)(struct job *job, const struct job_identity *identity);
    /* Into a request that from_json made: it goes on with what was left, in a process of its own again, or
     * begins again. What its check has found stays in the request, so that it is not looked for twice. NULL:
     * a job of this kind is not gone on with. */
    bool (*take_up)(struct host *host, void *work, struct job_left *left, struct error *err);
    /* Does it and ends the job; 0, or the error that the job ended with. */
    uint32_t (*run)(struct host *host, const void *work, struct job *job, struct error *err);

    /* What is said of a job of this kind whose process died: fills the snapshot's error, key
     * "job.interrupted"; and its package where there is one: `named` was about to be given its name when the
     * process died (NULL: none was). */
    void (*explain_interruption)(struct job_snapshot *snapshot, const struct job_naming *named);
    /* Removes what the job left, once it is forgotten; returns how many things. NULL: it leaves nothing. */
    size_t (*tidy)(const struct job_identity *identity);
};

#endif
