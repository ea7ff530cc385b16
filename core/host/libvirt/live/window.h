/* The one instant of running machines: all are paused, then all get their snapshots (or whatever is to be
 * done), then all go on.
 *
 * A thread for each machine; none takes its snapshot before the last one is paused, none goes on before the
 * last snapshot is made, so that how long they stand still grows with the slowest and not with their number.
 * Whatever goes wrong, or takes longer than the limit, lets every machine go on at once; what was made by
 * then is the caller's to take back. Guest file systems are quiesced before, and thawed after.
 *
 * Threads: the caller's, which waits. Ownership: everything is borrowed. Units: see the names. */
#ifndef REFPOINT_HOST_LIBVIRT_LIVE_WINDOW_H
#define REFPOINT_HOST_LIBVIRT_LIVE_WINDOW_H

#include <libvirt/libvirt.h>
#include <stdint.h>

#include "core/base/error.h"

/* What is done at the instant; descriptions are libvirt's. */
enum window_act {
    WINDOW_SNAPSHOT, /* text: a snapshot, disk only; from then on it writes to the files that are named */
    WINDOW_BACKUP,   /* text: a backup in pull mode, begun; with checkpoint: that too, of the same instant */
    WINDOW_CHECKPOINT, /* checkpoint alone */
};

struct window_member {
    virDomainPtr domain;
    const char *name;
    enum window_act act;
    const char *text;
    const char *checkpoint;
    bool pause; /* false: it stands still already, and goes on doing so */
    bool quiesce;
    bool may_fail_to_quiesce; /* then it is crash consistent */

    /* What came of it. */
    bool quiesced;
    bool made; /* what was to be done is done */
    bool held; /* it could not be resumed, or its file systems not be thawed: it still stands still */
    uint64_t paused_us;
    struct error err; /* code 0: none */
};

struct window {
    struct window_member *members;
    size_t count;
    const char *uri;  /* for the guardian */
    const char *lock; /* a file that the guardians of one store take, one after the other */
    int limit_ms;     /* from the first pause on */
};

/* true: every machine has its snapshot, of one instant, and has gone on. false: err tells the first thing
 * that went wrong; each member tells what it has. */
bool window_run(struct window *window, struct error *err) WARN_UNUSED;

#endif
