/* Runs the host's export and ends the job: completed, completed with warnings (not verified), failed, or
 * cancelled. */
#include "core/service/kinds/export.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/package/check/verify.h"
#include "core/export/package/proof/proof.h"
#include "core/export/package/read.h"
#include "core/export/package/write/leavings.h"
#include "core/service/kinds/export_json.h"
#include "core/service/kinds/request.h"
#include "core/service/kinds/verify.h"
#include "core/system/fs.h"

static void to_json(json_t *object, const void *work)
{
    export_request_to_json(object, work);
}

static void release(void *work)
{
    struct export_request *request = work;
    if (request) {
        kept_plan_free(request->plan); /* only take_over and take_up give one to a request of a kind's own */
        export_request_clear(request);
    }
    free(request);
}

static void *from_json(const json_t *object)
{
    struct export_request *request = mem_alloc(sizeof *request);
    if (export_request_from_json(request, object))
        return request;
    release(request);
    return NULL;
}

static void *copy(const void *work)
{
    struct export_request *request = mem_alloc(sizeof *request);
    export_request_copy(request, work);
    return request;
}

static int hand_over(const void *found)
{
    const struct export_estimate *estimate = found;
    return estimate->plan ? kept_plan_descriptor(estimate->plan) : -1;
}

static void take_over(void *work, int fd)
{
    struct export_request *request = work;
    kept_plan_free(request->plan);
    request->plan = kept_plan_adopt(fd);
}

/* Only a record that can be read, of that very package, says that it is there. */
static bool find_package(const char *path, const struct guid *id, bool *verified, struct error *why)
{
    struct package package = {0};
    if (!package_read(path, &package, why))
        return false;
    bool found = guid_equal(&package.id, id);
    *verified = package.verified;
    package_clear(&package);
    return found || error_set(why, RETURN_FAILED, "package.other", "another package has its name");
}

static uint32_t ask_host(struct host *host, const struct export_request *request,
                         struct export_estimate *found, struct error *err)
{
    struct export_estimate unwanted = {0};
    uint32_t code = host->ops->check_export(host, request, found ? found : &unwanted, err);
    export_estimate_clear(&unwanted);
    return request_answer(err, code, "checking the export");
}

static uint32_t check_point(struct host *host, const struct export_request *request, struct error *err)
{
    if (!request->live)
        return request_check_path(&request->point, err);
    if (!host->ops->capabilities(host)->live_export)
        return request_refuse(err, RETURN_NOT_SUPPORTED, "export.live",
                              "this host knows nothing of running machines",
                              "Create a point and export that; or choose a host of the kind libvirt.");
    if (guid_is_none(&request->point.collection_id))
        return request_refuse(err, RETURN_INVALID_PARAMETER, "collection.none", "no collection was given",
                              "Give one; `refpoint collection list` shows them.");
    return RETURN_DONE;
}

static uint32_t check(struct host *host, const void *work, void *found, struct error *err)
{
    const struct export_request *request = work;
    if (!host->ops->export_point || !host->ops->check_export)
        return request_refuse(err, RETURN_NOT_SUPPORTED, "host.export", "this host cannot export",
                              "Choose another host.");
    uint32_t code = check_point(host, request, err);
    if (code == RETURN_DONE)
        code = request_check_directory(request->directory, err);
    if (code == RETURN_DONE)
        code = request_check_selection(&request->settings, err);
    return code == RETURN_DONE ? ask_host(host, request, found, err) : code;
}

static bool refuse_anew(const char *package, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "job.finished", "the package of this job is there: %s", package);
    return error_next(err, "`refpoint job resume` without --anew looks at it and ends the job.");
}

/* The instant it was to hold is over. */
static bool refuse_live(struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "job.resume",
              "an export of running machines cannot be gone on with");
    error_cause(err, "the instant that it was to hold ended with its process");
    return error_next(err, "Export again: that is another instant. Discard this job.");
}

static bool take_up(struct host *host, void *work, struct job_left *left, struct error *err)
{
    struct export_request *request = work;
    const struct guid id = job_id(left->job);
    bool verified;
    struct error ignored = {0};
    left->has_name = left->named && find_package(left->named->package, &left->named->id, &verified, &ignored);
    if (left->has_name && left->anew)
        return refuse_anew(left->named->package, err);
    if (left->has_name) {
        request->finished = mem_strdup(left->named->package);
        request->finished_id = left->named->id;
        return true;
    }
    if (request->live && !left->anew)
        return refuse_live(err);
    if (left->anew)
        package_partial_drop(request->directory, &id);
    else
        request->resumed_job = id;
    request->checking = left->job;
    struct export_estimate found = {0};
    bool ok = check(host, request, &found, err) == RETURN_DONE;
    request->plan = found.plan;
    found.plan = NULL;
    export_estimate_clear(&found);
    return ok;
}

static bool describe_live(struct host *host, const struct export_request *request,
                          struct job_identity *identity, struct error *err)
{
    struct collection_list list = {0};
    if (!host->ops->list_collections(host, &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        if (guid_equal(&list.items[i].id, &request->point.collection_id))
            request_copy_escaped(identity->collection, sizeof identity->collection, list.items[i].name);
    }
    collection_list_clear(&list);
    request_copy_escaped(identity->point, sizeof identity->point,
                         request->point_name ? request->point_name : "(live)");
    text_copy_cut(identity->collection_id, sizeof identity->collection_id, request->point.collection_id.text);
    text_copy_cut(identity->base_point_id, sizeof identity->base_point_id,
                  request->settings.base.point_id.text);
    text_copy_cut(identity->directory, sizeof identity->directory,
                  request->directory ? request->directory : "");
    return true;
}

static bool describe(struct host *host, const void *work, struct job_identity *identity, struct error *err)
{
    const struct export_request *request = work;
    struct reference_point point = {0};
    if (request->live)
        return describe_live(host, request, identity, err);
    if (request_check_path(&request->point, err) != RETURN_DONE ||
        !host->ops->read_point(host, &request->point, &point, err))
        return false;
    request_copy_escaped(identity->collection, sizeof identity->collection, point.collection_name);
    request_copy_escaped(identity->point, sizeof identity->point, point.name);
    text_copy_cut(identity->collection_id, sizeof identity->collection_id, request->point.collection_id.text);
    text_copy_cut(identity->point_id, sizeof identity->point_id, request->point.point_id.text);
    text_copy_cut(identity->base_point_id, sizeof identity->base_point_id,
                  request->settings.base.point_id.text);
    text_copy_cut(identity->directory, sizeof identity->directory,
                  request->directory ? request->directory : "");
    reference_point_clear(&point);
    return true;
}

static void log_begin(struct job *job, const struct job_identity *identity)
{
    job_log(job, "job %s: export of %s of %s to %s, asked for by %s", identity->id.text, identity->point,
            identity->collection, identity->directory, identity->owner);
}

static uint32_t end_cancelled(struct job *job, const struct error *why, struct error *err)
{
    if (why->code != RETURN_DONE && strcmp(why->key, "export.cancelled") != 0)
        job_log(job, "ended on request: %s", why->what);
    job_log(job, "cancelled: nothing has been left");
    job_end_cancelled(job);
    struct job_snapshot end = {0};
    job_get_snapshot(job, &end);
    *err = end.error;
    job_snapshot_clear(&end);
    return err->code;
}

static void end_completed(struct job *job, const struct export_result *result)
{
    struct error warning = {0};
    if (!result->verified) {
        error_set(&warning, RETURN_FAILED, "export.not-verified", "the package was not verified");
        error_cause(&warning, "%s",
                    result->base_unproven ? "its base was not, as was asked for: what is read through it may "
                                            "not be what was exported"
                                          : "the export was asked to leave that out");
        error_next(&warning, "Check it with `refpoint package verify` before you rely on it.");
    }
    struct job_signature signature = {
        .package = result->package, .key = result->key_fingerprint, .is_signed = result->key_fingerprint};
    if (result->sum) {
        job_set_package_sum(job, result->sum);
        job_log(job, "checksum of the package: %s", result->sum);
    }
    if (signature.is_signed)
        job_add_signature(job, &signature);
    job_log(job, "completed%s: %s", result->verified ? ", verified" : ", not verified", result->package);
    job_complete(job, result->package, result->verified, result->verified ? NULL : &warning);
}

static uint32_t end_failed(struct job *job, uint32_t code, struct error *err)
{
    if (err->code == RETURN_DONE)
        error_set(err, code, "export.failed", "the export failed with code %u", (unsigned)code);
    error_advise(err, "Put that right, then export again; the log of the job tells how far it came.");
    CLEANUP_FREE char *text = error_text(err);
    job_log(job, "failed: %s", text);
    job_fail(job, err);
    return err->code;
}

/* The unfinished packages of dead exports of this user in that directory, but for those that their jobs can
 * go on with. A directory that cannot be reached keeps what it has. */
static size_t tidy_directory(const char *directory)
{
    struct error ignored = {0};
    CLEANUP_FD int fd = -1;
    size_t removed = 0;
    if (fs_open_directory(AT_FDCWD, directory, &fd, &ignored))
        (void)!package_partial_clean(fd, &removed, &ignored);
    return removed;
}

/* All that was left to do is to say that it is there; and a job says nothing that it has not looked at. */
static uint32_t look_at_finished(const struct export_request *request, struct job *job,
                                 struct export_result *result, struct error *err)
{
    bool verified = false;
    struct package_verdict verdict = {0};
    CLEANUP_FREE char *memory = package_proof_usual_memory();
    const struct package_verification asked = {.path = request->finished,
                                               .memory = memory,
                                               .base_directories = request->options.base_packages,
                                               .base_directory_count = request->options.base_package_count};
    job_log(job, "its package is there: %s; it is read and verified", request->finished);
    job_set_state(job, JOB_STATE_RUNNING);
    tidy_directory(request->directory);
    if (!find_package(request->finished, &request->finished_id, &verified, err) ||
        !package_verify(&asked, job, &verdict, err))
        return err->code ? err->code : RETURN_FAILED;
    if (verdict.problem_count == 0) {
        result->package = mem_strdup(request->finished);
        result->verified = request->options.verify && verified;
        result->sum = mem_strdup(verdict.sum);
    } else {
        verify_not_whole(request->finished, &verdict, err);
    }
    package_verdict_clear(&verdict);
    return err->code;
}

static uint32_t run(struct host *host, const void *work, struct job *job, struct error *err)
{
    const struct export_request *request = work;
    struct export_result result = {0};
    *err = (struct error){0};
    if (!job_set_state(job, JOB_STATE_STARTING)) /* cancelled before it began */
        return end_cancelled(job, err, err);
    if (request->options.suspend_minutes <= SUSPEND_MINUTES_MOST)
        job_set_patience(job, (int64_t)request->options.suspend_minutes * 60 * 1000);
    uint32_t code = request->finished ? look_at_finished(request, job, &result, err)
                                      : host->ops->export_point(host, request, job, &result, err);
    if (code == RETURN_DONE)
        end_completed(job, &result);
    else if (job_is_cancelled(job)) {
        struct error why = *err;
        code = end_cancelled(job, &why, err);
    } else {
        code = end_failed(job, code, err);
    }
    export_result_clear(&result);
    return code;
}

static void explain_named(struct job_snapshot *snapshot, const struct job_naming *named)
{
    struct error *err = &snapshot->error;
    struct error why = {0};
    bool verified = false;
    error_set(err, RETURN_FAILED, "job.interrupted",
              "the export was interrupted when its package was finished, before the job could say so");
    if (find_package(named->package, &named->id, &verified, &why)) {
        text_copy_cut(snapshot->package, sizeof snapshot->package, named->package);
        snapshot->verified = verified;
        error_cause(err,
                    "the package is there: %s; by its record it was %s before it got its name; what it "
                    "holds now has not been looked at",
                    named->package, verified ? "verified" : "not verified");
        error_next(
            err,
            "`refpoint job resume %.8s` reads and verifies it, and ends the job. Discarding the job leaves "
            "it where it is.",
            snapshot->identity.id.text);
        return;
    }
    error_cause(err, "at its path %s there is no package that can be read: %s%s%s", named->package, why.what,
                *why.cause ? ": " : "", why.cause);
    error_next(err,
               "It did not get its name, or was moved since: `refpoint package list %s` shows what is there. "
               "If it is not, `refpoint job resume %.8s` finishes it.",
               snapshot->identity.directory, snapshot->identity.id.text);
}

static void explain_interruption(struct job_snapshot *snapshot, const struct job_naming *named)
{
    struct error *err = &snapshot->error;
    char done[32];
    char total[32];
    if (named) {
        explain_named(snapshot, named);
        return;
    }
    size_format(snapshot->bytes_done, done, sizeof done);
    size_format(snapshot->bytes_total, total, sizeof total);
    error_set(err, RETURN_FAILED, "job.interrupted", "the export was interrupted in its phase %s",
              job_phase_word(snapshot->phase));
    if (snapshot->bytes_total > 0)
        error_set(err, RETURN_FAILED, "job.interrupted",
                  "the export was interrupted in its phase %s (%s of %s copied)",
                  job_phase_word(snapshot->phase), done, total);
    bool is_late = snapshot->phase == JOB_PHASE_COMMIT; /* and no name was kept, as by earlier versions */
    error_cause(err, "the process that did it was killed, or the machine went down%s",
                is_late ? "" : ", before its package was to get its name");
    if (is_late)
        error_next(
            err,
            "It was about to be finished: see whether `refpoint package list %s` shows the package. If "
            "not, start the export again; discard this job.",
            snapshot->identity.directory);
    else if (!*snapshot->identity.point_id)
        error_next(err, "Export again: of running machines that is another instant. Discard this job.");
    else
        error_next(err,
                   "`refpoint job resume %.8s` goes on where it stopped; `refpoint job discard %.8s` removes "
                   "what was begun in %s.",
                   snapshot->identity.id.text, snapshot->identity.id.text, snapshot->identity.directory);
}

static size_t tidy(const struct job_identity *identity)
{
    return tidy_directory(identity->directory);
}

const struct job_kind job_kind_export = {.name = "export",
                                         .class_name = JOB_CLASS_EXPORT,
                                         .job_type = 0,
                                         .needs_host = true,
                                         .to_json = to_json,
                                         .from_json = from_json,
                                         .copy = copy,
                                         .release = release,
                                         .check = check,
                                         .hand_over = hand_over,
                                         .take_over = take_over,
                                         .describe = describe,
                                         .take_up = take_up,
                                         .log_begin = log_begin,
                                         .run = run,
                                         .explain_interruption = explain_interruption,
                                         .tidy = tidy};
