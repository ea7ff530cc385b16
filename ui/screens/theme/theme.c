#include "ui/screens/theme/theme.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/app.h"
#include "ui/app/data/user_data.h"
#include "ui/draw/layout.h"
#include "ui/draw/parts.h"
#include "ui/draw/signs.h"
#include "ui/widgets/list_view.h"

#define MARGIN 1

struct names_task {
    char **names;
    size_t count;
};

struct theme_screen {
    struct screen screen;
    char *before; /* name of the theme to go back to */
    char **names;
    size_t count;
    struct list_view view;
    struct layout_list layout;
};

static void names_run(void *argument)
{
    struct names_task *task = argument;
    user_data_theme_names(&task->names, &task->count);
}

static unsigned names_done(struct screen *screen, void *argument)
{
    struct theme_screen *self = (struct theme_screen *)screen;
    struct names_task *task = argument;
    size_t current = SIZE_MAX;
    self->names = task->names;
    self->count = task->count;
    task->names = NULL;
    task->count = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->names[i], self->before) == 0)
            current = i;
    }
    list_view_update(&self->view, &(struct list_view_rows){.total = self->count});
    list_view_select(&self->view, current);
    return EFFECT_REDRAW;
}

static void names_release(void *argument)
{
    struct names_task *task = argument;
    fs_free_names(task->names, task->count);
    free(task);
}

static void theme_open(struct screen *screen)
{
    static const struct work_ops ops = {.run = names_run, .done = names_done, .release = names_release};
    struct theme_screen *self = (struct theme_screen *)screen;
    self->before = mem_strdup(app_theme(screen->app)->name);
    app_post(screen->app, screen, &ops, mem_alloc(sizeof(struct names_task)));
}

static void theme_close(struct screen *screen)
{
    struct theme_screen *self = (struct theme_screen *)screen;
    fs_free_names(self->names, self->count);
    free(self->before);
    list_view_clear(&self->view);
    free(self);
}

static const char *selected(const struct theme_screen *self)
{
    size_t row = list_view_row(&self->view);
    return row < self->count ? self->names[row] : self->before;
}

static unsigned theme_key(struct screen *screen, const struct key_event *event)
{
    struct theme_screen *self = (struct theme_screen *)screen;
    if (list_view_move(&self->view, event->action)) {
        app_use_theme(screen->app, selected(self), false);
        return EFFECT_REDRAW;
    }
    switch (event->action) {
    case ACTION_OPEN:
        app_use_theme(screen->app, selected(self), true);
        return EFFECT_CLOSE;
    case ACTION_BACK:
        app_use_theme(screen->app, self->before, false);
        return EFFECT_CLOSE;
    default:
        return EFFECT_UNHANDLED;
    }
}

static void theme_recalc(struct screen *screen, int rows, int columns)
{
    struct theme_screen *self = (struct theme_screen *)screen;
    self->layout = layout_list(rows, columns);
    list_view_fit(&self->view, self->layout.list.rows);
}

static void paint_names(const struct theme_screen *self, const struct canvas *list)
{
    const struct list_view *view = &self->view;
    for (int row = 0; row < list->rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        bool at = position == view->selected;
        enum theme_role role = at ? ROLE_SELECTED : ROLE_NORMAL;
        canvas_field(list, row, 0, list->columns, role, at ? ">" : "");
        canvas_text(list, row, MARGIN, role, self->names[view->shown[position]]);
    }
}

static const struct {
    const char *text;
    enum theme_role role;
    enum sign sign;
} samples[] = {
    {"verified", ROLE_SUCCESS, SIGN_GOOD},    {"running", ROLE_JOB_RUNNING, SIGN_RUNNING},
    {"paused", ROLE_JOB_PAUSED, SIGN_PAUSED}, {"with warnings", ROLE_WARNING, SIGN_WARNING},
    {"failed", ROLE_ERROR, SIGN_BAD},         {"a filter", ROLE_FILTER, SIGN_NONE},
    {"a field", ROLE_FIELD, SIGN_NONE},       {"where it is written", ROLE_FIELD_FOCUSED, SIGN_NONE},
    {"< a button >", ROLE_BUTTON, SIGN_NONE}, {"< the one pressed >", ROLE_BUTTON_FOCUSED, SIGN_NONE},
};

/* What the screens are made of, so that a theme can be judged before it is kept. */
static void paint_samples(const struct canvas *pane)
{
    int row = 0;
    canvas_text(pane, row++, MARGIN, ROLE_COLUMN, "NAME");
    canvas_field(pane, row++, 0, pane->columns, ROLE_SELECTED, ">selected");
    canvas_field(pane, row++, 0, pane->columns, ROLE_SELECTED_UNFOCUSED, ">selected, in the other pane");
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++, row++) {
        int at = MARGIN;
        if (samples[i].sign != SIGN_NONE) {
            canvas_text(pane, row, at, samples[i].role, sign_mark(pane, samples[i].sign));
            at += 2;
        }
        at += canvas_text(pane, row, at, samples[i].role, samples[i].text);
        if (samples[i].sign == SIGN_RUNNING)
            part_bar(pane, row, at + 2, pane->columns - at - 3, 61, ROLE_PROGRESS_DONE);
    }
}

static void theme_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct theme_screen *self = (const struct theme_screen *)screen;
    struct layout_box box = self->layout.list;
    int names = body->columns / 3;
    int rest = body->columns - names - 1;
    CLEANUP_FREE char *count = list_view_summary(&self->view);
    struct canvas list = canvas_part(body, box.row, 0, box.rows, names);
    struct canvas pane = canvas_part(body, box.row, names + 1, box.rows, rest);
    part_heading(
        body, 0, 0, names,
        &(struct part_heading){.name = "Themes", .more = count, .more_role = ROLE_DIM, .focused = true});
    part_heading(body, 0, names + 1, rest, &(struct part_heading){.name = "How it looks"});
    part_joint(body, 0, names, false, true);
    part_vertical(body, box.row, names, box.rows);
    paint_names(self, &list);
    paint_samples(&pane);
}

static struct screen_spot theme_cursor(const struct screen *screen)
{
    const struct theme_screen *self = (const struct theme_screen *)screen;
    return (struct screen_spot){.row = self->layout.list.row + (int)(self->view.selected - self->view.top)};
}

static void theme_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)screen;
    (void)right;
    strbuf_add(left, "themes");
}

#define NEXT                                                                                                 \
    {                                                                                                        \
        .action = ACTION_DOWN, .label = "next", .help = "Show the next theme"                                \
    }
#define BEFORE                                                                                               \
    {                                                                                                        \
        .action = ACTION_UP, .label = "the one before", .help = "Show the theme before"                      \
    }
#define CHOICES                                                                                              \
    {.action = ACTION_OPEN, .label = "keep", .help = "Keep this theme, now and later"},                      \
        {.action = ACTION_BACK, .label = "as before", .help = "Go back, with the theme from before"},        \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

static const struct screen_hint *theme_hints(const struct screen *screen)
{
    static const struct screen_hint between[] = {NEXT, BEFORE, CHOICES};
    static const struct screen_hint first[] = {NEXT, CHOICES};
    static const struct screen_hint last[] = {BEFORE, CHOICES};
    static const struct screen_hint only[] = {CHOICES};
    const struct list_view *view = &((const struct theme_screen *)screen)->view;
    bool more = view->selected + 1 < view->count;
    if (view->selected == 0)
        return more ? first : only;
    return more ? between : last;
}

static const struct screen_ops theme_ops = {
    .name = "Themes",
    .scrolls = true,
    .open = theme_open,
    .close = theme_close,
    .key = theme_key,
    .recalc = theme_recalc,
    .repaint = theme_repaint,
    .cursor = theme_cursor,
    .title = theme_title,
    .hints = theme_hints,
};

struct screen *theme_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct theme_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &theme_ops;
    return &self->screen;
}
