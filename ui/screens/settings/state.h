/* The screen of settings from the inside: what settings.c (work and keys) and view.c (the picture) share. */
#ifndef REFPOINT_UI_SCREENS_SETTINGS_STATE_H
#define REFPOINT_UI_SCREENS_SETTINGS_STATE_H

#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/screens/settings/work.h"
#include "ui/widgets/facts.h"
#include "ui/widgets/line_editor.h"
#include "ui/widgets/list_view.h"

struct settings_screen {
    struct screen screen;
    const struct setting *table;
    size_t count;
    char *file; /* that is read and written */
    bool read;
    struct settings settings;
    struct error err; /* why they could not be read, or the last one not written */
    struct list_view view;

    bool editing; /* the selected one */
    bool saving;
    struct line_editor editor;
    struct error refusal;  /* of what is typed; code 0 = none */
    struct settings typed; /* the selected one as it is typed, where it is not refused */

    struct facts facts;
    struct layout_box heading;
    struct layout_box titles;
    struct layout_box list;
    struct layout_box notice;
    struct layout_box detail_heading;
    struct layout_box field; /* while editing */
    struct layout_box detail;
};

const struct setting *settings_selected(const struct settings_screen *self); /* NULL: none */
bool settings_is_choice(const struct setting *setting); /* changed by Space, not by typing */
void settings_recalc(struct screen *screen, int rows, int columns);
void settings_repaint(const struct screen *screen, const struct canvas *body);
struct screen_spot settings_cursor(const struct screen *screen);

#endif
