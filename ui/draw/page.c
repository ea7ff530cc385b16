#include "ui/draw/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/draw/parts.h"

void page_clear(struct page *page)
{
    for (size_t i = 0; i < page->span_count; i++)
        free(page->spans[i].text);
    for (size_t i = 0; i < page->heading_count; i++) {
        free(page->headings[i].name);
        free(page->headings[i].more);
    }
    free(page->spans);
    free(page->stops);
    free(page->headings);
    *page = (struct page){.columns = page->columns, .ascii = page->ascii};
}

int page_add_row(struct page *page)
{
    return page->rows++;
}

int page_text(struct page *page, int row, int column, enum theme_role role, const char *text)
{
    if (column >= page->columns)
        return column;
    struct cells_format format = {
        .columns = (size_t)(page->columns - column), .ascii = page->ascii, .no_pad = true};
    char *fitted = cells_fit(text, &format);
    *ARRAY_APPEND(page->spans, page->span_count) =
        (struct page_span){.row = row, .column = column, .role = role, .text = fitted};
    return column + (int)cells_width(fitted, page->ascii);
}

int page_textf(struct page *page, int row, int column, enum theme_role role, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    return page_text(page, row, column, role, text);
}

void page_sign(struct page *page, int row, int column, enum theme_role role, enum sign sign)
{
    if (column < page->columns)
        *ARRAY_APPEND(page->spans, page->span_count) =
            (struct page_span){.row = row, .column = column, .role = role, .sign = sign};
}

int page_label(struct page *page, int row, int column, const char *text)
{
    int behind = page_text(page, row, column, ROLE_DIM, text);
    page->label = (struct page_label){.row = row, .column = column, .columns = behind - column};
    return behind;
}

void page_heading(struct page *page, const char *name, const char *more)
{
    *ARRAY_APPEND(page->headings, page->heading_count) = (struct page_heading){
        .row = page_add_row(page), .name = mem_strdup(name), .more = more && *more ? mem_strdup(more) : NULL};
}

void page_end_section(struct page *page)
{
    *ARRAY_APPEND(page->headings, page->heading_count) = (struct page_heading){.row = page->rows};
}

void page_wrap(struct page *page, int column, int limit, enum theme_role role, const char *text)
{
    char **lines = NULL;
    size_t count = 0;
    int room = page->columns - PAGE_MARGIN > column ? page->columns - PAGE_MARGIN - column : 1;
    cells_wrap(text, (size_t)room, (size_t)(limit > 0 ? limit : 0), page->ascii, &lines, &count);
    for (size_t i = 0; i < count; i++)
        page_text(page, page_add_row(page), column, role, lines[i]);
    cells_free_lines(lines, count);
}

void page_add_stop(struct page *page, const struct page_stop *stop)
{
    struct page_stop *added = ARRAY_APPEND(page->stops, page->stop_count);
    *added = *stop;
    if (page->label.columns > 0 && page->label.row == stop->row)
        added->label = page->label;
}

bool page_focus_equal(const struct page_focus *left, const struct page_focus *right)
{
    return left->id == right->id && left->first == right->first && left->second == right->second;
}

const struct page_stop *page_find(const struct page *page, const struct page_focus *focus)
{
    const struct page_stop *of_id = NULL;
    for (size_t i = 0; i < page->stop_count; i++) {
        const struct page_stop *stop = &page->stops[i];
        if (page_focus_equal(&stop->focus, focus))
            return stop;
        if (!of_id && stop->focus.id == focus->id)
            of_id = stop;
    }
    if (of_id)
        return of_id;
    return page->stop_count > 0 ? &page->stops[0] : NULL;
}

static int distance(int left, int right)
{
    return left > right ? left - right : right - left;
}

/* The nearest row with stops before or after `at`, and there the nearest column. */
static const struct page_stop *vertical(const struct page *page, const struct page_stop *at, bool up)
{
    const struct page_stop *best = NULL;
    for (size_t i = 0; i < page->stop_count; i++) {
        const struct page_stop *stop = &page->stops[i];
        if (up ? stop->row >= at->row : stop->row <= at->row)
            continue;
        int rows = best ? distance(stop->row, at->row) - distance(best->row, at->row) : -1;
        if (rows < 0 ||
            (rows == 0 && distance(stop->column, at->column) < distance(best->column, at->column)))
            best = stop;
    }
    return best;
}

static const struct page_stop *horizontal(const struct page *page, const struct page_stop *at, bool left)
{
    const struct page_stop *to = left ? at - 1 : at + 1;
    if (to < page->stops || to >= page->stops + page->stop_count || to->row != at->row)
        return NULL;
    return to;
}

/* Going backwards lands on the first stop of the field before, as going forwards does. */
static const struct page_stop *of_other_id(const struct page *page, const struct page_stop *at, bool back)
{
    size_t count = page->stop_count;
    size_t index = (size_t)(at - page->stops);
    unsigned id = at->focus.id;
    for (size_t step = 1; step < count; step++) {
        const struct page_stop *stop = &page->stops[(index + (back ? count - step : step)) % count];
        if (stop->focus.id != id)
            return page_find(page, &(struct page_focus){.id = stop->focus.id, .first = SIZE_MAX});
    }
    return NULL;
}

bool page_move(const struct page *page, struct page_focus *focus, enum page_move move)
{
    const struct page_stop *at = page_find(page, focus);
    const struct page_stop *to = NULL;
    if (!at)
        return false;
    switch (move) {
    case PAGE_UP_ROW:
    case PAGE_DOWN_ROW:
        to = vertical(page, at, move == PAGE_UP_ROW);
        break;
    case PAGE_LEFT:
    case PAGE_RIGHT:
        to = horizontal(page, at, move == PAGE_LEFT);
        break;
    case PAGE_PREVIOUS:
    case PAGE_NEXT:
        to = of_other_id(page, at, move == PAGE_PREVIOUS);
        break;
    case PAGE_FIRST:
        to = &page->stops[0];
        break;
    case PAGE_LAST:
        to = &page->stops[page->stop_count - 1];
        break;
    }
    if (to)
        *focus = to->focus;
    return to != NULL;
}

int page_scroll(const struct page *page, int scroll, int rows, int first, int last)
{
    if (last >= scroll + rows)
        scroll = last - rows + 1;
    if (first < scroll)
        scroll = first;
    if (scroll > page->rows - rows)
        scroll = page->rows - rows;
    return scroll > 0 ? scroll : 0;
}

static bool is_shown(int row, int from, int rows)
{
    return row >= from && row < from + rows;
}

static void paint_headings(const struct page *page, const struct canvas *canvas, int from, int rows,
                           const struct page_stop *stop)
{
    for (size_t i = 0; i < page->heading_count; i++) {
        const struct page_heading *heading = &page->headings[i];
        int next = i + 1 < page->heading_count ? heading[1].row : page->rows;
        bool focused = stop && stop->row > heading->row && stop->row < next;
        if (heading->name && is_shown(heading->row, from, rows))
            part_heading(canvas, heading->row - from, 0, canvas->columns,
                         &(struct part_heading){.name = heading->name,
                                                .more = heading->more,
                                                .more_role = ROLE_NORMAL,
                                                .focused = focused});
    }
}

static void paint_focus(const struct canvas *canvas, int from, const struct page_stop *stop)
{
    const struct page_label *label = &stop->label;
    canvas_paint_role(canvas, stop->row - from, stop->column, stop->columns, stop->role);
    if (label->columns > 0)
        canvas_paint_role(canvas, label->row - from, label->column, label->columns, ROLE_HEADING_FOCUSED);
}

void page_paint(const struct page *page, const struct canvas *canvas, int from, int rows,
                const struct page_focus *focus)
{
    const struct page_stop *stop = focus ? page_find(page, focus) : NULL;
    for (size_t i = 0; i < page->span_count; i++) {
        const struct page_span *span = &page->spans[i];
        const char *text = span->text ? span->text : sign_mark(canvas, span->sign);
        if (is_shown(span->row, from, rows))
            canvas_text(canvas, span->row - from, span->column, span->role, text);
    }
    paint_headings(page, canvas, from, rows, stop);
    if (stop && is_shown(stop->row, from, rows))
        paint_focus(canvas, from, stop);
}
