/* The values of a form as a whole. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_VALUES_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_VALUES_H

#include "ui/screens/form/model/form.h"

/* Takes them over, as far as this host and this point can have them. */
void export_form_apply(struct export_form *form, const struct last_export *values);
/* Values that were left unfinished, when they are of this very point; otherwise nothing happens. */
void export_form_restore(struct export_form *form, const struct last_export *values);
/* The button: takes over what was started last, or puts back what was there before it. */
void export_form_press_last(struct export_form *form);
/* What to keep once this form was started (last_export.h). */
void export_form_capture(const struct export_form *form, struct last_export *values);

#endif
