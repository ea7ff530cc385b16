/* Block commits of a running machine's disk, followed to their end.
 *
 * Source: libvirt's virDomainBlockCommit, virDomainGetBlockJobInfo, virDomainBlockJobAbort. Threads: the
 * caller's, which waits. Units: bytes. */
#ifndef REFPOINT_HOST_LIBVIRT_LIVE_BLOCK_JOB_H
#define REFPOINT_HOST_LIBVIRT_LIVE_BLOCK_JOB_H

#include <libvirt/libvirt.h>

#include "core/base/error.h"
#include "core/base/watch.h"

struct block_job {
    virDomainPtr domain;
    const char *disk;    /* "vda" */
    const char *label;   /* "web01/vda" */
    struct watch *watch; /* NULL: nobody follows */
};

/* The content of `top` goes into `base`, the file right beneath it; the machine runs on. top NULL: it is the
 * file that the machine writes to, which writes to base from then on. 32774 when another job has the disk. */
bool block_job_commit(const struct block_job *job, const char *top, const char *base,
                      struct error *err) WARN_UNUSED;
/* The same for one that was begun before: waits, and pivots where it is to. */
bool block_job_follow(const struct block_job *job, bool pivot, struct error *err) WARN_UNUSED;
/* *type: 0 where none runs, else virDomainBlockJobType. */
bool block_job_find(const struct block_job *job, int *type, struct error *err) WARN_UNUSED;

#endif
