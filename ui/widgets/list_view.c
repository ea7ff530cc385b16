#include "ui/widgets/list_view.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/fold.h"

#define FILTER_LIMIT 256

void list_view_clear(struct list_view *view)
{
    free(view->shown);
    free(view->places);
    free(view->ids);
    free(view->id_at);
    line_editor_clear(&view->filter);
    *view = (struct list_view){0};
}

static void keep_visible(struct list_view *view)
{
    size_t rows = view->rows > 0 ? (size_t)view->rows : 1;
    if (view->selected >= view->count)
        view->selected = view->count ? view->count - 1 : 0;
    if (view->selected < view->top)
        view->top = view->selected;
    if (view->selected >= view->top + rows)
        view->top = view->selected - rows + 1;
    if (view->top + rows > view->count)
        view->top = view->count > rows ? view->count - rows : 0;
}

/* --- ids --- */

static const char *old_id(const struct list_view *view, size_t place)
{
    return view->ids + view->id_at[place];
}

static size_t row_at(const struct list_view_rows *rows, size_t place)
{
    return rows->order ? rows->order[place] : place;
}

struct id_place {
    const char *id; /* in the copies */
    size_t place;
};

struct id_copies {
    struct strbuf text;
    size_t *at;
    size_t count;
};

static void copy_ids(struct id_copies *copies, const struct list_view_rows *rows)
{
    copies->at = mem_alloc(rows->total * sizeof *copies->at);
    copies->count = rows->total;
    for (size_t place = 0; place < rows->total; place++) {
        const char *id = rows->id(rows->context, row_at(rows, place));
        copies->at[place] = copies->text.length;
        strbuf_add_bytes(&copies->text, id, strlen(id) + 1);
    }
}

static int compare_ids(const void *left, const void *right)
{
    const struct id_place *first = left;
    const struct id_place *second = right;
    int order = strcmp(first->id, second->id);
    return order ? order : (first->place > second->place) - (first->place < second->place);
}

static int compare_id(const void *key, const void *item)
{
    return strcmp(key, ((const struct id_place *)item)->id);
}

/* The nearest to the anchor that is still there, from it to the end and then back to the start. SIZE_MAX: no
 * one is. */
static size_t find_nearest(const struct list_view *view, const struct id_place *sorted, size_t count)
{
    for (size_t step = 0; step < view->id_count; step++) {
        size_t behind = view->id_count - view->anchor;
        size_t place = step < behind ? view->anchor + step : view->anchor - 1 - (step - behind);
        const struct id_place *found =
            bsearch(old_id(view, place), sorted, count, sizeof *sorted, compare_id);
        if (found)
            return found->place;
    }
    return SIZE_MAX;
}

/* Where what was selected is among the new rows. Sorting is only for when it has gone. */
static size_t find_anchor(const struct list_view *view, const struct id_copies *now)
{
    if (view->anchor >= view->id_count)
        return 0;
    const char *wanted = old_id(view, view->anchor);
    if (view->anchor < now->count && strcmp(now->text.data + now->at[view->anchor], wanted) == 0)
        return view->anchor;
    for (size_t place = 0; place < now->count; place++) {
        if (strcmp(now->text.data + now->at[place], wanted) == 0)
            return place;
    }
    struct id_place *sorted = mem_alloc(now->count * sizeof *sorted);
    for (size_t place = 0; place < now->count; place++)
        sorted[place] = (struct id_place){.id = now->text.data + now->at[place], .place = place};
    qsort(sorted, now->count, sizeof *sorted, compare_ids);
    size_t place = find_nearest(view, sorted, now->count);
    free(sorted);
    return place == SIZE_MAX ? 0 : place;
}

static void take_rows(struct list_view *view, const struct list_view_rows *rows)
{
    if (!rows->id) {
        view->anchor = view->anchor < rows->total ? view->anchor : rows->total - 1;
        return;
    }
    struct id_copies now = {0};
    copy_ids(&now, rows);
    view->anchor = find_anchor(view, &now);
    free(view->ids);
    free(view->id_at);
    view->ids = strbuf_take(&now.text);
    view->id_at = now.at;
    view->id_count = now.count;
}

/* --- rows --- */

static void remember(struct list_view *view)
{
    if (view->count == 0)
        return;
    view->anchor = view->places[view->selected];
    view->line = view->selected - view->top;
}

static void show(struct list_view *view, const struct list_view_rows *rows)
{
    CLEANUP_FREE char *folded = fold_text(line_editor_text(&view->filter));
    free(view->shown);
    free(view->places);
    view->shown = mem_alloc(rows->total * sizeof *view->shown);
    view->places = mem_alloc(rows->total * sizeof *view->places);
    view->count = 0;
    view->total = rows->total;
    view->selected = SIZE_MAX;
    for (size_t place = 0; place < rows->total; place++) {
        size_t row = row_at(rows, place);
        if (*folded && rows->match && !rows->match(rows->context, row, folded))
            continue;
        if (place >= view->anchor && view->selected == SIZE_MAX)
            view->selected = view->count;
        view->places[view->count] = place;
        view->shown[view->count++] = row;
    }
}

void list_view_update(struct list_view *view, const struct list_view_rows *rows)
{
    remember(view);
    if (rows->total > 0)
        take_rows(view, rows);
    show(view, rows);
    if (view->selected >= view->count)
        view->selected = view->count ? view->count - 1 : 0;
    view->top = view->selected > view->line ? view->selected - view->line : 0;
    keep_visible(view);
}

void list_view_forget(struct list_view *view)
{
    free(view->ids);
    free(view->id_at);
    view->ids = NULL;
    view->id_at = NULL;
    view->id_count = view->anchor = view->line = view->selected = view->top = view->count = 0;
}

void list_view_select(struct list_view *view, size_t row)
{
    for (size_t at = 0; at < view->count; at++) {
        if (view->shown[at] == row)
            view->selected = at;
    }
    keep_visible(view);
}

bool list_view_point(struct list_view *view, int line)
{
    if (line < 0 || line >= view->rows || (size_t)line >= view->count - view->top)
        return false;
    view->selected = view->top + (size_t)line;
    view->filtering = false;
    return true;
}

void list_view_fit(struct list_view *view, int rows)
{
    view->rows = rows;
    keep_visible(view);
}

size_t list_view_row(const struct list_view *view)
{
    return view->selected < view->count ? view->shown[view->selected] : SIZE_MAX;
}

static size_t target(const struct list_view *view, enum ui_action action)
{
    size_t last = view->count ? view->count - 1 : 0;
    size_t page = view->rows > 1 ? (size_t)view->rows - 1 : 1;
    size_t at = view->selected;
    switch (action) {
    case ACTION_UP:
        return at > 0 ? at - 1 : 0;
    case ACTION_DOWN:
        return at < last ? at + 1 : last;
    case ACTION_PAGE_UP:
        return at > page ? at - page : 0;
    case ACTION_PAGE_DOWN:
        return last - at > page ? at + page : last;
    case ACTION_FIRST:
        return 0;
    case ACTION_LAST:
        return last;
    default:
        return at;
    }
}

bool list_view_move(struct list_view *view, enum ui_action action)
{
    size_t to = target(view, action);
    if (to == view->selected)
        return false;
    view->selected = to;
    keep_visible(view);
    return true;
}

static enum list_view_filter_result edit(struct list_view *view, const struct key_event *event)
{
    struct line_editor *filter = &view->filter;
    bool edited = false;
    switch (event->key) {
    case KEY_CODE_BACKSPACE:
        edited = line_editor_delete(filter, LINE_EDITOR_LEFT);
        break;
    case KEY_CODE_DELETE:
        edited = line_editor_delete(filter, LINE_EDITOR_RIGHT);
        break;
    case KEY_CODE_LEFT:
        line_editor_move(filter, LINE_EDITOR_LEFT);
        break;
    case KEY_CODE_RIGHT:
        line_editor_move(filter, LINE_EDITOR_RIGHT);
        break;
    default:
        if (*event->text == '\0')
            return FILTER_UNHANDLED;
        edited = line_editor_insert(filter, event->text);
        break;
    }
    return edited ? FILTER_EDITED : FILTER_HANDLED;
}

static enum list_view_filter_result escape(struct list_view *view)
{
    if (*line_editor_text(&view->filter)) {
        line_editor_clear(&view->filter);
        return FILTER_EDITED;
    }
    if (!view->filtering)
        return FILTER_UNHANDLED;
    view->filtering = false;
    return FILTER_HANDLED;
}

void list_view_start_filter(struct list_view *view)
{
    view->filtering = true;
    view->filter.limit = FILTER_LIMIT;
}

void list_view_end_filter(struct list_view *view)
{
    view->filtering = false;
    line_editor_clear(&view->filter);
}

/* An action without its key is one that was chosen by its name. */
static bool is_chosen(const struct key_event *event, enum ui_action action)
{
    return event->key == KEY_CODE_NONE && event->action == action;
}

enum list_view_filter_result list_view_filter_key(struct list_view *view, const struct key_event *event)
{
    if (event->key == KEY_CODE_ESCAPE || is_chosen(event, ACTION_BACK))
        return escape(view);
    if (!view->filtering) {
        if (event->action != ACTION_FILTER)
            return FILTER_UNHANDLED;
        list_view_start_filter(view);
        return FILTER_HANDLED;
    }
    if (event->key == KEY_CODE_ENTER || event->key == KEY_CODE_TAB || is_chosen(event, ACTION_OPEN)) {
        view->filtering = false;
        return FILTER_HANDLED;
    }
    return edit(view, event);
}

const struct screen_hint *list_view_filter_hints(const struct list_view *view)
{
    static const struct screen_hint empty[] = {
        {.action = ACTION_BACK, .label = "leave the filter", .help = "Leave the filter"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint typed[] = {
        {.action = ACTION_OPEN, .label = "keep the filter", .help = "Keep the filter, back to the list"},
        {.action = ACTION_BACK, .label = "clear it", .help = "Clear the filter"},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    if (!view->filtering)
        return NULL;
    return *line_editor_text(&view->filter) ? typed : empty;
}

bool list_view_is_filtered(const struct list_view *view)
{
    return view->filtering || *line_editor_text(&view->filter);
}

static void add_count(struct strbuf *text, size_t count)
{
    if (count >= 1000)
        add_count(text, count / 1000);
    if (count >= 1000)
        strbuf_addf(text, ",%03zu", count % 1000);
    else
        strbuf_addf(text, "%zu", count);
}

/* Where all rows are in sight, the cursor itself says where it is. */
static bool is_longer(const struct list_view *view)
{
    return view->rows > 0 && view->count > (size_t)view->rows;
}

char *list_view_summary(const struct list_view *view)
{
    bool filtered = list_view_is_filtered(view);
    struct strbuf text = {0};
    if (view->total == 0 && !filtered)
        return mem_strdup("");
    if (is_longer(view)) {
        add_count(&text, view->selected + 1);
        strbuf_add(&text, " of ");
    }
    add_count(&text, view->count);
    if (!filtered)
        return strbuf_take(&text);
    strbuf_add(&text, " of ");
    add_count(&text, view->total);
    strbuf_addf(&text, "  /%s", line_editor_text(&view->filter));
    return strbuf_take(&text);
}

void list_view_paint_scroll(const struct list_view *view, const struct canvas *list, enum theme_role selected)
{
    if (!is_longer(view) || list->rows < 2)
        return;
    size_t rows = (size_t)list->rows;
    size_t thumb = rows * rows / view->count;
    thumb = thumb > 0 ? thumb : 1;
    size_t hidden = view->count - rows;
    size_t free_rows = rows - thumb;
    size_t from = (view->top * free_rows + hidden / 2) / hidden;
    int column = list->columns - 1;
    /* At its ends only where the list is at its own. */
    from = view->top > 0 && from == 0 && free_rows > 1 ? 1 : from;
    from = view->top < hidden && from == free_rows && free_rows > 1 ? free_rows - 1 : from;
    for (size_t row = from; row < from + thumb; row++)
        canvas_text(list, (int)row, column, ROLE_DIM, canvas_is_ascii(list) ? "#" : "▐");
    size_t at = view->selected - view->top;
    if (at >= from && at < from + thumb)
        canvas_paint_role(list, (int)at, column, 1, selected);
}
