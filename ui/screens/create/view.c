#include "ui/screens/create/view.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"

#define LABEL_COLUMNS 14 /* " Consistency  " */
#define COMMAND_ROWS 20
#define INDENT 2
#define NOTICE_ROWS 6
#define NAME_COLUMNS_LIMIT 48

void create_outcome_clear(struct create_outcome *outcome)
{
    reference_point_clear(&outcome->point);
    point_remarks_clear(&outcome->remarks);
    free(outcome->notice);
    *outcome = (struct create_outcome){0};
}

/* --- the form --- */

static int add_label(struct page *page, const char *label)
{
    int row = page_add_row(page);
    page_label(page, row, PAGE_MARGIN, label);
    return row;
}

static void add_name(struct page *page, struct create_form *form)
{
    int room = page->columns - LABEL_COLUMNS - PAGE_MARGIN - 2;
    int row = add_label(page, "Name");
    page_add_text_field(page, CREATE_NAME, &form->name, row, LABEL_COLUMNS,
                        room < NAME_COLUMNS_LIMIT ? room : NAME_COLUMNS_LIMIT);
    page_add_loss(page, &form->name, LABEL_COLUMNS);
    if (form->name.length == 0)
        page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM, "without one: its time and a short id");
}

static void add_type(struct page *page, const struct create_form *form)
{
    const struct page_choice types[] = {{"log based", !form->rct}, {"RCT based", form->rct}};
    if (!create_form_has(form, CREATE_TYPE))
        return;
    page_add_choice(page, CREATE_TYPE, add_label(page, "Type"), LABEL_COLUMNS, types, ARRAY_LENGTH(types));
    page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                  form->rct ? "marks what changes from now on: a base for live exports, itself not exportable"
                            : "keeps what the disks hold now: exportable at any later time");
}

static void add_consistency(struct page *page, const struct create_form *form)
{
    const struct page_choice levels[] = {{"crash consistent", !form->application},
                                         {"application consistent", form->application}};
    if (!create_form_has(form, CREATE_CONSISTENCY))
        return;
    page_add_choice(page, CREATE_CONSISTENCY, add_label(page, "Consistency"), LABEL_COLUMNS, levels,
                    ARRAY_LENGTH(levels));
    if (!create_form_has(form, CREATE_ALLOW_CRASH)) {
        page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM, "as after a power cut; guests are not asked");
        return;
    }
    int row = add_label(page, "");
    int behind = page_add_tick_box(page, CREATE_ALLOW_CRASH, row, LABEL_COLUMNS, form->allow_crash);
    page_text(page, row, behind + 1, ROLE_NORMAL, "crash consistent where a guest cannot be quiesced");
}

static void add_raw(struct page *page, const struct create_form *form)
{
    if (!create_form_has(form, CREATE_RAW))
        return;
    int row = add_label(page, "Raw images");
    int behind = page_add_tick_box(page, CREATE_RAW, row, LABEL_COLUMNS, form->raw_to_qcow2);
    page_text(page, row, behind + 1, ROLE_NORMAL, "their paths hold a qcow2 overlay afterwards");
    page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                  "needed for raw disks; the machine's definition must then say qcow2 for them");
}

static void add_disk(struct page *page, const struct disk *disk, bool rct)
{
    page_add_factf(page, "", LABEL_COLUMNS + INDENT, ROLE_NORMAL, "%s  %s  %s%s", disk->id ? disk->id : "",
                   disk_format_word(disk->format), disk->path ? disk->path : "",
                   rct ? "  (stays as it is)" : "");
}

static void add_machine(struct page *page, const struct machine *machine, const char *label, bool rct)
{
    const char *state = machine_state_word(machine->state);
    bool away = machine->state == MACHINE_STATE_GONE;
    page_add_factf(page, label, LABEL_COLUMNS, away ? ROLE_ERROR : ROLE_NORMAL, "%s%s%s",
                   machine->name ? machine->name : "", state ? "  " : "", state ? state : "");
    for (size_t i = 0; i < machine->disk_count; i++)
        add_disk(page, &machine->disks[i], rct);
    for (size_t i = 0; i < machine->left_out_count; i++) {
        CLEANUP_FREE char *text = machine_left_out_text(&machine->left_out[i]);
        page_add_factf(page, "", LABEL_COLUMNS + INDENT, ROLE_WARNING, "not in it: %s", text);
    }
}

/* What it will do to which files, before it does it. */
static void add_effect(struct page *page, const struct create_form *form)
{
    bool rct = create_form_has(form, CREATE_TYPE) && form->rct;
    const char *text =
        rct ? "Nothing is written beside the images; each of them gets a dirty bitmap, all at one instant:"
        : form->can.machine_states
            ? "At one instant each of these files becomes a read-only layer, and its machine goes on with a "
              "new file above it:"
            : "Each of these files becomes a read-only layer beside it, and a new overlay takes its path. "
              "The machines must be off:";
    page_heading(page, "What it does", "");
    page_wrap(page, PAGE_MARGIN, 4, ROLE_NORMAL, text);
    for (size_t i = 0; i < form->members.count; i++)
        add_machine(page, &form->members.items[i], i == 0 ? "Machines" : "", rct);
    if (form->gone > 0)
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_ERROR,
                       "%zu machine%s of the collection %s not on this host any more", form->gone,
                       form->gone == 1 ? "" : "s", form->gone == 1 ? "is" : "are");
}

static void build_form(struct create_view *view, struct create_form *form,
                       const struct create_outcome *outcome)
{
    struct page *page = &view->page;
    struct command_line command;
    if (outcome->err.code)
        page_add_problem(page, PAGE_MARGIN, &outcome->err);
    page_heading(page, "New point", form->collection_name);
    add_name(page, form);
    add_type(page, form);
    add_consistency(page, form);
    add_raw(page, form);
    add_effect(page, form);
    create_form_command(form, &command);
    page_add_command(page, COMMAND_ROWS, &command);
    command_line_clear(&command);
    view->buttons_row = page->rows;
    int row = page_add_row(page);
    int behind = page_add_button(page, row, PAGE_MARGIN, CREATE_BACK, "Back", false);
    page_add_button(page, row, behind + 2, CREATE_START, outcome->busy ? "Creating" : "Create the point",
                    outcome->busy);
}

/* --- what was made --- */

static void add_instant(struct page *page, const struct reference_point *point, size_t index)
{
    const struct member_point *member = &point->members[index];
    uint32_t reached = member_point_reached(point, member);
    bool less = point->consistency_asked == CONSISTENCY_APPLICATION && reached != CONSISTENCY_APPLICATION;
    CLEANUP_FREE char *told = member_point_instant(point, member);
    CLEANUP_FREE char *text =
        told ? mem_strdup(told) : mem_format("%s consistent", consistency_level_word(reached));
    page_add_factf(page, index == 0 ? "Machines" : "", LABEL_COLUMNS, less ? ROLE_WARNING : ROLE_NORMAL,
                   "%s %s", member->machine.name ? member->machine.name : "", text);
    for (size_t i = 0; i < member->machine.file_count; i++) {
        const struct machine_file *file = &member->machine.files[i];
        if (!file->sha256)
            page_add_factf(page, "Not in it", LABEL_COLUMNS, ROLE_WARNING, "%s: %s %s: %s",
                           member->machine.name, machine_file_role_word(file->role), file->path,
                           file->missing ? file->missing : "-");
    }
    for (size_t i = 0; i < member->machine.left_out_count; i++) {
        CLEANUP_FREE char *left_out = machine_left_out_text(&member->machine.left_out[i]);
        page_add_factf(page, "Not in it", LABEL_COLUMNS, ROLE_WARNING, "%s: %s", member->machine.name,
                       left_out);
    }
}

static void add_notice(struct page *page, const char *notice)
{
    CLEANUP_FREE char *lines = mem_strdup(notice);
    char *rest = lines;
    page_heading(page, "Files", "");
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        page_wrap(page, PAGE_MARGIN + (int)strspn(line, " "), NOTICE_ROWS, ROLE_NORMAL,
                  line + strspn(line, " "));
}

static void build_made(struct create_view *view, const struct create_outcome *outcome)
{
    struct page *page = &view->page;
    const struct reference_point *point = &outcome->point;
    char time[32];
    char offset[16];
    moment_format_list(point->created, true, time, sizeof time);
    moment_format_offset(point->created, offset, sizeof offset);
    page_heading(page, "Made", point->name);
    int row = page_add_row(page);
    page_sign(page, row, PAGE_MARGIN, ROLE_SUCCESS, SIGN_GOOD);
    page_textf(page, row, PAGE_MARGIN + 2, ROLE_SUCCESS, "The point is made%s%s", point->name ? ": " : "",
               point->name ? point->name : "");
    page_add_factf(page, "Created", LABEL_COLUMNS, ROLE_NORMAL, "%s %s, %s based, return 0", time, offset,
                   reference_point_type_word(point->type));
    for (size_t i = 0; i < point->member_count; i++)
        add_instant(page, point, i);
    for (size_t i = 0; i < outcome->remarks.unwritten_count; i++)
        page_add_factf(page, "Look at", LABEL_COLUMNS, ROLE_WARNING,
                       "%s: nothing has been written to its image since the last point. If the machine has "
                       "run since, it uses another file: look at its definition",
                       outcome->remarks.unwritten[i]);
    if (outcome->notice)
        add_notice(page, outcome->notice);
    page_end_section(page);
    view->buttons_row = page->rows;
    page_add_button(page, page_add_row(page), PAGE_MARGIN, CREATE_CLOSE, "Close", false);
}

void create_view_build(struct create_view *view, struct create_form *form,
                       const struct create_outcome *outcome, int columns, bool ascii)
{
    create_view_clear(view);
    view->page.columns = columns;
    view->page.ascii = ascii;
    if (outcome->made)
        build_made(view, outcome);
    else
        build_form(view, form, outcome);
}

void create_view_clear(struct create_view *view)
{
    page_clear(&view->page);
    view->buttons_row = 0;
}
