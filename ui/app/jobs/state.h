/* What the parts of this folder share; nobody else's.
 *
 * Two arrays side by side: snapshots (what screens borrow) and links (how each is kept fresh). */
#ifndef REFPOINT_UI_APP_JOBS_STATE_H
#define REFPOINT_UI_APP_JOBS_STATE_H

#include "core/job/job.h"
#include "ui/app/work/work.h"

struct link {
    struct guid id;
    struct follow *follow;
    bool opening;
    bool unseen;       /* ended before our eyes, not opened since */
    int64_t retry_ms;  /* when to try to connect again; 0 = no need */
    unsigned failures; /* to connect, in a row */
};

struct jobs {
    struct work *work;
    const char *state_directory;
    int watch_fd;
    uint64_t keep_days; /* of ended jobs, until older ones have been forgotten; 0 = for ever */
    size_t unread;      /* jobs that are there and have not been read yet */
    bool listed;        /* at least once */
    bool listing;
    bool list_again;
    int64_t list_at_ms;      /* 0 = not planned */
    int64_t list_late_at_ms; /* the same, once more */
    struct error problem;
    bool changed; /* news: a job came, went or changed its state */
    bool moved;   /* and: numbers did */
    struct job_snapshot *snapshots;
    struct link *links;
    size_t count;
};

#endif
