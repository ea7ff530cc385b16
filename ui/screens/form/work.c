#include "ui/screens/form/work.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/plan/kept.h"
#include "core/export/prepare/directory.h"
#include "core/job/job.h"
#include "core/system/fs.h"
#include "ui/screens/form/model/propose.h"
#include "ui/screens/form/model/request.h"

#define NEW_DIRECTORY_MODE 0700

struct form_load *form_load_new(struct host *host, const struct service_options *options,
                                const struct object_path *path)
{
    struct form_load *task = mem_alloc(sizeof *task);
    task->host = host;
    task->state_directory = options->state_directory;
    task->path = *path;
    return task;
}

/* Points can be exported without them. */
static void load_machines(struct form_load *task)
{
    const struct host_ops *ops = task->host->ops;
    if (!ops->capabilities(task->host)->live_export)
        error_set(&task->machines_err, RETURN_NOT_SUPPORTED, "export.live",
                  "this host knows nothing of running machines");
    else if (ops->list_machines(task->host, &task->machines, &task->machines_err))
        task->machines_err = (struct error){0};
}

static bool check_collection(struct form_load *task)
{
    for (size_t i = 0; i < task->collections.count; i++) {
        if (guid_equal(&task->collections.items[i].id, &task->path.collection_id))
            return true;
    }
    error_set(&task->err, RETURN_INVALID_PARAMETER, "collection.unknown",
              "the collection is not there any more");
    return error_next(&task->err, "Go back with Esc, and read the host again.");
}

/* What is to be exported: a point, or the machines. */
static bool load_subject(struct form_load *task)
{
    load_machines(task);
    if (!guid_is_none(&task->path.point_id))
        return task->host->ops->read_point(task->host, &task->path, &task->point, &task->err);
    task->err = task->machines_err;
    return task->err.code == 0 && check_collection(task);
}

void form_load_run(void *argument)
{
    struct form_load *task = argument;
    const struct host_ops *ops = task->host->ops;
    task->ok = ops->list_collections(task->host, &task->collections, &task->err) &&
               ops->list_points(task->host, &task->path.collection_id, &task->points, &task->err) &&
               load_subject(task);
    if (task->ok)
        last_export_read(&task->last, task->state_directory);
}

void form_load_release(void *argument)
{
    struct form_load *task = argument;
    reference_point_clear(&task->point);
    reference_point_list_clear(&task->points);
    collection_list_clear(&task->collections);
    machine_list_clear(&task->machines);
    last_export_clear(&task->last);
    free(task);
}

struct form_proposal *form_proposal_new(const char *store)
{
    struct form_proposal *task = mem_alloc(sizeof *task);
    task->store = store;
    return task;
}

void form_proposal_run(void *argument)
{
    struct form_proposal *task = argument;
    task->directory = propose_directory_for(task->store);
}

void form_proposal_release(void *argument)
{
    struct form_proposal *task = argument;
    free(task->directory);
    free(task);
}

struct form_directory_check *form_directory_check_new(const struct export_form *form, uint64_t revision)
{
    struct export_request request;
    struct form_directory_check *task = mem_alloc(sizeof *task);
    export_form_request(form, &request);
    task->directory = mem_strdup(request.directory);
    task->revision = revision;
    export_request_clear(&request);
    return task;
}

void form_directory_check_run(void *argument)
{
    struct form_directory_check *task = argument;
    if (task->create && !fs_make_directories(task->directory, NEW_DIRECTORY_MODE, &task->err))
        return;
    struct error err = {0};
    if (export_check_directory(task->directory, &task->available, &err) != RETURN_DONE)
        task->err = err;
}

void form_directory_check_release(void *argument)
{
    struct form_directory_check *task = argument;
    free(task->directory);
    free(task);
}

struct form_check_task *form_check_task_new(struct host *host, const struct service_options *options,
                                            const struct export_form *form, uint64_t revision)
{
    struct form_check_task *task = mem_alloc(sizeof *task);
    task->host = host;
    task->options = options;
    task->revision = revision;
    export_form_request(form, &task->request);
    task->request.plan = kept_plan_copy(form->estimate.plan);
    task->checking = job_new(&(struct job_identity){.id = guid_new()});
    task->request.checking = task->checking;
    return task;
}

void form_check_task_give_up(void *argument)
{
    struct form_check_task *task = argument;
    job_request_state_change(task->checking, REQUESTED_STATE_TERMINATE);
}

static void look_for_bases(struct form_check_task *task)
{
    const struct export_request *request = &task->request;
    const struct package_search search = {.directory = request->directory,
                                          .base_directories = request->options.base_packages,
                                          .base_directory_count = request->options.base_package_count};
    if (task->host->ops->capabilities(task->host)->local_directory &&
        !guid_is_none(&request->settings.base.point_id))
        packages_needed_read(&search, &request->settings.base, &task->needed);
}

void form_check_task_run(void *argument)
{
    struct form_check_task *task = argument;
    struct service *service = service_new(task->host, task->options);
    if (service_check_export(service, &task->request, &task->estimate) != RETURN_DONE)
        task->err = *service_error(service);
    service_free(service);
    look_for_bases(task);
}

void form_check_task_release(void *argument)
{
    struct form_check_task *task = argument;
    packages_needed_clear(&task->needed);
    kept_plan_free(task->request.plan);
    export_request_clear(&task->request);
    export_estimate_clear(&task->estimate);
    job_free(task->checking);
    free(task);
}

struct form_completion *form_completion_new(enum form_field field, const char *typed)
{
    struct form_completion *task = mem_alloc(sizeof *task);
    task->field = field;
    task->typed = mem_strdup(typed);
    return task;
}

void form_completion_run(void *argument)
{
    struct form_completion *task = argument;
    completion_run(task->typed, &task->completion);
}

void form_completion_release(void *argument)
{
    struct form_completion *task = argument;
    completion_clear(&task->completion);
    free(task->typed);
    free(task);
}

struct form_start *form_start_new(struct host *host, const struct service_options *options,
                                  const struct export_request *request, const struct kept_plan *plan,
                                  const struct last_export *last)
{
    struct form_start *task = mem_alloc(sizeof *task);
    task->host = host;
    task->options = options;
    export_request_copy(&task->request, request);
    task->request.plan = kept_plan_copy(plan);
    last_export_copy(&task->last, last);
    return task;
}

void form_start_also(struct form_start *task, const struct guid *also, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *ARRAY_APPEND(task->also, task->also_count) = (struct form_also){.point = also[i]};
}

/* Each is checked as the first one was, and is a process of its own: none waits for another. */
static void start_others(struct form_start *task, struct service *service)
{
    kept_plan_free(task->request.plan);
    task->request.plan = NULL;
    for (size_t i = 0; i < task->also_count; i++) {
        struct form_also *also = &task->also[i];
        struct job *job = NULL;
        task->request.point.point_id = also->point;
        if (service_start_export(service, &task->request, &job) != RETURN_JOB_STARTED) {
            also->err = *service_error(service);
            continue;
        }
        also->job = job_id(job);
        job_free(job);
    }
}

void form_start_run(void *argument)
{
    struct form_start *task = argument;
    struct service *service = service_new(task->host, task->options);
    struct job *job = NULL;
    task->return_value = service_start_export(service, &task->request, &job);
    if (task->return_value == RETURN_JOB_STARTED) {
        task->job = job_id(job);
        job_free(job);
        if (!last_export_write(&task->last, task->options->state_directory, &task->err))
            error_context(&task->err, "the settings could not be remembered for the next form");
        start_others(task, service);
    } else {
        task->err = *service_error(service);
    }
    service_free(service);
}

void form_start_release(void *argument)
{
    struct form_start *task = argument;
    kept_plan_free(task->request.plan);
    export_request_clear(&task->request);
    last_export_clear(&task->last);
    free(task->also);
    free(task);
}
