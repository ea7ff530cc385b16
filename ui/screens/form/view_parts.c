#include "ui/screens/form/view_parts.h"

#include "ui/screens/form/model/check.h"
#include "ui/widgets/page_parts.h"

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
    page_text(b->page, row, 0, ROLE_NORMAL, form_field_label(field));
    return row;
}
