/* Records that cannot be read, as the browse screen shows them: rows of their own, why nothing can be done
 * with them, and how many there are in the whole store. No curses. Threads: any; the task as work.h has it.
 */
#ifndef REFPOINT_UI_SCREENS_BROWSE_DAMAGE_H
#define REFPOINT_UI_SCREENS_BROWSE_DAMAGE_H

#include "core/host/host.h"
#include "ui/draw/canvas.h"

/* What a filter looks in: the state's word, name and id. The caller's. */
char *browse_damaged_search_text(const char *name, const struct guid *id);
/* A row of the list of points, marker included. */
void browse_paint_damaged_point(const struct canvas *list, int row, const struct damaged_record *point,
                                enum theme_role role, bool selected);
/* One line for an action that is refused. The caller's. */
char *browse_damaged_refusal(const char *what, const char *problem);

/* Points of all collections that cannot be read: the mark in the title is about the whole store, not about
 * what is looked at. */
struct load_damage {
    struct host *host;
    struct guid *collections;
    size_t count;
    size_t damaged;
};
/* Takes the array. */
struct load_damage *load_damage_new(struct host *host, struct guid *collections, size_t count);
void load_damage_run(void *task);
void load_damage_release(void *task);

#endif
