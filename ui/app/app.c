/* The stack of screens and what they may ask for. Screens come and go only between handlers: app_push keeps
 * the new one aside until the running handler has returned, and a screen is closed by its returned effect. */
#include "ui/app/app.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/state.h"
#include "ui/screens/help/help.h"
#include "ui/screens/job/job.h"
#include "ui/screens/job/list.h"
#include "ui/screens/leave/leave.h"
#include "ui/screens/theme/theme.h"

#define MESSAGE_MS 5000

struct screen *app_top(const struct app *app)
{
    return app->depth ? app->stack[app->depth - 1] : NULL;
}

static bool on_stack(const struct app *app, const struct screen *screen)
{
    for (size_t i = 0; i < app->depth; i++) {
        if (app->stack[i] == screen)
            return true;
    }
    return false;
}

static void close_top(struct app *app)
{
    struct screen *screen = app->stack[--app->depth];
    app_forget_keys(app, screen);
    work_forget_screen(app->work, screen);
    screen->ops->close(screen);
    app->dirty = true;
}

static void tell_uncovered(struct app *app)
{
    struct screen *top = app_top(app);
    if (top && top->ops->uncovered)
        app_apply(app, top, top->ops->uncovered(top));
}

static void put_pushed(struct app *app)
{
    struct screen *screen = app->pushed;
    app->pushed = NULL;
    app->stack = mem_grow(app->stack, app->depth, sizeof screen); /* NOLINT(bugprone-sizeof-expression) */
    app->stack[app->depth++] = screen;
    app->dirty = true;
    if (screen->ops->resize)
        screen->ops->resize(screen, app->frame.body.rows, app->frame.body.columns);
    if (screen->ops->open)
        screen->ops->open(screen);
}

void app_push(struct app *app, struct screen *screen)
{
    if (app->pushed)
        app->pushed->ops->close(app->pushed);
    screen->app = app;
    app->pushed = screen;
}

static void show_job(struct app *app)
{
    while (app->depth > 1)
        close_top(app);
    app_push(app, job_screen_new(&app->job_to_show));
    app->job_to_show = (struct guid){0};
}

static void perform(struct app *app)
{
    struct key_event event = {.key = KEY_CODE_NONE, .action = app->to_perform, .text = ""};
    struct screen *screen = app_top(app);
    app->to_perform = ACTION_NONE;
    unsigned effects = screen->ops->key(screen, &event);
    if (effects & EFFECT_UNHANDLED)
        app_fallback(app, screen, &event);
    app_apply(app, screen, effects);
}

void app_perform(struct app *app, enum ui_action action)
{
    app->to_perform = action;
}

void app_apply(struct app *app, struct screen *screen, unsigned effects)
{
    if (effects & EFFECT_REDRAW)
        app->dirty = true;
    if ((effects & EFFECT_CLOSE) && on_stack(app, screen)) {
        while (app_top(app) != screen)
            close_top(app);
        close_top(app);
        if (app->depth == 0)
            app->leaving = true;
        else if (!app->pushed)
            tell_uncovered(app);
    }
    if (!guid_is_none(&app->job_to_show))
        show_job(app);
    while (app->pushed)
        put_pushed(app);
    if (app->to_perform != ACTION_NONE && app_top(app) && !app->leaving)
        perform(app);
}

void app_show_job(struct app *app, const struct guid *job)
{
    jobs_follow(app->jobs, job);
    app->job_to_show = *job;
}

void app_close_all(struct app *app)
{
    if (app->pushed)
        app->pushed->ops->close(app->pushed);
    app->pushed = NULL;
    while (app->depth > 0)
        close_top(app);
    free(app->stack);
    app->stack = NULL;
}

static bool is_on_top(const struct app *app, const struct screen_ops *ops)
{
    return app_top(app)->ops == ops;
}

/* Where it is beneath others, it comes to the top. False: it is not on the stack. */
static bool go_back_to(struct app *app, const struct screen_ops *ops)
{
    size_t at = app->depth;
    while (at > 0 && app->stack[at - 1]->ops != ops)
        at--;
    if (at == 0)
        return false;
    if (at == app->depth)
        return true;
    while (app->depth > at)
        close_top(app);
    tell_uncovered(app);
    return true;
}

void app_quit(struct app *app)
{
    size_t count = 0;
    size_t running = 0;
    const struct job_snapshot *jobs = jobs_all(app->jobs, &count);
    for (size_t i = 0; i < count; i++)
        running += !job_state_is_final(jobs[i].state);
    if (running == 0)
        app->leaving = true;
    else
        app_push(app, leave_dialog_new(running));
}

void app_forget_keys(struct app *app, const struct screen *screen)
{
    if (app->held_for != screen)
        return;
    held_keys_clear(&app->held);
    app->held_for = NULL;
}

void app_leave(struct app *app)
{
    app->leaving = true;
}

void app_fallback(struct app *app, struct screen *screen, const struct key_event *event)
{
    switch (event->action) {
    case ACTION_HELP:
        if (!is_on_top(app, &help_screen_ops))
            app_push(app, help_screen_new(screen, false));
        break;
    case ACTION_PALETTE:
        if (!is_on_top(app, &help_screen_ops))
            app_push(app, help_screen_new(screen, true));
        break;
    case ACTION_JOBS:
        if (!screen->ops->overlay && !go_back_to(app, &job_list_screen_ops))
            app_push(app, job_list_screen_new());
        break;
    case ACTION_THEME:
        if (!is_on_top(app, &theme_screen_ops) && !screen->ops->overlay)
            app_push(app, theme_screen_new());
        break;
    case ACTION_BACK:
        if (app->depth > 1)
            app_apply(app, screen, EFFECT_CLOSE);
        break;
    case ACTION_REDRAW:
        terminal_invalidate(app->terminal);
        app->dirty = true;
        break;
    case ACTION_QUIT:
        if (!screen->ops->overlay)
            app_quit(app);
        break;
    default:
        break;
    }
    app_apply(app, screen, EFFECT_NONE);
}

static void take_back_message(struct app *app)
{
    const struct job_snapshot *job =
        guid_is_none(&app->message_job) ? NULL : jobs_find(app->jobs, &app->message_job);
    if (job && (job_state_is_final(job->state) || job->state == app->message_moot))
        app_unsay(app);
}

static void ring_ended(struct app *app)
{
    size_t kept = 0;
    for (size_t i = 0; i < app->ringing_count; i++) {
        const struct job_snapshot *job = jobs_find(app->jobs, &app->ringing[i]);
        if (job && job_state_is_final(job->state))
            terminal_bell(app->terminal);
        else
            app->ringing[kept++] = app->ringing[i];
    }
    app->ringing_count = kept;
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

/* "61% web-prod - refpoint": the newest running job, for whoever has another window in front. */
static void set_title(struct app *app)
{
    size_t count = 0;
    const struct job_snapshot *jobs = jobs_all(app->jobs, &count);
    size_t i = 0;
    while (i < count && job_state_is_final(jobs[i].state))
        i++;
    CLEANUP_FREE char *title =
        i < count ? mem_format("%u%% %s - refpoint", jobs[i].percent_complete, jobs[i].identity.collection)
                  : mem_strdup("refpoint");
    terminal_set_title(app->terminal, title);
}

void app_tell_jobs(struct app *app)
{
    if (app->settings.title)
        set_title(app);
    ring_ended(app);
    take_back_message(app);
    for (size_t i = 0; i < app->depth; i++) {
        struct screen *screen = app->stack[i];
        if (screen->ops->jobs_changed)
            app_apply(app, screen, screen->ops->jobs_changed(screen));
    }
    app->dirty = true; /* the strip */
}

void app_unsay(struct app *app)
{
    if (!app->message)
        return;
    free(app->message);
    app->message = NULL;
    app->dirty = true;
}

void app_tick(struct app *app)
{
    if (app->now_ms >= app->message_until_ms)
        app_unsay(app);
    if (app->progress_due) {
        app->progress_due = false;
        app_tell_jobs(app);
    }
    for (size_t i = 0; i < app->depth; i++) {
        struct screen *screen = app->stack[i];
        if (screen->ops->tick)
            app_apply(app, screen, screen->ops->tick(screen));
    }
}

uint64_t app_post(struct app *app, struct screen *screen, const struct work_ops *ops, void *task)
{
    return work_post(app->work, screen, ops, task);
}

void app_forget(struct app *app, uint64_t ticket)
{
    work_forget(app->work, ticket);
}

struct host *app_host(const struct app *app)
{
    return app->host;
}

const struct service_options *app_service_options(const struct app *app)
{
    return &app->service_options;
}

const char *app_host_identity(const struct app *app)
{
    return app->identity;
}

const char *app_store_option(const struct app *app)
{
    return app->store_option;
}

const char *app_host_option(const struct app *app)
{
    return app->host_option;
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
    return app->ascii;
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
    free(app->message);
    app->message = mem_vformat(format, arguments);
    va_end(arguments);
    app->message_job = (struct guid){0};
    app->message_role = role;
    app->message_until_ms = app->now_ms + MESSAGE_MS;
    app->dirty = true;
}

void app_say_of_job(struct app *app, const struct guid *job, uint32_t moot, const char *text)
{
    app_say(app, ROLE_INFO, "%s", text);
    app->message_job = *job;
    app->message_moot = moot;
    take_back_message(app);
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

const struct error *app_jobs_problem(const struct app *app)
{
    return jobs_problem(app->jobs);
}

void app_refresh_jobs(struct app *app)
{
    jobs_refresh(app->jobs);
}
