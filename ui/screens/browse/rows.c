#include "ui/screens/browse/rows.h"

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "ui/draw/parts.h"
#include "ui/draw/signs.h"

#define MARKER_COLUMNS 1
#define AGE_COLUMNS 10
#define SIZE_COLUMNS 9
#define STATE_COLUMNS 10   /* "✓ verified" */
#define EXPORTED_COLUMNS 9 /* "✓ 59 min" */
#define EXPORTED_LONG 21   /* "✓ verified 59 min ago" */
#define CREATED_COLUMNS 16
#define MACHINES_LEAST 8 /* "MACHINES" */
#define MACHINES_PANE 46 /* columns of a pane that has room for how many machines there are */
#define LONG_PANE 56     /* that says what it knows of packages in words */
#define CREATED_PANE 74  /* that has room for the time itself */

static void marker(const struct canvas *list, int row, const struct browse_row_style *style)
{
    canvas_field(list, row, 0, list->columns, style->role, style->selected ? ">" : "");
}

/* The colours of a selected row are the row's. */
static enum theme_role within(const struct browse_row_style *style, enum theme_role role)
{
    return style->role == ROLE_NORMAL ? role : style->role;
}

/* Places from the right edge; a free column before each and at the edge. */
static int place(int *end, int columns)
{
    int at = *end - columns;
    *end = at - 1;
    return at;
}

struct collection_columns {
    int newest;
    int state;
    int machines; /* -1: no room */
    int machines_columns;
    int name; /* its columns */
};

static struct collection_columns collection_columns(int columns, const struct catalogue *catalogue)
{
    struct collection_columns places = {.machines = -1};
    int end = columns - 1;
    places.state = place(&end, STATE_COLUMNS);
    places.newest = place(&end, AGE_COLUMNS);
    bool odd = catalogue->machines_columns > 3; /* "3, 1 gone" */
    places.machines_columns =
        catalogue->machines_columns > MACHINES_LEAST ? catalogue->machines_columns : MACHINES_LEAST;
    if (columns >= MACHINES_PANE + (odd ? places.machines_columns - MACHINES_LEAST : 0))
        places.machines = place(&end, places.machines_columns);
    places.name = end - MARKER_COLUMNS;
    return places;
}

void browse_paint_collection_titles(const struct canvas *titles, const struct catalogue *catalogue)
{
    struct collection_columns places = collection_columns(titles->columns, catalogue);
    canvas_field(titles, 0, MARKER_COLUMNS, places.name, ROLE_COLUMN, "NAME");
    if (places.machines >= 0)
        canvas_field_right(titles, 0, places.machines, places.machines_columns, ROLE_COLUMN, "MACHINES");
    canvas_field_right(titles, 0, places.newest, AGE_COLUMNS, ROLE_COLUMN, "NEWEST");
    canvas_field(titles, 0, places.state, STATE_COLUMNS, ROLE_COLUMN, "STATE");
}

bool browse_collections_descend(const struct sorting *sorting)
{
    return (sorting->column != BROWSE_BY_NAME) != sorting->reversed;
}

bool browse_points_descend(const struct sorting *sorting)
{
    return (sorting->column != BROWSE_BY_POINT) != sorting->reversed;
}

static void paint_sorted(const struct canvas *titles, int column, const char *title, bool descending)
{
    canvas_textf(titles, 0, column, ROLE_HEADING, "%s %s", title, sorting_sign(titles, descending));
}

/* Its sign stands where the title ends. */
static void paint_sorted_right(const struct canvas *titles, int column, int columns, const char *title,
                               bool descending)
{
    paint_sorted(titles, column + columns - (int)strlen(title) - 2, title, descending);
}

void browse_paint_collection_sorting(const struct canvas *titles, const struct catalogue *catalogue,
                                     const struct sorting *sorting)
{
    struct collection_columns places = collection_columns(titles->columns, catalogue);
    bool descending = browse_collections_descend(sorting);
    if (sorting->column == BROWSE_BY_NAME)
        paint_sorted(titles, MARKER_COLUMNS, "NAME", descending);
    else if (sorting->column == BROWSE_BY_NEWEST)
        paint_sorted_right(titles, places.newest, AGE_COLUMNS, "NEWEST", descending);
    else if (sorting->column == BROWSE_BY_STATE)
        paint_sorted(titles, places.state, "STATE", descending);
    else if (places.machines >= 0)
        paint_sorted_right(titles, places.machines, places.machines_columns, "MACHINES", descending);
}

static void paint_sign(const struct canvas *list, int row, int at, const struct safety *safety,
                       const struct browse_row_style *style)
{
    canvas_text(list, row, at, within(style, safety->role), sign_mark(list, safety->sign));
}

/* One word: what is wrong with its machines comes before where its newest point is. */
static void paint_state(const struct canvas *list, int row, int at, const struct catalogue_row *collection,
                        const struct safety *safety, const struct browse_row_style *style)
{
    char gone[32];
    snprintf(gone, sizeof gone, "%zu gone", collection->missing);
    struct safety shown = *safety;
    if (collection->damaged)
        shown = (struct safety){.sign = SIGN_WARNING, .role = ROLE_ERROR, .word = "damaged"};
    else if (collection->missing)
        shown = (struct safety){.sign = SIGN_BAD, .role = ROLE_ERROR, .word = gone};
    paint_sign(list, row, at, &shown, style);
    canvas_field(list, row, at + 2, STATE_COLUMNS - 2, within(style, shown.role), shown.word);
}

void browse_paint_collection(const struct canvas *list, int row, const struct catalogue *catalogue,
                             size_t index, const struct overview_row *overview, const struct safety *safety,
                             const struct browse_row_style *style)
{
    const struct catalogue_row *collection = &catalogue->rows[index];
    struct collection_columns places = collection_columns(list->columns, catalogue);
    marker(list, row, style);
    canvas_field(list, row, MARKER_COLUMNS, places.name, style->role, collection->name);
    if (places.machines >= 0)
        canvas_field_right(list, row, places.machines, places.machines_columns, style->role,
                           collection->machines_text);
    if (collection->problem) {
        canvas_field(list, row, places.state, STATE_COLUMNS, style->role, "! damaged");
        return;
    }
    if (!overview)
        return;
    char age[32] = "";
    if (!guid_is_none(&overview->newest))
        moment_format_age(overview->created, style->now, age, sizeof age);
    part_number(list, row, places.newest, AGE_COLUMNS, style->role, age);
    paint_state(list, row, places.state, collection, safety, style);
}

struct point_columns {
    int created; /* -1: no room */
    int age;
    int size;
    int exported;
    int exported_columns;
    int name; /* its columns */
};

static struct point_columns point_columns(int columns)
{
    struct point_columns places = {.created = -1};
    int end = columns - 1;
    places.exported_columns = columns >= LONG_PANE ? EXPORTED_LONG : EXPORTED_COLUMNS;
    places.exported = place(&end, places.exported_columns);
    places.size = place(&end, SIZE_COLUMNS);
    places.age = place(&end, AGE_COLUMNS);
    if (columns >= CREATED_PANE)
        places.created = place(&end, CREATED_COLUMNS);
    places.name = end - MARKER_COLUMNS;
    return places;
}

void browse_paint_point_titles(const struct canvas *titles)
{
    struct point_columns places = point_columns(titles->columns);
    canvas_field(titles, 0, MARKER_COLUMNS, places.name, ROLE_COLUMN, "NAME");
    if (places.created >= 0)
        canvas_field(titles, 0, places.created, CREATED_COLUMNS, ROLE_COLUMN, "CREATED");
    canvas_field_right(titles, 0, places.age, AGE_COLUMNS, ROLE_COLUMN, "AGE");
    canvas_field_right(titles, 0, places.size, SIZE_COLUMNS, ROLE_COLUMN, "SIZE");
    canvas_field(titles, 0, places.exported, places.exported_columns, ROLE_COLUMN, "EXPORTED");
}

void browse_paint_point_sorting(const struct canvas *titles, const struct sorting *sorting)
{
    struct point_columns places = point_columns(titles->columns);
    bool descending = browse_points_descend(sorting);
    if (sorting->column == BROWSE_BY_POINT)
        paint_sorted(titles, MARKER_COLUMNS, "NAME", descending);
    else if (sorting->column == BROWSE_BY_SIZE)
        paint_sorted_right(titles, places.size, SIZE_COLUMNS, "SIZE", descending);
    else if (sorting->column == BROWSE_BY_EXPORTED)
        paint_sorted(titles, places.exported, "EXPORTED", descending);
    else if (places.created >= 0)
        paint_sorted(titles, places.created, "CREATED", descending);
    else
        paint_sorted_right(titles, places.age, AGE_COLUMNS, "AGE", !descending); /* newest is least */
}

/* Returns the columns it takes. */
static int paint_mark(const struct canvas *list, int row, const struct browse_row_style *style)
{
    if (!style->marks)
        return 0;
    if (style->marked)
        canvas_text(list, row, MARKER_COLUMNS, within(style, ROLE_MARKED), canvas_is_plain(list) ? "*" : "◆");
    return 2;
}

/* "59 min", "now": the heading says of what, and there is no room to say "ago". */
static void short_age(struct moment when, struct moment now, char *field, size_t size)
{
    moment_format_age(when, now, field, size);
    char *ago = strstr(field, " ago");
    if (ago)
        *ago = '\0';
    else if (strcmp(field, "just now") == 0)
        text_copy_cut(field, size, "now");
}

static void paint_exported(const struct canvas *list, int row, const struct point_columns *places,
                           const struct safety *safety, const struct browse_row_style *style)
{
    char age[32] = "";
    bool is_long = places->exported_columns == EXPORTED_LONG;
    bool has_age = safety->when.seconds && (is_long || safety->sign != SIGN_BAD);
    if (has_age && is_long)
        moment_format_age(safety->when, style->now, age, sizeof age);
    else if (has_age)
        short_age(safety->when, style->now, age, sizeof age);
    CLEANUP_FREE char *text =
        mem_format("%s%s%s", is_long || !has_age ? safety->word : "", is_long && has_age ? " " : "", age);
    paint_sign(list, row, places->exported, safety, style);
    canvas_field(list, row, places->exported + 2, places->exported_columns - 2, within(style, safety->role),
                 text);
}

void browse_paint_point(const struct canvas *list, int row, const struct reference_point *point,
                        const struct safety *safety, const struct browse_row_style *style)
{
    struct point_columns places = point_columns(list->columns);
    char text[32];
    marker(list, row, style);
    int mark = paint_mark(list, row, style);
    canvas_field(list, row, MARKER_COLUMNS + mark, places.name - mark,
                 style->marked ? within(style, ROLE_MARKED) : style->role,
                 point->name ? point->name : point->id.text);
    moment_format_list(point->created, false, text, sizeof text);
    if (places.created >= 0)
        canvas_field(list, row, places.created, CREATED_COLUMNS, style->role, text);
    moment_format_age(point->created, style->now, text, sizeof text);
    part_number(list, row, places.age, AGE_COLUMNS, style->role, text);
    size_format(point->log_size, text, sizeof text);
    if (point->has_associated_log)
        part_number(list, row, places.size, SIZE_COLUMNS, style->role, text);
    else
        canvas_field_right(list, row, places.size, SIZE_COLUMNS, within(style, ROLE_DIM),
                           reference_point_log_removed(point->type, point->has_associated_log)
                               ? "removed"
                               : reference_point_type_word(point->type));
    paint_exported(list, row, &places, safety, style);
}

static void add_count(struct strbuf *text, size_t count, const char *what)
{
    if (count > 0)
        strbuf_addf(text, "%s%zu %s%s", text->length > 0 ? " and " : "", count, what, count == 1 ? "" : "s");
}

char *browse_left_out_text(size_t collections, size_t machines, size_t points)
{
    struct strbuf text = {0};
    add_count(&text, collections, "collection");
    add_count(&text, machines, "machine");
    add_count(&text, points, "point");
    if (text.length == 0)
        return NULL;
    strbuf_add(&text, " cannot be read: refpoint store check says why");
    return strbuf_take(&text);
}
