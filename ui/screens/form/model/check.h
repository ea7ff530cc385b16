/* What is wrong with a form, and what a worker has to find out for it. Stale answers are ignored. Problems
 * belong to a field and carry number, cause and next step; the first one says what is in the way of the
 * start. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_CHECK_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_CHECK_H

#include "core/export/prepare/needed.h"
#include "ui/screens/form/model/form.h"

/* True when the directory should be looked at (it changed, and is worth it): then *revision goes with the
 * answer. The same for the whole request. Asking counts as asked: call once per worker. */
bool export_form_wants_directory_check(struct export_form *form, uint64_t *revision);
void export_form_directory_checked(struct export_form *form, uint64_t revision, uint64_t available,
                                   const struct error *err);
bool export_form_wants_check(struct export_form *form, uint64_t *revision);
/* Takes the estimate over (it is empty afterwards) when the revision is still the form's. */
void export_form_checked(struct export_form *form, uint64_t revision, struct export_estimate *estimate,
                         const struct error *err);
/* What else was found for that revision: the packages that would be stood on. */
void export_form_found_needed(struct export_form *form, uint64_t revision,
                              const struct packages_needed *needed);
void form_needed_clear(struct form_needed **needed, size_t *count);
/* The world changed, not the form: ask again. */
void export_form_check_again(struct export_form *form);

/* What is wrong with a field, into err; false: nothing that is known. */
bool export_form_problem(const struct export_form *form, enum form_field field, struct error *err);

enum form_state {
    FORM_BLOCKED,  /* a field is in the way */
    FORM_CHECKING, /* nothing known is, but the answer is not there yet */
    FORM_READY
};
enum form_state export_form_state(const struct export_form *form, enum form_field *in_the_way);

#endif
