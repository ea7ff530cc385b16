/* The check of the store from the inside: what check.c (work and keys) and view.c (the picture) share. */
#ifndef REFPOINT_UI_SCREENS_STORE_STATE_H
#define REFPOINT_UI_SCREENS_STORE_STATE_H

#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/draw/page.h"
#include "ui/screens/store/findings.h"
#include "ui/screens/store/work.h"
#include "ui/widgets/list_view.h"

enum check_stop { CHECK_DEPTH, CHECK_BACK, CHECK_START };
enum check_stage { CHECK_ASKS, CHECK_RUNS, CHECK_TELLS };

struct check_screen {
    struct screen screen;
    enum check_stage stage;
    bool deep;

    bool measured;
    uint64_t bytes; /* that a deep check reads */
    size_t points;
    uint64_t rate;
    struct page page; /* while it asks */
    int buttons_row;
    struct page_focus focus;
    struct layout_form form;

    struct check_work *work; /* while it runs; the pool's */
    uint64_t ticket;
    int64_t since_ms;
    bool ending;

    struct error err; /* why it told nothing; code 0 = it did, or was ended */
    bool ended;       /* by the operator */
    struct check_rows rows;
    int64_t elapsed_ms;
    struct list_view view;
    struct facts facts; /* of the selected row */
    bool whole;         /* it has the place of the list */
    struct layout_box heading;
    struct layout_box titles;
    struct layout_box list;
    struct layout_box detail_heading;
    struct layout_box detail;
};

void check_screen_command(const struct check_screen *self, struct command_line *line);
const struct check_row *check_selected(const struct check_screen *self); /* NULL: none */
void check_recalc(struct screen *screen, int rows, int columns);
void check_repaint(const struct screen *screen, const struct canvas *body);
struct screen_spot check_cursor(const struct screen *screen);

#endif
