/* Where something could be kept on this machine: the mounted file systems of real storage that this account
 * may write to.
 *
 * Source: proc_pid_mountinfo(5). Those of the system's own (/, /boot, /usr ..., memory, images of packages)
 * are left out, and what is mounted read-only. A network file system may not answer, for ever: it is named
 * and not looked at. Others are asked for their room, which may block. Threads: any; workers only. Ownership:
 * mounts_clear. Units: bytes. */
#ifndef REFPOINT_SYSTEM_MOUNTS_H
#define REFPOINT_SYSTEM_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mounted {
    char *path;
    char *type;         /* "ext4" */
    bool network;       /* not looked at */
    uint64_t available; /* to this account; 0 with network */
};

struct mounts {
    struct mounted *items; /* the most room first, network last */
    size_t count;
};

/* table: a file like /proc/self/mountinfo; NULL = that. Nothing where it cannot be read. */
void mounts_read(const char *table, struct mounts *mounts);
void mounts_clear(struct mounts *mounts);

#endif
