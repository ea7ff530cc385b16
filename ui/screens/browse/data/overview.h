/* What the whole store says of each collection at a glance: its newest point, how many there are, and how
 * many records of points cannot be read. Read by a worker; and where the packages of its points are.
 *
 * Threads: any, each its own; the tasks as work.h has it. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_DATA_OVERVIEW_H
#define REFPOINT_UI_SCREENS_BROWSE_DATA_OVERVIEW_H

#include "core/host/host.h"
#include "ui/screens/exports/exports.h"

struct overview_point {
    struct guid id;
    char *name;
    struct moment created;
};

struct overview_row {
    struct guid collection;
    struct guid newest; /* none: there is no point */
    struct moment created;
    size_t points;
    size_t damaged;
    struct overview_point *names; /* of the points */
};

struct overview {              /* zeroed: nothing is known yet */
    struct overview_row *rows; /* by id */
    size_t count;
};
void overview_clear(struct overview *overview);
const struct overview_row *overview_find(const struct overview *overview, const struct guid *collection);
/* The points of one collection, as they were just read. */
void overview_take(struct overview *overview, const struct guid *collection,
                   const struct reference_point_list *points);
size_t overview_damaged(const struct overview *overview); /* points of all collections that cannot be read */

struct load_overview {
    struct host *host;
    struct guid *collections;
    size_t count;
    struct overview overview;
};
/* Takes the array. */
struct load_overview *load_overview_new(struct host *host, struct guid *collections, size_t count);
void load_overview_run(void *task);
void load_overview_release(void *task);

#endif
