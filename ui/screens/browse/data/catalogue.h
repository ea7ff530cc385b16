/* Collections with their totals, as the list on the left shows them: made by a worker from the host's lists,
 * so that ten thousand names are counted and folded off the screen's thread. Threads: any, each its own. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_DATA_CATALOGUE_H
#define REFPOINT_UI_SCREENS_BROWSE_DATA_CATALOGUE_H

#include "core/model/model.h"
#include "ui/screens/browse/data/members.h"

struct catalogue_row {
    struct guid id;
    char *name;
    char *folded;                /* for filters */
    size_t machines;             /* members */
    size_t missing;              /* members that the host does not know any more */
    size_t damaged;              /* members whose records cannot be read */
    char *problem;               /* why its own record cannot be read; NULL: it can */
    struct member_states states; /* of the members */
    uint64_t size;               /* of all disks of the members that are known */
    char machines_text[32];      /* "3", "3, 1 gone" */
    bool sized;                  /* size and states are known */
};

struct catalogue {
    struct catalogue_row *rows;
    size_t count;
    size_t machines;             /* on the host, in whatever collection or none */
    struct member_states states; /* of all of them, where there is no collection to show them in */
    size_t collections_left_out; /* that cannot be read; they are the last rows */
    size_t machines_left_out;
    char *unreached;      /* why the machines are only as they were last known; NULL: they are as they are */
    int machines_columns; /* that the longest machines_text takes */
};

/* Sorts `machines` by id. NULL: they are not known yet, and what they tell is left blank. */
void catalogue_build(struct catalogue *catalogue, const struct collection_list *collections,
                     struct machine_list *machines);
void catalogue_clear(struct catalogue *catalogue);

#endif
