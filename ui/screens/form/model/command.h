/* The command line that does what a form asks for. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_COMMAND_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_COMMAND_H

#include "ui/screens/form/model/form.h"

/* Into an empty one. */
void export_form_command(const struct export_form *form, struct command_line *line);

#endif
