/* What every field of the export form's page has: for the units of the view only. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_PARTS_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_PARTS_H

#include "ui/screens/form/view_page.h"

#define FORM_LABEL_COLUMNS 11 /* " Directory " */
#define FORM_GAP 3

struct building {
    struct export_form_view *view;
    struct page *page;
    struct export_form *form;
    const struct export_form_view_input *input;
};

/* The rows of a field: between these two, with its hint and its problem. */
void form_view_begin(struct building *b, enum form_field field);
void form_view_end(struct building *b, enum form_field field);
/* False: there is none. */
bool form_view_add_problem(struct building *b, enum form_field field);
int form_view_add_label(struct building *b, enum form_field field); /* a new row; its number */

bool form_view_has_focus(const struct building *b, enum form_field field);
void form_view_add_stop(struct building *b, enum form_field field, int row, int column, int columns,
                        enum theme_role role);
int form_view_field_columns(const struct building *b); /* of a field that has its row to itself */
void form_view_add_candidates(struct building *b, enum form_field field);

#endif
