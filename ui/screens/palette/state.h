/* The palette from the inside: what palette.c (keys) and view.c (the picture) share. */
#ifndef REFPOINT_UI_SCREENS_PALETTE_STATE_H
#define REFPOINT_UI_SCREENS_PALETTE_STATE_H

#include "ui/draw/layout.h"
#include "ui/screens/palette/find.h"
#include "ui/widgets/line_editor.h"
#include "ui/widgets/list_view.h"

struct palette {
    struct screen screen;
    const struct screen *of; /* beneath it, for as long as it is open */
    struct palette_items items;
    struct palette_rows found;
    struct line_editor line;
    struct list_view view;
    struct layout_box box;
    struct line_view shown_line;
};

unsigned palette_point(struct screen *screen, const struct pointer_event *event);
void palette_recalc(struct screen *screen, int rows, int columns);
void palette_repaint(const struct screen *screen, const struct canvas *body);
struct screen_spot palette_cursor(const struct screen *screen);

#endif
