/* The work of one RCT based point. Private to rct/. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_WORK_H
#define REFPOINT_HOST_LIBVIRT_RCT_WORK_H

#include "core/host/layers/freeze/freeze_work.h"
#include "core/host/libvirt/machine/members.h"
#include "core/host/libvirt/rct/place.h"
#include "core/host/libvirt/rct/rct.h"

struct rct_disk {
    size_t member; /* in point.members, and disk in its disks */
    size_t disk;
    bool marks;         /* its image can hold bitmaps; otherwise it goes in full each time */
    struct chain chain; /* of a machine that is off; else empty */
    bool incremental;
    uint64_t base_size;
    uint64_t dirty;    /* incremental: at most so much has changed */
    uint64_t held;     /* bytes that the image has on its disk; at most the virtual size */
    char *full_reason; /* a base was asked for, and this disk cannot have one */
    char *scratch;
};

struct rct_work {
    const struct live *live;
    struct freeze_work frame; /* the point, and what is kept of its machines' files */
    struct members members;
    struct layers layers;        /* that chains are read with; only where a machine is off */
    struct reference_point base; /* id none: in full */
    struct rct_disk *disks;
    size_t count;
    struct account *account; /* of the host where machines and images are; NULL: they are here */
    struct place place;      /* of the sockets, one for each machine */
    char *checkpoint;
    char *base_checkpoint;
    bool allow_crash;
    char **file_paths; /* of the machines, on another host; and what it said of them */
    size_t file_path_count;
    char *files_said;
    int pin; /* the journal's file, locked as long as the work is alive; -1 */
};

/* What the machines are now, the point, and each disk with its reason to go in full. Refused: a base that is
 * none (32773), a paused machine that is to be application consistent (32775). base: none = in full. */
bool rct_plan(struct rct_work *work, const struct point_request *request, const struct object_path *base,
              struct error *err) WARN_UNUSED;
void rct_work_clear(struct rct_work *work);

/* Has a QEMU that is asked; otherwise off.h. */
bool rct_is_live(const struct rct_work *work, size_t member);
bool rct_journal_write(struct rct_work *work, struct error *err) WARN_UNUSED;

/* The instant: checkpoints, and with `serve` the backups. */
bool rct_window(struct rct_work *work, bool serve, struct error *err) WARN_UNUSED;
/* Ends backups, and without a point the checkpoints; removes sockets and scratch files. Repeatable. */
bool rct_take_down(struct rct_work *work, bool keep_checkpoints, struct error *err) WARN_UNUSED;

#endif
