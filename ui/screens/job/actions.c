#include "ui/screens/job/actions.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/service/discard.h"
#include "core/service/follow.h"
#include "core/service/resume.h"
#include "ui/app/app.h"
#include "ui/jobs/text.h"
#include "ui/screens/dialog/dialog.h"

struct request_task {
    struct app *app;
    char *state_directory;
    struct guid job;
    struct job *checking;
    enum { REQUEST_STATE, REQUEST_DISCARD, REQUEST_GO_ON, REQUEST_ANEW } kind;
    uint32_t requested_state;
    char *said;
    size_t removed; /* unfinished packages, with the record */
    uint32_t result;
    struct error err;
};

static void request_run(void *argument)
{
    struct request_task *task = argument;
    if (task->kind == REQUEST_STATE)
        task->result = follow_request(task->state_directory, &task->job, task->requested_state, &task->err);
    else if (task->kind == REQUEST_GO_ON || task->kind == REQUEST_ANEW)
        task->result = resume_job(task->state_directory, &task->job, task->kind == REQUEST_ANEW,
                                  task->checking, &task->err);
    else if (!discard_job(task->state_directory, &task->job, &task->removed, &task->err))
        task->result = task->err.code;
}

static void say_accepted(const struct request_task *task)
{
    bool pauses = task->requested_state == REQUESTED_STATE_SUSPEND;
    if (task->kind != REQUEST_DISCARD)
        app_say_of_job(task->app, &task->job, pauses ? JOB_STATE_SUSPENDED : 0, task->said);
    else
        app_say(task->app, ROLE_INFO, "%s%s.", task->said,
                task->removed > 0 ? ", and what it had begun" : "");
}

/* What was begun is of no use any more; the request still is. */
static bool can_begin_again(const struct request_task *task)
{
    static const char *const keys[] = {"export.source-changed", "export.base-changed", "export.begun-gone"};
    for (size_t i = 0; task->kind == REQUEST_GO_ON && i < ARRAY_LENGTH(keys); i++) {
        if (strcmp(task->err.key, keys[i]) == 0)
            return true;
    }
    return false;
}

static void ask_whether_anew(const struct request_task *task);

static unsigned request_done(struct screen *screen, void *argument)
{
    (void)screen; /* NULL: whoever asked may have closed */
    struct request_task *task = argument;
    if (task->result == RETURN_DONE || task->result == RETURN_JOB_STARTED)
        say_accepted(task);
    else if (can_begin_again(task))
        ask_whether_anew(task);
    else
        app_say(task->app, ROLE_ERROR, "%u %s: %s", (unsigned)task->result,
                return_code_word(METHOD_EXPORT_JOB_REQUEST_STATE_CHANGE, task->result),
                task->err.code ? task->err.what : "the job's state does not allow it");
    if (task->kind != REQUEST_STATE && task->result == RETURN_JOB_STARTED)
        app_show_job(task->app, &task->job);
    if (task->kind != REQUEST_STATE)
        app_refresh_jobs(task->app);
    return EFFECT_NONE;
}

static void request_release(void *argument)
{
    struct request_task *task = argument;
    job_free(task->checking);
    free(task->state_directory);
    free(task->said);
    free(task);
}

/* The screen is left: a check that takes long is not waited for. */
static void request_give_up(void *argument)
{
    const struct request_task *task = argument;
    if (task->checking)
        job_request_state_change(task->checking, REQUESTED_STATE_TERMINATE);
}

static struct request_task *request(struct app *app, const struct guid *job, const char *said)
{
    struct request_task *task = mem_alloc(sizeof *task);
    task->app = app;
    task->state_directory = mem_strdup(app_service_options(app)->state_directory);
    task->job = *job;
    task->said = mem_strdup(said);
    return task;
}

static void post(struct request_task *task)
{
    static const struct work_ops ops = {
        .run = request_run, .done = request_done, .release = request_release, .give_up = request_give_up};
    app_post(task->app, NULL, &ops, task);
}

void job_request(struct app *app, const struct guid *job, uint32_t requested_state, const char *said)
{
    struct request_task *task = request(app, job, said);
    task->requested_state = requested_state;
    post(task);
}

static void discard(struct app *app, const struct guid *job)
{
    struct request_task *task = request(app, job, "The job's record has been removed");
    task->kind = REQUEST_DISCARD;
    post(task);
}

static void take_up(struct request_task *task)
{
    const struct job_identity identity = {.id = guid_new()};
    task->checking = job_new(&identity);
    app_say(task->app, ROLE_INFO, "Looking at what the job has left and what it reads.");
    post(task);
}

static void go_on(struct app *app, const struct guid *job)
{
    struct request_task *task = request(app, job, "The job goes on: what is complete is proven again.");
    task->kind = REQUEST_GO_ON;
    take_up(task);
}

static void anew_chosen(struct screen *screen, size_t button, void *context)
{
    if (button != 1)
        return;
    struct request_task *task = request(screen->app, context, "The job begins again.");
    task->kind = REQUEST_ANEW;
    take_up(task);
}

static void ask_whether_anew(const struct request_task *task)
{
    struct guid *id = mem_alloc(sizeof *id);
    *id = task->job;
    CLEANUP_FREE char *title = mem_format("Job %.4s cannot go on", task->job.text);
    CLEANUP_FREE char *text =
        mem_format("%u: %s: %s. It can begin again: what it had copied is removed then.",
                   (unsigned)task->result, task->err.what, task->err.cause);
    struct dialog dialog = {.title = title,
                            .text = text,
                            .buttons = {"No, leave it", "Yes, begin again"},
                            .chosen = anew_chosen,
                            .context = id};
    app_open(task->app, SCREEN_DIALOG, &(struct screen_argument){.dialog = &dialog});
}

static unsigned none(struct screen *screen, const struct job_snapshot *job)
{
    if (!job) {
        app_say(screen->app, ROLE_WARNING, "No job is running.");
        return EFFECT_NONE;
    }
    char id[8];
    job_text_short_id(job, id, sizeof id);
    app_say(screen->app, ROLE_WARNING, "Job %s is over (%s).", id, job_text_state(job));
    return EFFECT_NONE;
}

unsigned job_pause(struct screen *screen, const struct job_snapshot *job)
{
    if (job && job_text_is_interrupted(job)) {
        go_on(screen->app, &job->identity.id);
        return EFFECT_NONE;
    }
    if (!job || job_state_is_final(job->state))
        return none(screen, job);
    bool paused = job->state == JOB_STATE_SUSPENDED;
    job_request(screen->app, &job->identity.id, paused ? REQUESTED_STATE_START : REQUESTED_STATE_SUSPEND,
                paused ? "The job goes on." : "The job pauses after the block at hand.");
    return EFFECT_NONE;
}

static void cancel_chosen(struct screen *screen, size_t button, void *context)
{
    const struct guid *job = context;
    const struct job_snapshot *known = app_job(screen->app, job);
    bool writes = !known || !(job_text_is_verify(known) || job_text_is_change(known));
    if (button == 1)
        job_request(screen->app, job, REQUESTED_STATE_TERMINATE,
                    !writes ? "Cancelling: finishing the block at hand."
                            : "Cancelling: finishing the block at hand, then removing what is partial.");
}

static void discard_chosen(struct screen *screen, size_t button, void *context)
{
    const struct guid *job = context;
    if (button == 1)
        discard(screen->app, job);
}

static struct guid *copy_id(const struct job_snapshot *job)
{
    struct guid *id = mem_alloc(sizeof *id);
    *id = job->identity.id;
    return id;
}

unsigned job_ask_cancel(struct screen *screen, const struct job_snapshot *job)
{
    if (!job || job_state_is_final(job->state))
        return none(screen, job);
    char id[8];
    job_text_short_id(job, id, sizeof id);
    CLEANUP_FREE char *title = mem_format("Cancel job %s?", id);
    CLEANUP_FREE char *subject = job_text_subject(job, "->");
    const char *end = job_text_is_verify(job) ? "The package stays as it is; there will be no verdict."
                      : job_text_is_change(job)
                          ? "It stops between two steps; nothing is lost, and what is left to do can be gone "
                            "on with."
                          : "The job finishes the block at hand and removes what it has written; "
                            "nothing partial stays, and the base package is untouched.";
    CLEANUP_FREE char *text = mem_format("%s, %u%% done. %s", subject, job->percent_complete, end);
    struct dialog dialog = {.title = title,
                            .text = text,
                            .buttons = {"No, go on", "Yes, cancel the job"},
                            .chosen = cancel_chosen,
                            .context = copy_id(job)};
    app_open(screen->app, SCREEN_DIALOG, &(struct screen_argument){.dialog = &dialog});
    return EFFECT_NONE;
}

unsigned job_ask_discard(struct screen *screen, const struct job_snapshot *job)
{
    if (!job)
        return none(screen, job);
    if (!job_state_is_final(job->state)) {
        app_say(screen->app, ROLE_WARNING, "The job is running: cancel it first.");
        return EFFECT_NONE;
    }
    char id[8];
    job_text_short_id(job, id, sizeof id);
    CLEANUP_FREE char *title = mem_format("Remove the record of job %s?", id);
    CLEANUP_FREE char *text =
        mem_format("Its log and outcome (%s) are removed from the list of jobs. A package that a job has "
                   "exported stays where it is; what an interrupted one had begun is removed too.",
                   job_text_state(job));
    struct dialog dialog = {.title = title,
                            .text = text,
                            .buttons = {"No, keep it", "Yes, remove the record"},
                            .chosen = discard_chosen,
                            .context = copy_id(job)};
    app_open(screen->app, SCREEN_DIALOG, &(struct screen_argument){.dialog = &dialog});
    return EFFECT_NONE;
}
