/* A job as the tests of its pictures have it. */
#ifndef REFPOINT_TESTS_UNIT_UI_JOBS_SHOWN_H
#define REFPOINT_TESTS_UNIT_UI_JOBS_SHOWN_H

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/job/job.h"

static struct job_disk disks[30];

/* At work, with a disk that is copied, one that is being copied, and some that wait. */
static inline struct job_snapshot running(void)
{
    struct job_snapshot job = {.state = JOB_STATE_RUNNING,
                               .phase = JOB_PHASE_COPY,
                               .percent_complete = 61,
                               .bytes_done = 251 * GIB,
                               .bytes_total = 412 * GIB,
                               .bytes_skipped = 7 * GIB,
                               .rate_now = 242 * MIB,
                               .rate_average = 240 * MIB,
                               .left_low_s = 600,
                               .left_high_s = 780,
                               .limited_by = JOB_LIMIT_TARGET,
                               .started = {.seconds = 1790244120},
                               .elapsed_ms = 1072000,
                               .disks = disks,
                               .disk_count = 4};
    guid_parse(&job.identity.id, "7f3a0000-0000-4000-8000-000000000000");
    strcpy(job.identity.collection, "web-prod");
    strcpy(job.identity.point, "nightly");
    strcpy(job.identity.directory, "/backup/web");
    strcpy(job.note, "10:19:40 web02/vda: unchanged ranges skipped");
    for (int64_t now = 0; now < 20000; now += 1000)
        job_history_add(&job.history, now + 1000, (now < 10000 ? 160 : 320) * MIB);
    memset(disks, 0, sizeof disks);
    for (size_t i = 0; i < ARRAY_LENGTH(disks); i++) {
        snprintf(disks[i].machine, sizeof disks[i].machine, "web%02zu", i + 1);
        strcpy(disks[i].disk, "vda");
        strcpy(disks[i].kind, "differential");
        disks[i].bytes_total = 120 * GIB;
    }
    disks[0].state = JOB_DISK_DONE;
    disks[0].bytes_done = 120 * GIB;
    disks[1].state = JOB_DISK_COPYING;
    disks[1].bytes_done = 41 * GIB;
    strcpy(disks[2].kind, "full");
    strcpy(disks[2].reason, "the disk is new since the base");
    return job;
}

#endif
