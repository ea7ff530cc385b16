#include "ui/screens/collection/define_view.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"

#define LABEL_COLUMNS 10
#define COMMAND_ROWS 20
#define NAME_COLUMNS_LIMIT 48
#define MACHINE_COLUMNS_LIMIT 24
#define REASON_ROWS 3

static void add_name(struct page *page, struct define_form *form)
{
    int room = page->columns - LABEL_COLUMNS - 2;
    int row = page_add_row(page);
    struct error err = {0};
    size_t namesakes = define_form_namesakes(form);
    page_text(page, row, 0, ROLE_DIM, "Name");
    page_add_text_field(page, DEFINE_NAME, &form->name, row, LABEL_COLUMNS,
                        room < NAME_COLUMNS_LIMIT ? room : NAME_COLUMNS_LIMIT);
    page_add_loss(page, &form->name, LABEL_COLUMNS);
    if (form->name.length == 0)
        page_wrap(page, LABEL_COLUMNS, REASON_ROWS, form->touched ? ROLE_ERROR : ROLE_DIM,
                  form->touched ? "! it needs a name"
                                : "what belongs together: web-prod, the database and its app");
    else if (define_form_name_problem(form, &err)) {
        CLEANUP_FREE char *text = error_text(&err);
        CLEANUP_FREE char *marked = mem_format("! %s", text);
        page_wrap(page, LABEL_COLUMNS, REASON_ROWS, ROLE_ERROR, marked);
    } else if (namesakes > 0)
        page_wrap(page, LABEL_COLUMNS, REASON_ROWS, ROLE_WARNING,
                  "! there is one of this name already; commands must then name each by its id");
}

static int machine_columns(const struct define_form *form, bool ascii)
{
    size_t most = 4;
    for (size_t i = 0; i < form->machines.count; i++) {
        size_t width = cells_width(form->machines.items[i].name, ascii);
        most = width > most ? width : most;
    }
    return most < MACHINE_COLUMNS_LIMIT ? (int)most : MACHINE_COLUMNS_LIMIT;
}

static char *about(const struct define_form *form, const struct machine *machine)
{
    uint64_t total = 0;
    char size[32];
    const char *state = machine_state_word(machine->state);
    CLEANUP_FREE char *in = define_form_collections_of(form, &machine->id);
    for (size_t i = 0; i < machine->disk_count; i++)
        total += machine->disks[i].virtual_size;
    size_format(total, size, sizeof size);
    return mem_format("%zu disk%s %10s%s%s%s%s", machine->disk_count, machine->disk_count == 1 ? " " : "s",
                      size, state ? "  " : "", state ? state : "", *in ? "  in " : "", in);
}

static void add_machine(struct page *page, const struct define_form *form, size_t index, int columns)
{
    const struct machine *machine = &form->machines.items[index];
    bool ticked = form->ticked[index];
    int row = page_add_row(page);
    CLEANUP_FREE char *text = about(form, machine);
    CLEANUP_FREE char *name =
        cells_fit(machine->name, &(struct cells_format){.columns = (size_t)columns, .ascii = page->ascii});
    if (index == 0)
        page_text(page, row, 0, ROLE_DIM, "Machines");
    int behind = page_textf(page, row, LABEL_COLUMNS, ticked ? ROLE_MARKED : ROLE_NORMAL, "[%c] %s",
                            ticked ? 'x' : ' ', name);
    page_text(page, row, LABEL_COLUMNS + 4 + columns + 2, ROLE_DIM, text);
    page_add_stop(page, &(struct page_stop){.focus = {.id = DEFINE_MACHINE, .first = index},
                                            .row = row,
                                            .column = LABEL_COLUMNS,
                                            .columns = behind - LABEL_COLUMNS,
                                            .role = ROLE_SELECTED,
                                            .cursor = 1});
}

static void add_machines(struct page *page, const struct define_form *form)
{
    int columns = machine_columns(form, page->ascii);
    for (size_t i = 0; i < form->machines.count; i++)
        add_machine(page, form, i, columns);
    if (form->machines.count == 0)
        page_add_fact(page, "Machines", LABEL_COLUMNS, ROLE_ERROR,
                      "! this host has none yet; a collection needs at least one");
    else if (define_form_ticked(form) == 0)
        page_wrap(page, LABEL_COLUMNS, REASON_ROWS, form->touched ? ROLE_ERROR : ROLE_DIM,
                  form->touched ? "! tick at least one machine with Space"
                                : "ticked ones are frozen together, at one instant; one may be in several");
}

void define_view_build(struct form_page *form_page, struct define_form *form, const struct error *refusal,
                       bool busy)
{
    struct page *page = &form_page->page;
    struct command_line command;
    enum define_field field;
    const char *missing = define_form_missing(form, &field);
    if (refusal->code)
        page_add_problem(page, 0, refusal);
    page_add_row(page);
    add_name(page, form);
    page_add_row(page);
    add_machines(page, form);
    page_add_row(page);
    define_form_command(form, &command);
    page_add_command(page, COMMAND_ROWS, &command);
    command_line_clear(&command);
    CLEANUP_FREE char *text = busy      ? mem_strdup("Defining ...")
                              : missing ? mem_format("Define: %s", missing)
                                        : mem_strdup("Define the collection");
    int row = form_page_buttons(form_page);
    int behind = page_add_button(page, row, 0, DEFINE_BACK, "Back", false);
    page_add_button(page, row, behind + 2, DEFINE_START, text, busy || missing);
}
