/* What every field of the export form's page has: for the units of the view only. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_PARTS_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_PARTS_H

#include "ui/screens/form/view_page.h"

#define FORM_LABEL_COLUMNS 10 /* "Directory " */
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

#endif
