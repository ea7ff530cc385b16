#include "ui/screens/package/verify.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/service/service.h"
#include "core/settings/settings.h"

struct verify_task {
    struct host *host;
    const struct service_options *options;
    char *path;
    uint32_t return_value;
    struct guid job;
    struct error err;
};

/* Whose signatures count is a setting. */
static bool find_signers(const struct verify_task *task, char **file, struct error *err)
{
    struct settings settings;
    if (!settings_load(&settings, task->options->config, err))
        return false;
    *file = mem_strdup(settings.allowed_signers);
    settings_clear(&settings);
    return true;
}

static void start(struct verify_task *task, const struct verify_request *request)
{
    struct service *service = service_new(task->host, task->options);
    struct job *job = NULL;
    task->return_value = service_start_verify(service, request, &job);
    if (task->return_value == RETURN_JOB_STARTED) {
        task->job = job_id(job);
        job_free(job);
    } else {
        task->err = *service_error(service);
    }
    service_free(service);
}

static void task_run(void *argument)
{
    struct verify_task *task = argument;
    struct verify_request request = {.package = mem_strdup(task->path)};
    if (find_signers(task, &request.allowed_signers, &task->err))
        start(task, &request);
    verify_request_clear(&request);
}

static unsigned task_done(struct screen *screen, void *argument)
{
    const struct verify_task *task = argument;
    struct app *app = screen->app;
    if (task->return_value == RETURN_JOB_STARTED) {
        app_refresh_jobs(app);
        app_show_job(app, &task->job);
        return EFFECT_REDRAW;
    }
    CLEANUP_FREE char *text = error_text(&task->err);
    app_forget_keys(app, screen);
    app_say(app, ROLE_ERROR, "! %u %s", (unsigned)task->err.code, text);
    return EFFECT_REDRAW;
}

static void task_release(void *argument)
{
    struct verify_task *task = argument;
    free(task->path);
    free(task);
}

unsigned package_verify_start(struct screen *screen, const char *path)
{
    static const struct work_ops ops = {.run = task_run, .done = task_done, .release = task_release};
    struct app *app = screen->app;
    if (!path) {
        app_say(app, ROLE_WARNING, "There is no package here to verify.");
        return EFFECT_NONE;
    }
    struct verify_task *task = mem_alloc(sizeof *task);
    *task = (struct verify_task){
        .host = app_host(app), .options = app_service_options(app), .path = mem_strdup(path)};
    app_post(app, screen, &ops, task);
    return EFFECT_NONE;
}
