/* Where everything is: a pure function of rows × columns for each screen, without a terminal.
 *
 * Full at 80x24, compact at 60x16, every size in between and above; smaller than that is "too small" and
 * shows one sentence. Compact means: panes stack where there are fewer than 80 columns; the detail and the
 * pinned command line go where there are few rows. A box with no rows is not there. Boxes never overlap and
 * never leave the area. Rows and columns count from 0. Threads: any. */
#ifndef REFPOINT_UI_DRAW_LAYOUT_H
#define REFPOINT_UI_DRAW_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#define LAYOUT_LEAST_ROWS 16
#define LAYOUT_LEAST_COLUMNS 60

struct layout_box {
    int row;
    int column;
    int rows;
    int columns;
};

/* What the app puts around every screen. */
struct layout_frame {
    bool too_small; /* then only `body` is there: all of it, for the sentence */
    struct layout_box title;
    struct layout_box body;
    struct layout_box strip; /* running jobs, a row each, as many as fit */
    struct layout_box footer;
};
struct layout_frame layout_frame(int rows, int columns, int running_jobs);

/* The screens: rows and columns are those of the body; boxes are in its coordinates. */
struct layout_browse {
    bool stacked; /* collections above points, instead of beside */
    struct layout_box collections_heading;
    struct layout_box collections_titles; /* of the columns */
    struct layout_box collections;
    struct layout_box divider; /* a column between the panes; none where they are stacked */
    struct layout_box points_heading;
    struct layout_box points_titles;
    struct layout_box points;
    struct layout_box detail_heading; /* of the selected row; beneath, or at the right of a wide screen */
    struct layout_box detail;
    struct layout_box detail_divider; /* a column, where the detail stands at the right */
};
/* wanted: rows of the longer list; the detail has what the lists leave, and a part of a high screen. */
struct layout_browse layout_browse(int rows, int columns, size_t wanted);

struct layout_form {           /* the export form and its review */
    struct layout_box fields;  /* scrolls */
    struct layout_box command; /* the same as a command line; where not there, it is part of what scrolls */
    struct layout_box buttons;
};
struct layout_form layout_form(int rows, int columns);
struct layout_form layout_review(int rows, int columns); /* no command: it is in the text */

struct layout_list { /* jobs, a log, help: a heading and what scrolls beneath */
    struct layout_box heading;
    struct layout_box list;
};
struct layout_list layout_list(int rows, int columns);

struct layout_jobs { /* a list with titles of its columns; details as in layout_browse */
    struct layout_box heading;
    struct layout_box titles;
    struct layout_box list;
    struct layout_box detail_heading;
    struct layout_box detail;
    struct layout_box detail_divider;
};
struct layout_jobs layout_jobs(int rows, int columns, size_t wanted);

/* In the middle of the body, as large as wanted where that fits, frame included. */
struct layout_box layout_dialog(int rows, int columns, int wanted_rows, int wanted_columns);

#endif
