/* A surface is one array of cells; a canvas is a window on it, so that a sub-canvas costs nothing. Everything
 * that paints ends in put_piece, which alone checks bounds. */
#include "ui/draw/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"

struct canvas_surface {
    int rows;
    int columns;
    bool ascii;
    bool plain;
    struct canvas_cell *cells;
};

struct canvas_surface *canvas_surface_new(int rows, int columns, enum canvas_signs signs)
{
    struct canvas_surface *surface = mem_alloc(sizeof *surface);
    *surface = (struct canvas_surface){.rows = rows > 0 ? rows : 0,
                                       .columns = columns > 0 ? columns : 0,
                                       .ascii = signs == CANVAS_ASCII,
                                       .plain = signs != CANVAS_FULL};
    surface->cells = mem_alloc((size_t)surface->rows * (size_t)surface->columns * sizeof *surface->cells);
    struct canvas whole = canvas_whole(surface);
    canvas_clear(&whole, ROLE_NORMAL);
    return surface;
}

void canvas_surface_free(struct canvas_surface *surface)
{
    if (!surface)
        return;
    free(surface->cells);
    free(surface);
}

struct canvas canvas_whole(struct canvas_surface *surface)
{
    return (struct canvas){.surface = surface, .rows = surface->rows, .columns = surface->columns};
}

static struct canvas_cell *cell_of(const struct canvas_surface *surface, int row, int column)
{
    if (row < 0 || column < 0 || row >= surface->rows || column >= surface->columns)
        return NULL;
    return &surface->cells[(size_t)row * (size_t)surface->columns + (size_t)column];
}

const struct canvas_cell *canvas_cell_at(const struct canvas_surface *surface, int row, int column)
{
    return cell_of(surface, row, column);
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

struct canvas canvas_part(const struct canvas *canvas, int row, int column, int rows, int columns)
{
    int top = clamp(row, 0, canvas->rows);
    int left = clamp(column, 0, canvas->columns);
    return (struct canvas){.surface = canvas->surface,
                           .top = canvas->top + top,
                           .left = canvas->left + left,
                           .rows = clamp(rows, 0, canvas->rows - top),
                           .columns = clamp(columns, 0, canvas->columns - left)};
}

bool canvas_is_ascii(const struct canvas *canvas)
{
    return canvas->surface->ascii;
}

bool canvas_is_plain(const struct canvas *canvas)
{
    return canvas->surface->plain;
}

static struct canvas_cell *inside(const struct canvas *canvas, int row, int column)
{
    if (row < 0 || column < 0 || row >= canvas->rows || column >= canvas->columns)
        return NULL;
    return cell_of(canvas->surface, canvas->top + row, canvas->left + column);
}

static void put_blank(struct canvas_cell *cell, enum theme_role role)
{
    *cell = (struct canvas_cell){.text = " ", .width = 1, .role = (unsigned char)role};
}

/* Half of a wide cluster that is painted over leaves a blank, not half a sign; also where the other half lies
 * outside of the canvas, beneath whose edge it reaches. */
static void part_wide(const struct canvas *canvas, int row, int column)
{
    const struct canvas_surface *surface = canvas->surface;
    struct canvas_cell *cell = inside(canvas, row, column);
    if (!cell)
        return;
    int top = canvas->top + row;
    int at = canvas->left + column;
    struct canvas_cell *left = cell->width == 0 ? cell_of(surface, top, at - 1) : NULL;
    struct canvas_cell *right = cell->width == 2 ? cell_of(surface, top, at + 1) : NULL;
    if (left)
        put_blank(left, left->role);
    if (right)
        put_blank(right, right->role);
}

/* One cell or a wide pair. False: it does not fit before the edge. */
static bool put_cluster(const struct canvas *canvas, int row, int column, enum theme_role role,
                        const char *text, size_t bytes, int columns)
{
    struct canvas_cell *cell = inside(canvas, row, column);
    struct canvas_cell *right = columns == 2 ? inside(canvas, row, column + 1) : NULL;
    if (!cell || bytes >= CANVAS_CELL_BYTES || (columns == 2 && !right))
        return false;
    part_wide(canvas, row, column);
    if (right)
        part_wide(canvas, row, column + 1);
    *cell = (struct canvas_cell){.width = (unsigned char)columns, .role = (unsigned char)role};
    memcpy(cell->text, text, bytes);
    if (right)
        *right = (struct canvas_cell){.role = (unsigned char)role};
    return true;
}

/* A piece is one cluster, or an escape of several ASCII characters. Returns the columns painted. */
static int put_piece(const struct canvas *canvas, int row, int column, enum theme_role role,
                     const struct cells_piece *piece)
{
    bool cluster = piece->columns <= 2 && (piece->columns == 1 || (unsigned char)piece->shown[0] >= 0x80);
    if (cluster) {
        put_cluster(canvas, row, column, role, piece->shown, strlen(piece->shown), (int)piece->columns);
        return (int)piece->columns;
    }
    int at = column;
    for (const char *sign = piece->shown; *sign; sign++, at++)
        put_cluster(canvas, row, at, role, sign, 1, 1);
    return at - column;
}

int canvas_text(const struct canvas *canvas, int row, int column, enum theme_role role, const char *text)
{
    struct cells_piece piece = {0};
    int at = column;
    for (; *text && at < canvas->columns; text += piece.bytes) {
        cells_next_piece(text, canvas->surface->ascii, &piece);
        if (piece.bytes == 0)
            break;
        at += put_piece(canvas, row, at, role, &piece);
    }
    return at - column;
}

int canvas_textf(const struct canvas *canvas, int row, int column, enum theme_role role, const char *format,
                 ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    return canvas_text(canvas, row, column, role, text);
}

static void put_field(const struct canvas *canvas, int row, int column, enum theme_role role,
                      const char *text, struct cells_format format)
{
    CLEANUP_FREE char *fitted = cells_fit(text, &format);
    canvas_text(canvas, row, column, role, fitted);
}

void canvas_field(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                  const char *text)
{
    if (columns > 0)
        put_field(canvas, row, column, role, text,
                  (struct cells_format){.columns = (size_t)columns, .ascii = canvas->surface->ascii});
}

void canvas_field_right(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                        const char *text)
{
    if (columns > 0)
        put_field(canvas, row, column, role, text,
                  (struct cells_format){
                      .columns = (size_t)columns, .align = CELLS_RIGHT, .ascii = canvas->surface->ascii});
}

void canvas_path(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                 const char *path)
{
    if (columns > 0)
        put_field(canvas, row, column, role, path,
                  (struct cells_format){
                      .columns = (size_t)columns, .cut = CELLS_CUT_MIDDLE, .ascii = canvas->surface->ascii});
}

static void repeat(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                   const char *sign)
{
    for (int i = 0; i < columns; i++)
        put_cluster(canvas, row, column + i, role, sign, strlen(sign), 1);
}

void canvas_clear(const struct canvas *canvas, enum theme_role role)
{
    for (int row = 0; row < canvas->rows; row++)
        repeat(canvas, row, 0, canvas->columns, role, " ");
}

void canvas_rule(const struct canvas *canvas, int row, int column, int columns)
{
    repeat(canvas, row, column, columns, ROLE_RULE, canvas->surface->ascii ? "-" : "─");
}

void canvas_box(const struct canvas *canvas, enum theme_role role)
{
    static const char *const lines[2][6] = {{"─", "│", "┌", "┐", "└", "┘"}, {"-", "|", "+", "+", "+", "+"}};
    const char *const *line = lines[canvas->surface->ascii];
    int bottom = canvas->rows - 1;
    int right = canvas->columns - 1;
    repeat(canvas, 0, 1, right - 1, role, line[0]);
    repeat(canvas, bottom, 1, right - 1, role, line[0]);
    for (int row = 1; row < bottom; row++) {
        repeat(canvas, row, 0, 1, role, line[1]);
        repeat(canvas, row, right, 1, role, line[1]);
    }
    repeat(canvas, 0, 0, 1, role, line[2]);
    repeat(canvas, 0, right, 1, role, line[3]);
    repeat(canvas, bottom, 0, 1, role, line[4]);
    repeat(canvas, bottom, right, 1, role, line[5]);
}

struct canvas canvas_dialog(const struct canvas *canvas, int row, int column, int rows, int columns)
{
    struct canvas around = canvas_part(canvas, row > 0 ? row - 1 : 0, column > 0 ? column - 1 : 0,
                                       rows + (row > 0 ? 2 : 1), columns + (column > 0 ? 2 : 1));
    canvas_clear(&around, ROLE_NORMAL);
    struct canvas box = canvas_part(canvas, row, column, rows, columns);
    canvas_clear(&box, ROLE_DIALOG);
    canvas_box(&box, ROLE_DIALOG_BORDER);
    return box;
}

void canvas_paint_role(const struct canvas *canvas, int row, int column, int columns, enum theme_role role)
{
    for (int i = 0; i < columns; i++) {
        struct canvas_cell *cell = inside(canvas, row, column + i);
        if (cell)
            cell->role = (unsigned char)role;
    }
}

int canvas_wrap(const struct canvas *canvas, int row, int column, int rows, int columns, enum theme_role role,
                const char *text)
{
    if (rows < 1 || columns < 1)
        return 0;
    char **lines = NULL;
    size_t count = 0;
    cells_wrap(text, (size_t)columns, (size_t)rows, canvas->surface->ascii, &lines, &count);
    for (size_t i = 0; i < count; i++)
        canvas_text(canvas, row + (int)i, column, role, lines[i]);
    cells_free_lines(lines, count);
    return (int)count;
}

int canvas_wrap_rows(const char *text, int columns, bool ascii)
{
    char **lines = NULL;
    size_t count = 0;
    if (columns < 1)
        return 0;
    cells_wrap(text, (size_t)columns, 1000, ascii, &lines, &count);
    cells_free_lines(lines, count);
    return (int)count;
}
