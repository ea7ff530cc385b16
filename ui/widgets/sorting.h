/* By which column a list is sorted, and the order of its rows then. Equal rows stay as they came, and those
 * that have nothing in the column come last, whichever way it is sorted. n log n comparisons, once a change.
 * Threads: any. */
#ifndef REFPOINT_UI_WIDGETS_SORTING_H
#define REFPOINT_UI_WIDGETS_SORTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/draw/canvas.h"

struct sorting { /* zeroed: the first column, the way that suits it */
    unsigned column;
    bool reversed;
};
void sorting_next(struct sorting *sorting, unsigned columns); /* the way that suits it */

struct sort_key {
    const char *text; /* borrowed; NULL: the number counts */
    int64_t number;
    bool absent;
};
/* Numbers of rows in their order; the caller's. */
size_t *sorting_order(const struct sort_key *keys, size_t count, bool descending);

/* What stands behind the title of the column: "▲" grows downwards, "▼" shrinks. */
const char *sorting_sign(const struct canvas *canvas, bool descending);

#endif
