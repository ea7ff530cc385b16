#include "ui/draw/parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"

#define EIGHTHS 8
#define NAME_AT 3      /* behind "── " */
#define NAME_LEAST 8   /* columns that a name keeps; before that, what stands behind it goes */
#define RIGHT_BEHIND 2 /* "──" */

static int width(const struct canvas *canvas, const char *text)
{
    return text ? (int)cells_width(text, canvas_is_ascii(canvas)) : 0;
}

static int paint_cut(const struct canvas *canvas, int row, int column, int room, enum theme_role role,
                     const char *text)
{
    struct cells_format format = {.columns = (size_t)room, .ascii = canvas_is_ascii(canvas), .no_pad = true};
    if (room < 1)
        return 0;
    CLEANUP_FREE char *fitted = cells_fit(text, &format);
    return canvas_text(canvas, row, column, role, fitted);
}

/* " text " over the rule; the columns it took. */
static int paint_over(const struct canvas *canvas, int row, int column, int room, enum theme_role role,
                      const char *text)
{
    if (room < 3)
        return 0;
    canvas_text(canvas, row, column, ROLE_RULE, " ");
    int taken = paint_cut(canvas, row, column + 1, room - 2, role, text);
    canvas_text(canvas, row, column + 1 + taken, ROLE_RULE, " ");
    return taken + 2;
}

void part_heading(const struct canvas *canvas, int row, int column, int columns,
                  const struct part_heading *heading)
{
    struct canvas line = canvas_part(canvas, row, column, 1, columns);
    int more = heading->more && *heading->more ? width(canvas, heading->more) + 4 : 0;
    int right = heading->right && *heading->right ? width(canvas, heading->right) + 2 + RIGHT_BEHIND : 0;
    int name = width(canvas, heading->name) + 2;
    int room = line.columns - NAME_AT + 1;
    if (name + more + right + 1 > room)
        right = 0;
    if (NAME_LEAST + more > room)
        more = 0;
    canvas_rule(&line, 0, 0, line.columns);
    int at = NAME_AT - 1;
    at += paint_over(&line, 0, at, room - more - right,
                     heading->focused ? ROLE_HEADING_FOCUSED : ROLE_HEADING, heading->name);
    if (more > 0)
        paint_over(&line, 0, at + 2, line.columns - at - 2, heading->more_role, heading->more);
    if (right > 0)
        paint_over(&line, 0, line.columns - right, right - RIGHT_BEHIND, ROLE_DIM, heading->right);
}

void part_vertical(const struct canvas *canvas, int row, int column, int rows)
{
    for (int i = 0; i < rows; i++)
        canvas_text(canvas, row + i, column, ROLE_RULE, canvas_is_ascii(canvas) ? "|" : "│");
}

void part_joint(const struct canvas *canvas, int row, int column, bool above, bool below)
{
    const char *sign = above && below ? "┼" : above ? "┴" : "┬";
    canvas_text(canvas, row, column, ROLE_RULE, canvas_is_ascii(canvas) ? "+" : sign);
}

void part_number(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                 const char *text)
{
    canvas_field_right(canvas, row, column, columns, role, text);
    const char *unit = strchr(text, ' ');
    int unit_columns = unit ? width(canvas, unit) : 0;
    if (role == ROLE_NORMAL)
        canvas_paint_role(canvas, row, column + columns - unit_columns, unit_columns, ROLE_DIM);
}

void part_bar(const struct canvas *canvas, int row, int column, int columns, unsigned percent,
              enum theme_role role)
{
    static const char *const parts[EIGHTHS] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    bool ascii = canvas_is_ascii(canvas);
    unsigned part = percent > 100 ? 100 : percent;
    int eighths = (int)((unsigned)columns * EIGHTHS * part / 100);
    int whole = eighths / EIGHTHS;
    int rest = canvas_is_plain(canvas) ? 0 : eighths % EIGHTHS;
    for (int i = 0; i < columns; i++) {
        if (i < whole)
            canvas_text(canvas, row, column + i, role, ascii ? "#" : "█");
        else if (i == whole && rest > 0)
            canvas_text(canvas, row, column + i, role, parts[rest]);
        else
            canvas_text(canvas, row, column + i, ROLE_PROGRESS_LEFT, ascii ? "." : "·");
    }
}

/* In eighths of a cell, at least one where there is anything. */
static int height_of(uint64_t value, uint64_t most, int rows)
{
    int full = rows * EIGHTHS;
    int height = most > 0 ? (int)((double)value * full / (double)most + 0.5) : 0;
    height = value > 0 && height == 0 ? 1 : height;
    return height > full ? full : height;
}

void part_graph(const struct canvas *canvas, int row, int column, int rows, const uint64_t *values,
                size_t count, uint64_t most, enum theme_role role)
{
    static const char *const parts[EIGHTHS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const plain[EIGHTHS + 1] = {" ", " ", " ", " ", "▄", "▄", "▄", "█", "█"};
    const char *const *blocks = canvas_is_plain(canvas) ? plain : parts;
    for (size_t i = 0; i < count && !canvas_is_ascii(canvas); i++) {
        int height = height_of(values[i], most, rows);
        for (int r = 0; r < rows; r++) {
            int in_row = height - (rows - 1 - r) * EIGHTHS;
            in_row = in_row < 0 ? 0 : in_row > EIGHTHS ? EIGHTHS : in_row;
            canvas_text(canvas, row + r, column + (int)i, role, blocks[in_row]);
        }
    }
}
