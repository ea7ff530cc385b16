/* A disk of a machine that runs, as an export sees it: a storage daemon has its image open, a guest writes,
 * and at each point a backup in pull mode begins, with a bitmap of what the guest wrote since the last one.
 *
 * One point at a time. Threads: one, but for the guest's own. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_SERVED_DISK_H
#define REFPOINT_TESTS_UNIT_SUPPORT_SERVED_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/image/nbd/client.h"
#include "tests/unit/support/served/storage_daemon.h"

struct dice {
    uint64_t state;
};
uint64_t dice_roll(struct dice *dice, uint64_t limit); /* 0 ... limit - 1 */

struct served_disk {
    struct storage_daemon daemon;
    const char *directory;
    struct nbd_client *guest;
    uint64_t size;
    uint64_t granularity; /* of the bitmaps from the next point on; a power of two from 512 on */
    unsigned points;
    bool backup;      /* the point is kept by a backup job: the guest may write on */
    char changes[64]; /* context of the bitmap: what changed between the last two points */
};

/* The image is "disk" in the directory (borrowed); format "raw" or "qcow2". The daemon is started. */
void served_disk_open(struct served_disk *disk, const char *directory, const char *format);
void served_disk_close(struct served_disk *disk);

/* The export "vda" is the disk as it is now, until the point ends. Without a backup, which costs a file, the
 * guest must be still. */
void served_disk_point(struct served_disk *disk, bool backup);
void served_disk_end_point(struct served_disk *disk);
void served_disk_resize(struct served_disk *disk, uint64_t size);

/* What a guest does: some bytes somewhere are written, written as zero or discarded. */
struct served_write {
    uint64_t offset;
    uint64_t length;
};
struct served_write served_disk_write(struct served_disk *disk, struct dice *dice);
/* All of it, as the guest reads it; the caller's. */
unsigned char *served_disk_read(struct served_disk *disk);

#endif
