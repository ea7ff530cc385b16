/* What jobs.c and jobs_list.c share; nobody else's.
 *
 * Two arrays side by side: snapshots (what screens borrow) and links (how each is kept fresh). */
#ifndef REFPOINT_UI_APP_JOBS_STATE_H
#define REFPOINT_UI_APP_JOBS_STATE_H

#include "ui/app/jobs/jobs.h"

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
    bool listing;
    bool list_again;
    int64_t list_at_ms;      /* 0 = not planned */
    int64_t list_late_at_ms; /* the same, once more */
    struct error problem;
    enum jobs_news news;
    struct job_snapshot *snapshots;
    struct link *links;
    size_t count;
};

void jobs_note(struct jobs *jobs, enum jobs_news news);
/* Follows the job at this place, unless it is followed already. */
void jobs_start_following(struct jobs *jobs, size_t at);
/* Takes the snapshot over. */
void jobs_insert_first(struct jobs *jobs, const struct link *link, const struct job_snapshot *snapshot);
void jobs_clear(struct jobs *jobs);

#endif
