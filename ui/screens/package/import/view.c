#include "ui/screens/package/import/view.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"

#define MARGIN 1
#define LABEL_COLUMNS 12
#define COMMAND_ROWS 20
#define CANDIDATE_ROWS 3
#define NAME_COLUMNS_LIMIT 48
#define BAR_COLUMNS 40

static int add_label(struct page *page, const char *label)
{
    int row = page_add_row(page);
    page_text(page, row, MARGIN, ROLE_NORMAL, label);
    return row;
}

static int field_columns(const struct page *page)
{
    return page->columns - LABEL_COLUMNS - 3;
}

static void add_path(struct page *page, const char *label, unsigned id, struct path_field *field,
                     const struct page_focus *focus)
{
    int row = add_label(page, label);
    page_add_text_field(page, id, &field->editor, row, LABEL_COLUMNS, field_columns(page));
    page_add_loss(page, &field->editor, LABEL_COLUMNS);
    if (focus->id != id || !path_field_lists(field))
        return;
    CLEANUP_FREE char *names = path_field_candidates(field, page->ascii);
    page_wrap(page, LABEL_COLUMNS, CANDIDATE_ROWS, ROLE_DIM, names);
}

static void add_room(struct page *page, const struct import_form *form)
{
    char most[16];
    char available[16];
    size_format(form->most, most, sizeof most);
    size_format(form->available, available, sizeof available);
    if (form->refusal.code && form->refused == IMPORT_TO)
        page_add_problem(page, LABEL_COLUMNS - 2, &form->refusal);
    else if (!form->checked)
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_DIM, "%s",
                       form->checking ? "being looked at ..." : "missing or empty; it is made");
    else if (form->available < form->most)
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_WARNING,
                       "%s free; the disks are %s when they are full: it may not suffice", available, most);
    else
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_DIM, "%s free; at most %s are needed", available, most);
}

static void add_as(struct page *page, struct import_form *form)
{
    int room = field_columns(page);
    int row = add_label(page, "New name");
    page_add_text_field(page, IMPORT_AS, &form->as, row, LABEL_COLUMNS,
                        room < NAME_COLUMNS_LIMIT ? room : NAME_COLUMNS_LIMIT);
    page_add_loss(page, &form->as, LABEL_COLUMNS);
    page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                  form->as.length == 0
                      ? "without one: name, id and hardware addresses as they were"
                      : "with a new id and new hardware addresses, to be defined beside what it was");
}

static void add_register(struct page *page, const struct import_form *form)
{
    if (!import_form_has(form, IMPORT_REGISTER)) {
        page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                      "This host does not take imported machines: give their domain.xml to virsh define.");
        return;
    }
    int row = add_label(page, "Register");
    int behind = page_add_tick_box(page, IMPORT_REGISTER, row, LABEL_COLUMNS, form->registers);
    page_text(page, row, behind + 1, ROLE_NORMAL,
              form->as.length > 0 ? "take the machine into the store"
                                  : "take machine, collection and point into the store");
    if (form->refusal.code && form->refused == IMPORT_REGISTER)
        page_add_problem(page, LABEL_COLUMNS - 2, &form->refusal);
    else if (form->registers && form->as.length == 0)
        page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                      "the images become the layers of the point: the next export can be a difference on "
                      "this package");
}

static void build_form(struct import_view *view, struct import_form *form,
                       const struct import_outcome *outcome, const struct page_focus *focus)
{
    struct page *page = &view->page;
    struct command_line command;
    if (outcome->err.code)
        page_add_problem(page, MARGIN, &outcome->err);
    page_add_factf(page, "Package", LABEL_COLUMNS, ROLE_NORMAL, "%s, %zu disk%s", form->name, form->disks,
                   form->disks == 1 ? "" : "s");
    page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM, form->path);
    add_path(page, "Directory", IMPORT_TO, &form->to, focus);
    add_room(page, form);
    add_as(page, form);
    add_register(page, form);
    add_path(page, "Bases in", IMPORT_BASES, &form->bases, focus);
    page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                  "packages beneath are looked for beside it, and in this directory too");
    import_form_command(form, &command);
    page_add_command(page, COMMAND_ROWS, &command);
    command_line_clear(&command);
    view->buttons_row = page->rows;
    const char *blocked = import_form_blocked(form);
    CLEANUP_FREE char *start = blocked ? mem_format("Import: %s", blocked) : mem_strdup("Import");
    int row = page_add_row(page);
    int behind = page_add_button(page, row, MARGIN, IMPORT_BACK, "Back", false);
    page_add_button(page, row, behind + 2, IMPORT_START, start, blocked != NULL);
}

/* --- while it runs, and what came of it --- */

static void add_progress(struct page *page, const struct import_outcome *outcome)
{
    char bar[BAR_COLUMNS + 1];
    char done[16];
    char total[16];
    unsigned percent = (unsigned)(100.0 * (double)outcome->step_done / (double)outcome->step_total);
    for (unsigned i = 0; i < BAR_COLUMNS; i++)
        bar[i] = i * 100 < percent * BAR_COLUMNS ? '#' : '.';
    bar[BAR_COLUMNS] = '\0';
    size_format(outcome->step_done, done, sizeof done);
    size_format(outcome->step_total, total, sizeof total);
    page_add_factf(page, "", LABEL_COLUMNS, ROLE_NORMAL, "%s %3u %%", bar, percent);
    page_add_factf(page, "", LABEL_COLUMNS, ROLE_DIM, "%s of %s", done, total);
}

static void build_busy(struct import_view *view, const struct import_form *form,
                       const struct import_outcome *outcome)
{
    struct page *page = &view->page;
    page_add_factf(page, "Package", LABEL_COLUMNS, ROLE_NORMAL, "%s", form->name);
    page_add_factf(page, "Import", LABEL_COLUMNS, ROLE_JOB_RUNNING, "%s",
                   outcome->ending ? "ending: what was written is removed" : outcome->phase);
    if (outcome->step_total > 0)
        add_progress(page, outcome);
    page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                  "It runs within this program, not as a job: it ends with it. x ends it and removes what it "
                  "has written.");
    view->buttons_row = page->rows;
    page_add_row(page);
}

static void add_access(struct page *page, const struct import_outcome *outcome)
{
    CLEANUP_FREE char *place = text_shell_quote(outcome->place);
    page_add_row(page);
    page_add_factf(
        page, "Access", LABEL_COLUMNS, ROLE_NORMAL,
        "For libvirt to start machines from them, its account must be able to read and write them. "
        "As root: chown -R libvirt-qemu %s",
        place);
    for (size_t i = 0; i < outcome->closed_count; i++) {
        CLEANUP_FREE char *closed = text_shell_quote(outcome->closed[i]);
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_WARNING,
                       "Other accounts cannot pass through %s: chmod o+x %s", outcome->closed[i], closed);
    }
}

static void add_registered(struct page *page, const struct import_outcome *outcome)
{
    const struct imported *imported = &outcome->imported;
    for (size_t i = 0; i < imported->machine_count; i++)
        page_add_factf(page, i == 0 ? "Store" : "", LABEL_COLUMNS, ROLE_SUCCESS, "machine %s is in the store",
                       imported->machines[i].name);
    if (!imported->renamed)
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_SUCCESS, "point %s of %s is in the store",
                       imported->point.name, imported->point.collection_name);
}

static void build_made(struct import_view *view, const struct import_outcome *outcome)
{
    struct page *page = &view->page;
    char size[16];
    size_format(outcome->imported.bytes, size, sizeof size);
    page_add_factf(page, "Imported", LABEL_COLUMNS, ROLE_SUCCESS, "The disks are plain images in %s",
                   outcome->place);
    page_add_factf(page, "", LABEL_COLUMNS, ROLE_NORMAL, "%s in %zu files", size, outcome->imported.files);
    if (outcome->err.code)
        page_add_problem(page, MARGIN, &outcome->err);
    if (outcome->registered)
        add_registered(page, outcome);
    for (size_t i = 0; i < outcome->notes.count; i++)
        page_add_fact(page, i == 0 ? "Notes" : "", LABEL_COLUMNS, ROLE_WARNING, outcome->notes.items[i]);
    add_access(page, outcome);
    view->buttons_row = page->rows;
    page_add_button(page, page_add_row(page), MARGIN, IMPORT_CLOSE, "Close", false);
}

void import_view_build(struct import_view *view, struct import_form *form,
                       const struct import_outcome *outcome, const struct page_focus *focus, int columns,
                       bool ascii)
{
    import_view_clear(view);
    view->page.columns = columns;
    view->page.ascii = ascii;
    if (outcome->made)
        build_made(view, outcome);
    else if (outcome->busy)
        build_busy(view, form, outcome);
    else
        build_form(view, form, outcome, focus);
}

void import_view_clear(struct import_view *view)
{
    page_clear(&view->page);
    view->buttons_row = 0;
}
