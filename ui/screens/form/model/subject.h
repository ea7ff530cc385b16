/* What a form can export, made from what its source says. Ownership: copies; form_subject_clear. Threads: one
 * at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_SUBJECT_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_SUBJECT_H

#include "ui/screens/form/model/form.h"
#include "ui/screens/form/model/source.h"

/* A point with its older ones as bases. */
void form_subject_of_point(struct form_subject *subject, const struct form_source *source);
/* The members of the collection as they are now; its RCT based points are the bases. */
void form_subject_of_now(struct form_subject *subject, const struct form_source *source);
void form_subject_clear(struct form_subject *subject);

#endif
