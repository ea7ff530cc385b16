#include "ui/screens/palette/palette.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/screens/palette/state.h"
#include "ui/screens/palette/world.h"
#include "ui/widgets/line_editor_key.h"

#define LINE_LIMIT 256

static void find(struct palette *self)
{
    palette_find(&self->found, &self->items, line_editor_text(&self->line));
    list_view_forget(&self->view);
    list_view_update(&self->view, &(struct list_view_rows){.total = self->found.count});
}

static void add_hosts(struct palette *self, const struct host_choices *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        palette_items_add_name(&self->items, PALETTE_HOST, hosts->items[i].name,
                               hosts->items[i].refused ? "host, refused" : "host");
}

static unsigned world_done(struct screen *screen, void *argument)
{
    struct palette *self = (struct palette *)screen;
    const struct world_task *task = argument;
    add_hosts(self, &task->hosts);
    for (size_t i = 0; i < task->theme_count; i++)
        palette_items_add_name(&self->items, PALETTE_THEME, task->themes[i], "theme");
    if (!*line_editor_text(&self->line))
        return EFFECT_NONE; /* only actions are shown then */
    size_t selected = self->view.selected;
    find(self);
    list_view_select(&self->view, selected);
    return EFFECT_REDRAW;
}

static void palette_open(struct screen *screen)
{
    static const struct work_ops ops = {
        .run = world_task_run, .done = world_done, .release = world_task_release};
    struct palette *self = (struct palette *)screen;
    palette_items_add_actions(&self->items, self->of);
    palette_items_add_objects(&self->items, screen->app);
    palette_items_add_jobs(&self->items, screen->app);
    find(self);
    app_post(screen->app, screen, &ops, world_task_new(app_started_place(screen->app)));
}

static void palette_close(struct screen *screen)
{
    struct palette *self = (struct palette *)screen;
    palette_items_clear(&self->items);
    free(self->found.rows);
    free(self->shown_line.text);
    line_editor_clear(&self->line);
    list_view_clear(&self->view);
    free(self);
}

/* --- choosing --- */

static unsigned do_action(const struct palette *self, const struct palette_item *item)
{
    struct app *app = self->screen.app;
    if (item->unavailable) {
        app_say(app, ROLE_WARNING, "Not here: %s.", action_elsewhere(item->action));
        return EFFECT_REDRAW;
    }
    app_perform(app, item->action);
    return EFFECT_CLOSE;
}

static unsigned go(const struct palette *self, const struct palette_item *item, enum ui_action action)
{
    struct place_to_go place = item->place;
    place.action = action;
    app_go(self->screen.app, &place);
    return EFFECT_CLOSE;
}

static unsigned leave_for(const struct palette *self, const struct palette_row *row)
{
    struct app *app = self->screen.app;
    const struct palette_item *item = &self->items.items[row->item];
    switch (item->kind) {
    case PALETTE_JOB:
        app_show_job(app, &item->job);
        return EFFECT_CLOSE;
    case PALETTE_HOST:
        app_open(app, SCREEN_HOSTS, &(struct screen_argument){.host = item->shown});
        return EFFECT_CLOSE;
    default:
        return go(self, item, row->action);
    }
}

/* Going elsewhere closes what lies above the first screen. */
static bool would_lose_input(const struct app *app)
{
    static const enum screen_id forms[] = {
        SCREEN_EXPORT_FORM, SCREEN_CREATE,  SCREEN_DEFINE_COLLECTION, SCREEN_MACHINE_FORM,  SCREEN_IMPORT,
        SCREEN_REMOVE_DATA, SCREEN_DESTROY, SCREEN_DELETE_COLLECTION, SCREEN_REMOVE_MACHINE};
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
        if (app_has_open(app, forms[i]))
            return true;
    }
    return false;
}

static unsigned choose(const struct palette *self)
{
    struct app *app = self->screen.app;
    size_t at = list_view_row(&self->view);
    if (at >= self->found.count)
        return EFFECT_NONE;
    const struct palette_row *row = &self->found.rows[at];
    const struct palette_item *item = &self->items.items[row->item];
    if (item->kind == PALETTE_ACTION)
        return do_action(self, item);
    if (item->kind == PALETTE_THEME) {
        app_use_theme(app, item->shown, true);
        return EFFECT_CLOSE;
    }
    if (would_lose_input(app)) {
        app_say(app, ROLE_WARNING,
                "What is being filled in would be lost: Esc closes this and the form, then go there.");
        return EFFECT_REDRAW;
    }
    return leave_for(self, row);
}

/* --- handlers --- */

static unsigned palette_key(struct screen *screen, const struct key_event *event)
{
    struct palette *self = (struct palette *)screen;
    bool typed = *line_editor_text(&self->line);
    if (event->key == KEY_CODE_ENTER || (event->key == KEY_CODE_NONE && event->action == ACTION_OPEN))
        return choose(self);
    if (event->key == KEY_CODE_ESCAPE || (event->key == KEY_CODE_NONE && event->action == ACTION_BACK)) {
        line_editor_clear(&self->line);
        find(self);
        return typed ? EFFECT_REDRAW : EFFECT_CLOSE;
    }
    switch (line_editor_key(&self->line, event)) {
    case LINE_EDITOR_EDITED:
        find(self);
        return EFFECT_REDRAW;
    case LINE_EDITOR_HANDLED:
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    return list_view_move(&self->view, event->action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
}

static void palette_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)screen;
    (void)right;
    strbuf_add(left, "actions");
}

static bool palette_takes_text(const struct screen *screen)
{
    (void)screen;
    return true;
}

#define MOVES                                                                                                \
    {.action = ACTION_UP, .help_only = true}, {.action = ACTION_DOWN, .help_only = true},                    \
        {.action = ACTION_PAGE_UP, .help_only = true}, {.action = ACTION_PAGE_DOWN, .help_only = true},      \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

static const struct screen_hint *palette_hints(const struct screen *screen)
{
    static const struct screen_hint empty[] = {
        {.action = ACTION_OPEN, .label = "do it", .help = "Do it, or go there"},
        {.action = ACTION_BACK},
        MOVES};
    static const struct screen_hint typed[] = {
        {.action = ACTION_OPEN, .label = "do it", .help = "Do it, or go there"},
        {.action = ACTION_BACK, .label = "clear", .help = "Clear what was typed"},
        MOVES};
    static const struct screen_hint nothing[] = {
        {.action = ACTION_BACK, .label = "clear", .help = "Clear what was typed"}, {.action = ACTION_NONE}};
    const struct palette *self = (const struct palette *)screen;
    if (self->view.count == 0)
        return nothing;
    return *line_editor_text(&self->line) ? typed : empty;
}

static const struct screen_ops palette_ops = {
    .name = "Actions",
    .scrolls = true,
    .overlay = true,
    .open = palette_open,
    .close = palette_close,
    .key = palette_key,
    .point = palette_point,
    .recalc = palette_recalc,
    .repaint = palette_repaint,
    .cursor = palette_cursor,
    .title = palette_title,
    .hints = palette_hints,
    .takes_text = palette_takes_text,
};

struct screen *palette_screen_new(const struct screen_argument *argument)
{
    struct palette *self = mem_alloc(sizeof *self);
    self->screen.ops = &palette_ops;
    self->of = argument->of;
    self->line.limit = LINE_LIMIT;
    return &self->screen;
}
