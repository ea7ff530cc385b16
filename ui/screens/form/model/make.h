/* Making a form: from a point read whole, its collection's points and what the host can do. Ownership:
 * export_form_new copies; export_form_free. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_MAKE_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_MAKE_H

#include "ui/screens/form/model/form.h"

struct form_source { /* everything is copied */
    const struct host_capabilities *capabilities;
    const struct reference_point *point;       /* with members */
    const struct reference_point_list *points; /* of its collection; it may be among them */
    const struct collection_list *collections; /* to name this one on the command line */
    const struct last_export *last;            /* NULL: none */
    const char *host_name;                     /* as given when the program was started; NULL */
    bool bell;                                 /* without a last export */
    const char *store;                         /* absolute; NULL = the default one */
    const char *config;                        /* absolute; NULL */
};
struct export_form *export_form_new(const struct form_source *source);
void export_form_free(struct export_form *form);

#endif
