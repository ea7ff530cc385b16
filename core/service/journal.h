/* The journal: a directory per job that outlives every process.
 *
 *   jobs/GUID/request    what was asked (JSON; no secrets), written once
 *   jobs/GUID/progress   last snapshot (JSON), replaced at most twice a second
 *   jobs/GUID/log        one line per event, with its time
 *   jobs/GUID/outcome    final snapshot (JSON), written once, synced
 *   jobs/GUID/lock       held (flock) by the owner; free + no outcome = interrupted
 *   jobs/GUID/socket     control socket of the runner (runner.h)
 *
 * Ownership: journal_create's owner holds the lock until journal_close. Readers need no lock. Threads: a
 * journal, one at a time; the functions on a directory, any. */
#ifndef REFPOINT_SERVICE_JOURNAL_H
#define REFPOINT_SERVICE_JOURNAL_H

#include "core/job/job.h"
#include "core/model/model.h"

struct journal;

struct journal_request { /* what a runner needs to do the work */
    struct job_identity identity;
    struct export_request request;
    char *host_name; /* NULL = default */
    char *store;
    char *config;
};
void journal_request_clear(struct journal_request *request);

bool journal_create(const char *state_directory, const struct journal_request *request,
                    struct journal **journal, struct error *err) WARN_UNUSED;
/* Opens an existing one as its owner (a runner). */
bool journal_own(const char *state_directory, const struct guid *id, struct journal **journal,
                 struct error *err) WARN_UNUSED;
void journal_close(struct journal *journal);             /* releases the lock */
int journal_directory_fd(const struct journal *journal); /* borrowed */

bool journal_write_progress(struct journal *journal, const struct job_snapshot *snapshot,
                            struct error *err) WARN_UNUSED;
bool journal_write_outcome(struct journal *journal, const struct job_snapshot *snapshot,
                           struct error *err) WARN_UNUSED;
bool journal_append_log(struct journal *journal, const char *line, struct error *err) WARN_UNUSED;

/* Readers. A job whose owner died without an outcome reads as Exception, key "job.interrupted", with what was
 * done. */
bool journal_read_request(const char *state_directory, const struct guid *id, struct journal_request *request,
                          struct error *err) WARN_UNUSED;
bool journal_read(const char *state_directory, const struct guid *id, struct job_snapshot *snapshot,
                  struct error *err) WARN_UNUSED;
/* All jobs, newest first; broken ones are listed as far as they can be read. *snapshots is the caller's. */
bool journal_list(const char *state_directory, struct job_snapshot **snapshots, size_t *count,
                  struct error *err) WARN_UNUSED;
/* Id from what a person types: an id or a unique prefix of at least 4 characters. */
bool journal_resolve(const char *state_directory, const char *text, struct guid *id,
                     struct error *err) WARN_UNUSED;
/* Removes a finished or interrupted job's journal; a running one: 32775. */
bool journal_discard(const char *state_directory, const struct guid *id, struct error *err) WARN_UNUSED;
char *journal_log_path(const char *state_directory, const struct guid *id);

#endif
