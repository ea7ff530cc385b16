#include "ui/widgets/list_view.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/fold.h"

#define FILTER_LIMIT 256

void list_view_clear(struct list_view *view)
{
    free(view->shown);
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

void list_view_update(struct list_view *view, size_t total, size_t keep, list_view_match *match,
                      const void *context)
{
    const char *filter = line_editor_text(&view->filter);
    CLEANUP_FREE char *folded = fold_text(filter);
    free(view->shown);
    view->shown = mem_alloc(total * sizeof *view->shown);
    view->count = 0;
    view->total = total;
    for (size_t row = 0; row < total; row++) {
        if (*folded && match && !match(context, row, folded))
            continue;
        if (row == keep)
            view->selected = view->count;
        view->shown[view->count++] = row;
    }
    keep_visible(view);
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

char *list_view_summary(const struct list_view *view)
{
    const char *filter = line_editor_text(&view->filter);
    if (list_view_is_filtered(view))
        return mem_format("%zu of %zu  /%s", view->count, view->total, filter);
    return view->total ? mem_format("%zu", view->total) : mem_strdup("");
}
