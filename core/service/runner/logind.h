/* Whether systemd-logind ends a user's processes when the last session is closed: then a detached job does
 * not outlive the log-out. Source: logind.conf(5), KillUserProcesses=. Threads: any. */
#ifndef REFPOINT_SERVICE_RUNNER_LOGIND_H
#define REFPOINT_SERVICE_RUNNER_LOGIND_H

#include <stdbool.h>

/* root: "" in earnest, another directory in tests. Later files win, as logind has it. */
bool logind_kills_processes(const char *root);

#endif
