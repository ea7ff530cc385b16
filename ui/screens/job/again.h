/* An export once more: what its journal says it was asked for, in words, as a command, and as what the export
 * form is filled with. Threads: any, each its own values. */
#ifndef REFPOINT_UI_SCREENS_JOB_AGAIN_H
#define REFPOINT_UI_SCREENS_JOB_AGAIN_H

#include "core/service/journal/request.h"
#include "ui/app/data/last_export.h"
#include "ui/widgets/command_line.h"

struct again { /* zeroed: nothing is known */
    bool is_export;
    bool is_live;
    char *settings; /* in words */
    struct command_line command;
    bool can_fill; /* the form can be filled with it: */
    struct object_path point;
    char *collection;
    struct last_export values;
};
void again_clear(struct again *again);
/* host: asked which disks its point has, where only some of them were exported; may block. */
void again_make(struct again *again, const struct journal_request *request, struct host *host);

#endif
