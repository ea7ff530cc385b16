/* The list of packages from the inside: what list.c (requests and keys) and view.c (the picture) share. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_STATE_H
#define REFPOINT_UI_SCREENS_PACKAGE_STATE_H

#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/screens/package/path_field.h"
#include "ui/screens/package/rows.h"
#include "ui/widgets/facts.h"
#include "ui/widgets/list_view.h"

struct packages_layout {
    struct layout_box field;
    struct layout_box candidates; /* beneath the field */
    struct layout_box heading;
    struct layout_box titles;
    struct layout_box list;
    struct layout_box notice;  /* of what is unfinished in the directory */
    struct layout_box divider; /* a column, where the detail stands at the right */
    struct layout_box detail_heading;
    struct layout_box detail;
};

struct packages_screen {
    struct screen screen;
    bool in_field; /* the path has the keys */
    struct path_field path;
    uint64_t ticket; /* 0: nothing is being read */
    int64_t since_ms;
    char *asked; /* the directory that is being read; NULL: the one that is remembered */
    bool read;   /* rows are those of a directory */
    struct package_rows rows;
    struct error err; /* of the last reading */
    struct list_view view;
    struct facts facts;  /* of the selected row */
    size_t running;      /* jobs, as they were last told */
    bool waits_for_jobs; /* which say what to propose */
    struct packages_layout layout;
};

const struct package_row *packages_selected(const struct packages_screen *self); /* NULL: none */
void packages_recalc(struct screen *screen, int rows, int columns);
void packages_repaint(const struct screen *screen, const struct canvas *body);
struct screen_spot packages_cursor(const struct screen *screen);

#endif
