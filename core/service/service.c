/* Parameters are checked before anything is made: what can be said without the host first, then the host's
 * own refusals. Every refusal has a number, a sentence and a next step, and leaves everything as it was. */
#include "core/service/service.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/embedded_instance.h"
#include "core/service/discard.h"
#include "core/service/journal/journal.h"
#include "core/service/kinds/export.h"
#include "core/service/kinds/point_change.h"
#include "core/service/kinds/request.h"
#include "core/service/kinds/verify.h"
#include "core/service/runner/runner.h"
#include "core/system/fs.h"

/* Who starts a job does not wait for the records of thousands to be removed: the next one does the next. */
#define EXPIRED_AT_ONCE 100
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
    return path ? fs_absolute_path(path) : NULL;
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

const struct export_estimate *service_estimate(const struct service *service)
{
    return &service->estimate;
}

/* Jobs */

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
        request_copy_escaped(field, size, found->pw_name);
    else
        snprintf(field, size, "%u", (unsigned)geteuid());
}

static bool describe_job(struct service *service, const struct job_kind *kind, const void *work,
                         struct job_identity *identity)
{
    *identity = (struct job_identity){.id = guid_new()};
    text_copy_cut(identity->kind, sizeof identity->kind, kind->name);
    name_owner(identity->owner, sizeof identity->owner);
    return kind->describe(service->host, work, identity, &service->err);
}

/* It has been taken over, and would hold its room for as long as the export is followed. */
static void let_plan_go(struct service *service)
{
    kept_plan_free(service->estimate.plan);
    service->estimate.plan = NULL;
}

bool service_describe_job(struct service *service, const struct export_request *request,
                          struct job_identity *identity)
{
    begin(service);
    return describe_job(service, &job_kind_export, request, identity);
}

/* What the request leaves to the settings is said in it: the runner, and the record, take it from there. */
static struct export_request settled(const struct service *service, const struct export_request *request)
{
    struct export_request all = *request;
    if (all.options.compression == COMPRESSION_ZSTD && all.options.zstd_level == 0)
        all.options.zstd_level = service->host->zstd_level;
    if (all.options.suspend_minutes == SUSPEND_AS_SETTINGS)
        all.options.suspend_minutes = service->host->suspend_minutes;
    if (!all.options.no_sign && !all.options.sign_key && *service->host->sign_key)
        all.options.sign_key = service->host->sign_key; /* borrowed, as the rest of it */
    return all;
}

uint32_t service_check_export(struct service *service, const struct export_request *request,
                              struct export_estimate *estimate)
{
    const struct export_request all = settled(service, request);
    return job_kind_export.check(service->host, &all, estimate, begin(service));
}

uint32_t service_run_export(struct service *service, const struct export_request *request, struct job *job)
{
    const struct job_kind *kind = &job_kind_export;
    struct error *err = begin(service);
    struct export_request planned = settled(service, request);
    planned.checking = job;
    uint32_t code = kind->check(service->host, &planned, &service->estimate, err);
    if (code != RETURN_DONE)
        return code;
    planned.plan = service->estimate.plan;
    code = kind->run(service->host, &planned, job, err);
    let_plan_go(service);
    return request_answer(err, code, "the export");
}

/* The request is copied for the runner; the caller keeps its own. */
static void make_journal_request(const struct service *service, const struct job_kind *kind, const void *work,
                                 const struct job_identity *identity, struct journal_request *made)
{
    made->identity = *identity;
    made->kind = kind;
    made->work = kind->copy(work);
    made->host_name = mem_strdup(service->host_name);
    made->store = mem_strdup(service->store);
    made->config = mem_strdup(service->config);
    made->finish_hook = *service->host->finish_hook ? mem_strdup(service->host->finish_hook) : NULL;
}

static bool start_runner(const struct service *service, const struct job_kind *kind, const void *work,
                         const struct job_identity *identity, int handed, struct error *err)
{
    struct journal_request asked = {0};
    struct journal *journal = NULL;
    make_journal_request(service, kind, work, identity, &asked);
    bool ok = journal_create(service->state_directory, &asked, &journal, err);
    journal_request_clear(&asked);
    if (!ok)
        return false;
    if (runner_start(service->state_directory, journal, RUNNER_BEGINS, handed, NULL, err)) {
        journal_close(journal); /* the runner holds the lock */
        return true;
    }
    journal_remove(journal);
    return false;
}

/* Checks, and then has it done by a process of its own: 4096 and the job, or the refusal. */
static uint32_t start_job(struct service *service, const struct job_kind *kind, const void *work, void *found,
                          struct job **job)
{
    struct job_identity identity;
    uint32_t code = kind->check(service->host, work, found, begin(service));
    if (code != RETURN_DONE)
        return code;
    if (!describe_job(service, kind, work, &identity) ||
        !start_runner(service, kind, work, &identity, kind->hand_over ? kind->hand_over(found) : -1,
                      &service->err))
        return request_answer(&service->err, service->err.code, "starting the job");
    *job = job_new(&identity);
    if (service->host)
        discard_expired(service->state_directory, service->host->keep_jobs_days, EXPIRED_AT_ONCE);
    return RETURN_JOB_STARTED;
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
    if (!job)
        return run_without_job(service, request);
    const struct export_request all = settled(service, request);
    uint32_t code = start_job(service, &job_kind_export, &all, &service->estimate, job);
    let_plan_go(service);
    return code;
}

uint32_t service_start_verify(struct service *service, const struct verify_request *request, struct job **job)
{
    return start_job(service, &job_kind_verify, request, NULL, job);
}

uint32_t service_export_reference_point(struct service *service,
                                        const struct object_path *reference_point_collection,
                                        const char *export_directory, const char *export_setting_data,
                                        struct job **job)
{
    struct error *err = begin(service);
    struct export_request request = {0};
    uint32_t code = request_check_path(reference_point_collection, err);
    if (code == RETURN_DONE)
        code = request_check_directory(export_directory, err);
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
                                        struct reference_point *resulting_reference_point_collection,
                                        struct point_remarks *remarks)
{
    struct error *err = begin(service);
    const struct host_ops *ops = service->host->ops;
    if (!ops->create_point)
        return request_refuse(err, RETURN_NOT_SUPPORTED, "host.points", "this host cannot make points",
                              "Choose another host.");
    if (guid_is_none(&request->collection_id))
        return request_refuse(err, RETURN_INVALID_PARAMETER, "collection.none", "no collection was given",
                              "Give one; `refpoint collection list` shows them.");
    if (request->reference_point_type != POINT_TYPE_LOG_BASED &&
        request->reference_point_type != POINT_TYPE_RCT_BASED)
        return request_refuse(err, RETURN_INVALID_PARAMETER, "point.type",
                              "that is no type of reference points",
                              "Ask for type 1, log based, or 2, RCT based.");
    if (request->reference_point_type == POINT_TYPE_RCT_BASED &&
        !ops->capabilities(service->host)->live_export)
        return request_refuse(err, RETURN_NOT_SUPPORTED, "point.type",
                              "only log based points can be made here", "Ask for type 1, log based.");
    if (request->consistency_level != CONSISTENCY_CRASH &&
        request->consistency_level != CONSISTENCY_APPLICATION)
        return request_refuse(err, RETURN_INVALID_PARAMETER, "point.consistency",
                              "the consistency is neither crash (2) nor application (1)",
                              "Ask for crash consistency.");
    if (request->consistency_level == CONSISTENCY_APPLICATION &&
        !ops->capabilities(service->host)->application_consistency)
        return request_refuse(err, RETURN_NOT_SUPPORTED, "point.consistency",
                              "nothing on this host can bring applications to rest",
                              "Shut the machines down and ask for crash consistency.");
    uint32_t code =
        ops->create_point(service->host, request, resulting_reference_point_collection, remarks, err);
    return request_answer(err, code, "CreateReferencePoint");
}

uint32_t service_destroy_reference_point(struct service *service, const struct object_path *affected,
                                         struct watch *watch)
{
    struct error *err = begin(service);
    const struct host_ops *ops = service->host->ops;
    if (!ops->destroy_point)
        return request_refuse(err, RETURN_NOT_SUPPORTED, "host.points", "this host cannot destroy points",
                              "Choose another host.");
    uint32_t code = request_check_path(affected, err);
    if (code != RETURN_DONE)
        return code;
    return request_answer(err, ops->destroy_point(service->host, affected, watch, err),
                          "DestroyReferencePoint");
}

uint32_t service_remove_associated_data(struct service *service, const struct object_path *affected,
                                        struct watch *watch)
{
    struct error *err = begin(service);
    const struct host_ops *ops = service->host->ops;
    if (!ops->remove_associated_data)
        return request_refuse(err, RETURN_NOT_SUPPORTED, "host.points",
                              "this host cannot remove data of points", "Choose another host.");
    uint32_t code = request_check_path(affected, err);
    if (code != RETURN_DONE)
        return code;
    return request_answer(err, ops->remove_associated_data(service->host, affected, watch, err),
                          "RemoveAssociatedData");
}

static uint32_t start_change(struct service *service, const struct job_kind *kind, bool can,
                             const struct object_path *affected, struct job **job)
{
    struct error *err = begin(service);
    if (!can)
        return request_refuse(err, RETURN_NOT_SUPPORTED, "host.points", "this host cannot change points",
                              "Choose another host.");
    uint32_t code = request_check_path(affected, err);
    return code == RETURN_DONE ? start_job(service, kind, affected, NULL, job) : code;
}

uint32_t service_start_destroy(struct service *service, const struct object_path *affected, struct job **job)
{
    return start_change(service, &job_kind_destroy, service->host->ops->destroy_point != NULL, affected, job);
}

uint32_t service_start_remove_data(struct service *service, const struct object_path *affected,
                                   struct job **job)
{
    return start_change(service, &job_kind_remove_data, service->host->ops->remove_associated_data != NULL,
                        affected, job);
}
