/* Parameters are checked before anything is made: what can be said without the host first, then the host's
 * own refusals. Every refusal has a number, a sentence and a next step, and leaves everything as it was. */
#include "core/service/service.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/embedded_instance.h"
#include "core/service/journal/journal.h"
#include "core/service/runner/runner.h"
#include "core/service/work.h"
#include "core/system/fs.h"

#define OWNER_ENTRY_LIMIT ((size_t)1 << 20)

struct service {
    struct host *host;
    char *state_directory;
    char *host_name;
    char *store;
    char *config;
    struct export_options options;
    struct export_estimate estimate; /* of the last export that was checked and accepted */
    struct error err;
};

/* Another process with another working directory must find the same. */
static char *make_absolute(const char *path)
{
    CLEANUP_FREE char *here = path && *path && *path != '/' ? getcwd(NULL, 0) : NULL;
    return here ? mem_format("%s/%s", strcmp(here, "/") == 0 ? "" : here, path) : mem_strdup(path);
}

struct service *service_new(struct host *host, const struct service_options *options)
{
    struct service *service = mem_alloc(sizeof *service);
    service->host = host;
    service->state_directory =
        options->state_directory ? make_absolute(options->state_directory) : fs_state_home();
    service->host_name = mem_strdup(options->host_name);
    service->store = make_absolute(options->store);
    service->config = make_absolute(options->config);
    service->options = export_options_default();
    return service;
}

void service_free(struct service *service)
{
    if (!service)
        return;
    free(service->state_directory);
    free(service->host_name);
    free(service->store);
    free(service->config);
    export_estimate_clear(&service->estimate);
    export_options_clear(&service->options);
    free(service);
}

void service_set_export_options(struct service *service, const struct export_options *options)
{
    struct export_options copy = {0};
    export_options_copy(&copy, options);
    export_options_clear(&service->options);
    service->options = copy;
}

const struct error *service_error(const struct service *service)
{
    return &service->err;
}

/* Each method begins with a clean error and ends with the return value that belongs to it. */
static struct error *begin(struct service *service)
{
    service->err = (struct error){0};
    export_estimate_clear(&service->estimate);
    return &service->err;
}

static uint32_t refuse(struct error *err, uint32_t code, const char *key, const char *what, const char *next)
{
    error_set(err, code, key, "%s", what);
    error_next(err, "%s", next);
    return code;
}

/* A host that returns an error must say which; without a word of its own there is still a sentence. */
static uint32_t answer(struct error *err, uint32_t code, const char *method)
{
    if (code == RETURN_DONE || code == RETURN_JOB_STARTED) {
        *err = (struct error){0};
        return code;
    }
    if (err->code == RETURN_DONE)
        error_set(err, code, "host.failed", "%s failed with code %u", method, (unsigned)code);
    err->code = code;
    error_advise(err, "Put that right, then try again; \"refpoint store check\" tells whether all is sound.");
    return code;
}

/* Checks */

static uint32_t check_path(const struct object_path *path, struct error *err)
{
    if (path && !guid_is_none(&path->point_id) && !guid_is_none(&path->collection_id))
        return RETURN_DONE;
    return refuse(err, RETURN_INVALID_PARAMETER, "point.none", "no reference point was given",
                  "Give the collection and one of its points; `refpoint point list` shows them.");
}

static uint32_t check_directory(const char *directory, struct error *err)
{
    if (!directory || !*directory)
        return refuse(err, RETURN_INVALID_PARAMETER, "export.directory", "no export directory was given",
                      "Give an absolute path, such as /backup/web.");
    if (*directory != '/') {
        error_set(err, RETURN_INVALID_PARAMETER, "export.directory",
                  "the export directory %s is not absolute", directory);
        error_next(err, "Give its path from the root, such as /backup/web.");
        return RETURN_INVALID_PARAMETER;
    }
    if (strlen(directory) >= PATH_MAX)
        return refuse(err, RETURN_INVALID_PARAMETER, "export.directory",
                      "the path of the export directory is too long", "Choose a shorter path.");
    return RETURN_DONE;
}

static uint32_t check_selection(const struct export_setting_data *settings, struct error *err)
{
    for (size_t i = 0; i < settings->machine_count; i++) {
        if (!settings->machines[i].machine_id || !*settings->machines[i].machine_id)
            return refuse(err, RETURN_INVALID_PARAMETER, "export.machine",
                          "a machine to be exported is given without its id",
                          "Give the id of each machine, or no machine at all for all of them.");
    }
    return RETURN_DONE;
}

static uint32_t check_request(struct service *service, const struct export_request *request,
                              struct export_estimate *estimate, struct error *err)
{
    const struct host_ops *ops = service->host->ops;
    if (!ops->export_point || !ops->check_export)
        return refuse(err, RETURN_NOT_SUPPORTED, "host.export", "this host cannot export",
                      "Choose another host.");
    uint32_t code = check_path(&request->point, err);
    if (code == RETURN_DONE)
        code = check_directory(request->directory, err);
    if (code == RETURN_DONE)
        code = check_selection(&request->settings, err);
    if (code == RETURN_DONE)
        code = answer(err, ops->check_export(service->host, request, estimate, err), "checking the export");
    return code;
}

const struct export_estimate *service_estimate(const struct service *service)
{
    return &service->estimate;
}

uint32_t service_check_export(struct service *service, const struct export_request *request,
                              struct export_estimate *estimate)
{
    return check_request(service, request, estimate, begin(service));
}

/* Jobs */

static void copy_escaped(char *field, size_t size, const char *text)
{
    CLEANUP_FREE char *safe = text_escape(text ? text : "");
    text_copy_cut(field, size, safe);
}

static void name_owner(char *field, size_t size)
{
    struct passwd entry;
    struct passwd *found = NULL;
    size_t room = 1024;
    CLEANUP_FREE char *buffer = mem_alloc(room);
    /* ERANGE: a directory service may have long entries. */
    while (getpwuid_r(geteuid(), &entry, buffer, room, &found) == ERANGE && room < OWNER_ENTRY_LIMIT) {
        room *= 2;
        buffer = mem_realloc(buffer, room);
    }
    if (found)
        copy_escaped(field, size, found->pw_name);
    else
        snprintf(field, size, "%u", (unsigned)geteuid());
}

static bool describe_job(struct service *service, const struct export_request *request,
                         struct job_identity *identity, struct error *err)
{
    struct reference_point point = {0};
    if (check_path(&request->point, err) != RETURN_DONE ||
        !service->host->ops->read_point(service->host, &request->point, &point, err))
        return false;
    *identity = (struct job_identity){.id = guid_new()};
    copy_escaped(identity->collection, sizeof identity->collection, point.collection_name);
    copy_escaped(identity->point, sizeof identity->point, point.name);
    text_copy_cut(identity->collection_id, sizeof identity->collection_id, request->point.collection_id.text);
    text_copy_cut(identity->point_id, sizeof identity->point_id, request->point.point_id.text);
    text_copy_cut(identity->base_point_id, sizeof identity->base_point_id,
                  request->settings.base.point_id.text);
    text_copy_cut(identity->directory, sizeof identity->directory,
                  request->directory ? request->directory : "");
    name_owner(identity->owner, sizeof identity->owner);
    reference_point_clear(&point);
    return true;
}

bool service_describe_job(struct service *service, const struct export_request *request,
                          struct job_identity *identity)
{
    return describe_job(service, request, identity, begin(service));
}

uint32_t service_run_export(struct service *service, const struct export_request *request, struct job *job)
{
    struct error *err = begin(service);
    uint32_t code = check_request(service, request, &service->estimate, err);
    if (code != RETURN_DONE)
        return code;
    return answer(err, work_run(service->host, request, job, err), "the export");
}

/* The request is copied for the runner; the caller keeps its own. */
static void make_journal_request(const struct service *service, const struct export_request *request,
                                 const struct job_identity *identity, struct journal_request *made)
{
    made->identity = *identity;
    export_request_copy(&made->request, request);
    made->host_name = mem_strdup(service->host_name);
    made->store = mem_strdup(service->store);
    made->config = mem_strdup(service->config);
}

static bool start_job(const struct service *service, const struct export_request *request,
                      const struct job_identity *identity, struct error *err)
{
    struct journal_request asked = {0};
    struct journal *journal = NULL;
    make_journal_request(service, request, identity, &asked);
    bool ok = journal_create(service->state_directory, &asked, &journal, err);
    journal_request_clear(&asked);
    if (!ok)
        return false;
    if (runner_start(service->state_directory, journal, err)) {
        journal_close(journal); /* the runner holds the lock */
        return true;
    }
    journal_remove(journal);
    return false;
}

static uint32_t run_without_job(struct service *service, const struct export_request *request)
{
    struct job_identity identity;
    if (!service_describe_job(service, request, &identity))
        return service->err.code;
    struct job *job = job_new(&identity);
    uint32_t code = service_run_export(service, request, job);
    job_free(job);
    return code;
}

uint32_t service_start_export(struct service *service, const struct export_request *request, struct job **job)
{
    struct job_identity identity;
    if (!job)
        return run_without_job(service, request);
    uint32_t code = check_request(service, request, &service->estimate, begin(service));
    if (code != RETURN_DONE)
        return code;
    if (!describe_job(service, request, &identity, &service->err) ||
        !start_job(service, request, &identity, &service->err))
        return answer(&service->err, service->err.code, "starting the job");
    *job = job_new(&identity);
    return RETURN_JOB_STARTED;
}

uint32_t service_export_reference_point(struct service *service,
                                        const struct object_path *reference_point_collection,
                                        const char *export_directory, const char *export_setting_data,
                                        struct job **job)
{
    struct error *err = begin(service);
    struct export_request request = {0};
    uint32_t code = check_path(reference_point_collection, err);
    if (code == RETURN_DONE)
        code = check_directory(export_directory, err);
    if (code != RETURN_DONE)
        return code;
    if (!embedded_instance_decode(&request.settings, export_setting_data, err))
        return err->code;
    request.point = *reference_point_collection;
    request.directory = mem_strdup(export_directory);
    export_options_copy(&request.options, &service->options);
    code = service_start_export(service, &request, job);
    export_request_clear(&request);
    return code;
}

/* Points */

uint32_t service_create_reference_point(struct service *service, const struct point_request *request,
                                        struct reference_point *resulting_reference_point_collection)
{
    struct error *err = begin(service);
    const struct host_ops *ops = service->host->ops;
    if (!ops->create_point)
        return refuse(err, RETURN_NOT_SUPPORTED, "host.points", "this host cannot make points",
                      "Choose another host.");
    if (guid_is_none(&request->collection_id))
        return refuse(err, RETURN_INVALID_PARAMETER, "collection.none", "no collection was given",
                      "Give one; `refpoint collection list` shows them.");
    if (request->reference_point_type != POINT_TYPE_LOG_BASED)
        return refuse(err,
                      request->reference_point_type == POINT_TYPE_RCT_BASED ? RETURN_NOT_SUPPORTED
                                                                            : RETURN_INVALID_PARAMETER,
                      "point.type", "only log based points can be made here", "Ask for type 1, Log based.");
    if (request->consistency_level != CONSISTENCY_CRASH &&
        request->consistency_level != CONSISTENCY_APPLICATION)
        return refuse(err, RETURN_INVALID_PARAMETER, "point.consistency",
                      "the consistency is neither crash (2) nor application (1)",
                      "Ask for crash consistency.");
    if (request->consistency_level == CONSISTENCY_APPLICATION &&
        !ops->capabilities(service->host)->application_consistency)
        return refuse(err, RETURN_NOT_SUPPORTED, "point.consistency",
                      "nothing on this host can bring applications to rest",
                      "Shut the machines down and ask for crash consistency.");
    uint32_t code = ops->create_point(service->host, request, resulting_reference_point_collection, err);
    return answer(err, code, "CreateReferencePoint");
}

uint32_t service_destroy_reference_point(struct service *service, const struct object_path *affected)
{
    struct error *err = begin(service);
    const struct host_ops *ops = service->host->ops;
    if (!ops->destroy_point)
        return refuse(err, RETURN_NOT_SUPPORTED, "host.points", "this host cannot destroy points",
                      "Choose another host.");
    uint32_t code = check_path(affected, err);
    if (code != RETURN_DONE)
        return code;
    return answer(err, ops->destroy_point(service->host, affected, err), "DestroyReferencePoint");
}

uint32_t service_remove_associated_data(struct service *service, const struct object_path *affected)
{
    struct error *err = begin(service);
    const struct host_ops *ops = service->host->ops;
    if (!ops->remove_associated_data)
        return refuse(err, RETURN_NOT_SUPPORTED, "host.points", "this host cannot remove data of points",
                      "Choose another host.");
    uint32_t code = check_path(affected, err);
    if (code != RETURN_DONE)
        return code;
    return answer(err, ops->remove_associated_data(service->host, affected, err), "RemoveAssociatedData");
}
