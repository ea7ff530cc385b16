#include "ui/screens/form/view_parts.h"

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/screens/form/model/check.h"
#include "ui/widgets/page_parts.h"

#define CANDIDATE_ROWS 6

void form_view_begin(struct building *b, enum form_field field)
{
    b->view->first_row[field] = b->page->rows;
}

void form_view_end(struct building *b, enum form_field field)
{
    b->view->last_row[field] = b->page->rows - 1;
}

bool form_view_add_problem(struct building *b, enum form_field field)
{
    struct error err = {0};
    if (!export_form_problem(b->form, field, &err))
        return false;
    page_add_problem(b->page, FORM_LABEL_COLUMNS - 2, &err);
    return true;
}

int form_view_add_label(struct building *b, enum form_field field)
{
    int row = page_add_row(b->page);
    page_label(b->page, row, PAGE_MARGIN, form_field_label(field));
    return row;
}

bool form_view_has_focus(const struct building *b, enum form_field field)
{
    return b->input->focus.id == (unsigned)field;
}

void form_view_add_stop(struct building *b, enum form_field field, int row, int column, int columns,
                        enum theme_role role)
{
    page_add_stop(b->page, &(struct page_stop){.focus = {.id = (unsigned)field},
                                               .row = row,
                                               .column = column,
                                               .columns = columns,
                                               .role = role,
                                               .cursor = columns > 1 ? 1 : 0});
}

int form_view_field_columns(const struct building *b)
{
    return b->page->columns - FORM_LABEL_COLUMNS - PAGE_MARGIN - 2;
}

static size_t widest(const struct building *b, const struct completion *candidates, size_t first)
{
    size_t most = 0;
    for (size_t i = first; i < candidates->candidate_count && i < first + CANDIDATE_ROWS; i++) {
        size_t width = cells_width(candidates->candidates[i], b->page->ascii) + (candidates->about ? 0 : 1);
        most = width > most ? width : most;
    }
    return most;
}

/* So many of them that the chosen one is among them. */
static size_t first_shown(const struct building *b, enum form_field field)
{
    size_t at = form_view_has_focus(b, field) ? b->input->focus.first : 0;
    return at > CANDIDATE_ROWS ? at - CANDIDATE_ROWS : 0;
}

static void add_candidate(struct building *b, enum form_field field, size_t index, size_t columns)
{
    const struct completion *candidates = b->input->candidates;
    const char *about = candidates->about ? candidates->about[index] : "";
    struct page_focus focus = {.id = (unsigned)field, .first = index + 1};
    bool at = page_focus_equal(&focus, &b->input->focus);
    struct cells_format format = {.columns = columns, .ascii = b->page->ascii, .cut = CELLS_CUT_MIDDLE};
    CLEANUP_FREE char *whole =
        mem_format("%s%s", candidates->candidates[index], candidates->about ? "" : "/");
    CLEANUP_FREE char *name = cells_fit(whole, &format);
    int row = page_add_row(b->page);
    int behind = page_textf(b->page, row, FORM_LABEL_COLUMNS, ROLE_NORMAL, "%s%s", at ? ">" : " ", name);
    int end = page_text(b->page, row, behind + FORM_GAP, ROLE_DIM, about);
    page_add_stop(b->page, &(struct page_stop){.focus = focus,
                                               .row = row,
                                               .column = FORM_LABEL_COLUMNS,
                                               .columns = (*about ? end : behind) - FORM_LABEL_COLUMNS,
                                               .role = ROLE_SELECTED});
}

void form_view_add_candidates(struct building *b, enum form_field field)
{
    const struct completion *candidates = b->input->candidates;
    if (!candidates || b->input->candidates_of != field || candidates->candidate_count == 0)
        return;
    size_t first = first_shown(b, field);
    size_t room = (size_t)(b->page->columns / 2);
    size_t columns = widest(b, candidates, first);
    size_t i = first;
    for (; i < candidates->candidate_count && i < first + CANDIDATE_ROWS; i++)
        add_candidate(b, field, i, columns < room ? columns : room);
    bool some = first > 0 || i < candidates->candidate_count || candidates->more;
    CLEANUP_FREE char *count =
        some ? mem_format("; %zu%s", candidates->candidate_count, candidates->more ? " and more" : " in all")
             : mem_strdup("");
    page_textf(b->page, page_add_row(b->page), FORM_LABEL_COLUMNS + 1, ROLE_DIM,
               "Down chooses, Enter takes, Esc closes%s", count);
}
