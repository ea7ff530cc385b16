/* The form of a machine as a page. Pure; tested as text. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_MACHINE_FORM_VIEW_H
#define REFPOINT_UI_SCREENS_MACHINE_FORM_VIEW_H

#include "ui/screens/machine/model.h"
#include "ui/widgets/form_page.h"

struct machine_view {
    struct error refusal; /* of the host; code 0: none */
    bool busy;
    char *const *notes; /* it is done, and these are worth a word; borrowed */
    size_t note_count;
};

/* Between form_page_begin and _end. */
void machine_view_build(struct form_page *page, struct machine_form *form, const struct machine_view *view);

#endif
