#include "ui/screens/help/help.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/fold.h"
#include "ui/draw/layout.h"
#include "ui/widgets/list_view.h"

#define KEY_COLUMNS 22

struct help_row {
    enum ui_action action;
    const char *line; /* what it does here */
};

struct help {
    struct screen screen;
    const char *name;
    struct help_row *rows;
    size_t count;
    bool search; /* opened as a palette: Esc with nothing typed goes back */
    struct list_view view;
    struct layout_box list;
};

/* What every screen can do, whether its hints name it or not. */
static const enum ui_action everywhere[] = {ACTION_HELP, ACTION_PALETTE, ACTION_THEME, ACTION_JOBS,
                                            ACTION_BACK, ACTION_REDRAW,  ACTION_QUIT};

static bool listed(const struct help *self, enum ui_action action)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->rows[i].action == action)
            return true;
    }
    return false;
}

static void add(struct help *self, enum ui_action action, const char *line)
{
    if (listed(self, action))
        return;
    *ARRAY_APPEND(self->rows, self->count) =
        (struct help_row){.action = action, .line = line ? line : action_info(action)->help};
}

static void help_close(struct screen *screen)
{
    struct help *self = (struct help *)screen;
    list_view_clear(&self->view);
    free(self->rows);
    free(self);
}

static bool match(const void *context, size_t row, const char *folded)
{
    const struct help *self = context;
    const struct action_info *info = action_info(self->rows[row].action);
    CLEANUP_FREE char *text =
        mem_format("%s %s %s %s", info->name, info->label, info->help, self->rows[row].line);
    CLEANUP_FREE char *searched = fold_text(text);
    return strstr(searched, folded) != NULL;
}

static unsigned perform(const struct help *self)
{
    size_t row = list_view_row(&self->view);
    if (row >= self->count)
        return EFFECT_NONE;
    app_perform(self->screen.app, self->rows[row].action);
    return EFFECT_CLOSE;
}

static unsigned help_key(struct screen *screen, const struct key_event *event)
{
    struct help *self = (struct help *)screen;
    if (event->key == KEY_CODE_ENTER)
        return perform(self);
    if (event->key == KEY_CODE_ESCAPE && self->search && !*line_editor_text(&self->view.filter))
        return EFFECT_CLOSE;
    switch (list_view_filter_key(&self->view, event)) {
    case FILTER_EDITED:
        list_view_update(&self->view,
                         &(struct list_view_rows){.total = self->count, .match = match, .context = self});
        return EFFECT_REDRAW;
    case FILTER_HANDLED:
        return EFFECT_REDRAW;
    case FILTER_UNHANDLED:
        break;
    }
    if (event->action == ACTION_OPEN)
        return perform(self);
    if (event->action == ACTION_HELP)
        return EFFECT_CLOSE;
    if (list_view_move(&self->view, event->action))
        return EFFECT_REDRAW;
    return EFFECT_UNHANDLED;
}

static unsigned help_point(struct screen *screen, const struct pointer_event *event)
{
    struct help *self = (struct help *)screen;
    bool wheel = event->kind != POINTER_PRESS;
    int line = event->row - self->list.row;
    return wheel || list_view_point(&self->view, line) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
}

static void help_recalc(struct screen *screen, int rows, int columns)
{
    struct help *self = (struct help *)screen;
    self->list = layout_list(rows, columns).list;
    list_view_fit(&self->view, self->list.rows);
}

static void help_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct help *self = (const struct help *)screen;
    struct layout_box box = layout_list(body->rows, body->columns).list;
    CLEANUP_FREE char *summary = list_view_summary(&self->view);
    int after = canvas_textf(body, 0, 0, ROLE_HEADING_FOCUSED, "KEYS of %s", self->name);
    canvas_text(body, 0, after + 1, list_view_is_filtered(&self->view) ? ROLE_FILTER : ROLE_DIM, summary);
    for (int row = 0; row < box.rows && self->view.top + (size_t)row < self->view.count; row++) {
        size_t at = self->view.top + (size_t)row;
        bool selected = at == self->view.selected;
        const struct help_row *shown = &self->rows[self->view.shown[at]];
        char keys[64];
        keymap_keys_label(app_keymap(screen->app), shown->action, keys, sizeof keys);
        enum theme_role role = selected ? ROLE_SELECTED : ROLE_NORMAL;
        canvas_field(body, box.row + row, 0, body->columns, role, "");
        canvas_field(body, box.row + row, 0, KEY_COLUMNS, selected ? role : ROLE_KEY,
                     *keys ? keys : "(no key)");
        canvas_field(body, box.row + row, KEY_COLUMNS, body->columns - KEY_COLUMNS, role, shown->line);
    }
}

static struct screen_spot help_cursor(const struct screen *screen)
{
    const struct help *self = (const struct help *)screen;
    return (struct screen_spot){.row = 1 + (int)(self->view.selected - self->view.top)};
}

static void help_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)screen;
    strbuf_add(left, "HELP");
    strbuf_add(right, "refpoint " REFPOINT_VERSION);
}

static bool help_takes_text(const struct screen *screen)
{
    return ((const struct help *)screen)->view.filtering;
}

static const struct screen_hint *help_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_BACK},
        {.action = ACTION_OPEN, .label = "do it"},
        {.action = ACTION_FILTER, .label = "find"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint finding[] = {
        {.action = ACTION_OPEN, .label = "do it"}, {.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint typed[] = {{.action = ACTION_OPEN, .label = "do it"},
                                               {.action = ACTION_BACK, .label = "clear"},
                                               {.action = ACTION_NONE}};
    static const struct screen_hint nothing[] = {{.action = ACTION_BACK, .label = "clear"},
                                                 {.action = ACTION_NONE}};
    const struct help *self = (const struct help *)screen;
    if (self->view.count == 0)
        return nothing;
    if (!self->view.filtering)
        return hints;
    return *line_editor_text(&self->view.filter) ? typed : finding;
}

static const struct screen_ops help_ops = {
    .name = "Help",
    .close = help_close,
    .key = help_key,
    .point = help_point,
    .recalc = help_recalc,
    .repaint = help_repaint,
    .cursor = help_cursor,
    .title = help_title,
    .hints = help_hints,
    .takes_text = help_takes_text,
};

struct screen *help_screen_new(const struct screen_argument *argument)
{
    const struct screen *of = argument->of;
    struct help *self = mem_alloc(sizeof *self);
    self->screen.ops = &help_ops;
    self->name = of->ops->name;
    for (const struct screen_hint *hint = of->ops->hints(of); hint->action != ACTION_NONE; hint++)
        add(self, hint->action, hint->help);
    for (size_t i = 0; i < ARRAY_LENGTH(everywhere); i++)
        add(self, everywhere[i], NULL);
    self->search = argument->search;
    if (self->search)
        list_view_start_filter(&self->view);
    list_view_update(&self->view, &(struct list_view_rows){.total = self->count});
    return &self->screen;
}
