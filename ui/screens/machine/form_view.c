#include "ui/screens/machine/form_view.h"

#include <string.h>

#include "core/base/mem.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"

#define LABEL_COLUMNS 11
#define COMMAND_ROWS 20
#define REASON_ROWS 4
#define NAME_COLUMNS 32
#define NUMBER_COLUMNS 12
#define CHOOSE "Files ..."
#define CHOOSE_COLUMNS 15 /* with a blank before it */

static int label(struct page *page, const char *text)
{
    int row = page_add_row(page);
    page_text(page, row, PAGE_MARGIN, ROLE_DIM, text);
    return row;
}

/* The stop that was added last is of this disk, and of that file beneath it. */
static void at_disk(struct page *page, size_t first, size_t second)
{
    page->stops[page->stop_count - 1].focus.first = first;
    page->stops[page->stop_count - 1].focus.second = second;
}

static int field(struct page *page, struct machine_form *form, const struct page_focus *focus, int row,
                 int column, int columns)
{
    enum machine_field which = (enum machine_field)focus->id;
    struct line_editor *editor = machine_form_editor(form, which, focus->first, focus->second);
    int behind = page_add_text_field(page, focus->id, editor, row, column, columns);
    at_disk(page, focus->first, focus->second);
    return behind;
}

/* Its reason beneath it: a refusal once something was done here, before that what is expected. */
static void reason(struct page *page, const struct machine_form *form, const struct page_focus *focus,
                   bool empty)
{
    enum machine_field which = (enum machine_field)focus->id;
    CLEANUP_FREE char *problem = machine_form_problem(form, which, focus->first, focus->second);
    if (!problem)
        return;
    bool refused = form->touched || !empty;
    CLEANUP_FREE char *text = mem_format("%s%s", refused ? "! " : "", problem);
    page_wrap(page, LABEL_COLUMNS, REASON_ROWS, refused ? ROLE_ERROR : ROLE_DIM, text);
}

static void text_row(struct page *page, struct machine_form *form, const char *name, enum machine_field which,
                     int columns)
{
    const struct page_focus focus = {.id = which};
    const struct line_editor *editor = machine_form_editor(form, which, 0, 0);
    int room = page->columns - LABEL_COLUMNS - 2;
    field(page, form, &focus, label(page, name), LABEL_COLUMNS, room < columns ? room : columns);
    page_add_loss(page, editor, LABEL_COLUMNS);
    reason(page, form, &focus, editor->length == 0);
}

/* A path with the button that chooses it from a list. */
static void path_row(struct page *page, struct machine_form *form, int row, const struct page_focus *focus,
                     enum machine_field choose)
{
    int columns = page->columns - LABEL_COLUMNS - 2 - CHOOSE_COLUMNS;
    int behind = field(page, form, focus, row, LABEL_COLUMNS, columns > 8 ? columns : 8);
    page_add_button(page, row, behind + 1, choose, CHOOSE, false);
    at_disk(page, focus->first, focus->second);
}

/* --- disks --- */

static void add_seen(struct page *page, const struct machine_form *form, size_t index)
{
    const struct disk_form *disk = &form->disks[index];
    const struct file_look *look = &disk->look;
    if (disk->path.length == 0)
        return;
    if (!machine_form_is_seen(disk)) {
        page_text(page, page_add_row(page), LABEL_COLUMNS, ROLE_DIM, "being looked at ...");
        return;
    }
    if (look->problem || look->directory)
        return; /* told beneath the field */
    CLEANUP_FREE char *text = file_look_text(look);
    CLEANUP_FREE char *seen = mem_format("seen: %s", text);
    page_wrap(page, LABEL_COLUMNS, REASON_ROWS, look->usable && !look->encrypted ? ROLE_DIM : ROLE_WARNING,
              seen);
    if (look->usable && disk->raw != (look->disk_format == DISK_FORMAT_RAW))
        page_wrap(page, LABEL_COLUMNS, REASON_ROWS, ROLE_WARNING,
                  "! that is not the format that is chosen here");
}

/* A raw file that begins like an image: it is refused, but where the guest's disk holds just that. */
static bool needs_word(const struct disk_form *disk)
{
    return disk->raw && machine_form_is_seen(disk) && disk->look.format &&
           strcmp(disk->look.format, "raw") != 0;
}

static void add_format(struct page *page, const struct machine_form *form, size_t index)
{
    const struct disk_form *disk = &form->disks[index];
    const struct page_choice formats[] = {{"qcow2", !disk->raw}, {"raw", disk->raw}};
    if (!disk->given) {
        page_add_choice(page, MACHINE_DISK_FORMAT, label(page, "Format"), LABEL_COLUMNS, formats,
                        ARRAY_LENGTH(formats));
        at_disk(page, index, 0);
    }
    if (!needs_word(disk))
        return;
    int row = label(page, "");
    int behind = page_add_tick_box(page, MACHINE_DISK_CONTENT, row, LABEL_COLUMNS, disk->content);
    at_disk(page, index, 0);
    page_textf(page, row, behind + 1, ROLE_NORMAL, "what begins like %s is what the guest's own disk holds",
               disk->look.format);
}

static void add_backing(struct page *page, struct machine_form *form, size_t index)
{
    struct disk_form *disk = &form->disks[index];
    for (size_t i = 0; i < disk->backing_count; i++) {
        const struct page_focus focus = {.id = MACHINE_BACKING_PATH, .first = index, .second = i};
        const struct page_choice formats[] = {{"qcow2", !disk->backing[i].raw},
                                              {"raw", disk->backing[i].raw}};
        int columns = page->columns - LABEL_COLUMNS - 2;
        field(page, form, &focus, label(page, i ? "then on" : "Based on"), LABEL_COLUMNS, columns);
        reason(page, form, &focus, disk->backing[i].path.length == 0);
        page_add_choice(page, MACHINE_BACKING_FORMAT, label(page, ""), LABEL_COLUMNS, formats,
                        ARRAY_LENGTH(formats));
        at_disk(page, index, i);
    }
    if (disk->backing_count > 0 && !disk->backing_edited)
        page_wrap(page, LABEL_COLUMNS, REASON_ROWS, ROLE_DIM,
                  "as the image says it; it must be named, so that nobody puts another file there");
}

static void add_disk(struct page *page, struct machine_form *form, size_t index)
{
    struct disk_form *disk = &form->disks[index];
    const struct page_focus id = {.id = MACHINE_DISK_ID, .first = index};
    const struct page_focus path = {.id = MACHINE_DISK_PATH, .first = index};
    page_add_row(page);
    int row = label(page, "Disk");
    if (disk->given) {
        page_textf(page, row, LABEL_COLUMNS, ROLE_NORMAL, "%s  %s  %s", line_editor_text(&disk->id),
                   disk->raw ? "raw" : "qcow2", line_editor_text(&disk->path));
        add_seen(page, form, index);
        add_format(page, form, index);
        add_backing(page, form, index);
        return;
    }
    int behind = field(page, form, &id, row, LABEL_COLUMNS, NUMBER_COLUMNS);
    if (form->disk_count > 1 || form->change) {
        page_add_button(page, row, behind + 1, MACHINE_DISK_DROP, "Drop", false);
        at_disk(page, index, 0);
    }
    reason(page, form, &id, disk->id.length == 0);
    path_row(page, form, label(page, "Image"), &path, MACHINE_DISK_CHOOSE);
    page_add_loss(page, &disk->path, LABEL_COLUMNS);
    reason(page, form, &path, disk->path.length == 0);
    add_seen(page, form, index);
    add_format(page, form, index);
    add_backing(page, form, index);
}

static void add_disks(struct page *page, struct machine_form *form)
{
    for (size_t i = 0; i < form->machine.disk_count; i++) {
        const struct disk *disk = &form->machine.disks[i];
        page_add_factf(page, i ? "" : "Disks", LABEL_COLUMNS, ROLE_NORMAL, "%s  %s  %s%s", disk->id,
                       disk_format_word(disk->format), disk->path, disk->detached ? "  (detached)" : "");
    }
    for (size_t i = 0; i < form->disk_count; i++)
        add_disk(page, form, i);
    if (form->by_definition)
        return;
    page_add_row(page);
    page_add_button(page, page_add_row(page), LABEL_COLUMNS, MACHINE_DISK_ADD,
                    form->disk_count + form->machine.disk_count ? "Another disk" : "A disk", false);
}

/* --- the whole --- */

static void add_way(struct page *page, const struct machine_form *form)
{
    const struct page_choice ways[] = {{"disk by disk", !form->by_definition},
                                       {"a libvirt definition", form->by_definition}};
    if (form->change)
        return;
    page_add_choice(page, MACHINE_WAY, label(page, "From"), LABEL_COLUMNS, ways, ARRAY_LENGTH(ways));
}

static void add_definition(struct page *page, struct machine_form *form)
{
    const struct page_focus focus = {.id = MACHINE_FILE};
    if (!form->by_definition)
        return;
    path_row(page, form, label(page, "File"), &focus, MACHINE_FILE_CHOOSE);
    reason(page, form, &focus, form->file.length == 0);
    if (!form->definition || form->file_err.code || !form->file_read ||
        strcmp(form->file_read, line_editor_text(&form->file)) != 0)
        return;
    page_add_factf(page, "", LABEL_COLUMNS, ROLE_SUCCESS, "%s: %zu disk%s", form->defined.name,
                   form->defined.disk_count, form->defined.disk_count == 1 ? "" : "s");
}

static void add_settings(struct page *page, struct machine_form *form)
{
    text_row(page, form, "Name", MACHINE_NAME, NAME_COLUMNS);
    if (form->by_definition && form->name.length == 0)
        page_text(page, page_add_row(page), LABEL_COLUMNS, ROLE_DIM, "without one: that of the definition");
    text_row(page, form, "CPUs", MACHINE_CPUS, NUMBER_COLUMNS);
    text_row(page, form, "Memory", MACHINE_MEMORY, NUMBER_COLUMNS);
}

static void add_buttons(struct form_page *form_page, const struct machine_form *form,
                        const struct machine_view *view)
{
    struct page *page = &form_page->page;
    struct machine_place place;
    CLEANUP_FREE char *missing = machine_form_missing(form, &place);
    const char *what = form->change ? "Change" : "Add";
    CLEANUP_FREE char *text = view->busy ? mem_strdup(form->change ? "Changing ..." : "Adding ...")
                              : missing  ? mem_format("%s: %s", what, missing)
                                         : mem_format("%s the machine", what);
    int row = form_page_buttons(form_page);
    int behind = page_add_button(page, row, PAGE_MARGIN, MACHINE_BACK, "Back", false);
    page_add_button(page, row, behind + 2, MACHINE_START, text, view->busy || missing);
}

void machine_view_build(struct form_page *form_page, struct machine_form *form,
                        const struct machine_view *view)
{
    struct page *page = &form_page->page;
    struct command_line command;
    if (view->refusal.code)
        page_add_problem(page, PAGE_MARGIN, &view->refusal);
    page_add_row(page);
    add_way(page, form);
    add_definition(page, form);
    add_settings(page, form);
    add_disks(page, form);
    page_add_row(page);
    machine_form_command(form, &command);
    page_add_command(page, COMMAND_ROWS, &command);
    command_line_clear(&command);
    add_buttons(form_page, form, view);
}
