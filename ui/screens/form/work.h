/* What the export form and its review ask of a worker. Each task is a value: made on the screen's thread, run
 * elsewhere, read in `done`, released last (work.h). Tasks borrow the host and the service's options from the
 * app, which outlives them. */
#ifndef REFPOINT_UI_SCREENS_FORM_WORK_H
#define REFPOINT_UI_SCREENS_FORM_WORK_H

#include "core/export/prepare/needed.h"
#include "core/service/service.h"
#include "ui/screens/form/model/form.h"
#include "ui/widgets/completion.h"

/* Everything that a form is made from. */
struct form_load {
    struct host *host;
    const char *state_directory;
    struct object_path path; /* without a point: the machines as they are now */
    struct reference_point point;
    struct reference_point_list points;
    struct collection_list collections;
    struct machine_list machines;
    struct error machines_err; /* code 0: the host exports them as they are now, and these are they */
    struct last_export last;
    bool ok;
    struct error err;
};
struct form_load *form_load_new(struct host *host, const struct service_options *options,
                                const struct object_path *path);
void form_load_run(void *task);
void form_load_release(void *task);

/* A directory to begin with (propose.h). The form does not wait for it: mounted file systems are looked at.
 */
struct form_proposal {
    const char *store; /* borrowed from the app; NULL: none */
    char *directory;   /* NULL: there is none */
};
struct form_proposal *form_proposal_new(const char *store);
void form_proposal_run(void *task);
void form_proposal_release(void *task);

struct form_directory_check {
    char *directory;
    uint64_t revision;
    bool create; /* make it first */
    uint64_t available;
    struct error err;
};
struct form_directory_check *form_directory_check_new(const struct export_form *form, uint64_t revision);
void form_directory_check_run(void *task);
void form_directory_check_release(void *task);

struct form_check_task {
    struct host *host;
    const struct service_options *options;
    struct export_request request; /* its plan is what the form's last check has found, a copy of its own */
    struct job *checking;          /* the check's, to end it */
    uint64_t revision;
    struct export_estimate estimate;
    struct packages_needed needed;
    struct error err;
};
struct form_check_task *form_check_task_new(struct host *host, const struct service_options *options,
                                            const struct export_form *form, uint64_t revision);
void form_check_task_run(void *task);
void form_check_task_give_up(void *task);
void form_check_task_release(void *task);

struct form_completion {
    enum form_field field;
    char *typed;
    struct completion completion;
};
struct form_completion *form_completion_new(enum form_field field, const char *typed);
void form_completion_run(void *task);
void form_completion_release(void *task);

/* The start itself, a job for each point, and remembering what was started. plan: what the check has found,
 * borrowed (the task makes a copy); NULL is allowed. */
struct form_start {
    struct host *host;
    const struct service_options *options;
    struct export_request request; /* with a plan of its own */
    struct last_export last;
    uint32_t return_value;
    struct guid job;
    struct error err;  /* why it was refused; or, with 4096, why the settings could not be remembered */
    struct form_also { /* of each other point, when the first was started */
        struct guid point;
        struct guid job; /* none: it was refused */
        struct error err;
    } * also;
    size_t also_count;
};
struct form_start *form_start_new(struct host *host, const struct service_options *options,
                                  const struct export_request *request, const struct kept_plan *plan,
                                  const struct last_export *last);
/* Before it is run. */
void form_start_also(struct form_start *task, const struct guid *also, size_t count);
void form_start_run(void *task);
void form_start_release(void *task);

#endif
