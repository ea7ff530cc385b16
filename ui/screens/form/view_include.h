/* The tree of machines and disks on the export form's page. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_VIEW_INCLUDE_H
#define REFPOINT_UI_SCREENS_FORM_VIEW_INCLUDE_H

struct building;

void form_view_add_include(struct building *b);

#endif
