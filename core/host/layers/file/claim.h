/* Taking a file for ourselves, so that nobody writes to it while it is frozen or changed.
 *
 * Two ways, because there are two kinds of writers. QEMU's own locks (block/file-posix.c): for each
 * permission n that a QEMU process has on an image it holds a shared lock on byte 100+n, for each that it
 * does not share with others on byte 200+n; 1 = write, 3 = resize. Any other program: a read lease, which the
 * kernel refuses while somebody has the file open for writing, and which a later opener breaks.
 *
 * Claims belong to the descriptor's open file description and end when it is closed, also by kill -9.
 * Threads: any, each its own descriptor. */
#ifndef REFPOINT_HOST_LAYERS_FILE_CLAIM_H
#define REFPOINT_HOST_LAYERS_FILE_CLAIM_H

#include "core/base/error.h"

enum claim {
    CLAIM_STILL,  /* nobody writes: readers stay welcome; the lease is held */
    CLAIM_SOURCE, /* the same, but one of our own programs opens it for writing: the lease is only tried */
    CLAIM_CHANGE, /* it is about to be changed: no reader that relies on its content either */
};

/* fd: open for reading only. 32774 when somebody else has the file open. */
bool file_claim(int fd, enum claim claim, const char *path, struct error *err) WARN_UNUSED;
/* Has nobody opened the file for writing since CLAIM_STILL? A would-be writer waits in open(2) until the
 * claim ends. */
bool file_claim_holds(int fd, const char *path, struct error *err) WARN_UNUSED;
/* For the time in which QEMU takes its own locks on the file. */
bool file_claim_release(int fd, const char *path, struct error *err) WARN_UNUSED;

/* Pins against exports, which hold a shared flock on every file they read: an exclusive one, 32774 when
 * a running export reads the file. Held until the descriptor is closed. */
bool file_claim_unpinned(int fd, const char *path, struct error *err) WARN_UNUSED;

#endif
