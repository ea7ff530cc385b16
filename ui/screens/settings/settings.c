#include "ui/screens/settings/settings.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/fold.h"
#include "ui/screens/settings/state.h"
#include "ui/widgets/line_editor_key.h"

static const char *id_of(const void *context, size_t row)
{
    return ((const struct settings_screen *)context)->table[row].name;
}

static bool match(const void *context, size_t row, const char *folded)
{
    const struct setting *setting = &((const struct settings_screen *)context)->table[row];
    CLEANUP_FREE char *text = mem_format("%s %s", setting->name, setting->help);
    CLEANUP_FREE char *searched = fold_text(text);
    return strstr(searched, folded) != NULL;
}

static void update(struct settings_screen *self)
{
    list_view_update(&self->view, &(struct list_view_rows){.total = self->read ? self->count : 0,
                                                           .id = id_of,
                                                           .match = match,
                                                           .context = self});
}

static const char *config_of(const struct settings_screen *self)
{
    return app_started_place(self->screen.app)->config;
}

/* --- reading and writing --- */

static void take(struct settings_screen *self, struct settings *settings)
{
    settings_clear(&self->settings);
    self->settings = *settings;
    *settings = (struct settings){0};
    self->read = true;
    update(self);
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct settings_screen *self = (struct settings_screen *)screen;
    struct settings_load_task *task = argument;
    self->err = task->ok ? (struct error){0} : task->err;
    if (task->ok)
        take(self, &task->settings);
    return EFFECT_REDRAW;
}

static void load(struct settings_screen *self)
{
    static const struct work_ops ops = {
        .run = settings_load_task_run, .done = loaded, .release = settings_load_task_release};
    app_post(self->screen.app, &self->screen, &ops, settings_load_task_new(config_of(self)));
}

static void stop_editing(struct settings_screen *self)
{
    self->editing = false;
    self->refusal = (struct error){0};
    settings_clear(&self->typed);
    line_editor_clear(&self->editor);
}

static unsigned changed(struct screen *screen, void *argument)
{
    struct settings_screen *self = (struct settings_screen *)screen;
    struct settings_change *task = argument;
    self->saving = false;
    if (task->err.code) {
        self->refusal = task->err;
        return EFFECT_REDRAW;
    }
    take(self, &task->settings);
    stop_editing(self);
    app_say(screen->app, ROLE_SUCCESS, "%s is %s. It counts from the next start of refpoint.",
            task->setting->name, task->value ? "written to the file" : "taken out of the file");
    return EFFECT_REDRAW;
}

static unsigned save(struct settings_screen *self, const char *value)
{
    static const struct work_ops ops = {
        .run = settings_change_run, .done = changed, .release = settings_change_release};
    if (self->saving)
        return EFFECT_NONE;
    self->saving = true;
    app_post(self->screen.app, &self->screen, &ops,
             settings_change_new(config_of(self), settings_selected(self), value));
    return EFFECT_REDRAW;
}

/* --- the field --- */

/* Names of hosts are checked as a start with them would be. */
static void check_host(struct settings_screen *self)
{
    struct settings_place place;
    if (settings_find_place(&self->settings, config_of(self), line_editor_text(&self->editor), NULL, &place,
                            &self->refusal))
        settings_place_clear(&place);
}

static void check(struct settings_screen *self)
{
    const struct setting *setting = settings_selected(self);
    const char *text = line_editor_text(&self->editor);
    settings_clear(&self->typed);
    self->refusal = (struct error){0};
    if (!*text)
        return; /* the default */
    if (settings_take(&self->typed, setting, text, &self->refusal) && strcmp(setting->name, "host") == 0)
        check_host(self);
}

static unsigned start_editing(struct settings_screen *self)
{
    const struct setting *setting = settings_selected(self);
    if (!setting)
        return EFFECT_NONE;
    if (strcmp(setting->name, "theme") == 0) { /* which is seen while it is chosen, and kept there */
        app_open(self->screen.app, SCREEN_THEME, NULL);
        return EFFECT_NONE;
    }
    if (setting->secret) {
        app_say(self->screen.app, ROLE_WARNING, "This one is secret: change it in the file.");
        return EFFECT_NONE;
    }
    CLEANUP_FREE char *text = settings_text(&self->settings, setting);
    line_editor_set(&self->editor, text);
    self->editing = true;
    check(self);
    return EFFECT_REDRAW;
}

static unsigned toggle(struct settings_screen *self)
{
    bool on = strcmp(line_editor_text(&self->editor), "true") == 0;
    line_editor_set(&self->editor, on ? "false" : "true");
    check(self);
    return EFFECT_REDRAW;
}

static unsigned accept(struct settings_screen *self)
{
    const char *text = line_editor_text(&self->editor);
    if (self->refusal.code) {
        app_say(self->screen.app, ROLE_WARNING, "It is not written: what is refused must be mended first.");
        return EFFECT_NONE;
    }
    return save(self, *text ? text : NULL);
}

static unsigned field_key(struct settings_screen *self, const struct key_event *event)
{
    bool choice = settings_is_choice(settings_selected(self));
    if (event->action == ACTION_BACK) {
        stop_editing(self);
        return EFFECT_REDRAW;
    }
    if (choice &&
        (event->action == ACTION_MARK || event->action == ACTION_LEFT || event->action == ACTION_RIGHT))
        return toggle(self);
    switch (choice ? LINE_EDITOR_UNHANDLED : line_editor_key(&self->editor, event)) {
    case LINE_EDITOR_EDITED:
        check(self);
        return EFFECT_REDRAW;
    case LINE_EDITOR_HANDLED:
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    return event->action == ACTION_OPEN ? accept(self) : EFFECT_UNHANDLED;
}

/* --- the list --- */

static unsigned back_to_default(struct settings_screen *self)
{
    const struct setting *setting = settings_selected(self);
    if (!setting)
        return EFFECT_NONE;
    if (!settings_is_given(&self->settings, setting)) {
        app_say(self->screen.app, ROLE_INFO, "%s has its default already.", setting->name);
        return EFFECT_NONE;
    }
    return save(self, NULL);
}

static unsigned copy(const struct settings_screen *self)
{
    const struct setting *setting = settings_selected(self);
    CLEANUP_FREE char *statement = setting ? settings_statement(&self->settings, setting) : NULL;
    if (!statement)
        app_say(self->screen.app, ROLE_WARNING, "There is nothing to copy: it has no value.");
    else
        app_copy(self->screen.app, statement);
    return EFFECT_NONE;
}

static unsigned list_act(struct settings_screen *self, enum ui_action action)
{
    switch (action) {
    case ACTION_OPEN:
        return start_editing(self);
    case ACTION_DISCARD:
        return back_to_default(self);
    case ACTION_COPY:
        return copy(self);
    case ACTION_REFRESH:
        load(self);
        app_say(self->screen.app, ROLE_INFO, "The configuration file is read again.");
        return EFFECT_REDRAW;
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned settings_key(struct screen *screen, const struct key_event *event)
{
    struct settings_screen *self = (struct settings_screen *)screen;
    if (self->editing)
        return field_key(self, event);
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

/* --- handlers --- */

static void settings_open(struct screen *screen)
{
    struct settings_screen *self = (struct settings_screen *)screen;
    self->file = settings_file(config_of(self));
    load(self);
}

/* A theme may have been kept above. */
static unsigned settings_uncovered(struct screen *screen)
{
    load((struct settings_screen *)screen);
    return EFFECT_REDRAW;
}

static void settings_close(struct screen *screen)
{
    struct settings_screen *self = (struct settings_screen *)screen;
    settings_clear(&self->settings);
    settings_clear(&self->typed);
    line_editor_clear(&self->editor);
    list_view_clear(&self->view);
    facts_clear(&self->facts);
    free(self->file);
    free(self);
}

static bool settings_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct settings_screen *self = (const struct settings_screen *)screen;
    bool ready = (self->read && !self->saving) || self->err.code;
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

static void settings_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)screen;
    (void)right;
    strbuf_add(left, "settings");
}

static bool settings_takes_text(const struct screen *screen)
{
    const struct settings_screen *self = (const struct settings_screen *)screen;
    bool field = self->editing && !settings_is_choice(settings_selected(self));
    return field || self->view.filtering;
}

static const struct screen_hint *settings_hints(const struct screen *screen)
{
    static const struct screen_hint list[] = {
        {.action = ACTION_OPEN, .label = "change", .help = "Change the selected setting"},
        {.action = ACTION_DISCARD, .label = "default", .help = "Take it out of the file: the default counts"},
        {.action = ACTION_FILTER},
        {.action = ACTION_COPY, .label = "copy line", .help = "Copy its line of the file"},
        {.action = ACTION_BACK},
        {.action = ACTION_REFRESH},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_FIRST, .help_only = true},
        {.action = ACTION_LAST, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint field[] = {
        {.action = ACTION_OPEN, .label = "save", .help = "Write it to the file"},
        {.action = ACTION_BACK, .label = "leave it", .help = "Leave it as it was"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint choice[] = {
        {.action = ACTION_MARK, .label = "toggle"},
        {.action = ACTION_OPEN, .label = "save", .help = "Write it to the file"},
        {.action = ACTION_BACK, .label = "leave it", .help = "Leave it as it was"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint none[] = {{.action = ACTION_REFRESH},
                                              {.action = ACTION_BACK},
                                              {.action = ACTION_QUIT},
                                              {.action = ACTION_NONE}};
    const struct settings_screen *self = (const struct settings_screen *)screen;
    const struct screen_hint *filter = list_view_filter_hints(&self->view);
    if (self->editing)
        return settings_is_choice(settings_selected(self)) ? choice : field;
    if (filter)
        return filter;
    return settings_selected(self) ? list : none;
}

static const struct screen_ops settings_ops = {
    .name = "Settings",
    .scrolls = true,
    .open = settings_open,
    .close = settings_close,
    .uncovered = settings_uncovered,
    .key = settings_key,
    .holds_key = settings_holds_key,
    .recalc = settings_recalc,
    .repaint = settings_repaint,
    .cursor = settings_cursor,
    .title = settings_title,
    .hints = settings_hints,
    .takes_text = settings_takes_text,
};

struct screen *settings_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct settings_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &settings_ops;
    self->table = settings_table(&self->count);
    return &self->screen;
}
