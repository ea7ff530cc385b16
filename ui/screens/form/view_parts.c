#include "ui/screens/form/view_parts.h"

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"
#include "ui/screens/form/model/check.h"
#include "ui/widgets/page_parts.h"

#define CANDIDATE_ROWS 4

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

void form_view_add_candidates(struct building *b, enum form_field field)
{
    const struct completion *candidates = b->input->candidates;
    if (!candidates || b->input->candidates_of != field || candidates->candidate_count == 0)
        return;
    CLEANUP_STRBUF struct strbuf list = {0};
    for (size_t i = 0; i < candidates->candidate_count; i++) {
        CLEANUP_FREE char *name = cells_safe(candidates->candidates[i], b->page->ascii);
        strbuf_addf(&list, "%s%s/", i > 0 ? "  " : "", name);
    }
    strbuf_add(&list, candidates->more ? "  and more" : "");
    page_wrap(b->page, FORM_LABEL_COLUMNS, CANDIDATE_ROWS, ROLE_DIM, list.data);
}
