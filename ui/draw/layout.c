#include "ui/draw/layout.h"

#define SIDE_BY_SIDE_COLUMNS 80 /* two panes need this much */
#define RULES_ROWS 20           /* with fewer, every row is content */
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
    bool rules = rows >= RULES_ROWS;
    int strip = clamp(running_jobs, 0, rules ? STRIP_LIMIT : 1);
    struct layout_frame frame = {.title = take_top(&area, 1)};
    frame.footer = take_bottom(&area, 1);
    frame.footer_rule = take_bottom(&area, rules ? 1 : 0);
    frame.strip = take_bottom(&area, strip);
    frame.strip_rule = take_bottom(&area, rules && strip > 0 ? 1 : 0);
    frame.body = area;
    return frame;
}

static struct layout_browse browse_stacked(struct layout_box area)
{
    int collections = clamp((area.rows - 2) * 2 / 5, 3, 12);
    struct layout_browse made = {.stacked = true};
    made.collections_heading = take_top(&area, 1);
    made.collections = take_top(&area, collections);
    made.points_heading = take_top(&area, 1);
    made.points = area;
    return made;
}

struct layout_browse layout_browse(int rows, int columns)
{
    struct layout_box area = area_of(rows, columns);
    if (columns < SIDE_BY_SIDE_COLUMNS)
        return browse_stacked(area);
    struct layout_box left = area;
    left.columns = clamp(columns * 2 / 5, 34, 60);
    struct layout_box right = area;
    right.column = left.columns + 1; /* a blank column between */
    right.columns = columns - right.column;
    struct layout_browse made = {.collections_heading = take_top(&left, 1),
                                 .points_heading = take_top(&right, 1)};
    made.collections = left;
    made.points = right;
    return made;
}

struct layout_form layout_form(int rows, int columns)
{
    struct layout_box area = area_of(rows, columns);
    struct layout_form made = {.buttons = take_bottom(&area, 1)};
    int pinned = rows >= ROOMY_BODY_ROWS ? 3 : rows >= COMMAND_BODY_ROWS ? 2 : 0;
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

struct layout_box layout_dialog(int rows, int columns, int wanted_rows, int wanted_columns)
{
    struct layout_box area = area_of(rows, columns);
    struct layout_box box = {.rows = clamp(wanted_rows, 0, area.rows),
                             .columns = clamp(wanted_columns, 0, area.columns)};
    box.row = (area.rows - box.rows) / 2;
    box.column = (area.columns - box.columns) / 2;
    return box;
}
