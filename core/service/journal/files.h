/* What journal.c (owners) and read.c (readers) share: names, limits, the lock.
 * Private to the journal. Threads: any. */
#ifndef REFPOINT_SERVICE_JOURNAL_FILES_H
#define REFPOINT_SERVICE_JOURNAL_FILES_H

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/base/mem.h"
#include "core/service/kinds/kind.h"

#define JOURNAL_FILE_LIMIT ((size_t)16 << 20)
#define JOURNAL_REQUEST "request"
#define JOURNAL_PROGRESS "progress"
#define JOURNAL_LOG "log"
#define JOURNAL_OUTCOME "outcome"
#define JOURNAL_LOCK "lock"
#define JOURNAL_PACKAGE "package" /* that was about to get its name */

/* Takes the write lock; false with EAGAIN when somebody has it. */
bool journal_take_lock(int lock_fd);
/* Whether an owner lives. What cannot be tested counts as held: a running job is never called interrupted. */
bool journal_is_locked(int directory_fd);
/* journal_is_over and journal_read_naming, of a directory. */
bool journal_has_outcome(int directory_fd, const struct guid *id);
bool journal_find_naming(int directory_fd, struct job_naming *named);
/* Takes a job's directory out of sight, then removes it. */
bool journal_remove_directory(int jobs_fd, const char *name, const struct guid *id, struct error *err);

#endif
