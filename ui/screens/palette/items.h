/* What the palette finds: actions, with their keys and why one cannot be done here; collections, points,
 * jobs, hosts and themes. Texts are copied: lists may be read again while it is open. Ownership:
 * palette_items_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_PALETTE_ITEMS_H
#define REFPOINT_UI_SCREENS_PALETTE_ITEMS_H

#include "ui/app/app.h"
#include "ui/screens/palette/match.h"

enum palette_kind {
    PALETTE_ACTION,
    PALETTE_COLLECTION,
    PALETTE_POINT,
    PALETTE_JOB,
    PALETTE_HOST,
    PALETTE_THEME
};
const char *palette_kind_word(enum palette_kind kind); /* "point" */

struct palette_item {
    enum palette_kind kind;
    enum ui_action action; /* of an action */
    bool unavailable;
    bool minor; /* moves, which are not offered before anything is typed */
    char *shown;
    char *about; /* at the right: "point, 3 h ago"; why an action cannot be done here; "" */
    struct place_to_go place;
    struct guid job;
    size_t letters; /* where they begin */
    size_t letter_count;
};

struct palette_items {
    struct palette_item *items;
    size_t count;
    struct fold_letters letters; /* of all: what is shown, and words that are only searched */
};
void palette_items_clear(struct palette_items *items);
/* Of the screen it was called from: first what its hints say, in that order. */
void palette_items_add_actions(struct palette_items *items, const struct screen *of);
void palette_items_add_objects(struct palette_items *items, const struct app *app);
void palette_items_add_jobs(struct palette_items *items, const struct app *app);
void palette_items_add_name(struct palette_items *items, enum palette_kind kind, const char *name,
                            const char *about);

struct match_text palette_item_text(const struct palette_items *items, size_t item);

#endif
