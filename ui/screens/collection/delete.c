#include "ui/screens/collection/delete.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/screens/collection/work.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/page_parts.h"
#include "ui/widgets/problem.h"

#define LABEL_COLUMNS 11
#define COMMAND_ROWS 8
#define POINTS_SHOWN 5

enum delete_stop { DELETE_NO, DELETE_YES };

struct delete_screen {
    struct screen screen;
    struct guid id;
    char *name;
    bool loaded;
    bool busy;
    struct error load_error;
    struct error refusal;
    char *members;
    struct reference_point_list points;
    struct command_line command;
    struct form_page page;
};

/* --- work --- */

static unsigned loaded(struct screen *screen, void *argument)
{
    struct delete_screen *self = (struct delete_screen *)screen;
    struct delete_load *task = argument;
    struct app *app = screen->app;
    self->load_error = task->ok ? (struct error){0} : task->err;
    if (!task->ok) {
        app_forget_keys(app, screen);
        return EFFECT_REDRAW;
    }
    self->points = task->points;
    self->members = task->members;
    task->points = (struct reference_point_list){0};
    task->members = NULL;
    command_line_begin(&self->command, app_host_option(app), app_store_option(app),
                       app_service_options(app)->config);
    command_line_add(&self->command, "collection");
    command_line_add(&self->command, "delete");
    command_line_add(&self->command, task->word);
    self->loaded = true;
    return EFFECT_REDRAW;
}

static void load(struct delete_screen *self)
{
    static const struct work_ops ops = {
        .run = delete_load_run, .done = loaded, .release = delete_load_release};
    struct app *app = self->screen.app;
    self->load_error = (struct error){0};
    app_post(app, &self->screen, &ops, delete_load_new(app_host(app), &self->id));
}

static unsigned deleted(struct screen *screen, void *argument)
{
    struct delete_screen *self = (struct delete_screen *)screen;
    const struct delete_task *task = argument;
    self->busy = false;
    if (task->ok) {
        app_say(screen->app, ROLE_SUCCESS,
                "The collection %s is deleted; its machines and images are as they were.", self->name);
        return EFFECT_CLOSE;
    }
    self->refusal = task->err;
    self->page.scroll = 0;
    form_page_focus_on(&self->page, DELETE_NO, 0, 0);
    return EFFECT_REDRAW;
}

static unsigned delete_it(struct delete_screen *self)
{
    static const struct work_ops ops = {
        .run = delete_task_run, .done = deleted, .release = delete_task_release};
    struct app *app = self->screen.app;
    if (self->busy)
        return EFFECT_NONE;
    self->busy = true;
    self->refusal = (struct error){0};
    app_post(app, &self->screen, &ops, delete_task_new(app_host(app), &self->id));
    return EFFECT_REDRAW;
}

/* --- keys --- */

static unsigned leave(struct delete_screen *self)
{
    if (self->busy)
        app_say(self->screen.app, ROLE_WARNING,
                "The host was not waited for; the list of collections will show what became of it.");
    return EFFECT_CLOSE;
}

static unsigned delete_key(struct screen *screen, const struct key_event *event)
{
    struct delete_screen *self = (struct delete_screen *)screen;
    if (event->action == ACTION_BACK)
        return leave(self);
    if (!self->loaded) {
        if (event->action != ACTION_REFRESH || !self->load_error.code)
            return EFFECT_UNHANDLED;
        load(self);
        return EFFECT_REDRAW;
    }
    if (event->action == ACTION_OPEN || event->action == ACTION_MARK)
        return self->page.focus.id == DELETE_YES ? delete_it(self) : leave(self);
    if (event->action == ACTION_COPY) {
        CLEANUP_FREE char *text = command_line_text(&self->command);
        app_copy(screen->app, text);
        return EFFECT_REDRAW;
    }
    return form_page_act(&self->page, event->action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
}

static bool delete_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct delete_screen *self = (const struct delete_screen *)screen;
    bool ready = self->load_error.code || (self->loaded && !self->busy);
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

/* --- the picture --- */

static void add_points(const struct delete_screen *self, struct page *page)
{
    size_t count = self->points.count + self->points.left_out.count;
    if (count == 0) {
        page_add_fact(page, "Points", LABEL_COLUMNS, ROLE_NORMAL, "none: nothing depends on it");
        return;
    }
    page_add_factf(page, "Points", LABEL_COLUMNS, ROLE_WARNING,
                   "! %zu point%s depend%s on it: while there is one, deleting is refused. Destroy %s first "
                   "(X on each in the list).",
                   count, count == 1 ? "" : "s", count == 1 ? "s" : "", count == 1 ? "it" : "them");
    for (size_t i = 0; i < self->points.count && i < POINTS_SHOWN; i++) {
        char time[32];
        moment_format_list(self->points.items[i].created, false, time, sizeof time);
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_NORMAL, "%s  %s", time,
                       self->points.items[i].name ? self->points.items[i].name : "");
    }
    if (count > POINTS_SHOWN)
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_DIM, "and %zu more", count - POINTS_SHOWN);
}

static void delete_recalc(struct screen *screen, int rows, int columns)
{
    struct delete_screen *self = (struct delete_screen *)screen;
    struct form_page *form = &self->page;
    if (!self->loaded)
        return;
    form_page_begin(form, columns, app_is_ascii(screen->app));
    if (self->refusal.code)
        page_add_problem(&form->page, PAGE_MARGIN, &self->refusal);
    page_add_row(&form->page);
    page_add_fact(&form->page, "Name", LABEL_COLUMNS, ROLE_NORMAL, self->name);
    page_add_factf(&form->page, "Machines", LABEL_COLUMNS, ROLE_NORMAL,
                   "%s; they and their images stay as they are", self->members);
    add_points(self, &form->page);
    page_add_row(&form->page);
    page_add_command(&form->page, COMMAND_ROWS, &self->command);
    int row = form_page_buttons(form);
    int behind = page_add_button(&form->page, row, PAGE_MARGIN, DELETE_NO, "No", false);
    page_add_button(&form->page, row, behind + 2, DELETE_YES,
                    self->busy ? "Deleting ..." : "Yes, delete the collection", self->busy);
    form_page_end(form, rows, columns);
}

static void delete_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct delete_screen *self = (const struct delete_screen *)screen;
    struct canvas within = canvas_part(body, 2, 1, body->rows - 2, body->columns - 2);
    const struct part_heading heading = {.name = "Delete this collection?", .focused = true};
    if (self->loaded) {
        form_page_paint(&self->page, body, &heading);
        return;
    }
    part_heading(body, 0, 0, body->columns, &heading);
    if (self->load_error.code)
        problem_paint(&within, 0, METHOD_EXPORT_REFERENCE_POINT, &self->load_error);
    else
        canvas_text(&within, 0, 0, ROLE_DIM, "Reading what depends on it ...  Esc goes back");
}

static struct screen_spot delete_cursor(const struct screen *screen)
{
    struct screen_spot spot = {0};
    form_page_spot(&((const struct delete_screen *)screen)->page, &spot.row, &spot.column);
    return spot;
}

static void delete_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_addf(left, "delete the collection %s", ((const struct delete_screen *)screen)->name);
}

static const struct screen_hint *delete_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_OPEN, .label = "press"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"}, {.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct delete_screen *self = (const struct delete_screen *)screen;
    if (self->load_error.code)
        return failed;
    return self->loaded && !self->busy ? hints : waiting;
}

static void delete_open(struct screen *screen)
{
    load((struct delete_screen *)screen);
}

static void delete_close(struct screen *screen)
{
    struct delete_screen *self = (struct delete_screen *)screen;
    form_page_clear(&self->page);
    reference_point_list_clear(&self->points);
    command_line_clear(&self->command);
    free(self->members);
    free(self->name);
    free(self);
}

static const struct screen_ops delete_ops = {
    .name = "Delete a collection",
    .open = delete_open,
    .close = delete_close,
    .key = delete_key,
    .holds_key = delete_holds_key,
    .recalc = delete_recalc,
    .repaint = delete_repaint,
    .cursor = delete_cursor,
    .title = delete_title,
    .hints = delete_hints,
};

struct screen *delete_collection_screen_new(const struct screen_argument *argument)
{
    struct delete_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &delete_ops;
    self->id = argument->point->collection_id;
    self->name = mem_strdup(argument->collection_name);
    return &self->screen;
}
