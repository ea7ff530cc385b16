/* Between the parts of the export form's view only. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_PARTS_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_PARTS_H

#include "ui/screens/form/view.h"

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

/* The tree of machines and disks (export_form_view_include.c). */
void form_view_add_include(struct building *b);

#endif
