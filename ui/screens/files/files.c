#include "ui/screens/files/files.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/screens/files/state.h"
#include "ui/widgets/line_editor_key.h"

#define LATE_MS 500

/* --- the selected file --- */

static void look_at_selected(struct files *files);

static unsigned looked(struct screen *screen, void *argument)
{
    struct files *files = (struct files *)screen;
    struct files_look_task *task = argument;
    files->looking = 0;
    file_look_clear(&files->look);
    files->look = task->look;
    task->look = (struct file_look){0};
    look_at_selected(files); /* the selection may have moved on */
    return EFFECT_REDRAW;
}

/* One look at a time, unless it is late: the file may lie where nothing answers. */
static void look_at_selected(struct files *files)
{
    static const struct work_ops ops = {
        .run = files_look_task_run, .done = looked, .release = files_look_task_release};
    struct app *app = files->screen.app;
    const struct listing_entry *entry = files_selected(files);
    if (!entry || entry->directory)
        return;
    CLEANUP_FREE char *path = listing_path(&files->listing, list_view_row(&files->view));
    bool asked = files->looking && strcmp(files->looked_for, path) == 0;
    bool known = files->look.path && strcmp(files->look.path, path) == 0;
    bool busy = files->looking && app_now_ms(app) - files->looking_since_ms < LATE_MS;
    if (asked || known || busy)
        return;
    if (files->looking)
        app_forget(app, files->looking);
    mem_replace(&files->looked_for, path);
    files->looking_since_ms = app_now_ms(app);
    files->looking = app_post(app, &files->screen, &ops, files_look_task_new(path));
}

static unsigned users_found(struct screen *screen, void *argument)
{
    struct files *files = (struct files *)screen;
    struct files_users_task *task = argument;
    files->users = task->users;
    files->users_known = true;
    task->users = (struct file_users){0};
    return EFFECT_REDRAW;
}

static void find_users(struct files *files)
{
    static const struct work_ops ops = {
        .run = files_users_task_run, .done = users_found, .release = files_users_task_release};
    struct app *app = files->screen.app;
    app_post(app, &files->screen, &ops, files_users_task_new(app_host(app)));
}

/* --- the directory --- */

static bool match(const void *context, size_t row, const char *folded)
{
    const struct files *files = context;
    return strstr(files->listing.items[row].folded, folded) != NULL;
}

static const char *id_of(const void *context, size_t row)
{
    const struct files *files = context;
    return files->listing.items[row].name;
}

static void update(struct files *files)
{
    list_view_update(&files->view,
                     &(struct list_view_rows){
                         .total = files->listing.count, .id = id_of, .match = match, .context = files});
}

static void select_name(struct files *files)
{
    for (size_t i = 0; files->select && i < files->listing.count; i++) {
        if (strcmp(files->listing.items[i].name, files->select) == 0)
            list_view_select(&files->view, i);
    }
}

static unsigned choose(struct files *files, const char *path)
{
    files->chosen(files->opener, path);
    return EFFECT_CLOSE;
}

static unsigned listed(struct screen *screen, void *argument)
{
    struct files *files = (struct files *)screen;
    struct files_list_task *task = argument;
    files->reading = 0;
    files->err = task->ok ? (struct error){0} : task->err;
    if (task->file)
        return choose(files, task->file);
    if (!task->ok) {
        app_forget_keys(screen->app, screen);
        return EFFECT_REDRAW; /* what was there stays */
    }
    listing_clear(&files->listing);
    files->listing = task->listing;
    task->listing = (struct listing){0};
    list_view_clear(&files->view);
    update(files);
    select_name(files);
    line_editor_set(&files->path, files->listing.path);
    files->typed = false;
    files->in_field = false;
    completion_clear(&files->candidates);
    look_at_selected(files);
    return EFFECT_REDRAW;
}

static unsigned read_directory(struct files *files, const char *path, const char *select)
{
    static const struct work_ops ops = {
        .run = files_list_task_run, .done = listed, .release = files_list_task_release};
    struct app *app = files->screen.app;
    CLEANUP_FREE char *copy = mem_strdup(path);
    CLEANUP_FREE char *name = mem_strdup(select);
    if (files->reading)
        app_forget(app, files->reading);
    mem_replace(&files->asked, copy);
    mem_replace(&files->select, name);
    files->err = (struct error){0};
    files->reading = app_post(app, &files->screen, &ops, files_list_task_new(copy, files->with_hidden));
    return EFFECT_REDRAW;
}

static unsigned go_up(struct files *files)
{
    const char *path = files->listing.path;
    const char *slash = path ? strrchr(path, '/') : NULL;
    if (!slash || strcmp(path, "/") == 0)
        return EFFECT_NONE;
    CLEANUP_FREE char *parent = slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
    return read_directory(files, parent, slash + 1);
}

static unsigned enter(struct files *files, bool files_too)
{
    const struct listing_entry *entry = files_selected(files);
    if (!entry)
        return EFFECT_NONE;
    if (strcmp(entry->name, "..") == 0)
        return go_up(files);
    CLEANUP_FREE char *path = listing_path(&files->listing, list_view_row(&files->view));
    if (entry->directory)
        return read_directory(files, path, NULL);
    return files_too ? choose(files, path) : EFFECT_NONE;
}

static unsigned read_again(struct files *files)
{
    const struct listing_entry *entry = files_selected(files);
    file_look_clear(&files->look);
    return read_directory(files, files->listing.path ? files->listing.path : files->asked,
                          entry ? entry->name : NULL);
}

/* --- the field for a path --- */

static unsigned to_list(struct files *files)
{
    files->in_field = false;
    completion_clear(&files->candidates);
    return EFFECT_REDRAW;
}

static unsigned completed(struct screen *screen, void *argument)
{
    struct files *files = (struct files *)screen;
    struct files_completion_task *task = argument;
    files->completing = 0;
    if (!files->in_field || strcmp(line_editor_text(&files->path), task->typed) != 0)
        return EFFECT_NONE; /* typed on in the meantime */
    if (!completion_has_effect(&task->completion))
        return to_list(files);
    line_editor_set(&files->path, task->completion.text);
    completion_clear(&files->candidates);
    files->candidates = task->completion;
    task->completion = (struct completion){0};
    return EFFECT_REDRAW;
}

static unsigned complete(struct files *files)
{
    static const struct work_ops ops = {
        .run = files_completion_task_run, .done = completed, .release = files_completion_task_release};
    const char *text = line_editor_text(&files->path);
    bool shown = files->candidates.text && strcmp(files->candidates.text, text) == 0;
    if (!files->typed || files->completing || shown)
        return to_list(files);
    files->completing = app_post(files->screen.app, &files->screen, &ops, files_completion_task_new(text));
    return EFFECT_NONE;
}

static unsigned field_key(struct files *files, const struct key_event *event)
{
    switch (line_editor_key(&files->path, event)) {
    case LINE_EDITOR_EDITED:
        files->typed = true;
        files->err = (struct error){0};
        completion_clear(&files->candidates);
        return EFFECT_REDRAW;
    case LINE_EDITOR_HANDLED:
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    switch (event->action) {
    case ACTION_OPEN:
        return files->path.length ? read_directory(files, line_editor_text(&files->path), NULL)
                                  : to_list(files);
    case ACTION_NEXT_PANE:
        return complete(files);
    case ACTION_PREVIOUS_PANE:
    case ACTION_UP:
    case ACTION_DOWN:
    case ACTION_BACK:
        return to_list(files);
    default:
        return EFFECT_UNHANDLED;
    }
}

/* --- keys --- */

static unsigned act(struct files *files, enum ui_action action)
{
    switch (action) {
    case ACTION_OPEN:
        return enter(files, true);
    case ACTION_RIGHT:
        return enter(files, false);
    case ACTION_LEFT:
        return go_up(files);
    case ACTION_NEXT_PANE:
    case ACTION_PREVIOUS_PANE:
        files->in_field = true;
        return EFFECT_REDRAW;
    case ACTION_HIDDEN:
        files->with_hidden = !files->with_hidden;
        app_say(files->screen.app, ROLE_INFO, "Hidden files are %s.",
                files->with_hidden ? "shown" : "left out");
        return read_again(files);
    case ACTION_REFRESH:
        app_say(files->screen.app, ROLE_INFO, "The directory is read again.");
        return read_again(files);
    case ACTION_BACK:
        return EFFECT_CLOSE;
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned files_key(struct screen *screen, const struct key_event *event)
{
    struct files *files = (struct files *)screen;
    if (files->in_field)
        return field_key(files, event);
    switch (list_view_filter_key(&files->view, event)) {
    case FILTER_EDITED:
        update(files);
        look_at_selected(files);
        return EFFECT_REDRAW;
    case FILTER_HANDLED:
        return EFFECT_REDRAW;
    case FILTER_UNHANDLED:
        break;
    }
    if (event->key == KEY_CODE_BACKSPACE)
        return go_up(files);
    if (list_view_move(&files->view, event->action)) {
        look_at_selected(files);
        return EFFECT_REDRAW;
    }
    return act(files, event->action);
}

/* What is typed ahead is meant for the directory that comes; a way to another one stays open. */
static bool files_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct files *files = (const struct files *)screen;
    return files->reading && !files->in_field && event->action != ACTION_BACK &&
           event->action != ACTION_QUIT && event->action != ACTION_NEXT_PANE;
}

static unsigned files_tick(struct screen *screen)
{
    struct files *files = (struct files *)screen;
    look_at_selected(files); /* where the last look is late */
    return EFFECT_NONE;
}

static void files_open(struct screen *screen)
{
    struct files *files = (struct files *)screen;
    CLEANUP_FREE char *start = mem_strdup(files->asked);
    const char *slash = strrchr(start, '/');
    bool in_directory = slash && slash[1];
    find_users(files);
    if (!in_directory) {
        read_directory(files, start, NULL);
        return;
    }
    CLEANUP_FREE char *directory =
        slash == start ? mem_strdup("/") : mem_strndup(start, (size_t)(slash - start));
    read_directory(files, directory, slash + 1);
}

static void files_close(struct screen *screen)
{
    struct files *files = (struct files *)screen;
    listing_clear(&files->listing);
    list_view_clear(&files->view);
    line_editor_clear(&files->path);
    completion_clear(&files->candidates);
    file_look_clear(&files->look);
    file_users_clear(&files->users);
    free(files->title);
    free(files->asked);
    free(files->select);
    free(files->looked_for);
    free(files);
}

static void files_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_add(left, ((const struct files *)screen)->title);
}

static const struct screen_hint *files_hints(const struct screen *screen)
{
    static const struct screen_hint list[] = {
        {.action = ACTION_OPEN, .label = "choose", .help = "Go into the directory, or choose the file"},
        {.action = ACTION_LEFT, .label = "up", .help = "Go to the directory above; Backspace too"},
        {.action = ACTION_FILTER},
        {.action = ACTION_NEXT_PANE, .label = "type a path", .help = "Type a path; Tab completes it"},
        {.action = ACTION_HIDDEN},
        {.action = ACTION_BACK},
        {.action = ACTION_REFRESH, .help = "Read the directory again"},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint field[] = {
        {.action = ACTION_OPEN, .label = "go there", .help = "Show this directory, or choose this file"},
        {.action = ACTION_NEXT_PANE, .label = "complete", .help = "Complete the path, or go to the list"},
        {.action = ACTION_BACK, .label = "list"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {
        {.action = ACTION_BACK},
        {.action = ACTION_NEXT_PANE, .label = "type a path"},
        {.action = ACTION_NONE},
    };
    const struct files *files = (const struct files *)screen;
    const struct screen_hint *filter = list_view_filter_hints(&files->view);
    if (files->in_field)
        return field;
    if (filter)
        return filter;
    return files->reading ? waiting : list;
}

static bool files_takes_text(const struct screen *screen)
{
    const struct files *files = (const struct files *)screen;
    return files->in_field || files->view.filtering;
}

static const struct screen_ops files_ops = {
    .name = "Choosing a file",
    .scrolls = true,
    .open = files_open,
    .close = files_close,
    .key = files_key,
    .holds_key = files_holds_key,
    .tick = files_tick,
    .recalc = files_recalc,
    .repaint = files_repaint,
    .cursor = files_cursor,
    .title = files_title,
    .hints = files_hints,
    .takes_text = files_takes_text,
};

struct screen *files_screen_new(const struct screen_argument *argument)
{
    const struct files_request *request = argument->files;
    struct files *files = mem_alloc(sizeof *files);
    CLEANUP_FREE char *home = fs_expand_home("~/");
    files->screen.ops = &files_ops;
    files->title = mem_strdup(request->title);
    files->chosen = request->chosen;
    files->opener = request->opener;
    files->asked = mem_strdup(request->start[0] == '/' ? request->start : home);
    line_editor_set(&files->path, files->asked);
    return &files->screen;
}
