/* What a form asks the host for. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_REQUEST_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_REQUEST_H

#include "ui/screens/form/model/form.h"

/* export_request_clear. */
void export_form_request(const struct export_form *form, struct export_request *request);

#endif
