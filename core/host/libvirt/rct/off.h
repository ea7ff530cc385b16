/* Members of an RCT based point that are off. No QEMU has their images open, so what a running one would be
 * asked for is done to the files: the bitmap is added to the image as it stands, and what was marked since
 * the base is gathered from the files of the chain.
 *
 * A machine can be started at any moment; nothing here keeps it from that. Whether it was, is looked at after
 * the instant (off_hold), and by the engine after the copy.
 *
 * Threads: the caller's, under the store's lock. Ownership: the work's. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_OFF_H
#define REFPOINT_HOST_LIBVIRT_RCT_OFF_H

#include "core/host/libvirt/rct/checkpoint.h"
#include "core/host/libvirt/rct/work.h"

/* The files that the disk's image rests on, which say its size too. 32774 where somebody has it open. */
bool off_read_chain(struct rct_work *work, struct rct_disk *disk, struct error *err) WARN_UNUSED;
/* As checkpoint_look. since: when the base was made. */
bool off_look(const struct rct_disk *disk, const char *name, struct moment since,
              struct checkpoint_disk *found, struct error *err) WARN_UNUSED;
/* Before the instant: checkpoints and bitmaps; with `serve` also what they marked since the base, gathered in
 * the scratch file. From here on the images must stay as they are. */
bool off_mark(struct rct_work *work, bool serve, struct error *err) WARN_UNUSED;
/* After it: they are off still, and nobody has written to them. 32774. */
bool off_hold(const struct rct_work *work, struct error *err) WARN_UNUSED;
/* The name of the machine that was started while it was read; NULL: none was. */
const char *off_started(const struct rct_work *work);
/* What the engine reads of it. */
void off_describe(const struct rct_work *work, const struct rct_disk *disk, struct export_disk *chosen);

#endif
