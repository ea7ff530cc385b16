#include "core/host/libvirt/live/block_job.h"

#include <libvirt/virterror.h>
#include <string.h>
#include <time.h>

#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/connection/library.h"

#define LOOK_FIRST_MS 5
#define LOOK_MOST_MS 250
#define PIVOT_PATIENCE_MS 60000

static void wait_for(int milliseconds)
{
    const struct timespec pause = {.tv_nsec = milliseconds * 1000000L};
    nanosleep(&pause, NULL);
}

static int longer(int milliseconds)
{
    return milliseconds * 2 > LOOK_MOST_MS ? LOOK_MOST_MS : milliseconds * 2;
}

/* 1: a job runs, 0: none, -1: err. */
static int look(const struct block_job *job, virDomainBlockJobInfo *info, struct error *err)
{
    memset(info, 0, sizeof *info);
    int found = libvirt()->virDomainGetBlockJobInfo(job->domain, job->disk, info, 0);
    if (found < 0)
        library_error(err, "point.block-job", "%s: cannot ask how far its block job is", job->label);
    return found;
}

bool block_job_find(const struct block_job *job, int *type, struct error *err)
{
    virDomainBlockJobInfo info;
    int found = look(job, &info, err);
    *type = found > 0 ? info.type : 0;
    return found >= 0;
}

static bool ended_by_asker(const struct block_job *job, struct error *err)
{
    if (libvirt()->virDomainBlockJobAbort(job->domain, job->disk, 0) != 0)
        libvirt()->virResetLastError(); /* it may just have ended by itself */
    error_set(err, RETURN_FAILED, "point.ended", "%s: merging was ended", job->label);
    return error_next(err, "\"refpoint store check\" goes on with it.");
}

/* What the job has done so far, for whoever follows; false: it is to end. */
static bool report(const struct block_job *job, uint64_t *told, const virDomainBlockJobInfo *info)
{
    uint64_t more = info->cur > *told ? info->cur - *told : 0;
    *told += more;
    return watch_advance(job->watch, more);
}

static bool pivot_now(const struct block_job *job, struct error *err)
{
    int64_t end = monotonic_milliseconds() + PIVOT_PATIENCE_MS;
    int pause = LOOK_FIRST_MS;
    while (libvirt()->virDomainBlockJobAbort(job->domain, job->disk, VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT) != 0) {
        /* A busy guest may have written since; it is ready again in a moment. */
        if (libvirt()->virGetLastErrorCode() != VIR_ERR_BLOCK_COPY_ACTIVE || monotonic_milliseconds() > end)
            return library_error(err, "point.pivot", "%s: the machine does not go over to the older file",
                                 job->label);
        wait_for(pause);
        pause = longer(pause);
    }
    return true;
}

bool block_job_follow(const struct block_job *job, bool pivot, struct error *err)
{
    virDomainBlockJobInfo info;
    uint64_t told = 0;
    int pause = LOOK_FIRST_MS;
    for (;;) {
        int found = look(job, &info, err);
        if (found < 0)
            return false;
        if (found == 0)
            break; /* whether it came off is seen in the machine's chain */
        if (!report(job, &told, &info))
            return ended_by_asker(job, err);
        if (pivot && info.end > 0 && info.cur == info.end)
            return pivot_now(job, err);
        wait_for(pause);
        pause = longer(pause);
    }
    return true;
}

bool block_job_commit(const struct block_job *job, const char *top, const char *base, struct error *err)
{
    unsigned flags = top ? VIR_DOMAIN_BLOCK_COMMIT_RELATIVE : VIR_DOMAIN_BLOCK_COMMIT_ACTIVE;
    if (libvirt()->virDomainBlockCommit(job->domain, job->disk, base, top, 0, flags) != 0)
        return library_error(err, "point.block-job", "%s: its newer file cannot be merged into the older one",
                             job->label);
    return block_job_follow(job, top == NULL, err);
}
