/* Widths. utf8proc gives the clusters and first widths; wcwidth() is asked too, because ncurses places what
 * it writes by it. Where the two differ after the corrections below, the character is not agreed upon. The
 * corrections: spacing marks take a cell of their own in terminals, and Hangul medials and finals take none
 * beside their initial. */
#include "ui/draw/cells.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"

#define REPLACEMENT "?"
/* ncurses keeps a base and four marks in a cell (CCHARW_MAX 5). */
#define CODE_POINT_LIMIT 5
#define CLUSTER_BYTES (CODE_POINT_LIMIT * 4)

struct cluster {
    size_t bytes;
    int32_t code_points[CODE_POINT_LIMIT];
    size_t count; /* may be more than are kept */
    bool broken;  /* one byte that is no UTF-8 */
};

static size_t decode(const char *text, int32_t *code_point)
{
    utf8proc_int32_t value = -1;
    /* A sequence has at most four bytes; strnlen keeps the call off the rest of a long text. */
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)strnlen(text, 4), &value);
    *code_point = used > 0 ? value : -1;
    return used > 0 ? (size_t)used : 1;
}

static void cluster_read(const char *text, struct cluster *cluster)
{
    *cluster = (struct cluster){0};
    utf8proc_int32_t state = 0;
    int32_t previous = 0;
    while (text[cluster->bytes]) {
        int32_t code_point = 0;
        size_t used = decode(text + cluster->bytes, &code_point);
        if (cluster->count > 0 &&
            (code_point < 0 || utf8proc_grapheme_break_stateful(previous, code_point, &state)))
            return;
        if (cluster->count < CODE_POINT_LIMIT)
            cluster->code_points[cluster->count] = code_point;
        cluster->count++;
        cluster->bytes += used;
        if (code_point < 0) {
            cluster->broken = true;
            return;
        }
        previous = code_point;
    }
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The code point that ends at `end`; -1: a byte that is no UTF-8. */
static int32_t code_point_before(const char *text, size_t end)
{
    size_t start = end - 1;
    while (start > 0 && end - start < 4 && is_continuation(text[start]))
        start--;
    int32_t code_point = 0;
    return decode(text + start, &code_point) == end - start ? code_point : -1;
}

#define INDIC_FIRST 0x900

/* Whether there is a break between the two depends on what is before them: flags, pictographs that are
 * joined, and conjuncts of Indic scripts. */
static bool depends_on_more(int32_t before, int32_t here)
{
    int left = utf8proc_get_property(before)->boundclass;
    if (left == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR)
        return true;
    bool mark = left == UTF8PROC_BOUNDCLASS_EXTEND || left == UTF8PROC_BOUNDCLASS_ZWJ;
    int right = utf8proc_get_property(here)->boundclass;
    return mark && (here >= INDIC_FIRST || right == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC);
}

/* A cluster begins here, or the text ends, whatever is further ahead. */
static bool begins_for_certain(const char *text, size_t at)
{
    if (at == 0 || text[at] == '\0')
        return true;
    if (is_continuation(text[at])) /* the fourth in a row belongs to nothing */
        return at >= 3 && is_continuation(text[at - 1]) && is_continuation(text[at - 2]) &&
               is_continuation(text[at - 3]);
    int32_t here = 0;
    decode(text + at, &here);
    int32_t before = code_point_before(text, at);
    if (here < 0 || before < 0)
        return true;
    return !depends_on_more(before, here) && utf8proc_grapheme_break(before, here);
}

size_t cells_boundary(const char *text, size_t position)
{
    size_t at = position;
    while (!begins_for_certain(text, at))
        at--;
    struct cluster cluster;
    for (cluster_read(text + at, &cluster); cluster.bytes > 0 && at + cluster.bytes <= position;
         cluster_read(text + at, &cluster))
        at += cluster.bytes;
    return at;
}

static bool is_hangul_tail(int32_t code_point)
{
    return (code_point >= 0x1160 && code_point <= 0x11ff) || (code_point >= 0xd7b0 && code_point <= 0xd7fb);
}

/* Joiner, variation selectors, skin tones, regional indicators: what they do to a width depends on the
 * terminal. */
static bool is_sequence_part(int32_t code_point)
{
    return code_point == 0x200d || (code_point >= 0xfe00 && code_point <= 0xfe0f) ||
           (code_point >= 0x1f3fb && code_point <= 0x1f3ff) ||
           (code_point >= 0x1f1e6 && code_point <= 0x1f1ff);
}

/* Pictographs that terminals have had as wide since Unicode 9; later blocks are drawn as each likes. */
static bool is_settled_pictograph(int32_t code_point, int columns)
{
    if (code_point < 0x1f000 || code_point > 0x1faff)
        return true;
    return columns == 2 && ((code_point >= 0x1f300 && code_point <= 0x1f64f) ||
                            (code_point >= 0x1f680 && code_point <= 0x1f6c5));
}

/* -1: not agreed upon. */
static int code_point_columns(int32_t code_point)
{
    int columns = utf8proc_charwidth(code_point);
    if (utf8proc_category(code_point) == UTF8PROC_CATEGORY_MC)
        columns = 1;
    else if (is_hangul_tail(code_point))
        columns = 0;
    if (is_sequence_part(code_point) || !is_settled_pictograph(code_point, columns) ||
        wcwidth((wchar_t)code_point) != columns)
        return -1;
    return columns;
}

static int cluster_columns(const struct cluster *cluster)
{
    int total = 0;
    for (size_t i = 0; i < cluster->count; i++) {
        int columns = code_point_columns(cluster->code_points[i]);
        /* A mark without a base would settle on the cell before it. */
        if (columns < 0 || (i == 0 && columns == 0))
            return -1;
        total += columns;
    }
    return total;
}

static bool is_ascii(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

static void show(struct cells_piece *piece, const char *text)
{
    text_copy_cut(piece->shown, sizeof piece->shown, text);
    piece->columns = strlen(piece->shown); /* only for what is ASCII by now */
}

static void show_ascii(struct cells_piece *piece, const struct cluster *cluster)
{
    char text[sizeof piece->shown] = "";
    size_t length = 0;
    for (size_t i = 0; i < cluster->count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "\\u{%x}",
                                   (unsigned)cluster->code_points[i]);
    show(piece, text);
}

void cells_next_piece(const char *text, bool ascii, struct cells_piece *piece)
{
    struct cluster cluster;
    cluster_read(text, &cluster);
    *piece = (struct cells_piece){.bytes = cluster.bytes};
    if (cluster.bytes == 0)
        return;
    if (cluster.bytes == 1 && *text >= 0x20 && *text < 0x7f) { /* most text, and the fast way */
        piece->shown[0] = *text;
        piece->columns = 1;
        return;
    }
    if (cluster.count > CODE_POINT_LIMIT) {
        show(piece, REPLACEMENT);
        return;
    }
    char source[CLUSTER_BYTES + 1];
    memcpy(source, text, cluster.bytes);
    source[cluster.bytes] = '\0';
    CLEANUP_FREE char *escaped = text_escape(source);
    if (strcmp(escaped, source) != 0) {
        show(piece, is_ascii(escaped) ? escaped : REPLACEMENT);
        return;
    }
    if (ascii) {
        show_ascii(piece, &cluster);
        return;
    }
    int columns = cluster_columns(&cluster);
    if (columns < 0) {
        show(piece, REPLACEMENT);
        return;
    }
    memcpy(piece->shown, source, cluster.bytes + 1);
    piece->columns = (size_t)columns;
}

char *cells_safe(const char *text, bool ascii)
{
    struct strbuf out = {0};
    struct cells_piece piece;
    for (cells_next_piece(text, ascii, &piece); piece.bytes > 0;
         text += piece.bytes, cells_next_piece(text, ascii, &piece))
        strbuf_add(&out, piece.shown);
    return strbuf_take(&out);
}

/* Columns, but no further than just past `limit`: a name may be a megabyte. */
static size_t width_up_to(const char *text, bool ascii, size_t limit)
{
    size_t width = 0;
    struct cells_piece piece;
    for (cells_next_piece(text, ascii, &piece); piece.bytes > 0 && width <= limit;
         text += piece.bytes, cells_next_piece(text, ascii, &piece))
        width += piece.columns;
    return width;
}

/* All code points of a cluster, however many a cell would hold. */
static void add_spelled(struct strbuf *out, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        int32_t code_point = 0;
        size_t used = decode(text + at, &code_point);
        CLEANUP_FREE char *source = mem_strndup(text + at, used);
        CLEANUP_FREE char *escaped = text_escape(source);
        if (code_point >= 0x80 && strcmp(escaped, source) == 0)
            strbuf_addf(out, "\\u{%x}", (unsigned)code_point);
        else
            strbuf_add(out, escaped);
        at += used;
    }
}

char *cells_spelled(const char *text)
{
    struct strbuf out = {0};
    struct cells_piece piece;
    bool replaced = false;
    for (cells_next_piece(text, false, &piece); piece.bytes > 0;
         text += piece.bytes, cells_next_piece(text, false, &piece)) {
        bool stands_in = strcmp(piece.shown, "?") == 0 && *text != '?';
        if (stands_in)
            add_spelled(&out, text, piece.bytes);
        else
            strbuf_add(&out, piece.shown);
        replaced = replaced || stands_in;
    }
    if (replaced)
        return strbuf_take(&out);
    strbuf_free(&out);
    return NULL;
}

size_t cells_width(const char *text, bool ascii)
{
    return width_up_to(text, ascii, SIZE_MAX - 1);
}

/* Whole pieces from the start in at most `columns`; returns the columns taken. */
static size_t add_start(struct strbuf *out, const char *text, size_t columns, bool ascii)
{
    size_t taken = 0;
    struct cells_piece piece;
    for (cells_next_piece(text, ascii, &piece); piece.bytes > 0 && taken + piece.columns <= columns;
         text += piece.bytes, cells_next_piece(text, ascii, &piece)) {
        strbuf_add(out, piece.shown);
        taken += piece.columns;
    }
    return taken;
}

/* Whole pieces from the end in at most `columns`. */
static size_t add_end(struct strbuf *out, const char *text, size_t columns, bool ascii)
{
    size_t width = cells_width(text, ascii);
    struct cells_piece piece;
    for (cells_next_piece(text, ascii, &piece); piece.bytes > 0 && width > columns;
         text += piece.bytes, cells_next_piece(text, ascii, &piece))
        width -= piece.columns;
    add_start(out, text, width, ascii);
    return width;
}

static size_t add_ellipsis(struct strbuf *out, const struct cells_format *format)
{
    const char *mark = format->ascii ? ".." : "…";
    size_t width = format->ascii ? 2 : 1;
    if (width > format->columns) {
        mark = ".";
        width = format->columns; /* 1 or 0 */
    }
    strbuf_add(out, width > 0 ? mark : "");
    return width;
}

static size_t add_cut(struct strbuf *out, const char *text, const struct cells_format *format)
{
    CLEANUP_STRBUF struct strbuf mark = {0};
    size_t mark_width = add_ellipsis(&mark, format);
    size_t room = format->columns - mark_width;
    size_t start = format->cut == CELLS_CUT_END ? room : format->cut == CELLS_CUT_START ? 0 : room / 2;
    size_t taken = add_start(out, text, start, format->ascii);
    strbuf_add(out, mark.data ? mark.data : "");
    if (format->cut != CELLS_CUT_END)
        taken += add_end(out, text, room - taken, format->ascii);
    return taken + mark_width;
}

static void add_blanks(struct strbuf *out, size_t count)
{
    for (; count > 0; count--)
        strbuf_add_bytes(out, " ", 1);
}

char *cells_fit(const char *text, const struct cells_format *format)
{
    CLEANUP_STRBUF struct strbuf fitted = {0};
    size_t width = 0;
    if (width_up_to(text, format->ascii, format->columns) > format->columns)
        width = add_cut(&fitted, text, format);
    else
        width = add_start(&fitted, text, format->columns, format->ascii);
    size_t blanks = format->no_pad ? 0 : format->columns - width;
    struct strbuf out = {0};
    add_blanks(&out, format->align == CELLS_RIGHT ? blanks : 0);
    strbuf_add(&out, fitted.data ? fitted.data : "");
    add_blanks(&out, format->align == CELLS_LEFT ? blanks : 0);
    return strbuf_take(&out);
}

/* Bytes of `text` that make one line: up to the last blank that fits, or as many pieces as fit. */
static size_t line_bytes(const char *text, size_t columns, bool ascii)
{
    size_t at = 0;
    size_t width = 0;
    size_t blank = 0; /* end of the last whole word */
    struct cells_piece piece;
    for (;; at += piece.bytes, width += piece.columns) {
        cells_next_piece(text + at, ascii, &piece);
        if (piece.bytes == 0) {
            while (at > 0 && text[at - 1] == ' ')
                at--;
            return at;
        }
        if (text[at] == ' ' && at > 0 && text[at - 1] != ' ')
            blank = at;
        if (width + piece.columns > columns)
            break;
    }
    if (blank > 0)
        return blank;
    return at > 0 ? at : piece.bytes; /* one piece wider than the line: progress all the same */
}

void cells_wrap(const char *text, size_t columns, size_t limit, bool ascii, char ***lines, size_t *count)
{
    *lines = NULL;
    *count = 0;
    columns = columns > 0 ? columns : 1;
    text += strspn(text, " ");
    while (*text && *count < limit) {
        size_t bytes = line_bytes(text, columns, ascii);
        const char *rest = text + bytes + strspn(text + bytes, " ");
        bool more = *rest && *count + 1 == limit;
        CLEANUP_FREE char *line = more ? mem_strdup(text) : mem_strndup(text, bytes);
        struct cells_format format = {.columns = columns, .ascii = ascii, .no_pad = true};
        *ARRAY_APPEND(*lines, *count) = cells_fit(line, &format);
        text = rest;
    }
}

void cells_free_lines(char **lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
    free(lines);
}
