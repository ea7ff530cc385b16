#include "ui/screens/browse/data/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/fold.h"
#include "ui/screens/browse/data/damage.h"

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

static bool is_damaged(const struct machine_list *machines, const struct guid *id)
{
    for (size_t i = 0; i < machines->left_out.count; i++) {
        if (guid_equal(&machines->left_out.items[i].id, id))
            return true;
    }
    return false;
}

static void add_members(struct catalogue_row *row, const struct collection *collection,
                        const struct machine_list *machines)
{
    for (size_t i = 0; i < collection->member_count; i++) {
        const struct machine *machine = machines->count
                                            ? bsearch(&collection->members[i], machines->items,
                                                      machines->count, sizeof *machines->items, compare_id)
                                            : NULL;
        bool damaged = !machine && is_damaged(machines, &collection->members[i]);
        row->damaged += damaged;
        row->missing += !damaged && (!machine || machine->state == MACHINE_STATE_GONE);
        if (machine)
            member_states_add(&row->states, machine);
        for (size_t d = 0; machine && d < machine->disk_count; d++)
            row->size += machine->disks[d].virtual_size;
    }
}

static void write_texts(struct catalogue_row *row)
{
    size_t size = sizeof row->machines_text;
    if (row->problem)
        snprintf(row->machines_text, size, "-");
    else if (row->damaged)
        snprintf(row->machines_text, size, "%zu, %zu damaged", row->machines, row->damaged);
    else if (row->missing)
        snprintf(row->machines_text, size, "%zu, %zu gone", row->machines, row->missing);
    else
        snprintf(row->machines_text, size, "%zu", row->machines);
}

static void measure(struct catalogue *catalogue, const struct catalogue_row *row)
{
    int columns = (int)strlen(row->machines_text);
    if (columns > catalogue->machines_columns)
        catalogue->machines_columns = columns;
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
    row->sized = machines != NULL;
    write_texts(row);
    measure(catalogue, row);
}

static void add_damaged(struct catalogue *catalogue, const struct damaged_record *collection)
{
    struct catalogue_row *row = &catalogue->rows[catalogue->count++];
    CLEANUP_FREE char *text = browse_damaged_search_text(collection->name, &collection->id);
    row->id = collection->id;
    row->name = mem_strdup(damaged_record_name(collection));
    row->folded = fold_text(text);
    row->problem = mem_strdup(collection->problem);
    write_texts(row);
    measure(catalogue, row);
}

static void add_all_states(struct catalogue *catalogue, const struct machine_list *machines)
{
    for (size_t i = 0; i < machines->count; i++) {
        const struct machine *machine = &machines->items[i];
        member_states_add(&catalogue->states, machine);
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
    size_t count = collections->count + collections->left_out.count;
    catalogue->rows = mem_alloc(count * sizeof *catalogue->rows);
    catalogue->collections_left_out = collections->left_out.count;
    for (size_t i = 0; i < collections->count; i++)
        add_row(catalogue, &collections->items[i], machines);
    for (size_t i = 0; i < collections->left_out.count; i++)
        add_damaged(catalogue, &collections->left_out.items[i]);
}

void catalogue_clear(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        free(catalogue->rows[i].name);
        free(catalogue->rows[i].folded);
        free(catalogue->rows[i].problem);
        member_states_clear(&catalogue->rows[i].states);
    }
    member_states_clear(&catalogue->states);
    free(catalogue->unreached);
    free(catalogue->rows);
    *catalogue = (struct catalogue){0};
}
