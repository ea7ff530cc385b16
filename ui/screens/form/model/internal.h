/* Between the parts of the export form only. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_INTERNAL_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_INTERNAL_H

#include "ui/screens/form/model/form.h"

char *form_directory(const struct export_form *form); /* without slashes at its end; the caller's */
bool form_everything_selected(const struct export_form *form);
void form_apply(struct export_form *form, const struct last_export *values);

/* Words by which the command line finds the same object (resolve.h), unquoted; the caller's. */
char *form_word_point(const struct reference_point_list *points, const struct reference_point *point);
char *form_word_machine(const struct reference_point *point, size_t member);
char *form_point_title(const struct reference_point *point);
void form_command_start(const struct form_source *source, struct command_line *line);

#endif
