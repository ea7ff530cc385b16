/* Which items a text finds, best first; and actions on items: "export web-prod tuesday". Without a text: the
 * actions that can be done here. Ten thousand items are quicker than a key. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_PALETTE_FIND_H
#define REFPOINT_UI_SCREENS_PALETTE_FIND_H

#include "ui/screens/palette/items.h"

struct palette_row {
    size_t item;
    const char *verb; /* before what is shown; NULL: the item itself */
    enum ui_action action;
    unsigned score;
};
struct palette_rows { /* free(rows) */
    struct palette_row *rows;
    size_t count;
};
void palette_find(struct palette_rows *found, const struct palette_items *items, const char *text);

#endif
