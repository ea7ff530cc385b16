#include "ui/screens/machine/remove.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/words.h"
#include "ui/app/app.h"
#include "ui/screens/machine/table.h"
#include "ui/screens/machine/work.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/page_parts.h"
#include "ui/widgets/problem.h"

#define LABEL_COLUMNS 11
#define COMMAND_ROWS 8

enum remove_stop { REMOVE_NO, REMOVE_YES };

struct remove_screen {
    struct screen screen;
    struct guid id;
    bool loaded;
    bool busy;
    struct error load_error;
    struct error refusal;
    struct machine_table table;
    size_t row; /* of the machine */
    struct command_line command;
    struct form_page page;
};

/* --- work --- */

static const struct machine *machine_of(const struct remove_screen *self)
{
    return &self->table.machines.items[self->row];
}

static bool find(struct remove_screen *self)
{
    for (size_t i = 0; i < self->table.machines.count; i++) {
        self->row = i;
        if (guid_equal(&self->table.machines.items[i].id, &self->id))
            return true;
    }
    error_set(&self->load_error, RETURN_INVALID_PARAMETER, "machine.unknown",
              "the machine is not there any more");
    return error_next(&self->load_error, "Go back with Esc: the list shows those that there are.");
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct remove_screen *self = (struct remove_screen *)screen;
    struct machines_load *task = argument;
    struct app *app = screen->app;
    self->load_error = task->ok ? (struct error){0} : task->err;
    if (task->ok)
        machine_table_make(&self->table, &task->machines, &task->memberships);
    if (!task->ok || !find(self)) {
        app_forget_keys(app, screen);
        return EFFECT_REDRAW;
    }
    CLEANUP_FREE char *word = word_for_machine(&self->table.machines, machine_of(self));
    command_line_begin(&self->command, app_host_option(app), app_store_option(app),
                       app_service_options(app)->config);
    command_line_add(&self->command, "machine");
    command_line_add(&self->command, "remove");
    command_line_add(&self->command, word);
    self->loaded = true;
    return EFFECT_REDRAW;
}

static void load(struct remove_screen *self)
{
    static const struct work_ops ops = {
        .run = machines_load_run, .done = loaded, .release = machines_load_release};
    struct app *app = self->screen.app;
    self->load_error = (struct error){0};
    machine_table_clear(&self->table);
    app_post(app, &self->screen, &ops, machines_load_new(app_host(app)));
}

static unsigned removed(struct screen *screen, void *argument)
{
    struct remove_screen *self = (struct remove_screen *)screen;
    const struct remove_task *task = argument;
    self->busy = false;
    if (task->ok) {
        app_say(screen->app, ROLE_SUCCESS,
                "The machine %s is no longer in the store; its images are as they were.",
                machine_of(self)->name);
        return EFFECT_CLOSE;
    }
    self->refusal = task->err;
    self->page.scroll = 0;
    form_page_focus_on(&self->page, REMOVE_NO, 0, 0);
    return EFFECT_REDRAW;
}

static unsigned remove_it(struct remove_screen *self)
{
    static const struct work_ops ops = {
        .run = remove_task_run, .done = removed, .release = remove_task_release};
    struct app *app = self->screen.app;
    if (self->busy)
        return EFFECT_NONE;
    self->busy = true;
    self->refusal = (struct error){0};
    app_post(app, &self->screen, &ops, remove_task_new(app_host(app), &self->id));
    return EFFECT_REDRAW;
}

/* --- keys --- */

static unsigned leave(struct remove_screen *self)
{
    if (self->busy)
        app_say(self->screen.app, ROLE_WARNING,
                "The host was not waited for; the list of machines will show what became of it.");
    return EFFECT_CLOSE;
}

static unsigned remove_key(struct screen *screen, const struct key_event *event)
{
    struct remove_screen *self = (struct remove_screen *)screen;
    if (event->action == ACTION_BACK)
        return leave(self);
    if (!self->loaded) {
        if (event->action != ACTION_REFRESH || !self->load_error.code)
            return EFFECT_UNHANDLED;
        load(self);
        return EFFECT_REDRAW;
    }
    if (event->action == ACTION_OPEN || event->action == ACTION_MARK)
        return self->page.focus.id == REMOVE_YES ? remove_it(self) : leave(self);
    if (event->action == ACTION_COPY) {
        CLEANUP_FREE char *text = command_line_text(&self->command);
        app_copy(screen->app, text);
        return EFFECT_REDRAW;
    }
    return form_page_act(&self->page, event->action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
}

static bool remove_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct remove_screen *self = (const struct remove_screen *)screen;
    bool ready = self->load_error.code || (self->loaded && !self->busy);
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

/* --- the picture --- */

static void remove_recalc(struct screen *screen, int rows, int columns)
{
    struct remove_screen *self = (struct remove_screen *)screen;
    struct form_page *form = &self->page;
    if (!self->loaded)
        return;
    form_page_begin(form, columns, app_is_ascii(screen->app));
    if (self->refusal.code)
        page_add_problem(&form->page, PAGE_MARGIN, &self->refusal);
    page_add_row(&form->page);
    const char *in = self->table.rows[self->row].collections;
    page_add_fact(&form->page, "Name", LABEL_COLUMNS, ROLE_NORMAL, machine_of(self)->name);
    page_add_factf(&form->page, "Disks", LABEL_COLUMNS, ROLE_NORMAL, "%zu; their images stay as they are",
                   self->table.rows[self->row].disks);
    page_add_factf(&form->page, "Member", LABEL_COLUMNS, *in ? ROLE_WARNING : ROLE_NORMAL, "%s%s",
                   *in ? "! " : "no collection: nothing depends on it", in);
    if (*in)
        page_add_fact(&form->page, "", LABEL_COLUMNS, ROLE_NORMAL,
                      "While it is a member, removing it is refused: delete the collection first.");
    page_add_row(&form->page);
    page_add_command(&form->page, COMMAND_ROWS, &self->command);
    int row = form_page_buttons(form);
    int behind = page_add_button(&form->page, row, PAGE_MARGIN, REMOVE_NO, "No", false);
    page_add_button(&form->page, row, behind + 2, REMOVE_YES,
                    self->busy ? "Removing ..." : "Yes, remove the machine", self->busy);
    form_page_end(form, rows, columns);
}

static void remove_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct remove_screen *self = (const struct remove_screen *)screen;
    struct canvas within = canvas_part(body, 2, 1, body->rows - 2, body->columns - 2);
    const struct part_heading heading = {.name = "Remove this machine?", .focused = true};
    if (self->loaded) {
        form_page_paint(&self->page, body, &heading);
        return;
    }
    part_heading(body, 0, 0, body->columns, &heading);
    if (self->load_error.code)
        problem_paint(&within, 0, METHOD_EXPORT_REFERENCE_POINT, &self->load_error);
    else
        canvas_text(&within, 0, 0, ROLE_DIM, "Reading the machines ...  Esc goes back");
}

static struct screen_spot remove_cursor(const struct screen *screen)
{
    struct screen_spot spot = {0};
    form_page_spot(&((const struct remove_screen *)screen)->page, &spot.row, &spot.column);
    return spot;
}

static void remove_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_addf(left, "remove a machine  %s", app_host_identity(screen->app));
}

static const struct screen_hint *remove_hints(const struct screen *screen)
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
    const struct remove_screen *self = (const struct remove_screen *)screen;
    if (self->load_error.code)
        return failed;
    return self->loaded && !self->busy ? hints : waiting;
}

static void remove_open(struct screen *screen)
{
    load((struct remove_screen *)screen);
}

static void remove_close(struct screen *screen)
{
    struct remove_screen *self = (struct remove_screen *)screen;
    form_page_clear(&self->page);
    machine_table_clear(&self->table);
    command_line_clear(&self->command);
    free(self);
}

static const struct screen_ops remove_ops = {
    .name = "Remove a machine",
    .open = remove_open,
    .close = remove_close,
    .key = remove_key,
    .holds_key = remove_holds_key,
    .recalc = remove_recalc,
    .repaint = remove_repaint,
    .cursor = remove_cursor,
    .title = remove_title,
    .hints = remove_hints,
};

struct screen *remove_machine_screen_new(const struct screen_argument *argument)
{
    struct remove_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &remove_ops;
    self->id = argument->machine;
    return &self->screen;
}
