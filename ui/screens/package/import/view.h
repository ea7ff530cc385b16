/* The import form as a page, what it does while it runs, and what came of it. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_IMPORT_VIEW_H
#define REFPOINT_UI_SCREENS_PACKAGE_IMPORT_VIEW_H

#include "ui/draw/page.h"
#include "ui/screens/package/import/form.h"

struct import_view {
    struct page page;
    int buttons_row; /* rows before it scroll */
};

/* focus: of the field whose candidates are shown. */
void import_view_build(struct import_view *view, struct import_form *form,
                       const struct import_outcome *outcome, const struct page_focus *focus, int columns,
                       bool ascii);
void import_view_clear(struct import_view *view);

#endif
