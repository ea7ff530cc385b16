#include "ui/screens/machine/table.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/fold.h"
#include "ui/draw/parts.h"

#define MARKER_COLUMNS 1
#define DISKS_COLUMNS 5
#define SIZE_COLUMNS 10
#define STATE_COLUMNS 8
#define STATE_PANE 90 /* columns of a screen that has room for what machines do just now */

void machine_table_make(struct machine_table *table, struct machine_list *machines, char ***memberships)
{
    *table = (struct machine_table){.machines = *machines};
    *machines = (struct machine_list){0};
    table->rows = mem_alloc((table->machines.count + 1) * sizeof *table->rows);
    for (size_t i = 0; i < table->machines.count; i++) {
        const struct machine *machine = &table->machines.items[i];
        struct machine_row *row = &table->rows[i];
        table->states_known = table->states_known || machine_state_word(machine->state);
        row->collections = (*memberships)[i];
        CLEANUP_FREE char *text = mem_format("%s %s", machine->name, row->collections);
        row->folded = fold_text(text);
        for (size_t k = 0; k < machine->disk_count; k++) {
            row->disks += !machine->disks[k].detached;
            row->size += machine->disks[k].detached ? 0 : machine->disks[k].virtual_size;
        }
    }
    free(*memberships);
    *memberships = NULL;
}

void machine_table_clear(struct machine_table *table)
{
    for (size_t i = 0; table->rows && i < table->machines.count; i++) {
        free(table->rows[i].folded);
        free(table->rows[i].collections);
    }
    free(table->rows);
    machine_list_clear(&table->machines);
    *table = (struct machine_table){0};
}

struct places {
    int name; /* its columns */
    int disks;
    int size;
    int state; /* -1: no room */
    int collections;
};

static struct places places_of(const struct machine_table *table, int columns)
{
    struct places places = {.name = columns * 2 / 5 - MARKER_COLUMNS - 1, .state = -1};
    places.disks = MARKER_COLUMNS + places.name + 1;
    places.size = places.disks + DISKS_COLUMNS + 1;
    places.collections = places.size + SIZE_COLUMNS + 2;
    if (columns < STATE_PANE || !table->states_known)
        return places;
    places.state = places.collections;
    places.collections += STATE_COLUMNS + 1;
    return places;
}

void machine_table_titles(const struct machine_table *table, const struct canvas *titles)
{
    struct places places = places_of(table, titles->columns);
    canvas_text(titles, 0, MARKER_COLUMNS, ROLE_COLUMN, "NAME");
    canvas_field_right(titles, 0, places.disks, DISKS_COLUMNS, ROLE_COLUMN, "DISKS");
    canvas_field_right(titles, 0, places.size, SIZE_COLUMNS, ROLE_COLUMN, "SIZE");
    if (places.state >= 0)
        canvas_text(titles, 0, places.state, ROLE_COLUMN, "STATE");
    canvas_text(titles, 0, places.collections, ROLE_COLUMN, "IN COLLECTIONS");
}

static void paint_damaged(const struct canvas *list, int row, const struct damaged_record *damaged,
                          enum theme_role role, const struct places *places)
{
    canvas_field(list, row, MARKER_COLUMNS, places->name, role, damaged_record_name(damaged));
    canvas_text(list, row, places->collections, role == ROLE_NORMAL ? ROLE_ERROR : role, "! damaged");
}

void machine_table_paint(const struct machine_table *table, const struct canvas *list, int row, size_t index,
                         bool selected)
{
    struct places places = places_of(table, list->columns);
    enum theme_role role = selected ? ROLE_SELECTED : ROLE_NORMAL;
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    if (index >= table->machines.count) {
        paint_damaged(list, row, &table->machines.left_out.items[index - table->machines.count], role,
                      &places);
        return;
    }
    const struct machine *machine = &table->machines.items[index];
    const struct machine_row *shown = &table->rows[index];
    char size[32];
    CLEANUP_FREE char *disks = mem_format("%zu", shown->disks);
    size_format(shown->size, size, sizeof size);
    canvas_field(list, row, MARKER_COLUMNS, places.name, role, machine->name);
    canvas_field_right(list, row, places.disks, DISKS_COLUMNS, role, disks);
    part_number(list, row, places.size, SIZE_COLUMNS, role, size);
    const char *state = machine_state_word(machine->state);
    if (places.state >= 0)
        canvas_field(list, row, places.state, STATE_COLUMNS, role, state ? state : "-");
    bool none = !*shown->collections;
    canvas_field(list, row, places.collections, list->columns - places.collections - 1,
                 none && !selected ? ROLE_DIM : role, none ? "- none" : shown->collections);
}

static void tell_disk(const struct disk *disk, bool first, struct facts *facts)
{
    char size[32];
    CLEANUP_STRBUF struct strbuf beneath = {0};
    size_format(disk->virtual_size, size, sizeof size);
    for (size_t i = 0; i < disk->backing_count; i++)
        strbuf_addf(&beneath, "%s%s", i ? ", that on " : ", on ", disk->backing[i].path);
    facts_addf(facts, ROLE_NORMAL, first ? "Disks" : "", "%s  %s  %s  %s%s%s", disk->id, size,
               disk_format_word(disk->format), disk->path, beneath.length ? beneath.data : "",
               disk->detached ? "  (detached: no further point holds it)" : "");
}

void machine_table_tell(const struct machine_table *table, size_t index, struct facts *facts)
{
    if (index >= table->machines.count) {
        const struct damaged_record *damaged = &table->machines.left_out.items[index - table->machines.count];
        facts_addf(facts, ROLE_ERROR, "Damaged", "%s", damaged->problem);
        return;
    }
    const struct machine *machine = &table->machines.items[index];
    const struct machine_settings *settings = &machine->settings;
    char memory[32] = "memory not known";
    CLEANUP_FREE char *cpus =
        settings->cpus ? mem_format("%" PRIu32 " cpu%s", settings->cpus, settings->cpus == 1 ? "" : "s")
                       : mem_strdup("cpus not known");
    if (settings->memory)
        size_format(settings->memory, memory, sizeof memory);
    facts_addf(facts, ROLE_NORMAL, "Has", "%s, %s%s%s%s", cpus, memory, settings->firmware ? ", " : "",
               settings->firmware ? settings->firmware : "",
               machine->domain_xml ? ", its libvirt definition is kept" : "");
    for (size_t i = 0; i < machine->disk_count; i++)
        tell_disk(&machine->disks[i], i == 0, facts);
    for (size_t i = 0; i < machine->left_out_count; i++)
        facts_add(facts, ROLE_WARNING, i ? "" : "Left out", machine_left_out_text(&machine->left_out[i]));
}
