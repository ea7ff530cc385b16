/* Machines and their disks: a row each, more where the disks do not fit beside each other. */
#include "ui/screens/form/view_include.h"

#include <stdint.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/screens/form/view_parts.h"

#define NAME_LIMIT 20
#define DISK_LIMIT 12
#define SIZE_COLUMNS 9
#define ROOMY_COLUMNS 80

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static int longest_state(const struct building *b)
{
    size_t most = 0;
    for (size_t i = 0; i < b->form->of->machine_count; i++) {
        const char *state = b->form->of->machines[i].state;
        size_t width = state ? cells_width(state, true) : 0;
        most = width > most ? width : most;
    }
    return (int)most;
}

static const char *states_text(const struct building *b)
{
    if (longest_state(b) == 0 || b->page->columns < ROOMY_COLUMNS)
        return "";
    return export_form_kind(b->form) == FORM_LIVE ? "; states at opening" : "; states are of the point";
}

static void add_include_summary(struct building *b)
{
    const struct export_form *form = b->form;
    uint64_t size = 0;
    size_t machines = export_form_selected_machines(form);
    size_t disks = export_form_selected_disks(form, &size);
    bool estimated = form->check.answered == form->revision && form->check.error.code == 0;
    char text[16];
    size_format(estimated ? form->estimate.bytes_needed : size, text, sizeof text);
    CLEANUP_FREE char *summary =
        mem_format("%zu machine%s, %zu disk%s, %s %s%s", machines, plural(machines), disks, plural(disks),
                   estimated ? "about" : "of", text, states_text(b));
    page_heading(b->page, form_field_label(FORM_INCLUDE), summary);
    if (estimated && form->estimate.left_out_count > 0)
        page_textf(b->page, page_add_row(b->page), FORM_LABEL_COLUMNS, ROLE_WARNING,
                   "%zu thing%s of these machines will not be in it; the review lists %s",
                   form->estimate.left_out_count, plural(form->estimate.left_out_count),
                   form->estimate.left_out_count == 1 ? "it" : "them");
}

static const char *tick_text(enum form_tick tick)
{
    static const char *const texts[] = {
        [FORM_TICK_NONE] = "[ ]", [FORM_TICK_PARTIAL] = "[-]", [FORM_TICK_ALL] = "[x]"};
    return texts[tick];
}

static void add_tree_stop(struct building *b, struct page_focus focus, int row, int column, int columns)
{
    page_add_stop(b->page, &(struct page_stop){.focus = focus,
                                               .row = row,
                                               .column = column,
                                               .columns = columns,
                                               .role = ROLE_SELECTED,
                                               .cursor = 1});
    if (page_focus_equal(&focus, &b->input->focus))
        page_text(b->page, row, 0, ROLE_SELECTED, ">");
}

static int add_disk(struct building *b, size_t machine, size_t index, int row, int column, int id_columns)
{
    const struct form_disk *disk = &b->form->of->machines[machine].disks[index];
    struct cells_format format = {.columns = (size_t)id_columns, .ascii = b->page->ascii};
    CLEANUP_FREE char *id = cells_fit(disk->id, &format);
    char size[16];
    size_format(disk->virtual_size, size, sizeof size);
    int behind = page_textf(b->page, row, column, disk->selected ? ROLE_MARKED : ROLE_NORMAL, "%s %s %*s",
                            disk->selected ? "[x]" : "[ ]", id, SIZE_COLUMNS, size);
    add_tree_stop(b, (struct page_focus){.id = FORM_INCLUDE, .first = machine, .second = index}, row, column,
                  behind - column);
    return behind + FORM_GAP;
}

static size_t widest(const struct building *b, bool of_disks, size_t limit)
{
    size_t most = 1;
    for (size_t i = 0; i < b->form->of->machine_count; i++) {
        const struct form_machine *machine = &b->form->of->machines[i];
        size_t width = of_disks ? 0 : cells_width(machine->name, b->page->ascii);
        for (size_t j = 0; of_disks && j < machine->disk_count; j++) {
            size_t disk = cells_width(machine->disks[j].id, b->page->ascii);
            width = disk > width ? disk : width;
        }
        most = width > most ? width : most;
    }
    return most < limit ? most : limit;
}

/* What it did at the point or does now, where a disk still fits behind it; the column behind the longest. */
static int add_state(struct building *b, const char *state, int row, int column, int disk_columns)
{
    int columns = longest_state(b);
    int behind = column + 1 + columns;
    if (columns == 0 || behind + FORM_GAP + disk_columns > b->page->columns)
        return column;
    page_text(b->page, row, column + 1, ROLE_DIM, state ? state : "");
    return behind;
}

static void add_machine(struct building *b, size_t index, size_t name_columns, int id_columns)
{
    const struct form_machine *machine = &b->form->of->machines[index];
    struct cells_format format = {.columns = name_columns, .ascii = b->page->ascii};
    CLEANUP_FREE char *name = cells_fit(machine->name, &format);
    enum form_tick tick = export_form_machine_tick(b->form, index);
    int row = page_add_row(b->page);
    int behind = page_textf(b->page, row, PAGE_MARGIN, tick == FORM_TICK_NONE ? ROLE_NORMAL : ROLE_MARKED,
                            "%s %s", tick_text(tick), name);
    add_tree_stop(b, (struct page_focus){.id = FORM_INCLUDE, .first = index, .second = SIZE_MAX}, row,
                  PAGE_MARGIN, behind - PAGE_MARGIN);
    int disk_columns = 4 + id_columns + 1 + SIZE_COLUMNS;
    int start = add_state(b, machine->state, row, behind, disk_columns) + FORM_GAP;
    int column = start;
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (column > start && column + disk_columns > b->page->columns) {
            row = page_add_row(b->page);
            column = start;
        }
        column = add_disk(b, index, i, row, column, id_columns);
    }
    if (machine->disk_count == 0)
        page_text(b->page, row, start, ROLE_DIM, "no disks");
}

void form_view_add_include(struct building *b)
{
    form_view_begin(b, FORM_INCLUDE);
    add_include_summary(b);
    form_view_add_problem(b, FORM_INCLUDE);
    size_t names = widest(b, false, NAME_LIMIT);
    int ids = (int)widest(b, true, DISK_LIMIT);
    for (size_t i = 0; i < b->form->of->machine_count; i++)
        add_machine(b, i, names, ids);
    form_view_end(b, FORM_INCLUDE);
}
