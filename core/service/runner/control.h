/* The server's side of a job's control socket (protocol: runner.h). Private to the runner.
 *
 * Clients can be slow, stuck or hostile: every descriptor is non-blocking, a client has one bounded line in
 * and at most one snapshot out, further snapshots replace each other, and there are CONTROL_CLIENT_LIMIT of
 * them. The socket lies in the job's 0700 directory and serves only processes of the same user. It is bound
 * through /proc/self/fd, so that no path is too long for it.
 *
 * Threads: one. Ownership: control_close. */
#ifndef REFPOINT_SERVICE_RUNNER_CONTROL_H
#define REFPOINT_SERVICE_RUNNER_CONTROL_H

#include <poll.h>

#include "core/base/error.h"
#include "core/job/job.h"

#define CONTROL_CLIENT_LIMIT 32
#define CONTROL_POLL_LIMIT (CONTROL_CLIENT_LIMIT + 1)
#define CONTROL_SOCKET "socket"
/* "/proc/self/fd/" and a number and the name: fits into sun_path. */
#define CONTROL_PATH_FORMAT "/proc/self/fd/%d/" CONTROL_SOCKET

struct control;

/* Borrows the descriptor. obeyed is called when a change of state was asked for, before the answer: who has
 * it finds the change in the journal. NULL: err. */
struct control *control_open(int directory_fd, void (*obeyed)(void *context), void *context,
                             struct error *err);
void control_close(struct control *control); /* removes the socket */
/* What to wait for; at most CONTROL_POLL_LIMIT entries. Returns their number. */
size_t control_poll(const struct control *control, struct pollfd *fds);
/* After the wait, with the same entries: accepts, reads requests (to the job), sends. */
void control_serve(struct control *control, const struct pollfd *fds, size_t count, struct job *job);
bool control_has_newcomers(const struct control *control); /* followers that have no snapshot yet */
bool control_is_followed(const struct control *control);
/* Gives followers this snapshot, unless they have it. */
void control_push(struct control *control, const struct job_snapshot *snapshot, bool newcomers_only);
bool control_is_flushed(const struct control *control); /* nothing waits to be sent */

#endif
