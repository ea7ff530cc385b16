/* Set-up and tear-down, in this order: settings and data (messages still go to stderr) → signals blocked →
 * terminal → workers → screens → turns; and back. */
#include "ui/ui.h"

#include <fcntl.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/app.h"
#include "ui/app/data/user_data.h"
#include "ui/app/loop.h"
#include "ui/app/restyle.h"
#include "ui/app/stack.h"
#include "ui/app/state.h"
#include "ui/screens/screens.h"

#define WORKER_PATIENCE_MS 2000
#define WORKER_PATIENCE_HUNG_UP_MS 100 /* nobody is there who could wait */

static void complain(const struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    fprintf(stderr, "refpoint: %s\n", text);
}

/* A file of the user's that cannot be read costs its effect and a sentence, never the screen. */
static void read_own_data(struct app *app)
{
    struct error err = {0};
    if (!app->settings.theme)
        restyle_prepare(app);
    else if (!user_data_theme(&app->theme, app->settings.theme, &err))
        app_say(app, ROLE_WARNING, "%s; the default theme is used", err.what);
    if (!user_data_own_keys(app->keymap, &err))
        app_say(app, ROLE_WARNING, "%s", err.what);
    if (app->settings.message_count > 0)
        app_say(app, ROLE_WARNING, "%s", app->settings.messages[0]);
}

static bool read_data_files(struct app *app, struct error *err)
{
    app->keymap = keymap_new();
    if (!user_data_shipped_keys(app->keymap, err) || !user_data_theme(&app->theme, "default", err))
        return false;
    read_own_data(app);
    return true;
}

static bool take_host(struct app *app, struct host *host, const struct cli_globals *globals,
                      struct error *err)
{
    struct settings_place place;
    if (!settings_load(&app->settings, globals->config, err) ||
        !settings_find_place(&app->settings, globals->config, globals->host, globals->store, &place, err)) {
        host->ops->close(host);
        return false;
    }
    app->state_directory = fs_state_home();
    app->hosts = hosts_new(&app->settings, app->state_directory);
    hosts_use(app->hosts, &place, host);
    return true;
}

static void read_settings(struct app *app, const struct cli_globals *globals)
{
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    const char *term = getenv("TERM");
    bool console = term && strncmp(term, "linux", 5) == 0; /* its fonts have 256 or 512 signs */
    const char *no_colour = getenv("NO_COLOR");
    app->signs = globals->ascii || app->settings.ascii || !utf8 ? CANVAS_ASCII
                 : console                                      ? CANVAS_PLAIN
                                                                : CANVAS_FULL;
    app->no_colour = no_colour && *no_colour;
}

/* A harness that wants to know when the program waits; see app.h. */
static int test_descriptor(void)
{
    const char *text = getenv("REFPOINT_TEST_FD");
    if (!text || !*text)
        return -1;
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (*end || number < 3 || number > 1023 || fcntl((int)number, F_SETFD, FD_CLOEXEC) != 0)
        return -1;
    return (int)number;
}

static bool open_terminal(struct app *app, struct error *err)
{
    struct error ignored = {0};
    bool made = fs_make_directories(app->state_directory, 0700, &ignored);
    CLEANUP_FREE char *log = mem_format("%s/refpoint.log", app->state_directory);
    struct terminal_options options = {
        .no_colour = app->no_colour, .mouse = app->settings.mouse, .log_path = made ? log : NULL};
    app->terminal = terminal_open(&options, err);
    if (!app->terminal)
        return false;
    terminal_set_theme(app->terminal, &app->theme);
    app->input = input_new((int)app->settings.escape_delay_ms);
    terminal_teach_keys(app->terminal, app->input);
    if (app->settings.mouse)
        input_expect_pointer(app->input);
    restyle_ask(app);
    return true;
}

static bool start_workers(struct app *app, struct error *err)
{
    app->work = work_new();
    if (!app->work) {
        error_set(err, RETURN_FAILED, "screen.descriptors", "no descriptor is left for the screen");
        return error_next(err, "Raise the limit of open files (ulimit -n), then start again.");
    }
    app->jobs = jobs_new(app->work, app->state_directory, app->settings.keep_jobs_days);
    app->theme_fd = restyle_watch();
    return true;
}

static void set_out(struct app *app)
{
    int rows = 0;
    int columns = 0;
    terminal_size(app->terminal, &rows, &columns);
    app->frame = layout_frame(rows, columns, 0);
    app->dirty = true;
    app_open(app, SCREEN_BROWSE, NULL);
}

/* False: a worker still is in the host. *hung_up: nobody is there to be told anything. */
static bool tear_down(struct app *app, bool *hung_up)
{
    stack_close_all(app);
    if (!terminal_close(app->terminal))
        app->hung_up = true; /* nobody reads */
    *hung_up = app->hung_up;
    bool ended = work_free(app->work, app->hung_up ? WORKER_PATIENCE_HUNG_UP_MS : WORKER_PATIENCE_MS);
    if (!ended)
        return false;
    jobs_free(app->jobs);
    if (app->theme_fd >= 0)
        close(app->theme_fd);
    input_free(app->input);
    canvas_surface_free(app->surface);
    keymap_free(app->keymap);
    hosts_free(app->hosts);
    settings_clear(&app->settings);
    last_export_clear(&app->form_draft);
    held_keys_clear(&app->held);
    free(app->ringing);
    free(app->state_directory);
    free(app->message);
    free(app->reported);
    return true;
}

static bool set_up(struct app *app, struct host *host, const struct cli_globals *globals, struct error *err)
{
    if (!take_host(app, host, globals, err))
        return false;
    read_settings(app, globals);
    return read_data_files(app, err) && open_terminal(app, err);
}

static int run(struct app *app, struct host *host, const struct cli_globals *globals, int signal_fd)
{
    struct error err = {0};
    if (!set_up(app, host, globals, &err)) {
        complain(&err);
        return CLI_REFUSED;
    }
    if (!start_workers(app, &err)) {
        terminal_close(app->terminal);
        app->terminal = NULL;
        complain(&err);
        return CLI_REFUSED;
    }
    set_out(app);
    loop_run(app, signal_fd);
    return app->ending_signal ? 128 + app->ending_signal : CLI_DONE;
}

int ui_run(struct host *host, const struct cli_globals *globals)
{
    struct app *app = mem_alloc(sizeof *app);
    app->screens = screens;
    app->now_ms = monotonic_milliseconds(); /* for messages from before the first turn */
    app->test_fd = test_descriptor();
    app->theme_fd = -1;
    sigset_t before;
    int signal_fd = loop_block_signals(&before);
    int status = run(app, host, globals, signal_fd);
    int ending_signal = app->ending_signal;
    bool hung_up = false;
    bool ended = tear_down(app, &hung_up);
    loop_unblock_signals(signal_fd, &before);
    if (ending_signal && !hung_up)
        fprintf(stderr, "refpoint: ended by signal %d (%s); running jobs go on, see refpoint job list\n",
                ending_signal, strsignal(ending_signal));
    if (!ended) {
        /* The worker uses what hangs on the app and the libraries' state, which exit() would tear down. */
        fflush(NULL);
        _exit(status);
    }
    free(app);
    return status;
}
