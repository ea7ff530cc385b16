/* What came of a job that is over: the receipt of a finished one; what, why, what next of a failed one. It
 * begins with one line that says it all; what is longer than the screen is scrolled; all of it can be copied
 * or kept as text. A pure function of the job's last snapshot and of what was read of its journal.
 *
 * Ownership: job_report_clear; zeroed is empty. Threads: one at a time. */
#ifndef REFPOINT_UI_JOBS_REPORT_H
#define REFPOINT_UI_JOBS_REPORT_H

#include "core/job/job.h"
#include "ui/draw/canvas.h"
#include "ui/draw/signs.h"
#include "ui/widgets/facts.h"

struct job_report_source { /* borrowed; NULL: not known (yet) */
    const char *log_path;
    const char *const *log; /* last lines, the newest last */
    size_t log_count;
    const char *settings;             /* that it was started with, in words */
    const struct command_line *again; /* that does the same once more */
    const char *pause_key;            /* lets an interrupted one go on; NULL: it cannot, or "p" in texts */
    bool is_live;                     /* an export of machines as they were: it cannot go on */
};

enum job_report_kind {
    REPORT_LINE,    /* one line across the room */
    REPORT_HEADING, /* of what follows */
    REPORT_FACTS,
    REPORT_PROGRESS,
    REPORT_GRAPH, /* not in text, and not in ASCII */
    REPORT_DISKS,
    REPORT_BLANK,
};

struct job_report_part {
    enum job_report_kind kind;
    enum sign sign;
    enum theme_role role;
    char *text;
    struct facts facts;
};

struct job_report {
    struct job_report_part *parts;
    size_t count;
    int top;
    int total;
    int visible;
};

void job_report_clear(struct job_report *report); /* keeps the place */
void job_report_make(struct job_report *report, const struct job_snapshot *job,
                     const struct job_report_source *source);
void job_report_fit(struct job_report *report, const struct job_snapshot *job, int rows, int columns,
                    bool ascii);
bool job_report_move(struct job_report *report, enum ui_action action); /* false: it was there */
void job_report_paint(const struct job_report *report, const struct job_snapshot *job,
                      const struct canvas *canvas);
/* The caller's; escaped, as it will be pasted somewhere. */
char *job_report_text(const struct job_report *report, const struct job_snapshot *job);

#endif
