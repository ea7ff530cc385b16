/* The journal: a directory per job that outlives every process.
 *
 *   jobs/GUID/request    what was asked (JSON; no secrets), written once
 *   jobs/GUID/progress   last snapshot (JSON), replaced at most twice a second
 *   jobs/GUID/log        one line per event, with its time
 *   jobs/GUID/outcome    final snapshot (JSON), written once, synced
 *   jobs/GUID/lock       locked by the owner; free + no outcome = interrupted
 *   jobs/GUID/socket     control socket of the runner (runner.h)
 *
 * The lock is an open-file-description lock (fcntl F_OFD_SETLK): it can be handed to another process with its
 * descriptor, so that a job has no moment without an owner, and readers test it without taking it. A journal
 * is made under a hidden name and gets its own only when it is locked and complete; the space of the outcome
 * is reserved then, so that a full disk cannot make a finished job look interrupted. Directories 0700, files
 * 0600. Paths that are no UTF-8 keep their bytes in the request. No symbolic link beneath the state directory
 * is followed (place.h).
 *
 * Ownership: who has a struct journal holds the lock until journal_close. Readers need no lock. Threads: a
 * journal, one at a time, but for journal_append_log, journal_write_naming, journal_is_gone and
 * journal_directory_fd: any; the functions on a directory, any. */
#ifndef REFPOINT_SERVICE_JOURNAL_JOURNAL_H
#define REFPOINT_SERVICE_JOURNAL_JOURNAL_H

#include "core/base/error.h"
#include "core/job/job.h"
#include "core/service/journal/request.h"

struct journal;

bool journal_create(const char *state_directory, const struct journal_request *request,
                    struct journal **journal, struct error *err) WARN_UNUSED;
/* Opens an existing one as its owner. lock_fd: the descriptor that a former owner handed over (it is taken,
 * also on failure); -1 takes the lock, which must be free (else 32774). */
bool journal_own(const char *state_directory, const struct guid *id, int lock_fd, struct journal **journal,
                 struct error *err) WARN_UNUSED;
void journal_close(struct journal *journal);             /* releases the lock, unless it was handed over */
void journal_remove(struct journal *journal);            /* the job never was: removes and closes it */
int journal_directory_fd(const struct journal *journal); /* borrowed */
int journal_lock_fd(const struct journal *journal);      /* borrowed; to hand over */
const struct guid *journal_id(const struct journal *journal);
bool journal_is_over(const struct journal *journal); /* it has its outcome */
/* Somebody has removed it, or its lock: nobody can reach the job any more, or tell that it runs. */
bool journal_is_gone(const struct journal *journal);

bool journal_write_progress(struct journal *journal, const struct job_snapshot *snapshot,
                            struct error *err) WARN_UNUSED;
bool journal_write_outcome(struct journal *journal, const struct job_snapshot *snapshot,
                           struct error *err) WARN_UNUSED;
/* Before a package gets its name, and synced, so that whoever finds the job interrupted knows where to look.
 */
bool journal_write_naming(const struct journal *journal, const char *package, const struct guid *id,
                          struct error *err) WARN_UNUSED;
/* What was kept so; false: nothing. The caller's. And that it no longer counts: somebody goes on with the
 * job.
 */
bool journal_read_naming(const struct journal *journal, struct job_naming *named);
bool journal_forget_naming(const struct journal *journal, struct error *err) WARN_UNUSED;
bool journal_append_log(const struct journal *journal, const char *line, struct error *err) WARN_UNUSED;

/* Readers. A job whose owner died without an outcome reads as Exception, key "job.interrupted", with what was
 * done. */
bool journal_read_request(const char *state_directory, const struct guid *id, struct journal_request *request,
                          struct error *err) WARN_UNUSED;
bool journal_read(const char *state_directory, const struct guid *id, struct job_snapshot *snapshot,
                  struct error *err) WARN_UNUSED;
/* Which jobs there are, without reading any: whoever shows thousands reads first what changed last. In that
 * order; *entries is the caller's. */
struct journal_entry {
    struct guid id;
    struct moment changed; /* something in its directory was: not before the job ended */
};
bool journal_list_entries(const char *state_directory, struct journal_entry **entries, size_t *count,
                          struct error *err) WARN_UNUSED;
/* Reads these, the job that began last first; what has gone meanwhile is passed over. *snapshots as below. */
bool journal_read_entries(const char *state_directory, const struct journal_entry *entries,
                          size_t entry_count, struct job_snapshot **snapshots, size_t *count,
                          struct error *err) WARN_UNUSED;
/* All jobs, newest first; broken ones are listed as far as they can be read. *snapshots is the caller's, an
 * array that can be appended to (mem.h). */
bool journal_list(const char *state_directory, struct job_snapshot **snapshots, size_t *count,
                  struct error *err) WARN_UNUSED;
/* Id from what a person types: an id or a unique prefix of at least 4 characters. */
bool journal_resolve(const char *state_directory, const char *text, struct guid *id,
                     struct error *err) WARN_UNUSED;
/* Removes a finished or interrupted job's journal; a running one: 32775. */
bool journal_discard(const char *state_directory, const struct guid *id, struct error *err) WARN_UNUSED;
/* For people; whoever reads it here does it with journal_read_log, of at most `limit` bytes. */
char *journal_log_path(const char *state_directory, const struct guid *id);
bool journal_read_log(const char *state_directory, const struct guid *id, size_t limit, char **text,
                      struct error *err) WARN_UNUSED;

#endif
