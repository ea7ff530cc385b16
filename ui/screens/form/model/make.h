/* Making a form: from a point read whole, or from a collection alone where the host exports machines as they
 * are now; the collection's points and what the host can do. Ownership: export_form_new copies;
 * export_form_free. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_MAKE_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_MAKE_H

#include "ui/screens/form/model/form.h"
#include "ui/screens/form/model/source.h"

struct export_form *export_form_new(const struct form_source *source);
void export_form_free(struct export_form *form);

#endif
