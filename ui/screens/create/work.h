/* What the screen of a new point asks of a worker (work.h has the rules). Tasks borrow the host and the
 * service's options from the app. */
#ifndef REFPOINT_UI_SCREENS_CREATE_WORK_H
#define REFPOINT_UI_SCREENS_CREATE_WORK_H

#include "core/service/service.h"
#include "ui/screens/create/model.h"
#include "ui/screens/create/view.h"

/* Reads what the form is made from. */
struct create_load {
    struct host *host;
    struct guid collection;
    struct create_form form; /* without what only the screen knows: who takes it leaves it empty */
    char *word;              /* by which a command line finds the collection */
    bool ok;
    struct error err;
};
struct create_load *create_load_new(struct host *host, const struct guid *collection);
void create_load_run(void *task);
void create_load_release(void *task);

/* Makes the point. */
struct create_start {
    struct host *host;
    const struct service_options *options;
    struct point_request request;
    char *name;
    struct create_outcome outcome; /* who takes it leaves it empty */
};
struct create_start *create_start_new(struct host *host, const struct service_options *options,
                                      const struct create_form *form);
void create_start_run(void *task);
void create_start_release(void *task);

#endif
