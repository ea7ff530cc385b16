/* The collection reference point service: the contract's four methods over any host, and the jobs they start.
 *
 * ExportReferencePoint is literal (contract.md, "Methods of the service"): 0 = done synchronously, no job;
 * 4096 = parameters checked, job started, follow it; anything else = an error, nothing started. Both forms
 * leave the same package. An asynchronous job runs in a process of its own (runner.h) and outlives the
 * caller.
 *
 * Ownership: the service borrows the host for its lifetime. Threads: a service may be used by one thread at a
 * time; make one per thread where several call (it is cheap). Methods may block: not for the thread that owns
 * the screen. */
#ifndef REFPOINT_SERVICE_SERVICE_H
#define REFPOINT_SERVICE_SERVICE_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/host.h"
#include "core/service/kinds/verify.h"

struct service;

struct service_options {
    const char *state_directory; /* NULL = $XDG_STATE_HOME/refpoint; jobs are in its "jobs" */
    const char *host_name;       /* as given with --host: the runner opens the same */
    const char *store;           /* as given with --store; NULL = default */
    const char *config;          /* as given with --config; NULL = default */
};
struct service *service_new(struct host *host, const struct service_options *options);
void service_free(struct service *service);

/* The method, literally. job == NULL: synchronous, 0 or an error. Otherwise 4096 and *job (a value of the
 * caller's: the job as it was when the method returned; follow it by its id, see follow.h), or an error and
 * no job. export_setting_data: the embedded instance as text, NULL or "" = everything, full. Our own options
 * are those of service_set_export_options (defaults otherwise). Why it was refused: service_error. */
uint32_t service_export_reference_point(struct service *service,
                                        const struct object_path *reference_point_collection,
                                        const char *export_directory, const char *export_setting_data,
                                        struct job **job);
void service_set_export_options(struct service *service, const struct export_options *options);
/* The error of the last call on this service (GetErrorEx: zero or one); code 0 = none. Borrowed. */
const struct error *service_error(const struct service *service);

/* The same with the request as a value (job == NULL: synchronous too); and the synchronous form on a job of
 * the caller's, for progress. What the check finds goes with the job, so that it is not looked for twice; and
 * what an earlier check has found (its estimate's plan) can be given in request->plan. A check that takes
 * long ends when the caller's job, or request->checking, is cancelled. */
uint32_t service_start_export(struct service *service, const struct export_request *request,
                              struct job **job);
uint32_t service_run_export(struct service *service, const struct export_request *request, struct job *job);
/* The identity of a job for this request, with a new id: for the job of service_run_export. Asks the host for
 * the point's names; false when there is no such point (service_error). */
bool service_describe_job(struct service *service, const struct export_request *request,
                          struct job_identity *identity) WARN_UNUSED;
/* What the last export would do that this service has checked and accepted (started, or run): for what is to
 * be told before it is done. Borrowed, until the next call. */
const struct export_estimate *service_estimate(const struct service *service);
/* What the export would do; or the refusal it would meet. */
uint32_t service_check_export(struct service *service, const struct export_request *request,
                              struct export_estimate *estimate);

/* Verifying a package as a job: 4096 and *job, or the refusal. The host is not asked. */
uint32_t service_start_verify(struct service *service, const struct verify_request *request,
                              struct job **job);

/* remarks: NULL, or an empty one that is filled beside the point. */
uint32_t service_create_reference_point(struct service *service, const struct point_request *request,
                                        struct reference_point *resulting_reference_point_collection,
                                        struct point_remarks *remarks);
/* On this thread; watch may be NULL. */
uint32_t service_destroy_reference_point(struct service *service, const struct object_path *affected,
                                         struct watch *watch);
uint32_t service_remove_associated_data(struct service *service, const struct object_path *affected,
                                        struct watch *watch);
/* The same as jobs: 4096 and *job, or the refusal. */
uint32_t service_start_destroy(struct service *service, const struct object_path *affected, struct job **job);
uint32_t service_start_remove_data(struct service *service, const struct object_path *affected,
                                   struct job **job);

#endif
