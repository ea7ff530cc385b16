/* A canvas: a rectangle of cells that screens paint on, without curses, so that a picture can be tested as
 * text. terminal.c carries the cells to curses, which sends only what changed.
 *
 * Text is made safe here, whoever forgot to: it goes through cells.h (escapes, whole clusters, widths that
 * everyone agrees on), is cut at the edge of the canvas and never wraps. On a canvas made `ascii` nothing
 * else than ASCII is painted. Positions outside are allowed and paint nothing. Rows and columns count from 0.
 * Threads: the one that owns it. */
#ifndef REFPOINT_UI_DRAW_CANVAS_H
#define REFPOINT_UI_DRAW_CANVAS_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/draw/theme.h"

#define CANVAS_CELL_BYTES 24 /* of one cluster; longer ones are replaced */

struct canvas_cell {
    char text[CANVAS_CELL_BYTES]; /* "" = right half of a wide cluster */
    unsigned char width;          /* 1 or 2; 0 = right half */
    unsigned char role;           /* enum theme_role */
};

struct canvas_surface; /* the cells of the whole terminal */

/* A value: a window on a surface. Sub-windows are cut out with canvas_part. */
struct canvas {
    struct canvas_surface *surface;
    int top;
    int left;
    int rows;
    int columns;
};

enum canvas_signs {
    CANVAS_FULL,
    CANVAS_PLAIN, /* fonts with lines and whole blocks, but no check marks and no eighths of blocks */
    CANVAS_ASCII,
};
struct canvas_surface *canvas_surface_new(int rows, int columns, enum canvas_signs signs);
void canvas_surface_free(struct canvas_surface *surface);
struct canvas canvas_whole(struct canvas_surface *surface);
const struct canvas_cell *canvas_cell_at(const struct canvas_surface *surface, int row, int column);

struct canvas canvas_part(const struct canvas *canvas, int row, int column, int rows, int columns);
bool canvas_is_ascii(const struct canvas *canvas);
bool canvas_is_plain(const struct canvas *canvas); /* so is every ASCII one */

void canvas_clear(const struct canvas *canvas, enum theme_role role); /* all blanks */
/* Paints text at a place; returns the columns it took. */
int canvas_text(const struct canvas *canvas, int row, int column, enum theme_role role, const char *text);
int canvas_textf(const struct canvas *canvas, int row, int column, enum theme_role role, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));
/* Exactly `columns` columns: cut with ".." (UTF-8: an ellipsis) when it does not fit, filled with blanks. */
void canvas_field(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                  const char *text);
void canvas_field_right(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                        const char *text);
/* A path, whose ends tell most: cut in the middle. */
void canvas_path(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                 const char *path);
/* A frame along the canvas' edge. */
void canvas_box(const struct canvas *canvas, enum theme_role role);
/* An empty frame over what is painted already, with a blank cell around it so that no rule or name touches
 * it; returns what is within, the frame included. */
struct canvas canvas_dialog(const struct canvas *canvas, int row, int column, int rows, int columns);
/* A horizontal line of `columns` cells. */
void canvas_rule(const struct canvas *canvas, int row, int column, int columns);
/* Changes only the role of what is there. */
void canvas_paint_role(const struct canvas *canvas, int row, int column, int columns, enum theme_role role);
/* Words wrapped into at most `rows` rows of `columns`; the last ends in an ellipsis where there would be
 * more. Returns the rows taken. */
int canvas_wrap(const struct canvas *canvas, int row, int column, int rows, int columns, enum theme_role role,
                const char *text);
/* The same without painting: rows that the text takes at that width. */
int canvas_wrap_rows(const char *text, int columns, bool ascii);

#endif
