/* Hands on what screens ask for to what does it. */
#include "ui/app/app.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/jobs/jobs.h"
#include "ui/app/message.h"
#include "ui/app/stack.h"
#include "ui/app/state.h"

void app_open(struct app *app, enum screen_id id, const struct screen_argument *argument)
{
    stack_open(app, id, argument);
}

void app_show_job(struct app *app, const struct guid *job)
{
    jobs_follow(app->jobs, job);
    app->job_to_show = *job;
}

void app_perform(struct app *app, enum ui_action action)
{
    app->to_perform = action;
}

void app_go(struct app *app, const struct place_to_go *place)
{
    app->to_go = *place;
}

bool app_has_open(const struct app *app, enum screen_id id)
{
    for (size_t i = 0; i < app->depth; i++) {
        if (app->stack[i]->id == id)
            return true;
    }
    return false;
}

void app_tell_objects(const struct app *app, struct told_objects *objects)
{
    const struct screen *first = app->depth ? app->stack[0] : NULL;
    if (first && first->ops->tell_objects)
        first->ops->tell_objects(first, objects);
}

void app_forget_keys(struct app *app, const struct screen *screen)
{
    stack_forget_keys(app, screen);
}

void app_leave(struct app *app)
{
    app->leaving = true;
}

void app_ring_when_ended(struct app *app, const struct guid *job)
{
    *ARRAY_APPEND(app->ringing, app->ringing_count) = *job;
}

bool app_wants_bell(const struct app *app)
{
    return app->settings.bell;
}

struct last_export *app_form_draft(struct app *app)
{
    return &app->form_draft;
}

uint64_t app_post(struct app *app, struct screen *screen, const struct work_ops *ops, void *task)
{
    return work_post(app->work, screen, ops, task);
}

void app_give_up(struct app *app, uint64_t ticket)
{
    work_give_up(app->work, ticket);
}

void app_forget(struct app *app, uint64_t ticket)
{
    work_forget(app->work, ticket);
}

void app_use_host(struct app *app, struct settings_place *place, struct host *host)
{
    hosts_use(app->hosts, place, host);
    last_export_clear(&app->form_draft);
    app->start_over = true;
}

struct host *app_host(const struct app *app)
{
    return hosts_current(app->hosts)->host;
}

const struct settings_place *app_place(const struct app *app)
{
    return &hosts_current(app->hosts)->place;
}

const struct settings_place *app_started_place(const struct app *app)
{
    return &hosts_started(app->hosts)->place;
}

const struct service_options *app_service_options(const struct app *app)
{
    return &hosts_current(app->hosts)->options;
}

const char *app_host_identity(const struct app *app)
{
    return hosts_current(app->hosts)->identity;
}

const char *app_store_option(const struct app *app)
{
    return hosts_current(app->hosts)->store_option;
}

const char *app_host_option(const struct app *app)
{
    return hosts_current(app->hosts)->host_option;
}

int64_t app_now_ms(const struct app *app)
{
    return app->now_ms;
}

struct moment app_now(const struct app *app)
{
    return app->now;
}

bool app_is_ascii(const struct app *app)
{
    return app->signs == CANVAS_ASCII;
}

enum canvas_signs app_signs(const struct app *app)
{
    return app->signs;
}

const struct keymap *app_keymap(const struct app *app)
{
    return app->keymap;
}

const struct theme *app_theme(const struct app *app)
{
    return &app->theme;
}

void app_say(struct app *app, enum theme_role role, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    message_put(app, role, mem_vformat(format, arguments));
    va_end(arguments);
}

void app_say_of_job(struct app *app, const struct guid *job, uint32_t moot, const char *text)
{
    message_put_of_job(app, job, moot, mem_strdup(text));
}

struct copy_task {
    struct app *app;
    char *path;
    char *text;
    bool ok;
    struct error err;
};

static void copy_run(void *argument)
{
    struct copy_task *task = argument;
    task->ok = fs_write_atomic(AT_FDCWD, task->path, task->text, strlen(task->text), 0600, &task->err);
}

static unsigned copy_done(struct screen *screen, void *argument)
{
    (void)screen;
    struct copy_task *task = argument;
    if (task->ok)
        app_say(task->app, ROLE_INFO, "This terminal has no clipboard: written to %s", task->path);
    else
        app_say(task->app, ROLE_ERROR, "%u %s", (unsigned)task->err.code, task->err.what);
    return EFFECT_NONE;
}

static void copy_release(void *argument)
{
    struct copy_task *task = argument;
    free(task->path);
    free(task->text);
    free(task);
}

void app_copy(struct app *app, const char *text)
{
    static const struct work_ops ops = {.run = copy_run, .done = copy_done, .release = copy_release};
    if (terminal_set_clipboard(app->terminal, text)) {
        app_say(app, ROLE_INFO, "Handed to the terminal's clipboard (a terminal can be set to refuse it).");
        return;
    }
    struct copy_task *task = mem_alloc(sizeof *task);
    task->app = app;
    task->path = mem_format("%s/copied.txt", app->state_directory);
    task->text = mem_strdup(text);
    app_post(app, NULL, &ops, task);
}

const struct job_snapshot *app_jobs(const struct app *app, size_t *count)
{
    return jobs_all(app->jobs, count);
}

const struct job_snapshot *app_job(const struct app *app, const struct guid *id)
{
    return jobs_find(app->jobs, id);
}

void app_mark_job_seen(struct app *app, const struct guid *id)
{
    jobs_mark_seen(app->jobs, id);
}

bool app_jobs_listed(const struct app *app)
{
    return jobs_is_listed(app->jobs);
}

size_t app_jobs_unread(const struct app *app)
{
    return jobs_unread(app->jobs);
}

const struct error *app_jobs_problem(const struct app *app)
{
    return jobs_problem(app->jobs);
}

void app_refresh_jobs(struct app *app)
{
    jobs_refresh(app->jobs);
}
