/* The runner: the process that does an asynchronous job, of whatever kind (kinds/kind.h).
 *
 * The same binary, started with posix_spawn from /proc/self/exe in a session of its own, standard descriptors
 * on /dev/null, others closed, signals reset. It forks once more and its parent ends, so that it is nobody's
 * child and leaves no zombie. Its main thread serves the control socket and signals (SIGTERM asks the job to
 * end, but from process 1, the system going down, it leaves it to be gone on with); the work runs on a thread
 * beside it, which is joined before the process ends.
 *
 * The hand-over has no gap: the creator made the journal and holds its lock; the runner gets the lock's
 * descriptor (journal.h), so that the job always has an owner. The runner checks the lock, reads the request,
 * opens the host and the control socket, and says it is ready; the creator answers "go", and only then is
 * anyone told 4096 and does the work begin. A runner that gets no "go" (the creator died or lost patience)
 * removes the journal and ends: a job that nobody was told of never was.
 *
 * A job whose runner died can get another one, which goes on with what is left or begins again; where it
 * cannot do that, or gets no "go", the journal stays as it was.
 *
 * Control socket (SOCK_STREAM, in the job's 0700 directory), JSON lines: {"request":"follow"} → snapshots as
 * they change, at most 4 a second; {"request":"state","requested_state":4} → {"return_value":0}. The final
 * snapshot is pushed when the outcome is on the disk. */
#ifndef REFPOINT_SERVICE_RUNNER_RUNNER_H
#define REFPOINT_SERVICE_RUNNER_RUNNER_H

#include "core/base/error.h"
#include "core/host/host.h"
#include "core/service/journal/journal.h"

/* First argument by which main() knows that it is a runner: refpoint --runner STATE_DIRECTORY JOB_ID
 * (descriptor 3 is the creator's end of a socket pair, 4 the job's lock, 5, where there is one, what the
 * check has found: kind.h). Not for people. For them is what stands in the program's place, "refpoint: job
 * fa0a", and in lists that show only names, "refpoint: fa0a".
 */
#define RUNNER_ARGUMENT "--runner"
#define RUNNER_TITLE_FORMAT "refpoint: job %.4s"
#define RUNNER_NAME_FORMAT "refpoint: %.4s" /* at most 15 bytes: prctl(2), PR_SET_NAME */
#define RUNNER_CREATOR_FD 3
#define RUNNER_LOCK_FD 4
#define RUNNER_HANDED_FD 5

enum runner_way { /* a further argument says it, where it is not the first */
                  RUNNER_BEGINS,
                  RUNNER_GOES_ON,      /* with what an earlier one has left */
                  RUNNER_BEGINS_AGAIN, /* that is removed */
};
/* NULL: none. */
const char *runner_way_word(enum runner_way way);

/* Starts a runner for the caller's journal and waits until it works: one that begins at most half a minute,
 * one that looks first at what is left for as long as that takes, or until `checking` (which may be NULL) is
 * cancelled: then the runner ends too. The caller keeps the journal: on success it closes it, otherwise it
 * removes it, or closes it too where the job was begun before. handed: a descriptor that the runner gets too,
 * borrowed; -1 = none. */
bool runner_start(const char *state_directory, const struct journal *journal, enum runner_way way, int handed,
                  struct job *checking, struct error *err) WARN_UNUSED;

/* How a runner opens the host named in the request; the composition root (main) knows hosts, the service does
 * not. */
typedef struct host *runner_open_host(const struct journal_request *request, struct error *err);
int runner_main(int argc, char **argv, runner_open_host *open_host);

#endif
