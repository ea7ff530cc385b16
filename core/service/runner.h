/* The runner: the process that does an asynchronous export.
 *
 * The same binary, started with posix_spawn from /proc/self/exe in a session of its own, standard descriptors
 * on /dev/null, others closed, signals reset. It takes the job's lock, opens the control socket, writes the
 * journal and reports over a pipe before runner_start returns: only then is anyone told 4096. Its main thread
 * serves the control socket and signals (SIGTERM asks the job to end); the export runs on a thread beside it.
 *
 * Control socket (SOCK_STREAM, in the job's 0700 directory), JSON lines: {"request":"follow"} → snapshots as
 * they change, at most 4 a second; {"request":"state","requested_state":4} → {"return_value":0}. */
#ifndef REFPOINT_SERVICE_RUNNER_H
#define REFPOINT_SERVICE_RUNNER_H

#include "core/host/host.h"
#include "core/service/journal.h"

/* First argument by which main() knows that it is a runner: refpoint --runner STATE_DIRECTORY JOB_ID
 * (descriptor 3 is the confirmation pipe). Not for people. */
#define RUNNER_ARGUMENT "--runner"

bool runner_start(const char *state_directory, const struct guid *id, struct error *err) WARN_UNUSED;

/* How a runner opens the host named in the request; the composition root (main) knows hosts, the service does
 * not. */
typedef struct host *runner_open_host(const struct journal_request *request, struct error *err);
int runner_main(int argc, char **argv, runner_open_host *open_host);

#endif
