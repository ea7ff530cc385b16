/* The form of a new collection as a page. Pure; tested as text. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_COLLECTION_DEFINE_VIEW_H
#define REFPOINT_UI_SCREENS_COLLECTION_DEFINE_VIEW_H

#include "core/base/error.h"
#include "ui/screens/collection/define_model.h"
#include "ui/widgets/form_page.h"

/* refusal: of the host; code 0: none. busy: it is being defined. Between form_page_begin and _end. */
void define_view_build(struct form_page *page, struct define_form *form, const struct error *refusal,
                       bool busy);

#endif
