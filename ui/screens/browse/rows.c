#include "ui/screens/browse/rows.h"

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "ui/draw/cells.h"

#define MARKER_COLUMNS 2
#define SIZE_COLUMNS 10
#define TIME_COLUMNS 16
#define SECONDS_COLUMNS 3
#define TYPE_COLUMNS 4

char *browse_point_search_text(const struct reference_point *point)
{
    char time[32];
    moment_format_list(point->created, true, time, sizeof time);
    return mem_format("%s %s %s %s %s", time, point->name ? point->name : "", point->id.text,
                      reference_point_type_word(point->type),
                      consistency_level_word(point->consistency_level));
}

static void marker(const struct canvas *list, int row, enum theme_role role, bool selected)
{
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
}

void browse_paint_collection(const struct canvas *list, int row, const struct catalogue *catalogue,
                             size_t index, enum theme_role role, bool selected)
{
    const struct catalogue_row *collection = &catalogue->rows[index];
    int room = list->columns - MARKER_COLUMNS - catalogue->machines_columns - catalogue->size_columns - 2;
    bool sized = catalogue->name_columns[canvas_is_ascii(list)] <= room;
    int size_at = sized ? list->columns - catalogue->size_columns : list->columns;
    int machines_at = size_at - 1 - catalogue->machines_columns;
    marker(list, row, role, selected);
    canvas_field(list, row, MARKER_COLUMNS, machines_at - 1 - MARKER_COLUMNS, role, collection->name);
    canvas_field(list, row, machines_at, catalogue->machines_columns, role, collection->machines_text);
    if (sized)
        canvas_field_right(list, row, size_at, catalogue->size_columns, role, collection->size_text);
}

enum browse_telling browse_point_telling(const struct reference_point_list *points, size_t index)
{
    enum browse_telling telling = BROWSE_BY_MINUTE;
    int64_t seconds = points->items[index].created.seconds;
    for (size_t other = index > 0 ? index - 1 : 0; other <= index + 1 && other < points->count; other++) {
        int64_t their = points->items[other].created.seconds;
        if (other == index || their / 60 != seconds / 60)
            continue;
        if (their == seconds)
            return BROWSE_BY_NAME;
        telling = BROWSE_BY_SECOND;
    }
    return telling;
}

/* The offset only where it differs (a change to summer time lies between), as short as it can be. */
static void time_text(const struct reference_point *point, const char *offset, bool seconds, char *field,
                      size_t size)
{
    char time[32];
    char own[16];
    moment_format_list(point->created, seconds, time, sizeof time);
    moment_format_offset(point->created, own, sizeof own);
    if (strcmp(own, offset) == 0)
        own[0] = '\0';
    else if (strlen(own) == 6 && strcmp(own + 3, ":00") == 0)
        own[3] = '\0';
    snprintf(field, size, "%s%s", time, own);
}

static int paint_data(const struct canvas *list, int row, int at, const struct reference_point *point,
                      enum theme_role role)
{
    char size[32];
    size_format(point->log_size, size, sizeof size);
    if (point->has_associated_log) {
        CLEANUP_FREE char *amount = mem_format("+%s", size);
        canvas_field(list, row, at, TYPE_COLUMNS, role, reference_point_type_word(point->type));
        canvas_field_right(list, row, at + TYPE_COLUMNS, SIZE_COLUMNS + 1, role, amount);
    } else {
        bool removed = reference_point_log_removed(point->type, point->has_associated_log);
        canvas_field(list, row, at, TYPE_COLUMNS + SIZE_COLUMNS + 1, role,
                     removed ? "(log removed)" : reference_point_type_word(point->type));
    }
    return at + TYPE_COLUMNS + SIZE_COLUMNS + 2;
}

/* "app" rather than a word cut anywhere. */
static const char *consistency_word(const struct reference_point *point, int columns)
{
    bool application = point->consistency_level == CONSISTENCY_APPLICATION;
    return application && columns < 11 ? "app" : consistency_level_word(point->consistency_level);
}

void browse_paint_point(const struct canvas *list, int row, const struct reference_point *point,
                        const struct browse_row_style *style)
{
    char time[64];
    enum theme_role role = style->role;
    bool wide = list->columns >= BROWSE_WIDE_COLUMNS;
    bool named = point->name && *point->name;
    time_text(point, style->offset, style->telling == BROWSE_BY_SECOND, time, sizeof time);
    marker(list, row, role, style->selected);
    int at = MARKER_COLUMNS;
    int time_columns = TIME_COLUMNS + (style->telling == BROWSE_BY_SECOND ? SECONDS_COLUMNS : 0);
    time_columns = (int)strlen(time) > time_columns ? (int)strlen(time) : time_columns;
    canvas_field(list, row, at, time_columns, role, time);
    at = paint_data(list, row, at + time_columns + 1, point, role);
    if (named && !wide && style->telling == BROWSE_BY_NAME) {
        canvas_field(list, row, at, list->columns - at, role, point->name);
        return;
    }
    at += canvas_text(list, row, at, role, consistency_word(point, list->columns - at));
    if (wide && named)
        canvas_field(list, row, at + 2, list->columns - at - 2, role, point->name);
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
