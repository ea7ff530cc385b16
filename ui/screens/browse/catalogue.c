#include "ui/screens/browse/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/draw/fold.h"

#define SIZE_COLUMNS_USUAL 9 /* "412.0 GiB" */

static int compare_machines(const void *left, const void *right)
{
    const struct machine *a = left;
    const struct machine *b = right;
    return strcmp(a->id.text, b->id.text);
}

static int compare_id(const void *key, const void *item)
{
    const struct guid *id = key;
    const struct machine *machine = item;
    return strcmp(id->text, machine->id.text);
}

static void add_members(struct catalogue_row *row, const struct collection *collection,
                        const struct machine_list *machines)
{
    for (size_t i = 0; i < collection->member_count; i++) {
        const struct machine *machine = machines->count
                                            ? bsearch(&collection->members[i], machines->items,
                                                      machines->count, sizeof *machines->items, compare_id)
                                            : NULL;
        row->missing += machine == NULL || machine->state == MACHINE_STATE_GONE;
        if (machine && machine->state != MACHINE_STATE_UNKNOWN)
            member_states_add(&row->states, machine->name, machine->state);
        for (size_t d = 0; machine && d < machine->disk_count; d++)
            row->size += machine->disks[d].virtual_size;
    }
}

static void write_texts(struct catalogue_row *row, bool sized)
{
    size_t size = sizeof row->machines_text;
    if (row->missing)
        snprintf(row->machines_text, size, "%zu, %zu gone", row->machines, row->missing);
    else if (row->machines > 9)
        snprintf(row->machines_text, size, "%zu mach.", row->machines);
    else
        snprintf(row->machines_text, size, "%zu machine%s", row->machines, row->machines == 1 ? "" : "s");
    if (sized)
        size_format(row->size, row->size_text, sizeof row->size_text);
}

static int larger(int columns, const char *text)
{
    return (int)strlen(text) > columns ? (int)strlen(text) : columns;
}

static void add_row(struct catalogue *catalogue, const struct collection *collection,
                    const struct machine_list *machines)
{
    struct catalogue_row *row = &catalogue->rows[catalogue->count++];
    row->id = collection->id;
    row->name = mem_strdup(collection->name ? collection->name : "");
    row->folded = fold_text(row->name);
    row->machines = collection->member_count;
    if (machines)
        add_members(row, collection, machines);
    write_texts(row, machines);
    for (int ascii = 0; ascii < 2; ascii++) {
        int columns = (int)cells_width(row->name, ascii);
        int *longest = &catalogue->name_columns[ascii];
        *longest = columns > *longest ? columns : *longest;
    }
    catalogue->machines_columns = larger(catalogue->machines_columns, row->machines_text);
    catalogue->size_columns = larger(catalogue->size_columns, row->size_text);
}

static void add_all_states(struct catalogue *catalogue, const struct machine_list *machines)
{
    for (size_t i = 0; i < machines->count; i++) {
        const struct machine *machine = &machines->items[i];
        if (machine->state != MACHINE_STATE_UNKNOWN)
            member_states_add(&catalogue->states, machine->name, machine->state);
    }
}

static void take_machines(struct catalogue *catalogue, const struct collection_list *collections,
                          struct machine_list *machines)
{
    if (collections->count == 0)
        add_all_states(catalogue, machines); /* still by their names */
    if (machines->count)
        qsort(machines->items, machines->count, sizeof *machines->items, compare_machines);
    catalogue->machines = machines->count;
    catalogue->machines_left_out = machines->left_out.count;
}

void catalogue_build(struct catalogue *catalogue, const struct collection_list *collections,
                     struct machine_list *machines)
{
    if (machines)
        take_machines(catalogue, collections, machines);
    else
        catalogue->size_columns = SIZE_COLUMNS_USUAL; /* so that nothing moves when sizes come */
    catalogue->rows = mem_alloc(collections->count * sizeof *catalogue->rows);
    catalogue->collections_left_out = collections->left_out.count;
    for (size_t i = 0; i < collections->count; i++)
        add_row(catalogue, &collections->items[i], machines);
}

void catalogue_clear(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        free(catalogue->rows[i].name);
        free(catalogue->rows[i].folded);
        member_states_clear(&catalogue->rows[i].states);
    }
    member_states_clear(&catalogue->states);
    free(catalogue->unreached);
    free(catalogue->rows);
    *catalogue = (struct catalogue){0};
}
