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
    free(request->allowed_signers);
    free(request->sum);
    *request = (struct verify_request){0};
}

static void to_json(json_t *object, const void *work)
{
    const struct verify_request *request = work;
    json_put(object, "package", json_bytes(request->package));
    json_put(object, "base_directories",
             json_bytes_list(request->base_directories, request->base_directory_count));
    if (request->allowed_signers)
        json_put(object, "allowed_signers", json_bytes(request->allowed_signers));
    if (request->require_signature)
        json_put_bool(object, "require_signature", true);
    if (request->sum)
        json_put(object, "sum", json_bytes(request->sum));
}

/* What older journals do not have; false: it is there, and no text. */
static bool read_text(const json_t *object, const char *name, char **text)
{
    const json_t *value = json_object_get(object, name);
    *text = value ? json_bytes_read(value) : NULL;
    return !value || *text;
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
    request->require_signature = json_get_bool(object, "require_signature", false);
    if (request->package && read_text(object, "allowed_signers", &request->allowed_signers) &&
        read_text(object, "sum", &request->sum) &&
        json_bytes_list_read(&request->base_directories, &request->base_directory_count,
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
    request->allowed_signers = mem_strdup(from->allowed_signers);
    request->require_signature = from->require_signature;
    request->sum = mem_strdup(from->sum);
    for (size_t i = 0; i < from->base_directory_count; i++)
        *ARRAY_APPEND(request->base_directories, request->base_directory_count) =
            mem_strdup(from->base_directories[i]);
    return request;
}

static struct package_seal_wish wish_of(const struct verify_request *request)
{
    return (struct package_seal_wish){.allowed_signers = request->allowed_signers,
                                      .require_signature = request->require_signature,
                                      .sum = request->sum};
}

/* A package whose record is damaged can be verified: that is what the verdict will say. */
static uint32_t check(struct host *host, const void *work, void *found, struct error *err)
{
    const struct verify_request *request = work;
    (void)host;
    (void)found;
    const struct package_seal_wish wish = wish_of(request);
    return package_is_there(request->package, err) && package_seal_check_wish(&wish, err) ? RETURN_DONE
                                                                                          : err->code;
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

static void tell_signatures(struct job *job, const struct package_verdict *verdict)
{
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct job_signature *signature = &verdict->signatures[i];
        CLEANUP_FREE char *sentence = job_signature_sentence(signature);
        job_add_signature(job, signature);
        if (sentence)
            job_log(job, "%s: %s", signature->package, sentence);
    }
}

bool verify_not_whole(const char *path, const struct package_verdict *verdict, struct error *err)
{
    error_set(err, RETURN_FAILED, "package.not-whole", "the package %s is not whole (%zu %s)", path,
              verdict->problem_count, verdict->problem_count == 1 ? "problem" : "problems");
    error_cause(err, "%s", verdict->problems[0]);
    return error_next(
        err, "Do not rely on it: bring it back from a copy, or export the point again. \"refpoint package "
             "verify\" lists what is wrong.");
}

static uint32_t give_verdict(struct job *job, const char *path, const struct package_verdict *verdict,
                             struct error *err)
{
    char *const *problems = verdict->problems;
    size_t count = verdict->problem_count;
    tell_signatures(job, verdict);
    for (size_t i = 0; i < count; i++) {
        job_log(job, "%s", problems[i]);
        job_add_finding(job, problems[i]);
    }
    if (count == 0) {
        job_log(job, "completed: %s is whole", path);
        job_complete(job, path, true, NULL);
        return RETURN_DONE;
    }
    verify_not_whole(path, verdict, err);
    return end_failed(job, err);
}

/* It begins at the beginning: what was read before proves nothing of what is there now. */
static bool take_up(struct host *host, void *work, struct job_left *left, struct error *err)
{
    (void)left;
    return check(host, work, NULL, err) == RETURN_DONE;
}

static uint32_t run(struct host *host, const void *work, struct job *job, struct error *err)
{
    const struct verify_request *request = work;
    CLEANUP_FREE char *memory = package_proof_usual_memory();
    const struct package_verification asked = {.path = request->package,
                                               .memory = memory,
                                               .base_directories = request->base_directories,
                                               .base_directory_count = request->base_directory_count,
                                               .seal = wish_of(request)};
    struct package_verdict verdict = {0};
    (void)host;
    *err = (struct error){0};
    job_has_one_phase(job);
    if (!job_set_state(job, JOB_STATE_STARTING)) /* cancelled before it began */
        return end_cancelled(job, err);
    job_set_state(job, JOB_STATE_RUNNING);
    bool ok = package_verify(&asked, job, &verdict, err);
    uint32_t code;
    if (job_is_cancelled(job))
        code = end_cancelled(job, err);
    else if (!ok)
        code = end_failed(job, err);
    else
        code = give_verdict(job, request->package, &verdict, err);
    package_verdict_clear(&verdict);
    return code;
}

static void explain_interruption(struct job_snapshot *snapshot, const struct job_naming *named)
{
    struct error *err = &snapshot->error;
    (void)named;
    error_set(err, RETURN_FAILED, "job.interrupted", "the verification of %s was interrupted at %u%%",
              snapshot->identity.directory, snapshot->percent_complete);
    error_cause(err, "the process that did it was killed, or the machine went down");
    error_next(err, "The package is as it was, and not proven. `refpoint job resume %.8s` verifies it again.",
               snapshot->identity.id.text);
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
                                         .take_up = take_up,
                                         .log_begin = log_begin,
                                         .run = run,
                                         .explain_interruption = explain_interruption};
