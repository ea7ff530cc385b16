/* The theme at the start, where none was chosen; and changing it while the screen is up: by choice, or
 * because its file was saved. Then files are read and written by a worker; of several requests the last one
 * wins. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "ui/app/app.h"
#include "ui/app/data/user_data.h"
#include "ui/app/message.h"
#include "ui/app/restyle.h"
#include "ui/app/state.h"
#include "ui/terminal/background.h"

#define ANSWER_MS 100

struct restyle_task {
    struct app *app;
    uint64_t number;
    char *name;
    char *config; /* file to keep the choice in; NULL: do not */
    bool keep;
    struct theme theme;
    bool ok;
    struct error err;
};

static bool keep_choice(struct restyle_task *task)
{
    struct settings settings = {.theme = task->name};
    return settings_save(&settings, task->config, "theme", &task->err);
}

static void restyle_run(void *argument)
{
    struct restyle_task *task = argument;
    task->ok = user_data_theme(&task->theme, task->name, &task->err) && (!task->keep || keep_choice(task));
}

static void tell_screens(struct app *app)
{
    for (size_t i = 0; i < app->depth; i++) {
        if (app->stack[i]->ops->theme_changed)
            app->stack[i]->ops->theme_changed(app->stack[i]);
    }
}

static void wear(struct app *app, const struct theme *theme)
{
    app->theme = *theme;
    terminal_set_theme(app->terminal, &app->theme);
    app->dirty = true;
    tell_screens(app);
}

static unsigned restyle_done(struct screen *screen, void *argument)
{
    (void)screen;
    struct restyle_task *task = argument;
    struct app *app = task->app;
    if (task->number != app->restyles)
        return EFFECT_NONE; /* another one was chosen since */
    if (!task->ok) {
        message_put(app, ROLE_ERROR, mem_format("%u %s", (unsigned)task->err.code, task->err.what));
        return EFFECT_NONE;
    }
    wear(app, &task->theme);
    if (task->keep)
        message_put(app, ROLE_INFO,
                    mem_format("The theme \"%s\" is kept in the configuration file.", task->name));
    return EFFECT_NONE;
}

static void restyle_release(void *argument)
{
    struct restyle_task *task = argument;
    free(task->name);
    free(task->config);
    free(task);
}

void app_use_theme(struct app *app, const char *name, bool keep)
{
    static const struct work_ops ops = {.run = restyle_run, .done = restyle_done, .release = restyle_release};
    struct restyle_task *task = mem_alloc(sizeof *task);
    task->app = app;
    task->number = ++app->restyles;
    task->name = mem_strdup(name);
    task->config = mem_strdup(hosts_started(app->hosts)->place.config);
    task->keep = keep;
    work_post(app->work, NULL, &ops, task);
}

int restyle_watch(void)
{
    CLEANUP_FREE char *directory = user_data_theme_directory();
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0 && inotify_add_watch(fd, directory, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

void restyle_read_watch(struct app *app)
{
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool any = false;
    while (app->theme_fd >= 0 && read(app->theme_fd, events, sizeof events) > 0)
        any = true;
    if (any)
        app_use_theme(app, app->theme.name, false);
}

void restyle_prepare(struct app *app)
{
    struct error err = {0};
    struct restyle_suited *suited = &app->suited;
    suited->wanted =
        user_data_theme(&suited->dark, "dark", &err) && user_data_theme(&suited->light, "light", &err);
    if (!suited->wanted)
        app_say(app, ROLE_WARNING, "%s; the default theme is used", err.what);
}

static void suit(struct app *app, enum background background)
{
    if (background != BACKGROUND_UNKNOWN)
        wear(app, background == BACKGROUND_DARK ? &app->suited.dark : &app->suited.light);
}

void restyle_ask(struct app *app)
{
    struct restyle_suited *suited = &app->suited;
    if (!suited->wanted || app->no_colour)
        return;
    suited->until_ms = monotonic_milliseconds() + ANSWER_MS;
    suited->asked = background_can_be_asked() && terminal_ask_background(app->terminal, suited->until_ms);
    if (suited->asked)
        input_expect_answers(app->input, suited->until_ms);
    else
        suit(app, background_told());
}

void restyle_settle(struct app *app)
{
    struct restyle_suited *suited = &app->suited;
    const struct answers *answers = input_answers(app->input);
    bool enough = answers->background || answers->end || app->now_ms >= suited->until_ms;
    if (answers->end)
        terminal_answered(app->terminal);
    if (!suited->asked || !enough)
        return;
    suited->asked = false;
    app->dirty = true;
    suit(app, answers->background ? background_answered(answers) : background_told());
}
