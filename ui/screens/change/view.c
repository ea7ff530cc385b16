#include "ui/screens/change/view.h"

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/widgets/page_parts.h"

#define LABEL_COLUMNS 12
#define COMMAND_ROWS 20
#define INDENT 2

void point_change_clear(struct point_change *change)
{
    reference_point_clear(&change->point);
    reference_point_list_clear(&change->all);
    command_line_clear(&change->command);
    *change = (struct point_change){0};
}

static char *name_of(const struct reference_point *point)
{
    char time[32];
    moment_format_list(point->created, false, time, sizeof time);
    return mem_format("%s%s%s", point->name ? point->name : "", point->name ? "   " : "", time);
}

static void add_point(struct page *page, const struct point_change *change)
{
    char time[32];
    char offset[16];
    moment_format_list(change->point.created, true, time, sizeof time);
    moment_format_offset(change->point.created, offset, sizeof offset);
    page_add_factf(page, "Point", LABEL_COLUMNS, ROLE_HEADING, "%s",
                   change->point.name ? change->point.name : change->point.id.text);
    page_add_factf(page, "", LABEL_COLUMNS, ROLE_NORMAL, "%s %s, %s based%s", time, offset,
                   reference_point_type_word(change->point.type),
                   reference_point_log_removed(change->point.type, change->point.has_associated_log)
                       ? ", log removed"
                       : "");
}

static void add_space(struct page *page, const struct point_change *change)
{
    char size[32];
    size_format(change->point.log_size, size, sizeof size);
    if (change->point.type == POINT_TYPE_RCT_BASED)
        page_add_fact(page, "Gives back", LABEL_COLUMNS, ROLE_NORMAL,
                      "nothing but its marks: an RCT based point keeps no data");
    else if (!change->point.has_associated_log)
        page_add_fact(page, "Gives back", LABEL_COLUMNS, ROLE_NORMAL,
                      change->destroy ? "what its layers still keep for what follows is merged there"
                                      : "nothing: its data has been given back already");
    else
        page_add_factf(page, "Gives back", LABEL_COLUMNS, ROLE_NORMAL,
                       "at most %s: what later layers hold anew; the rest is still read through %s", size,
                       change->destroy ? "the layer that takes it in" : "it");
}

/* What an operator cannot do afterwards. */
static void add_consequences(struct page *page, const struct point_change *change)
{
    bool log = change->point.type == POINT_TYPE_LOG_BASED;
    if (change->destroy) {
        if (change->point.has_associated_log)
            page_add_fact(page, "Afterwards", LABEL_COLUMNS, ROLE_WARNING,
                          "the point cannot be exported any more, and is no base any more");
        else
            page_add_fact(page, "Afterwards", LABEL_COLUMNS, ROLE_WARNING, "the point is no base any more");
    } else if (log) {
        page_add_fact(page, "Afterwards", LABEL_COLUMNS, ROLE_WARNING,
                      "the point cannot be exported any more (32775); it is still a base");
    }
    page_add_fact(page, "", LABEL_COLUMNS, ROLE_NORMAL,
                  "packages that were made of it stay as they are; this cannot be undone");
}

static void add_neighbours(struct page *page, const struct point_change *change)
{
    const struct reference_point *before = reference_point_before(&change->all, change->point.sequence);
    const struct reference_point *after = reference_point_after(&change->all, change->point.sequence);
    CLEANUP_FREE char *older = before ? name_of(before) : NULL;
    CLEANUP_FREE char *newer = after ? name_of(after) : NULL;
    if (after)
        page_add_factf(page, "After it", LABEL_COLUMNS, ROLE_NORMAL, "%s%s", newer,
                       change->destroy ? ": exports of it since this point are not possible any more" : "");
    else
        page_add_fact(page, "After it", LABEL_COLUMNS, ROLE_NORMAL,
                      change->destroy
                          ? "nothing: this is the newest; what the machines wrote since then stays"
                          : "nothing: this is the newest point");
    if (before)
        page_add_factf(page, "Before it", LABEL_COLUMNS, ROLE_NORMAL, "%s%s", older,
                       change->destroy ? ": stays, as a base too" : "");
    else if (change->destroy && !after)
        page_add_fact(page, "", LABEL_COLUMNS, ROLE_NORMAL,
                      "it is the collection's only point: afterwards its machines are plain images again");
}

static const char *what_happens(const struct point_change *change)
{
    if (change->point.type == POINT_TYPE_RCT_BASED)
        return "its checkpoint and dirty bitmaps are removed; what changes is then marked for earlier points";
    return change->destroy ? "these layers are merged into what follows them:"
                           : "in these layers, what later ones hold anew is punched out:";
}

/* One row each: the ends of a path tell more than its middle. */
static void add_layer(struct page *page, const char *machine, const struct disk_point *disk)
{
    int at = PAGE_MARGIN + INDENT;
    CLEANUP_FREE char *text = mem_format("%s/%s  %s", machine ? machine : "", disk->disk_id,
                                         disk->layer_path ? disk->layer_path : "");
    struct cells_format format = {.columns = page->columns > at ? (size_t)(page->columns - at) : 1,
                                  .ascii = page->ascii,
                                  .cut = CELLS_CUT_MIDDLE};
    CLEANUP_FREE char *fitted = cells_fit(text, &format);
    page_text(page, page_add_row(page), at, ROLE_NORMAL, fitted);
}

static void add_layers(struct page *page, const struct point_change *change)
{
    page_heading(page, "Machines", change->machines_run ? "they may run meanwhile" : "they must be off");
    page_wrap(page, PAGE_MARGIN, 3, ROLE_NORMAL, what_happens(change));
    for (size_t i = 0; i < change->point.member_count; i++) {
        const struct member_point *member = &change->point.members[i];
        for (size_t k = 0; k < member->disk_count; k++)
            add_layer(page, member->machine.name, &member->disks[k]);
    }
}

static void add_buttons(struct page *page, const struct point_change *change)
{
    const char *yes = change->starting  ? "Starting"
                      : change->destroy ? "Destroy the point"
                                        : "Remove its data";
    int behind = page_add_button(page, page->rows - 1, PAGE_MARGIN, CHANGE_NO, "No, go back", false);
    page_add_button(page, page->rows - 1, behind + 2, CHANGE_YES, yes, change->starting);
}

void change_view_build(struct change_view *view, const struct point_change *change, int columns, bool ascii)
{
    struct page *page = &view->page;
    change_view_clear(view);
    page->columns = columns;
    page->ascii = ascii;
    if (change->refusal.code)
        page_add_problem(page, PAGE_MARGIN, &change->refusal);
    page_heading(page, change->destroy ? "Destroy this point?" : "Give the data of this point back?", "");
    add_point(page, change);
    add_space(page, change);
    add_consequences(page, change);
    add_neighbours(page, change);
    add_layers(page, change);
    page_add_command(page, COMMAND_ROWS, &change->command);
    view->buttons_row = page_add_row(page);
    add_buttons(page, change);
}

void change_view_clear(struct change_view *view)
{
    page_clear(&view->page);
    view->buttons_row = 0;
}
