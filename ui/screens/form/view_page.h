/* The page of the export form, and what it is made from; for the units of the view. Pure values. Ownership:
 * view.h. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_PAGE_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_PAGE_H

#include "ui/draw/layout.h"
#include "ui/draw/page.h"
#include "ui/screens/form/model/form.h"
#include "ui/widgets/completion.h"

struct export_form_view {
    struct page page; /* page_focus: an enum form_field, a machine, a disk (SIZE_MAX: the machine itself) */
    int command_row;  /* rows before it scroll */
    int buttons_row;
    int first_row[FORM_FIELD_COUNT]; /* of a field with its hint and its problem */
    int last_row[FORM_FIELD_COUNT];  /* less than first_row: it is not shown */
};

struct export_form_view_input {
    struct layout_form layout;
    bool ascii;
    struct page_focus focus;
    const struct completion *candidates; /* listed beneath the field in `candidates_of`; NULL: none */
    enum form_field candidates_of;
    bool slow;         /* the directory's answer is overdue */
    bool wants_review; /* Review was pressed and waits for the check */
};

#endif
