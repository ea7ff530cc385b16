#include "ui/draw/layout.h"

#define SIDE_BY_SIDE_COLUMNS 80 /* two panes need this much */
#define WIDE_COLUMNS 110        /* three need this much */
#define STRIP_ROWS 20           /* with fewer, one running job is shown */
#define DETAIL_LEAST_ROWS 6     /* its heading too */
#define LIST_LEAST_ROWS 6       /* beside a detail beneath it, with heading and titles */
#define STRIP_LIMIT 3
#define COMMAND_BODY_ROWS 17 /* with fewer, the command line scrolls with the fields */
#define ROOMY_BODY_ROWS 20

static int least(int left, int right)
{
    return left < right ? left : right;
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : least(value, high);
}

/* Takes rows off the top of what is left of an area. */
static struct layout_box take_top(struct layout_box *area, int rows)
{
    rows = clamp(rows, 0, area->rows);
    struct layout_box taken = *area;
    taken.rows = rows;
    area->row += rows;
    area->rows -= rows;
    return taken;
}

static struct layout_box take_bottom(struct layout_box *area, int rows)
{
    rows = clamp(rows, 0, area->rows);
    struct layout_box taken = *area;
    taken.row = area->row + area->rows - rows;
    taken.rows = rows;
    area->rows -= rows;
    return taken;
}

static struct layout_box area_of(int rows, int columns)
{
    return (struct layout_box){.rows = rows > 0 ? rows : 0, .columns = columns > 0 ? columns : 0};
}

struct layout_frame layout_frame(int rows, int columns, int running_jobs)
{
    struct layout_box area = area_of(rows, columns);
    if (rows < LAYOUT_LEAST_ROWS || columns < LAYOUT_LEAST_COLUMNS)
        return (struct layout_frame){.too_small = true, .body = area};
    int strip = clamp(running_jobs, 0, rows >= STRIP_ROWS ? STRIP_LIMIT : 1);
    struct layout_frame frame = {.title = take_top(&area, 1)};
    frame.footer = take_bottom(&area, 1);
    frame.strip = take_bottom(&area, strip);
    frame.body = area;
    return frame;
}

static struct layout_box take_left(struct layout_box *area, int columns)
{
    columns = clamp(columns, 0, area->columns);
    struct layout_box taken = *area;
    taken.columns = columns;
    area->column += columns;
    area->columns -= columns;
    return taken;
}

static void place_collections(struct layout_browse *made, struct layout_box pane)
{
    made->collections_heading = take_top(&pane, 1);
    made->collections_titles = take_top(&pane, 1);
    made->collections = pane;
}

static void place_points(struct layout_browse *made, struct layout_box pane)
{
    made->points_heading = take_top(&pane, 1);
    made->points_titles = take_top(&pane, 1);
    made->points = pane;
}

static struct layout_browse browse_stacked(struct layout_box area)
{
    struct layout_browse made = {.stacked = true};
    place_collections(&made, take_top(&area, clamp(area.rows * 2 / 5, 5, 14)));
    place_points(&made, area);
    return made;
}

static void place_lists(struct layout_browse *made, struct layout_box area)
{
    place_collections(made, take_left(&area, clamp(area.columns * 2 / 5, 34, 60)));
    made->divider = take_left(&area, 1);
    place_points(made, area);
}

/* Of its rows: what the lists leave, at least a third of a high screen; none of a low one. */
static int detail_rows(int rows, size_t wanted)
{
    int lists = wanted > (size_t)rows ? rows : (int)wanted + 2;
    int least = rows / 3;
    int left = rows - (lists > LIST_LEAST_ROWS ? lists : LIST_LEAST_ROWS);
    int given = left > least ? left : least;
    given = clamp(given, 0, rows - LIST_LEAST_ROWS);
    return given >= DETAIL_LEAST_ROWS ? given : 0;
}

struct layout_browse layout_browse(int rows, int columns, size_t wanted)
{
    struct layout_box area = area_of(rows, columns);
    if (columns < SIDE_BY_SIDE_COLUMNS)
        return browse_stacked(area);
    struct layout_browse made = {0};
    struct layout_box detail;
    if (columns >= WIDE_COLUMNS) {
        struct layout_box lists = take_left(&area, columns * 3 / 5 > 78 ? columns * 3 / 5 : 78);
        made.detail_divider = take_left(&area, 1);
        detail = area;
        place_lists(&made, lists);
    } else {
        detail = take_bottom(&area, detail_rows(rows, wanted));
        place_lists(&made, area);
    }
    made.detail_heading = take_top(&detail, 1);
    made.detail = detail;
    return made;
}

struct layout_form layout_form(int rows, int columns)
{
    struct layout_box area = area_of(rows, columns);
    struct layout_form made = {.buttons = take_bottom(&area, 1)};
    int pinned = rows >= ROOMY_BODY_ROWS ? 4 : rows >= COMMAND_BODY_ROWS ? 3 : 0; /* its heading too */
    made.command = take_bottom(&area, pinned);
    made.fields = area;
    return made;
}

struct layout_form layout_review(int rows, int columns)
{
    struct layout_box area = area_of(rows, columns);
    struct layout_form made = {.buttons = take_bottom(&area, 1)};
    made.command = take_bottom(&area, 0);
    made.fields = area;
    return made;
}

struct layout_list layout_list(int rows, int columns)
{
    struct layout_box area = area_of(rows, columns);
    struct layout_list made = {.heading = take_top(&area, 1)};
    made.list = area;
    return made;
}

struct layout_jobs layout_jobs(int rows, int columns, size_t wanted)
{
    struct layout_box area = area_of(rows, columns);
    struct layout_jobs made = {0};
    struct layout_box detail;
    if (columns >= WIDE_COLUMNS) {
        struct layout_box list = take_left(&area, columns * 3 / 5 > 74 ? columns * 3 / 5 : 74);
        made.detail_divider = take_left(&area, 1);
        detail = area;
        area = list;
    } else {
        detail = take_bottom(&area, detail_rows(rows, wanted));
    }
    made.heading = take_top(&area, 1);
    made.titles = take_top(&area, 1);
    made.list = area;
    made.detail_heading = take_top(&detail, 1);
    made.detail = detail;
    return made;
}

struct layout_box layout_dialog(int rows, int columns, int wanted_rows, int wanted_columns)
{
    struct layout_box area = area_of(rows, columns);
    struct layout_box box = {.rows = clamp(wanted_rows, 0, area.rows),
                             .columns = clamp(wanted_columns, 0, area.columns)};
    box.row = (area.rows - box.rows) / 2;
    box.column = (area.columns - box.columns) / 2;
    return box;
}
