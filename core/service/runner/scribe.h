/* Writes a job's progress into its journal, on a thread of its own: storage that stalls (a busy disk, a lost
 * server) holds up neither followers nor requests. Private to the runner.
 *
 * Threads: scribe_start, scribe_offer, scribe_wait and scribe_stop, one and the same; scribe_is_gone, any.
 * Between start and stop the journal's progress is the scribe's; its log stays open to all. Ownership:
 * scribe_stop; the journal is borrowed. */
#ifndef REFPOINT_SERVICE_RUNNER_SCRIBE_H
#define REFPOINT_SERVICE_RUNNER_SCRIBE_H

#include "core/service/journal/journal.h"

struct scribe;

/* woken is called on the scribe's thread when it finds the journal removed. */
struct scribe *scribe_start(struct journal *journal, void (*woken)(void *context), void *context,
                            struct error *err);
/* Takes a copy and comes back at once; one that was not written yet is replaced. */
void scribe_offer(struct scribe *scribe, const struct job_snapshot *snapshot);
/* Waits until the last offer is written, at most so long. */
void scribe_wait(struct scribe *scribe, int patience_ms);
/* Somebody has removed the journal (journal_is_gone), as of the last offer that was looked at. */
bool scribe_is_gone(struct scribe *scribe);
/* Waits for what is being written; what still waits is dropped (the outcome follows). failure is the first
 * one, unless there is one in it already. NULL: nothing to stop. */
void scribe_stop(struct scribe *scribe, struct error *failure);

#endif
