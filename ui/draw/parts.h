/* What screens are made of besides text: headings in their rules, bars, a graph over time. Painted on a
 * canvas, without curses. Threads: the one that owns it. */
#ifndef REFPOINT_UI_DRAW_PARTS_H
#define REFPOINT_UI_DRAW_PARTS_H

#include <stdint.h>

#include "ui/draw/canvas.h"

struct part_heading {
    const char *name;
    const char *more; /* behind it: a count, a filter; NULL or "": nothing */
    enum theme_role more_role;
    const char *right; /* at the other end, where there is room for it; NULL or "": nothing */
    bool focused;
};
/* "── Points of web-prod ── 4 ──────── phase 2 of 4 ──" across the whole width; the name is cut last. */
void part_heading(const struct canvas *canvas, int row, int column, int columns,
                  const struct part_heading *heading);
/* A line downwards; above: the row before it is a rule, and they meet. */
void part_vertical(const struct canvas *canvas, int row, int column, int rows);
/* The rule in this place has a line coming from below (down) or above, or both. */
void part_joint(const struct canvas *canvas, int row, int column, bool above, bool below);

/* "412.0 GiB", "3 h ago" at the right end of so many columns; in running text the unit is dim. */
void part_number(const struct canvas *canvas, int row, int column, int columns, enum theme_role role,
                 const char *text);

/* A bar in eighths of a cell, the rest a track; full only at 100. */
void part_bar(const struct canvas *canvas, int row, int column, int columns, unsigned percent,
              enum theme_role role);

/* Columns of blocks, one a value, the highest of which is `most`; nothing on an ASCII canvas. */
void part_graph(const struct canvas *canvas, int row, int column, int rows, const uint64_t *values,
                size_t count, uint64_t most, enum theme_role role);

#endif
