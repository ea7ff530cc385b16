/* The browse screen from the inside: what browse.c (requests and keys) and view.c (the picture)
 * share. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_STATE_H
#define REFPOINT_UI_SCREENS_BROWSE_STATE_H

#include "core/base/guid_set.h"
#include "core/job/job.h"
#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/screens/browse/data/catalogue.h"
#include "ui/screens/browse/data/overview.h"
#include "ui/screens/browse/data/safety.h"
#include "ui/widgets/facts.h"
#include "ui/widgets/list_view.h"
#include "ui/widgets/sorting.h"

enum browse_focus { FOCUS_COLLECTIONS, FOCUS_POINTS };

struct browse_reading {
    uint64_t ticket; /* 0 = not waiting */
    int64_t since_ms;
    bool given_up;
    bool done; /* what there is may be shown */
    struct error err;
};

struct browse_detail {
    char *name; /* of its heading */
    struct facts facts;
    struct guid point;            /* that is read whole, or asked for; none: no one is */
    struct reference_point whole; /* when it is there: of that id */
    uint64_t ticket;
};

struct browse {
    struct screen screen;
    size_t running; /* jobs, as they were last told */
    size_t jobs;    /* all of them */

    struct browse_reading reading_collections;
    struct catalogue catalogue;
    struct list_view collections;
    struct sorting collection_sorting;
    size_t *collection_order;

    struct browse_reading reading_points;
    struct reference_point_list points;
    char **folded; /* of the points, and behind them of those that are damaged: the rows */
    struct list_view point_view;
    struct sorting point_sorting;
    size_t *point_order;
    struct guid_set marks;   /* points, of whichever collection */
    struct moment marked_at; /* the last of them */

    uint64_t looking; /* over the points of the whole store: ticket; 0: nobody does */
    struct overview overview;
    uint64_t reading_exports; /* ticket; 0: they are not being read */
    struct exported_list exported;

    struct browse_detail detail; /* of the selected row of the pane that has the focus */

    struct layout_browse layout;
    struct layout_box collections_notice; /* what is missing from the list above it */
    struct layout_box points_notice;
    enum browse_focus focus;
    struct place_to_go going;                       /* once its points are there; collection none: nowhere */
    unsigned (*points_came)(struct browse *browse); /* that were asked for; effects */

    struct guid asked_of;  /* collection of the request for points that is in flight */
    struct guid points_of; /* collection whose points are held */
    struct guid view_of;   /* collection whose point is selected, or was while there is none to show */
    bool daemon_found;     /* of this machine, to be offered where there is nothing */
    bool look_again;       /* over the whole store, once the collections are there */
    bool checks; /* the store is checked, which finds damage and mends: then it is looked over again */
    bool exported_known;
};

const struct catalogue_row *browse_collection(const struct browse *browse); /* selected; NULL: none */
size_t browse_point_rows(const struct browse *browse);                      /* damaged ones last */
/* Selected; NULL: none, one that is damaged, or the points of that collection are not there yet. */
const struct reference_point *browse_point(const struct browse *browse);
const struct damaged_record *browse_damaged_point(const struct browse *browse); /* selected; NULL: none */
bool browse_is_empty(const struct browse *browse); /* the store has no collection */
/* There is no list, and none to wait for: it could not be read, or was given up. */
bool browse_has_failed(const struct browse *browse);
bool browse_is_first_reading(const struct browse *browse); /* there is no list yet, but one to wait for */
const struct job_snapshot *browse_job(const struct browse *browse); /* the newest that runs; NULL */

void browse_tell_objects(const struct screen *screen, struct told_objects *objects);
/* Their rows; SIZE_MAX: it is not there (any more). */
size_t browse_find_collection(const struct browse *browse, const struct guid *id);
size_t browse_find_point(const struct browse *browse, const struct guid *id);

const struct screen_hint *browse_hints(const struct screen *screen);
bool browse_takes_text(const struct screen *screen);
void browse_recalc(struct screen *screen, int rows, int columns);
void browse_repaint(const struct screen *screen, const struct canvas *body);
struct screen_spot browse_cursor(const struct screen *screen);
void browse_title(const struct screen *screen, struct strbuf *left, struct strbuf *right);

#endif
