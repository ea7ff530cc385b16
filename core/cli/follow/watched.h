/* Long work on files in this process: progress on a terminal, Ctrl-C (SIGTERM and SIGHUP too) ends it with
 * everything as it was. Threads: the main one. */
#ifndef REFPOINT_CLI_FOLLOW_WATCHED_H
#define REFPOINT_CLI_FOLLOW_WATCHED_H

#include "core/base/watch.h"
#include "core/cli/line/context.h"
#include "core/cli/line/interrupt.h"

struct watched {
    struct watch watch; /* for the host */
    struct cli *cli;
    struct interrupt interrupt;
    int64_t shown; /* monotonic, milliseconds */
    bool cancelled;
    const char *left; /* what is said when it was cancelled: "the digests ... stay"; NULL: all is as it was */
};

void watched_begin(struct watched *watched, struct cli *cli);
void watched_end(struct watched *watched);
/* Of work that ended with an error: cancelled, or refused as cli_refuse does. */
int watched_refuse(struct watched *watched, const struct error *err);

#endif
