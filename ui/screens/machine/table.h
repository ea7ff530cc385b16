/* Machines as rows, and one of them told whole. Pure. Ownership: machine_table_clear. Threads: any, each its
 * own value. */
#ifndef REFPOINT_UI_SCREENS_MACHINE_TABLE_H
#define REFPOINT_UI_SCREENS_MACHINE_TABLE_H

#include "core/model/model.h"
#include "ui/draw/canvas.h"
#include "ui/widgets/facts.h"

struct machine_row {
    char *folded;      /* for filters */
    char *collections; /* "web-prod, web-test"; "" for none */
    size_t disks;      /* without those that are detached */
    uint64_t size;     /* of them */
};

struct machine_table {
    struct machine_list machines;
    struct machine_row *rows; /* of the machines; damaged ones have none */
    bool states_known;        /* of one of them at least: what it does just now */
};

/* Takes the machines, and their memberships (membership.h), of which it leaves NULL. */
void machine_table_make(struct machine_table *table, struct machine_list *machines, char ***memberships);
void machine_table_clear(struct machine_table *table);

void machine_table_titles(const struct machine_table *table, const struct canvas *titles);
void machine_table_paint(const struct machine_table *table, const struct canvas *list, int row, size_t index,
                         bool selected);
void machine_table_tell(const struct machine_table *table, size_t index, struct facts *facts);

#endif
