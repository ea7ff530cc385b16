/* The guardian: a process beside ours that lets the machines go on when ours dies, or stands still, between
 * pausing and resuming them.
 *
 * The same binary in a session of its own, started before the first machine is touched, with a connection of
 * its own to the host. While it is told that machines are being held it waits for the end; when our side of
 * the pipe closes instead, or the time is up, it resumes the machines it was told of (those only that are
 * paused by somebody's call, which is ours) and thaws their file systems. A call of ours that the host had
 * already taken may pause a machine long after our death: it goes only when each machine has taken a call of
 * its own behind that, and runs some seconds later still.
 *
 * Threads: one at a time. Ownership: guardian_start's result goes to guardian_end. */
#ifndef REFPOINT_HOST_LIBVIRT_LIVE_GUARDIAN_H
#define REFPOINT_HOST_LIBVIRT_LIVE_GUARDIAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/base/guid.h"

/* First argument by which main() knows that it is a guardian: refpoint --guardian URI MILLISECONDS [+]UUID
 * ...
 * ("+": its file systems are to be thawed as well). Descriptor 3 is our end, 4 the lock's file. Not for
 * people. */
#define GUARDIAN_ARGUMENT "--guardian"

struct guarded_machine {
    struct guid id;
    bool thaw;
};

struct guardian;

/* Waits until it is connected, and alone: lock is the path of a file that each guardian holds as long as it
 * lives, so that one that still lets go what a killed command had held is not in the way of the next.
 * limit_ms: how long the machines may be held. */
struct guardian *guardian_start(const char *uri, const char *lock, const struct guarded_machine *machines,
                                size_t count, int limit_ms, struct error *err);
/* From now on file systems may be quiesced; from now on machines are held. */
bool guardian_watch(struct guardian *guardian, struct error *err) WARN_UNUSED;
bool guardian_hold(struct guardian *guardian, struct error *err) WARN_UNUSED;
/* all_went_on: it has nothing more to do; otherwise it lets them go, which is waited for. NULL is allowed. */
void guardian_end(struct guardian *guardian, bool all_went_on);

int guardian_main(int argc, char **argv);

#endif
