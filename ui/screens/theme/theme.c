#include "ui/screens/theme/theme.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/app.h"
#include "ui/app/data/user_data.h"
#include "ui/draw/layout.h"
#include "ui/widgets/list_view.h"

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

/* Each in its own role, so that a theme can be judged before it is kept. */
static void paint_samples(const struct canvas *body, int row)
{
    static const enum theme_role roles[] = {ROLE_NORMAL,        ROLE_DIM,           ROLE_KEY,
                                            ROLE_INFO,          ROLE_SUCCESS,       ROLE_WARNING,
                                            ROLE_ERROR,         ROLE_FIELD_FOCUSED, ROLE_BUTTON_FOCUSED,
                                            ROLE_PROGRESS_DONE, ROLE_JOB_RUNNING,   ROLE_JOB_FAILED};
    int column = body->columns / 2;
    for (size_t i = 0; i < ARRAY_LENGTH(roles); i++)
        canvas_text(body, row + (int)i, column, roles[i], theme_role_name(roles[i]));
}

static void theme_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct theme_screen *self = (const struct theme_screen *)screen;
    const struct list_view *view = &self->view;
    struct layout_box box = self->layout.list;
    canvas_text(body, 0, 0, ROLE_HEADING_FOCUSED, "THEMES");
    for (int row = 0; row < box.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        bool at = position == view->selected;
        canvas_field(body, box.row + row, 0, body->columns / 2 - 2, at ? ROLE_SELECTED : ROLE_NORMAL, "");
        canvas_textf(body, box.row + row, 0, at ? ROLE_SELECTED : ROLE_NORMAL, "%s %s", at ? ">" : " ",
                     self->names[view->shown[position]]);
    }
    paint_samples(body, box.row);
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
    strbuf_add(left, "THEME");
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
