/* The export form as a page: which row says what, where the focus can be, what is pinned at the bottom.
 *
 * Pure: from the form and a few facts of the screen to rows; tested as text. Ownership:
 * export_form_view_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_H

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

void export_form_view_build(struct export_form_view *view, struct export_form *form,
                            const struct export_form_view_input *input);
void export_form_view_clear(struct export_form_view *view);
/* The first row of the scrolling part, so that the focused field with its problem is visible. */
int export_form_view_scroll(const struct export_form_view *view, const struct export_form_view_input *input,
                            int scroll, enum form_field in_the_way);

#endif
