/* The ledger of a partial: a directory `.NAME.ledger` beside `.NAME.partial`, in which an export keeps what
 * it knows of the data that it has copied, so that another process can go on when its own has died.
 *
 *     begun             JSON, written once, synced: whose it is (struct package_ledger_terms, and more)
 *     N.WHAT            records of the N-th disk of the export (spool.h): digests of windows, places of
 * frames
 *
 * What stands in the records is a claim: whoever goes on reads the data again and compares. A ledger has no
 * lock of its own. It is made after its partial and removed after that has its final name, or is gone; one
 * without a partial is a leaving (leavings.h).
 *
 * Threads: one at a time; spools as spool.h says. Ownership: package_ledger_close. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_LEDGER_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_LEDGER_H

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/system/digest.h"
#include "core/system/spool.h"

#define PACKAGE_LEDGER_SUFFIX ".ledger"

struct package_ledger {
    int parent; /* the export directory; borrowed */
    char *name; /* ".web-20260924T000000Z-1a2b3c4d.ledger" */
    int fd;     /* -1 = there is none */
};

struct package_ledger_terms { /* what the records are of */
    struct guid job;          /* whose export it is */
    struct guid package_id;
    char request[DIGEST_TEXT]; /* what was asked for and how it was planned; and */
    char layers[DIGEST_TEXT];  /* the files that are read, as they were */
    char base[DIGEST_TEXT];    /* SHA-256 of the base package's record; "" = none */
};

/* keeper: a directory that is there for as long as somebody may want to go on (the job's journal). */
bool package_ledger_begin(int parent, const char *partial, const char *keeper,
                          const struct package_ledger_terms *terms, struct package_ledger *ledger,
                          struct error *err) WARN_UNUSED;
/* The partial that this job has begun here, with a ledger that can be read: its name (the caller's), and
 * terms. NULL: there is none. */
char *package_ledger_find(int parent, const struct guid *job, struct package_ledger_terms *terms);
bool package_ledger_open(int parent, const char *partial, struct package_ledger *ledger,
                         struct error *err) WARN_UNUSED;
bool package_ledger_spool(const struct package_ledger *ledger, size_t disk, const char *what,
                          size_t record_size, struct spool *spool, struct error *err) WARN_UNUSED;
void package_ledger_close(struct package_ledger *ledger);
/* And it is gone. One that is closed: nothing. */
void package_ledger_remove(struct package_ledger *ledger);

/* Somebody may go on with the partial: its ledger's keeper is there, or lies on another machine. */
bool package_ledger_is_wanted(int parent, const char *partial);
/* Whose it is, as long as it is wanted. */
bool package_ledger_job(int parent, const char *partial, struct guid *job);
/* The name of the partial that a ledger of this name belongs to; the caller's. */
char *package_ledger_partial(const char *name);

#endif
