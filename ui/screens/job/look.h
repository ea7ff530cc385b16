/* What a job's screen reads of its journal, on a worker: the last lines of the log, as often as there are
 * more, and once what the job was asked for. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_JOB_LOOK_H
#define REFPOINT_UI_SCREENS_JOB_LOOK_H

#include "ui/app/screen.h"
#include "ui/screens/job/again.h"

#define JOB_LOOK_LINES 20

struct job_look {
    struct guid id;
    uint64_t ticket; /* of what is being read; 0: nothing is */
    char note[256];  /* the snapshot's, when the log was read */
    bool is_read;
    char **lines; /* "10:19:40 web02/vda: copying", the newest last */
    size_t count;
    bool asked; /* for what is next, once */
    struct again again;
};
void job_look_clear(struct job_look *look);
/* Reads what is new. look is part of the screen. */
void job_look_ask(struct job_look *look, struct screen *screen, const char *note);

#endif
