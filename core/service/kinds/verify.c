#include "core/service/kinds/verify.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/package/check/verify.h"
#include "core/export/package/proof/proof.h"
#include "core/export/package/read.h"
#include "core/service/kinds/request.h"
#include "core/syntax/json_bytes.h"

void verify_request_clear(struct verify_request *request)
{
    for (size_t i = 0; i < request->base_directory_count; i++)
        free(request->base_directories[i]);
    free(request->base_directories);
    free(request->package);
    *request = (struct verify_request){0};
}

static void to_json(json_t *object, const void *work)
{
    const struct verify_request *request = work;
    json_put(object, "package", json_bytes(request->package));
    json_put(object, "base_directories",
             json_bytes_list(request->base_directories, request->base_directory_count));
}

static void release(void *work)
{
    if (work)
        verify_request_clear(work);
    free(work);
}

static void *from_json(const json_t *object)
{
    struct verify_request *request = mem_alloc(sizeof *request);
    request->package = json_bytes_read(json_object_get(object, "package"));
    if (request->package && json_bytes_list_read(&request->base_directories, &request->base_directory_count,
                                                 json_object_get(object, "base_directories")))
        return request;
    release(request);
    return NULL;
}

static void *copy(const void *work)
{
    const struct verify_request *from = work;
    struct verify_request *request = mem_alloc(sizeof *request);
    request->package = mem_strdup(from->package);
    for (size_t i = 0; i < from->base_directory_count; i++)
        *ARRAY_APPEND(request->base_directories, request->base_directory_count) =
            mem_strdup(from->base_directories[i]);
    return request;
}

/* A package whose record is damaged can be verified: that is what the verdict will say. */
static uint32_t check(struct host *host, const void *work, void *found, struct error *err)
{
    const struct verify_request *request = work;
    (void)host;
    (void)found;
    return package_is_there(request->package, err) ? RETURN_DONE : err->code;
}

static bool describe(struct host *host, const void *work, struct job_identity *identity, struct error *err)
{
    const struct verify_request *request = work;
    struct package package = {0};
    struct error unreadable = {0};
    (void)host;
    (void)err;
    text_copy_cut(identity->directory, sizeof identity->directory, request->package);
    if (!package_read(request->package, &package, &unreadable))
        return true;
    request_copy_escaped(identity->collection, sizeof identity->collection, package.point.collection_name);
    request_copy_escaped(identity->point, sizeof identity->point, package.point.name);
    text_copy_cut(identity->collection_id, sizeof identity->collection_id, package.point.collection_id.text);
    text_copy_cut(identity->point_id, sizeof identity->point_id, package.point.id.text);
    text_copy_cut(identity->base_point_id, sizeof identity->base_point_id, package.base_point.point_id.text);
    package_clear(&package);
    return true;
}

static void log_begin(struct job *job, const struct job_identity *identity)
{
    job_log(job, "job %s: verification of the package %s, asked for by %s", identity->id.text,
            identity->directory, identity->owner);
}

static uint32_t end_cancelled(struct job *job, struct error *err)
{
    struct job_snapshot end = {0};
    job_log(job, "cancelled: the package is neither proven nor found damaged");
    job_end_cancelled(job);
    job_get_snapshot(job, &end);
    *err = end.error;
    job_snapshot_clear(&end);
    return err->code;
}

static uint32_t end_failed(struct job *job, struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    job_log(job, "failed: %s", text);
    job_fail(job, err);
    return err->code;
}

static uint32_t give_verdict(struct job *job, const char *path, char *const *problems, size_t count,
                             struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        job_log(job, "%s", problems[i]);
        job_add_finding(job, problems[i]);
    }
    if (count == 0) {
        job_log(job, "completed: %s is whole", path);
        job_complete(job, path, true, NULL);
        return RETURN_DONE;
    }
    error_set(err, RETURN_FAILED, "package.not-whole", "the package %s is not whole (%zu %s)", path, count,
              count == 1 ? "problem" : "problems");
    error_cause(err, "%s", problems[0]);
    error_next(err,
               "Do not rely on it: bring it back from a copy, or export the point again. \"refpoint package "
               "verify\" lists what is wrong.");
    return end_failed(job, err);
}

static uint32_t run(struct host *host, const void *work, struct job *job, struct error *err)
{
    const struct verify_request *request = work;
    char **problems = NULL;
    size_t count = 0;
    (void)host;
    *err = (struct error){0};
    job_has_one_phase(job);
    if (!job_set_state(job, JOB_STATE_STARTING)) /* cancelled before it began */
        return end_cancelled(job, err);
    job_set_state(job, JOB_STATE_RUNNING);
    CLEANUP_FREE char *memory = package_proof_usual_memory();
    const struct package_verify_spec spec = {.path = request->package,
                                             .base_directories = request->base_directories,
                                             .base_directory_count = request->base_directory_count,
                                             .memory = memory,
                                             .job = job};
    bool ok = package_verify(&spec, &problems, &count, err);
    uint32_t code;
    if (job_is_cancelled(job))
        code = end_cancelled(job, err);
    else if (!ok)
        code = end_failed(job, err);
    else
        code = give_verdict(job, request->package, problems, count, err);
    for (size_t i = 0; i < count; i++)
        free(problems[i]);
    free(problems);
    return code;
}

static void explain_interruption(struct job_snapshot *snapshot, const struct job_naming *named)
{
    struct error *err = &snapshot->error;
    (void)named;
    error_set(err, RETURN_FAILED, "job.interrupted", "the verification of %s was interrupted at %u%%",
              snapshot->identity.directory, snapshot->percent_complete);
    error_cause(err, "the process that did it was killed, or the machine went down");
    error_next(err, "The package is as it was, and not proven. Verify it again: `refpoint package verify`.");
}

const struct job_kind job_kind_verify = {.name = "verify",
                                         .class_name = JOB_CLASS_CONCRETE,
                                         .job_type = 0, /* Hyper-V has no method for it */
                                         .needs_host = false,
                                         .to_json = to_json,
                                         .from_json = from_json,
                                         .copy = copy,
                                         .release = release,
                                         .check = check,
                                         .describe = describe,
                                         .log_begin = log_begin,
                                         .run = run,
                                         .explain_interruption = explain_interruption};
