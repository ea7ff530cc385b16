/* Following a job that runs in another process: its snapshots as they change, and requests to it.
 *
 * Connects to the runner's control socket; where nobody listens (finished, interrupted) it reads the journal.
 * Never waits but in follow_request (at most 40 s); files are read in follow_open and when the runner has
 * gone. The descriptor may change: ask for it before each wait. Threads: one at a time. */
#ifndef REFPOINT_SERVICE_FOLLOW_H
#define REFPOINT_SERVICE_FOLLOW_H

#include "core/base/error.h"
#include "core/job/job.h"

struct follow;

struct follow *follow_open(const char *state_directory, const struct guid *id, struct error *err);
void follow_close(struct follow *follow);
/* Readable when there is news; -1 once the job is final (then follow_read has given its last snapshot). */
int follow_fd(const struct follow *follow);
/* The newest snapshot into *snapshot (zeroed or used). True when it changed since the last call. When the
 * runner has gone, the journal's word (final or interrupted) is given. */
bool follow_read(struct follow *follow, struct job_snapshot *snapshot);
/* RequestStateChange: its return value; 32771 with err when the runner did not answer within 20 s, 32775 when
 * the job is over. */
uint32_t follow_request(const char *state_directory, const struct guid *id, uint32_t requested_state,
                        struct error *err);
/* The same, but as if no answer had come as soon as the descriptor is readable: somebody does not want to
 * wait. */
uint32_t follow_request_until(const char *state_directory, const struct guid *id, uint32_t requested_state,
                              int give_up_fd, struct error *err);

#endif
