#include "core/service/work.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

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
        error_cause(&warning, "the export was asked to leave that out");
        error_next(&warning, "Check it with `refpoint package verify` before you rely on it.");
    }
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

uint32_t work_run(struct host *host, const struct export_request *request, struct job *job, struct error *err)
{
    struct export_result result = {0};
    *err = (struct error){0};
    if (!job_set_state(job, JOB_STATE_STARTING)) /* cancelled before it began */
        return end_cancelled(job, err, err);
    if (!request->options.verify)
        job_skip_verify(job);
    uint32_t code = host->ops->export_point(host, request, job, &result, err);
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
