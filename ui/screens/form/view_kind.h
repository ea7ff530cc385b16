/* The kind of the export on the form's page, with the fields that only some kinds have. Threads: one at a
 * time. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_KIND_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_KIND_H

struct building;

void form_view_add_kind(struct building *b);

#endif
