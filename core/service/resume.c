#include "core/service/resume.h"

#include <string.h>

#include "core/base/return_code.h"
#include "core/service/journal/journal.h"
#include "core/service/kinds/kinds.h"
#include "core/service/runner/runner.h"

static bool refuse_state(const struct job_snapshot *job, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "job.state", "job %s is neither suspended nor interrupted: it is %s",
              job->identity.id.text, job_state_word(job->state));
    return error_next(err, "`refpoint job show %s` tells how it is.", job->identity.id.text);
}

static bool refuse_kind(const struct job_snapshot *job, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "job.resume", "a job of the kind %s is not gone on with",
              job->identity.kind);
    return error_next(err, "%s", job->error.next);
}

static bool can_go_on(const struct job_snapshot *job, struct error *err)
{
    const struct job_kind *kind = job_kind_find(job->identity.kind);
    if (strcmp(job->error.key, "job.interrupted") != 0)
        return refuse_state(job, err);
    return (kind && kind->take_up) || refuse_kind(job, err);
}

static bool check(const char *state_directory, const struct guid *id, struct error *err)
{
    struct job_snapshot job = {0};
    bool ok = journal_read(state_directory, id, &job, err) && can_go_on(&job, err);
    job_snapshot_clear(&job);
    return ok;
}

uint32_t resume_job(const char *state_directory, const struct guid *id, bool anew, struct job *checking,
                    struct error *err)
{
    struct journal *journal = NULL;
    bool ok = check(state_directory, id, err) && journal_own(state_directory, id, -1, &journal, err);
    if (ok && journal_is_over(journal)) { /* meanwhile; from here on nobody else can end it */
        error_set(err, RETURN_INVALID_STATE, "job.over", "job %s is over", id->text);
        ok = error_next(err, "`refpoint job show %s` tells how it ended.", id->text);
    }
    ok = ok && runner_start(state_directory, journal, anew ? RUNNER_BEGINS_AGAIN : RUNNER_GOES_ON, -1,
                            checking, err);
    journal_close(journal); /* the runner holds the lock; or it is free again */
    if (ok)
        return RETURN_JOB_STARTED;
    if (err->code == RETURN_DONE)
        err->code = RETURN_FAILED;
    return err->code;
}
