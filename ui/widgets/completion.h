/* Completing a directory: what the Tab key makes of a path that is being typed. Of nothing it makes a list of
 * where there is room: the mounted file systems that can be written to (mounts.h).
 *
 * Only directories are candidates (links to directories too); hidden ones only after a dot was typed. A
 * leading "~/" becomes the home directory. Names may be anything: they are kept as they are, and shown
 * through cells.h. Bounded: at most COMPLETION_ENTRIES names are looked at and COMPLETION_CANDIDATES kept.
 *
 * completion_run looks at file systems and may block for as long as they do (a dead NFS): worker threads
 * only. Ownership: completion_clear. Threads: any, each its own value. */
#ifndef REFPOINT_UI_WIDGETS_COMPLETION_H
#define REFPOINT_UI_WIDGETS_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>

#define COMPLETION_ENTRIES 20000
#define COMPLETION_CANDIDATES 200

struct completion {
    char *typed;       /* what was asked */
    char *text;        /* what it becomes: the typed text, or longer */
    char **candidates; /* names, sorted by bytes; several where more than one goes on from text, else none; of
                          nothing: whole paths, those with the most room first */
    char **about;      /* what is to be told of each; NULL: nothing */
    size_t candidate_count;
    bool more; /* there are more candidates than are kept, or names than are looked at */
};

void completion_run(const char *typed, struct completion *completion);
void completion_clear(struct completion *completion);
/* What the text becomes when a candidate is taken; the caller's. */
char *completion_take(const struct completion *completion, size_t candidate);
/* Tab has an effect: text grew, or there is something to list. Otherwise the focus moves on. */
bool completion_has_effect(const struct completion *completion);

#endif
