#include "ui/widgets/line_editor.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"

#define ROOM_AT_FIRST 64

const char *line_editor_text(const struct line_editor *editor)
{
    return editor->text ? editor->text : "";
}

void line_editor_clear(struct line_editor *editor)
{
    free(editor->text);
    *editor = (struct line_editor){.limit = editor->limit};
}

static size_t left_to_limit(const struct line_editor *editor)
{
    size_t limit = editor->limit > 0 ? editor->limit : SIZE_MAX;
    return limit > editor->length ? limit - editor->length : 0;
}

/* The last boundary between clusters that is not after `position`. */
static size_t boundary_before(const struct line_editor *editor, size_t position)
{
    return cells_boundary(line_editor_text(editor), position);
}

/* The first boundary that is not before `position`. */
static size_t boundary_after(const struct line_editor *editor, size_t position)
{
    size_t at = boundary_before(editor, position);
    if (at >= position)
        return at;
    struct cells_piece piece;
    cells_next_piece(line_editor_text(editor) + at, false, &piece);
    return at + piece.bytes;
}

void line_editor_set(struct line_editor *editor, const char *text)
{
    char *copy = mem_strdup(text); /* before the old one goes: text may be it */
    line_editor_clear(editor);
    editor->text = copy;
    editor->length = strlen(copy);
    editor->room = editor->length + 1;
    if (editor->limit > 0 && editor->length > editor->limit)
        editor->length = boundary_before(editor, editor->limit);
    copy[editor->length] = '\0';
    editor->cursor = editor->length;
}

static void note_control(struct line_loss *lost, const char *at)
{
    if (*at == '\t')
        lost->tabs++;
    else if (*at == '\n' || (*at == '\r' && at[1] != '\n'))
        lost->line_breaks++;
    else if (*at != '\r')
        lost->controls++;
}

static char *without_controls(const char *text, struct line_loss *lost)
{
    struct strbuf out = {0};
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= 0x20 && byte != 0x7f)
            strbuf_add_bytes(&out, text, 1);
        else
            note_control(lost, text);
    }
    return strbuf_take(&out);
}

/* For that many bytes and the NUL; grows by half, so that typing copies a line seldom. */
static void make_room(struct line_editor *editor, size_t length)
{
    if (length < editor->room)
        return;
    size_t room = length + length / 2 + ROOM_AT_FIRST;
    char *text = mem_alloc(room);
    memcpy(text, line_editor_text(editor), editor->length + 1);
    free(editor->text);
    editor->text = text;
    editor->room = room;
}

static void splice(struct line_editor *editor, size_t from, size_t to, const char *replacement, size_t added)
{
    make_room(editor, editor->length + added);
    char *text = editor->text;
    memmove(text + from + added, text + to, editor->length - to + 1);
    memcpy(text + from, replacement, added);
    editor->length = editor->length - (to - from) + added;
    editor->cursor = boundary_after(editor, from + added);
}

bool line_editor_insert(struct line_editor *editor, const char *text)
{
    line_editor_forget_loss(editor);
    CLEANUP_FREE char *plain = without_controls(text, &editor->lost);
    size_t added = strlen(plain);
    editor->lost.too_long = added > left_to_limit(editor);
    if (added == 0 || editor->lost.too_long)
        return false;
    splice(editor, editor->cursor, editor->cursor, plain, added);
    return true;
}

void line_editor_forget_loss(struct line_editor *editor)
{
    editor->lost = (struct line_loss){0};
}

static void add_count(struct strbuf *text, size_t count, const char *one)
{
    if (count > 0)
        strbuf_addf(text, "%s%zu %s%s", text->length > 0 ? ", " : "", count, one, count == 1 ? "" : "s");
}

char *line_editor_loss(const struct line_editor *editor)
{
    const struct line_loss *lost = &editor->lost;
    CLEANUP_STRBUF struct strbuf parts = {0};
    if (lost->too_long)
        return mem_format("not taken: it is too long, at most %zu bytes fit here", editor->limit);
    add_count(&parts, lost->line_breaks, "line break");
    add_count(&parts, lost->tabs, "tab");
    bool others = parts.length > 0;
    add_count(&parts, lost->controls, others ? "other control character" : "control character");
    return parts.length > 0 ? mem_format("left out of what was pasted: %s", parts.data) : NULL;
}

static bool is_word(char byte)
{
    static const char parts[] = "_-.";
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (unsigned char)byte >= 0x80 || (byte && strchr(parts, byte));
}

static size_t place_of(const struct line_editor *editor, enum line_editor_place place)
{
    const char *text = line_editor_text(editor);
    size_t at = editor->cursor;
    switch (place) {
    case LINE_EDITOR_LEFT:
        return at > 0 ? boundary_before(editor, at - 1) : 0;
    case LINE_EDITOR_RIGHT:
        return at < editor->length ? boundary_after(editor, at + 1) : at;
    case LINE_EDITOR_WORD_LEFT:
        while (at > 0 && !is_word(text[at - 1]))
            at--;
        while (at > 0 && is_word(text[at - 1]))
            at--;
        return boundary_before(editor, at);
    case LINE_EDITOR_WORD_RIGHT:
        while (at < editor->length && !is_word(text[at]))
            at++;
        while (at < editor->length && is_word(text[at]))
            at++;
        return boundary_after(editor, at);
    case LINE_EDITOR_HOME:
        return 0;
    case LINE_EDITOR_END:
        return editor->length;
    }
    return at;
}

bool line_editor_move(struct line_editor *editor, enum line_editor_place place)
{
    size_t to = place_of(editor, place);
    bool moved = to != editor->cursor;
    editor->cursor = to;
    return moved;
}

bool line_editor_delete(struct line_editor *editor, enum line_editor_place place)
{
    size_t to = place_of(editor, place);
    if (to == editor->cursor)
        return false;
    if (to < editor->cursor)
        splice(editor, to, editor->cursor, "", 0);
    else
        splice(editor, editor->cursor, to, "", 0);
    return true;
}

/* From one boundary to another, but no further than `limit`. */
static size_t columns_between(const struct line_editor *editor, size_t from, size_t to, size_t limit,
                              bool ascii)
{
    const char *text = line_editor_text(editor);
    struct cells_piece piece;
    size_t columns = 0;
    for (size_t at = from; at < to && columns < limit; at += piece.bytes, columns += piece.columns)
        cells_next_piece(text + at, ascii, &piece);
    return columns;
}

/* The first boundary with at most `columns` columns from it to `end`. */
static size_t boundary_back(const struct line_editor *editor, size_t end, size_t columns, bool ascii)
{
    size_t at = end;
    size_t taken = 0;
    while (at > 0) {
        struct cells_piece piece;
        size_t before = boundary_before(editor, at - 1);
        cells_next_piece(line_editor_text(editor) + before, ascii, &piece);
        taken += piece.columns;
        if (taken > columns)
            break;
        at = before;
    }
    return at;
}

static void scroll_to_cursor(struct line_editor *editor, size_t columns, bool ascii)
{
    size_t scroll = editor->scroll < editor->length ? editor->scroll : editor->length;
    size_t start = boundary_before(editor, scroll);
    if (editor->cursor < start)
        start = boundary_back(editor, editor->cursor, columns / 4, ascii);
    if (columns_between(editor, start, editor->cursor, columns, ascii) >= columns)
        start = boundary_back(editor, editor->cursor, columns - 1, ascii);
    /* One cell for a cursor at the end. */
    size_t furthest = boundary_back(editor, editor->length, columns - 1, ascii);
    editor->scroll = start < furthest ? start : furthest;
}

void line_editor_view(struct line_editor *editor, size_t columns, bool ascii, struct line_view *view)
{
    columns = columns > 0 ? columns : 1;
    scroll_to_cursor(editor, columns, ascii);
    const char *text = line_editor_text(editor);
    *view = (struct line_view){.more_left = editor->scroll > 0};
    struct strbuf out = {0};
    struct cells_piece piece;
    size_t at = editor->scroll;
    for (cells_next_piece(text + at, ascii, &piece);
         piece.bytes > 0 && view->columns + piece.columns <= columns;
         cells_next_piece(text + at, ascii, &piece)) {
        if (at < editor->cursor)
            view->cursor_column += piece.columns;
        strbuf_add(&out, piece.shown);
        view->columns += piece.columns;
        at += piece.bytes;
    }
    if (view->cursor_column >= columns)
        view->cursor_column = columns - 1;
    view->more_right = at < editor->length;
    view->text = strbuf_take(&out);
}
