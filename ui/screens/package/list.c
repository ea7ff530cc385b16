#include "ui/screens/package/list.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/screens/package/load.h"
#include "ui/screens/package/state.h"
#include "ui/screens/package/verify.h"

static const char *id_of(const void *context, size_t row)
{
    const struct packages_screen *self = context;
    const struct package_row *item = &self->rows.items[row];
    return item->path ? item->path : item->problem;
}

static bool match(const void *context, size_t row, const char *folded)
{
    const struct packages_screen *self = context;
    return strstr(self->rows.items[row].folded, folded) != NULL;
}

static void update(struct packages_screen *self)
{
    list_view_update(
        &self->view,
        &(struct list_view_rows){.total = self->rows.count, .id = id_of, .match = match, .context = self});
    self->facts.top = 0;
}

/* --- reading --- */

static void take(struct packages_screen *self, struct load_packages *task)
{
    if (!self->read || !self->rows.directory || strcmp(self->rows.directory, task->directory) != 0)
        list_view_forget(&self->view);
    package_rows_clear(&self->rows);
    self->rows = task->rows;
    task->rows = (struct package_rows){0};
    self->read = true;
    update(self);
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct packages_screen *self = (struct packages_screen *)screen;
    struct load_packages *task = argument;
    bool proposed = !self->asked && line_editor_text(&self->path.editor)[0] == '\0';
    self->ticket = 0;
    self->err = task->ok ? (struct error){0} : task->err;
    if (task->directory && proposed)
        line_editor_set(&self->path.editor, task->directory);
    if (!task->ok || !task->directory) {
        package_rows_clear(&self->rows);
        self->read = false;
        update(self);
        self->in_field = true;
        return EFFECT_REDRAW;
    }
    take(self, task);
    self->in_field = self->in_field && proposed && self->rows.count == 0;
    return EFFECT_REDRAW;
}

/* proposed: that of the newest export; borrowed from the list of jobs. */
static const char *newest_directory(const struct app *app)
{
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(app, &count);
    for (size_t i = 0; i < count; i++) {
        if (job_is_kind(&jobs[i].identity, "export") && *jobs[i].identity.directory)
            return jobs[i].identity.directory;
    }
    return NULL;
}

/* directory: NULL = the one that is remembered. */
static void ask(struct packages_screen *self, const char *directory)
{
    static const struct work_ops ops = {
        .run = load_packages_run, .done = loaded, .release = load_packages_release};
    struct app *app = self->screen.app;
    if (self->ticket)
        app_forget(app, self->ticket);
    char *asked = mem_strdup(directory);
    free(self->asked);
    self->asked = asked;
    self->since_ms = app_now_ms(app);
    self->ticket =
        app_post(app, &self->screen, &ops,
                 load_packages_new(app_service_options(app)->state_directory, asked, newest_directory(app)));
}

static unsigned ask_for_typed(struct packages_screen *self)
{
    CLEANUP_FREE char *path = path_field_path(&self->path);
    path_field_forget(&self->path, self->screen.app);
    if (!*path) {
        app_say(self->screen.app, ROLE_WARNING, "Type the directory that holds packages first.");
        return EFFECT_NONE;
    }
    self->in_field = false;
    ask(self, path);
    return EFFECT_REDRAW;
}

/* --- handlers --- */

static unsigned to_list(struct screen *screen)
{
    struct packages_screen *self = (struct packages_screen *)screen;
    CLEANUP_FREE char *path = path_field_path(&self->path);
    bool shown = self->rows.directory && strcmp(path, self->rows.directory) == 0;
    path_field_forget(&self->path, screen->app);
    self->path.typed = false;
    if (!shown && *path)
        return ask_for_typed(self);
    self->in_field = !self->read;
    return EFFECT_REDRAW;
}

static void packages_open(struct screen *screen)
{
    struct packages_screen *self = (struct packages_screen *)screen;
    self->path.move_on = to_list;
    self->waits_for_jobs = !app_jobs_listed(screen->app) && !app_jobs_problem(screen->app);
    if (!self->waits_for_jobs)
        ask(self, NULL);
}

/* What was done above may have changed what is here. */
static unsigned packages_uncovered(struct screen *screen)
{
    struct packages_screen *self = (struct packages_screen *)screen;
    if (self->read && !self->ticket) {
        CLEANUP_FREE char *directory = mem_strdup(self->rows.directory);
        ask(self, directory);
    }
    return EFFECT_REDRAW;
}

static void packages_close(struct screen *screen)
{
    struct packages_screen *self = (struct packages_screen *)screen;
    package_rows_clear(&self->rows);
    list_view_clear(&self->view);
    facts_clear(&self->facts);
    path_field_clear(&self->path);
    free(self->asked);
    free(self);
}

static unsigned stop_waiting(struct packages_screen *self)
{
    app_forget(self->screen.app, self->ticket);
    self->ticket = 0;
    self->in_field = self->in_field || !self->read;
    return EFFECT_REDRAW;
}

static unsigned back(struct packages_screen *self)
{
    if (self->in_field && path_field_lists(&self->path)) {
        path_field_forget(&self->path, self->screen.app);
        return EFFECT_REDRAW;
    }
    return self->ticket ? stop_waiting(self) : EFFECT_CLOSE;
}

static unsigned to_field(struct packages_screen *self)
{
    self->in_field = true;
    self->path.typed = false;
    return EFFECT_REDRAW;
}

static unsigned field_act(struct packages_screen *self, enum ui_action action)
{
    switch (action) {
    case ACTION_OPEN:
        return ask_for_typed(self);
    case ACTION_NEXT_PANE:
        return path_field_tab(&self->path, &self->screen);
    case ACTION_DOWN:
    case ACTION_PREVIOUS_PANE:
        return to_list(&self->screen);
    case ACTION_BACK:
        return back(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned open_for(struct packages_screen *self, enum screen_id id)
{
    const struct package_row *row = packages_selected(self);
    struct app *app = self->screen.app;
    if (!row)
        app_say(app, ROLE_WARNING, "There is no package here.");
    else if (!row->path)
        app_say(app, ROLE_ERROR, "%s", row->problem);
    else if (row->problem && id == SCREEN_IMPORT)
        app_say(app, ROLE_ERROR, "This package is damaged, nothing is taken out of it: %s", row->problem);
    else
        app_open(app, id, &(struct screen_argument){.path = row->path});
    return EFFECT_NONE;
}

static unsigned copy(struct packages_screen *self)
{
    if (self->facts.count == 0) {
        app_say(self->screen.app, ROLE_WARNING, "There is nothing to copy.");
        return EFFECT_NONE;
    }
    CLEANUP_FREE char *text = facts_text(&self->facts);
    app_copy(self->screen.app, text);
    return EFFECT_NONE;
}

static unsigned read_again(struct packages_screen *self)
{
    CLEANUP_FREE char *path = path_field_path(&self->path);
    if (!*path)
        return to_field(self);
    ask(self, path);
    app_say(self->screen.app, ROLE_INFO, "The directory is read again.");
    return EFFECT_REDRAW;
}

static unsigned list_act(struct packages_screen *self, enum ui_action action)
{
    const struct package_row *row = packages_selected(self);
    switch (action) {
    case ACTION_OPEN:
        return open_for(self, SCREEN_PACKAGE);
    case ACTION_VERIFY:
        return package_verify_start(&self->screen, row ? row->path : NULL);
    case ACTION_IMPORT:
        return open_for(self, SCREEN_IMPORT);
    case ACTION_NEXT_PANE:
    case ACTION_PREVIOUS_PANE:
    case ACTION_UP: /* of the first row */
        return to_field(self);
    case ACTION_COPY:
        return copy(self);
    case ACTION_REFRESH:
        return read_again(self);
    case ACTION_BACK:
        return back(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned packages_key(struct screen *screen, const struct key_event *event)
{
    struct packages_screen *self = (struct packages_screen *)screen;
    if (self->in_field)
        return path_field_edit(&self->path, screen, event) ? EFFECT_REDRAW : field_act(self, event->action);
    switch (list_view_filter_key(&self->view, event)) {
    case FILTER_EDITED:
        update(self);
        return EFFECT_REDRAW;
    case FILTER_HANDLED:
        return EFFECT_REDRAW;
    case FILTER_UNHANDLED:
        break;
    }
    if (list_view_move(&self->view, event->action))
        return EFFECT_REDRAW;
    return list_act(self, event->action);
}

/* The waiting is shown once it has lasted. */
static unsigned packages_tick(struct screen *screen)
{
    return ((struct packages_screen *)screen)->ticket ? EFFECT_REDRAW : EFFECT_NONE;
}

/* A verification that has ended says something else of its package, an export has made another. */
static unsigned packages_jobs_changed(struct screen *screen)
{
    struct packages_screen *self = (struct packages_screen *)screen;
    size_t count = 0;
    size_t running = 0;
    const struct job_snapshot *jobs = app_jobs(screen->app, &count);
    for (size_t i = 0; i < count; i++)
        running += !job_state_is_final(jobs[i].state);
    bool ended = running < self->running;
    self->running = running;
    if (self->waits_for_jobs && (app_jobs_listed(screen->app) || app_jobs_problem(screen->app))) {
        self->waits_for_jobs = false;
        ask(self, NULL);
        return EFFECT_REDRAW;
    }
    return ended ? packages_uncovered(screen) : EFFECT_NONE;
}

static void packages_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    char offset[16];
    moment_format_offset(app_now(screen->app), offset, sizeof offset);
    strbuf_add(left, "packages");
    strbuf_addf(right, "times %s", offset);
}

#define MOVES                                                                                                \
    {.action = ACTION_UP, .help_only = true}, {.action = ACTION_DOWN, .help_only = true},                    \
        {.action = ACTION_PAGE_UP, .help_only = true}, {.action = ACTION_PAGE_DOWN, .help_only = true},      \
        {.action = ACTION_FIRST, .help_only = true}, {.action = ACTION_LAST, .help_only = true},             \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

static const struct screen_hint *packages_hints(const struct screen *screen)
{
    static const struct screen_hint field[] = {
        {.action = ACTION_OPEN, .label = "list", .help = "List the packages in this directory"},
        {.action = ACTION_NEXT_PANE, .label = "complete", .help = "Complete the path, or go on to the list"},
        {.action = ACTION_BACK},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {
        {.action = ACTION_BACK, .label = "stop waiting", .help = "Stop waiting for the directory"},
        {.action = ACTION_NEXT_PANE, .label = "directory"},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint none[] = {
        {.action = ACTION_NEXT_PANE, .label = "directory", .help = "Name another directory"},
        {.action = ACTION_REFRESH},
        {.action = ACTION_BACK},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint sound[] = {
        {.action = ACTION_OPEN, .help = "Show all that the package's record says"},
        {.action = ACTION_VERIFY},
        {.action = ACTION_IMPORT},
        {.action = ACTION_FILTER},
        {.action = ACTION_NEXT_PANE, .label = "directory", .help = "Name another directory"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .help = "Copy what is said of the package"},
        {.action = ACTION_REFRESH},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        MOVES};
    static const struct screen_hint damaged[] = {
        {.action = ACTION_OPEN, .label = "why", .help = "Say why it is damaged"},
        {.action = ACTION_VERIFY},
        {.action = ACTION_FILTER},
        {.action = ACTION_NEXT_PANE, .label = "directory", .help = "Name another directory"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .help = "Copy what is said of the package"},
        {.action = ACTION_REFRESH},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        MOVES};
    const struct packages_screen *self = (const struct packages_screen *)screen;
    const struct screen_hint *filter = list_view_filter_hints(&self->view);
    const struct package_row *row = packages_selected(self);
    if (self->in_field)
        return field;
    if (filter)
        return filter;
    if (self->ticket && !row)
        return waiting;
    return !row ? none : row->problem ? damaged : sound;
}

static bool packages_takes_text(const struct screen *screen)
{
    const struct packages_screen *self = (const struct packages_screen *)screen;
    return self->in_field || self->view.filtering;
}

/* The first reading says where the keys go. */
static bool packages_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct packages_screen *self = (const struct packages_screen *)screen;
    bool first = self->waits_for_jobs || (self->ticket && !self->asked);
    return first && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

static const struct screen_ops packages_ops = {
    .name = "Packages",
    .scrolls = true,
    .open = packages_open,
    .close = packages_close,
    .uncovered = packages_uncovered,
    .key = packages_key,
    .holds_key = packages_holds_key,
    .tick = packages_tick,
    .jobs_changed = packages_jobs_changed,
    .recalc = packages_recalc,
    .repaint = packages_repaint,
    .cursor = packages_cursor,
    .title = packages_title,
    .hints = packages_hints,
    .takes_text = packages_takes_text,
};

struct screen *packages_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct packages_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &packages_ops;
    return &self->screen;
}
