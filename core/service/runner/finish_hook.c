#include "core/service/runner/finish_hook.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/job/json.h"
#include "core/system/proc.h"

struct environment {
    char **values;
    size_t count;
};

static void put(struct environment *environment, const char *name, const char *value)
{
    *ARRAY_APPEND(environment->values, environment->count) = mem_format("REFPOINT_%s=%s", name, value);
}

static void put_number(struct environment *environment, const char *name, uint32_t number)
{
    CLEANUP_FREE char *text = mem_format("%u", (unsigned)number);
    put(environment, name, text);
}

static void fill(struct environment *environment, const struct job_snapshot *job)
{
    const struct job_identity *identity = &job->identity;
    CLEANUP_FREE char *error = job->error.code ? error_text(&job->error) : mem_strdup("");
    put(environment, "JOB", identity->id.text);
    put(environment, "KIND", *identity->kind ? identity->kind : "export");
    put_number(environment, "JOB_STATE", job->state);
    put(environment, "STATE", job_state_word(job->state));
    put_number(environment, "ERROR_CODE", job->error.code);
    put(environment, "ERROR", error);
    put(environment, "COLLECTION", identity->collection);
    put(environment, "POINT", identity->point);
    put(environment, "DIRECTORY", identity->directory);
    put(environment, "PACKAGE", job->package);
    put(environment, "PACKAGE_SUM", job->package_sum);
    put(environment, "VERIFIED", job->verified ? "yes" : "no");
    *ARRAY_APPEND(environment->values, environment->count) = NULL;
}

void finish_hook_run(const char *command, const struct job_snapshot *outcome, struct job *job)
{
    struct error err = {0};
    struct environment environment = {0};
    const char *const argv[] = {"sh", "-c", command, NULL};
    fill(&environment, outcome);
    const struct proc_spec spec = {
        .argv = argv, .environment = (const char *const *)environment.values, .no_terminal = true};
    if (proc_run(&spec, FINISH_HOOK_MS, "job.finish-hook", NULL, &err)) {
        job_log(job, "the finish hook was run");
    } else {
        CLEANUP_FREE char *text = error_text(&err);
        job_log(job, "the finish hook failed: %s", text);
    }
    for (size_t i = 0; i + 1 < environment.count; i++)
        free(environment.values[i]);
    free(environment.values);
}
