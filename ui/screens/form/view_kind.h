/* The kind of the export on the form's page, with the fields that only some kinds have; and, for the review
 * too, the packages that it stands on. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_KIND_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_KIND_H

#include "ui/draw/page.h"
#include "ui/screens/form/model/form.h"

struct building;

void form_view_add_kind(struct building *b);
/* "Needs   + tuesday   /backup/web/...", a row each, at `column`: there or missing. */
void form_view_add_needed(struct page *page, int column, const struct form_needed *needed, size_t count);

#endif
