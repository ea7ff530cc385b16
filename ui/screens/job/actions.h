/* What can be asked of a job from any screen that shows it. Requests go to the runner on a worker; the answer
 * is one line in the footer. job may be NULL: then they say that there is none. Return enum screen_effect
 * flags. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_JOB_ACTIONS_H
#define REFPOINT_UI_SCREENS_JOB_ACTIONS_H

#include "core/job/job.h"
#include "ui/app/screen.h"

/* The hint of a screen whose job is paused: the same key, the other word. */
#define JOB_HINT_RESUME                                                                                      \
    {                                                                                                        \
        .action = ACTION_PAUSE, .label = "resume", .help = "Let the paused job go on"                        \
    }

/* And of one whose process died. */
#define JOB_HINT_GO_ON                                                                                       \
    {                                                                                                        \
        .action = ACTION_PAUSE, .label = "resume", .help = "Let the interrupted job go on where it stopped"  \
    }

/* Suspend; or start again where it is suspended, or was interrupted. */
unsigned job_pause(struct screen *screen, const struct job_snapshot *job);
/* Asks first; then terminates cleanly. */
unsigned job_ask_cancel(struct screen *screen, const struct job_snapshot *job);
/* Asks first; then removes the record of an ended job. */
unsigned job_ask_discard(struct screen *screen, const struct job_snapshot *job);

/* Without asking: for dialogs that did. */
void job_request(struct app *app, const struct guid *job, uint32_t requested_state, const char *said);

#endif
