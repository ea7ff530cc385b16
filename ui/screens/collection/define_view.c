#include "ui/screens/collection/define_view.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"

#define LABEL_COLUMNS 11
#define COMMAND_ROWS 20
#define NAME_COLUMNS_LIMIT 48
#define FILTER_COLUMNS 24
#define MACHINE_COLUMNS_LIMIT 24
#define REASON_ROWS 3
#define BOX_COLUMNS 4     /* "[x] " */
#define MEMBERS_SHOWN 100 /* in a command */
#define NEAR 300          /* rows, more than a screen has */

static void add_name(struct page *page, struct define_form *form)
{
    int room = page->columns - LABEL_COLUMNS - 2;
    int row = page_add_row(page);
    struct error err = {0};
    size_t namesakes = define_form_namesakes(form);
    page_text(page, row, PAGE_MARGIN, ROLE_DIM, "Name");
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

static int machine_columns(struct define_form *form, bool ascii)
{
    size_t most = 4;
    for (size_t i = 0; form->name_columns == 0 && i < form->machines.count; i++) {
        size_t width = cells_width(form->machines.items[i].name, ascii);
        most = width > most ? width : most;
    }
    if (form->name_columns == 0)
        form->name_columns = most < MACHINE_COLUMNS_LIMIT ? (int)most : MACHINE_COLUMNS_LIMIT;
    return form->name_columns;
}

static char *about(const struct machine *machine, const char *in)
{
    uint64_t total = 0;
    char size[32];
    const char *state = machine_state_word(machine->state);
    for (size_t i = 0; i < machine->disk_count; i++)
        total += machine->disks[i].virtual_size;
    size_format(total, size, sizeof size);
    return mem_format("%zu disk%s %10s%s%s%s%s", machine->disk_count, machine->disk_count == 1 ? " " : "s",
                      size, state ? "  " : "", state ? state : "", *in ? "  in " : "", in);
}

static void add_machine(struct page *page, const struct define_form *form, size_t index, int row)
{
    const struct machine *machine = &form->machines.items[index];
    bool ticked = form->ticked[index];
    CLEANUP_FREE char *text = about(machine, form->memberships[index]);
    CLEANUP_FREE char *name = cells_fit(
        machine->name, &(struct cells_format){.columns = (size_t)form->name_columns, .ascii = page->ascii});
    page_textf(page, row, LABEL_COLUMNS, ticked ? ROLE_MARKED : ROLE_NORMAL, "[%c] %s", ticked ? 'x' : ' ',
               name);
    page_text(page, row, LABEL_COLUMNS + BOX_COLUMNS + form->name_columns + 2, ROLE_DIM, text);
}

/* Ten thousand rows take the focus, and those around what is shown have a text. */
static bool is_near(const struct form_page *form_page, size_t index, int row)
{
    bool focused = form_page->focus.id == DEFINE_MACHINE && index + NEAR > form_page->focus.first &&
                   index < form_page->focus.first + NEAR;
    bool shown = row + NEAR > form_page->scroll && row < form_page->scroll + NEAR;
    return focused || shown || row < NEAR;
}

static void add_filter(struct page *page, struct define_form *form)
{
    if (!define_form_filters(form))
        return;
    int row = page_add_row(page);
    page_text(page, row, PAGE_MARGIN, ROLE_DIM, "Show");
    page_add_text_field(page, DEFINE_FILTER, &form->filter, row, LABEL_COLUMNS, FILTER_COLUMNS);
    if (form->filter.length == 0)
        page_text(page, row, LABEL_COLUMNS + FILTER_COLUMNS + 3, ROLE_DIM, "a part of their names");
}

static void add_machines(struct form_page *form_page, struct define_form *form)
{
    struct page *page = &form_page->page;
    int columns = machine_columns(form, page->ascii);
    size_t count = 0;
    CLEANUP_FREE size_t *shown = define_form_shown(form, &count);
    add_filter(page, form);
    for (size_t at = 0; at < count; at++) {
        size_t i = shown[at];
        int row = page_add_row(page);
        if (at == 0)
            page_text(page, row, PAGE_MARGIN, ROLE_DIM, "Machines");
        if (is_near(form_page, i, row))
            add_machine(page, form, i, row);
        page_add_stop(page, &(struct page_stop){.focus = {.id = DEFINE_MACHINE, .first = i},
                                                .row = row,
                                                .column = LABEL_COLUMNS,
                                                .columns = BOX_COLUMNS + columns,
                                                .role = ROLE_SELECTED,
                                                .cursor = 1});
    }
    if (count == 0 && form->machines.count > 0)
        page_add_fact(page, "Machines", LABEL_COLUMNS, ROLE_DIM, "none has this in its name");
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
        page_add_problem(page, PAGE_MARGIN, refusal);
    page_add_row(page);
    add_name(page, form);
    page_add_row(page);
    add_machines(form_page, form);
    page_add_row(page);
    define_form_command(form, MEMBERS_SHOWN, &command);
    page_add_command(page, COMMAND_ROWS, &command);
    command_line_clear(&command);
    CLEANUP_FREE char *text = busy      ? mem_strdup("Defining ...")
                              : missing ? mem_format("Define: %s", missing)
                                        : mem_strdup("Define the collection");
    int row = form_page_buttons(form_page);
    int behind = page_add_button(page, row, PAGE_MARGIN, DEFINE_BACK, "Back", false);
    page_add_button(page, row, behind + 2, DEFINE_START, text, busy || missing);
}
