/* What journal.c (owners) and read.c (readers) share: names, limits, the lock.
 * Private to the journal. Threads: any. */
#ifndef REFPOINT_SERVICE_JOURNAL_FILES_H
#define REFPOINT_SERVICE_JOURNAL_FILES_H

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/base/mem.h"

#define JOURNAL_FILE_LIMIT ((size_t)16 << 20)
#define JOURNAL_JOBS "jobs"
#define JOURNAL_REQUEST "request"
#define JOURNAL_PROGRESS "progress"
#define JOURNAL_LOG "log"
#define JOURNAL_OUTCOME "outcome"
#define JOURNAL_LOCK "lock"

/* The state directory's own path may lead through links; what is beneath it may not: 32770 with key
 * "journal.link", which names the link. */

/* The directory of all jobs: -1 and err when it cannot be opened (ENOENT: RETURN_FILE_NOT_FOUND). */
int journal_open_jobs(const char *state_directory, struct error *err);
/* One job's; 32773 with key "job.unknown" when there is none. */
int journal_open_job(const char *state_directory, const struct guid *id, struct error *err);
/* link: relative to the state directory. Returns false. */
bool journal_refuse_link(const char *state_directory, const char *link, struct error *err);

/* Takes the write lock; false with EAGAIN when somebody has it. */
bool journal_take_lock(int lock_fd);
/* Whether an owner lives. What cannot be tested counts as held: a running job is never called interrupted. */
bool journal_is_locked(int directory_fd);
/* Takes a job's directory out of sight, then removes it. */
bool journal_remove_directory(int jobs_fd, const char *name, const struct guid *id, struct error *err);

#endif
