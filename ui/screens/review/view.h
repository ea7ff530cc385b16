/* The review as a page: what will be exported, from what, to where, whether it fits, and the command that
 * does the same. Pure; tested as text. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_REVIEW_VIEW_H
#define REFPOINT_UI_SCREENS_REVIEW_VIEW_H

#include "ui/draw/page.h"
#include "ui/screens/form/model/form.h"

struct review {                 /* a copy of what the form and its check said; review_clear */
    char *title;                /* of the point */
    char *name;                 /* its own; may be "" */
    char *when;                 /* its time; of now: "" */
    char *chain;                /* its place among the points */
    char *base;                 /* NULL = full */
    struct form_needed *needed; /* packages that it stands on */
    size_t needed_count;
    struct command_line command;
    char *rate; /* "50.0 MiB/s"; NULL = no limit */
    struct host_capabilities capabilities;
    struct export_request request;
    struct export_estimate estimate;
    struct last_export last;
    size_t machines;
    struct guid *also; /* other points, each of which becomes a job of its own, with these settings */
    size_t also_count;
    char *also_names;     /* "monday, tuesday" */
    bool leaves_others;   /* there were more, but machines as they are now are exported once */
    struct error refusal; /* of the start; code 0 = none */
};
/* From a form that is ready. */
void review_from_form(struct review *review, const struct export_form *form);
void review_clear(struct review *review);

enum review_stop { REVIEW_BACK, REVIEW_START };

struct review_view {
    struct page page;
    int buttons_row; /* rows before it scroll */
};
void review_view_build(struct review_view *view, const struct review *review, int columns, bool ascii,
                       bool starting);
void review_view_clear(struct review_view *view);

#endif
