/* The export form as a page: which row says what, where the focus can be, what is pinned at the bottom.
 *
 * Pure: from the form and a few facts of the screen to rows; tested as text. Ownership:
 * export_form_view_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_H

#include "ui/screens/form/view_page.h"

void export_form_view_build(struct export_form_view *view, struct export_form *form,
                            const struct export_form_view_input *input);
void export_form_view_clear(struct export_form_view *view);
/* The first row of the scrolling part, so that the focused field with its problem is visible. */
int export_form_view_scroll(const struct export_form_view *view, const struct export_form_view_input *input,
                            int scroll, enum form_field in_the_way);

#endif
