#include "ui/widgets/facts.h"

#include <stdarg.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "ui/draw/cells.h"

#define LABEL_COLUMNS 10
#define LINES_LIMIT 1000 /* of one fact */

void facts_clear(struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        free(facts->items[i].text);
        command_line_clear(&facts->items[i].command);
    }
    free(facts->items);
    facts->items = NULL;
    facts->count = 0;
}

static void add(struct facts *facts, enum theme_role role, const char *label, char *text)
{
    struct fact *fact = ARRAY_APPEND(facts->items, facts->count);
    *fact = (struct fact){.label = label, .text = text, .role = role};
}

void facts_add(struct facts *facts, enum theme_role role, const char *label, char *text)
{
    char *spelled = text ? cells_spelled(text) : NULL;
    add(facts, role, label, text);
    if (spelled)
        add(facts, ROLE_DIM, "", spelled);
}

void facts_addf(struct facts *facts, enum theme_role role, const char *label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    facts_add(facts, role, label, mem_vformat(format, arguments));
    va_end(arguments);
}

void facts_add_command(struct facts *facts, const char *label, const char *const *words)
{
    struct fact *fact = ARRAY_APPEND(facts->items, facts->count);
    *fact = (struct fact){.label = label, .role = ROLE_NORMAL};
    for (; *words; words++)
        command_line_add(&fact->command, *words);
}

static void lines_of(const struct fact *fact, int columns, bool ascii, char ***lines, size_t *count)
{
    size_t room = columns > LABEL_COLUMNS ? (size_t)(columns - LABEL_COLUMNS) : 1;
    if (fact->text)
        cells_wrap(fact->text, room, LINES_LIMIT, ascii, lines, count);
    else
        command_line_wrap(&fact->command, room, LINES_LIMIT, ascii, lines, count);
}

static int rows_of(const struct fact *fact, int columns, bool ascii)
{
    char **lines = NULL;
    size_t count = 0;
    lines_of(fact, columns, ascii, &lines, &count);
    cells_free_lines(lines, count);
    return count > 0 ? (int)count : 1;
}

static int last_top(const struct facts *facts)
{
    return facts->total > facts->visible ? facts->total - facts->visible : 0;
}

void facts_fit(struct facts *facts, int rows, int columns, bool ascii)
{
    facts->total = 0;
    for (size_t i = 0; i < facts->count; i++)
        facts->total += rows_of(&facts->items[i], columns, ascii);
    facts->visible = rows;
    if (facts->top > last_top(facts))
        facts->top = last_top(facts);
}

int facts_target(enum ui_action action, int top, int visible, int last)
{
    int to = top;
    switch (action) {
    case ACTION_UP:
        to = top - 1;
        break;
    case ACTION_DOWN:
        to = top + 1;
        break;
    case ACTION_PAGE_UP:
        to = top - visible;
        break;
    case ACTION_PAGE_DOWN:
        to = top + visible;
        break;
    case ACTION_FIRST:
        to = 0;
        break;
    case ACTION_LAST:
        to = last;
        break;
    default:
        break;
    }
    return to < 0 ? 0 : to > last ? last : to;
}

bool facts_move(struct facts *facts, enum ui_action action)
{
    int to = facts_target(action, facts->top, facts->visible, last_top(facts));
    bool moved = to != facts->top;
    facts->top = to;
    return moved;
}

static int paint_fact(const struct fact *fact, const struct canvas *canvas, int row)
{
    char **lines = NULL;
    size_t count = 0;
    lines_of(fact, canvas->columns, canvas_is_ascii(canvas), &lines, &count);
    canvas_text(canvas, row, 0, ROLE_HEADING, fact->label);
    for (size_t i = 0; i < count; i++)
        canvas_text(canvas, row + (int)i, LABEL_COLUMNS, fact->role, lines[i]);
    cells_free_lines(lines, count);
    return count > 0 ? (int)count : 1;
}

void facts_paint(const struct facts *facts, const struct canvas *canvas)
{
    int row = -facts->top;
    for (size_t i = 0; i < facts->count && row < canvas->rows; i++)
        row += paint_fact(&facts->items[i], canvas, row);
}

char *facts_text(const struct facts *facts)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *fact = &facts->items[i];
        CLEANUP_FREE char *line = fact->text ? text_escape(fact->text) : command_line_text(&fact->command);
        strbuf_addf(&text, "%-*s%s\n", LABEL_COLUMNS, fact->label, line);
    }
    return strbuf_take(&text);
}
