#include "ui/screens/machine/list.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/parts.h"
#include "ui/screens/machine/table.h"
#include "ui/screens/machine/work.h"
#include "ui/widgets/list_view.h"
#include "ui/widgets/problem.h"

#define MARGIN 1
#define TITLES_ROW 1
#define LIST_ROW 2
#define DETAIL_LEAST 4 /* heading too */

struct machine_list_screen {
    struct screen screen;
    uint64_t reading;
    bool read;
    struct error err;
    struct machine_table table;
    struct list_view view;
    struct facts facts; /* of the selected one */
    size_t told;        /* row + 1; 0: none */
    int rows;           /* of the list */
};

static size_t row_count(const struct machine_list_screen *self)
{
    return self->table.machines.count + self->table.machines.left_out.count;
}

/* NULL: none, or a damaged one. */
static const struct machine *selected(const struct machine_list_screen *self)
{
    size_t row = list_view_row(&self->view);
    return row < self->table.machines.count ? &self->table.machines.items[row] : NULL;
}

static void tell_selected(struct machine_list_screen *self)
{
    size_t row = list_view_row(&self->view);
    size_t told = row < row_count(self) ? row + 1 : 0;
    if (told == self->told)
        return;
    facts_clear(&self->facts);
    self->facts.top = 0;
    self->told = told;
    if (told)
        machine_table_tell(&self->table, row, &self->facts);
}

/* --- work --- */

static bool match(const void *context, size_t row, const char *folded)
{
    const struct machine_list_screen *self = context;
    return row >= self->table.machines.count || strstr(self->table.rows[row].folded, folded) != NULL;
}

static const char *id_of(const void *context, size_t row)
{
    const struct machine_table *table = &((const struct machine_list_screen *)context)->table;
    return row < table->machines.count ? table->machines.items[row].id.text
                                       : table->machines.left_out.items[row - table->machines.count].id.text;
}

static void update(struct machine_list_screen *self)
{
    list_view_update(
        &self->view,
        &(struct list_view_rows){.total = row_count(self), .id = id_of, .match = match, .context = self});
    tell_selected(self);
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct machine_list_screen *self = (struct machine_list_screen *)screen;
    struct machines_load *task = argument;
    self->reading = 0;
    self->err = task->ok ? (struct error){0} : task->err;
    if (!task->ok) {
        app_forget_keys(screen->app, screen);
        return EFFECT_REDRAW;
    }
    machine_table_clear(&self->table);
    machine_table_make(&self->table, &task->machines, &task->memberships);
    self->read = true;
    self->told = SIZE_MAX;
    update(self);
    return EFFECT_REDRAW;
}

static void read_machines(struct machine_list_screen *self)
{
    static const struct work_ops ops = {
        .run = machines_load_run, .done = loaded, .release = machines_load_release};
    struct app *app = self->screen.app;
    if (self->reading)
        app_forget(app, self->reading);
    self->err = (struct error){0};
    self->reading = app_post(app, &self->screen, &ops, machines_load_new(app_host(app)));
}

/* --- keys --- */

static bool host_can(const struct machine_list_screen *self)
{
    struct host *host = app_host(self->screen.app);
    if (host->ops->capabilities(host)->add_machines)
        return true;
    app_say(self->screen.app, ROLE_WARNING,
            "This host's machines are libvirt's own: define, change and undefine them with virsh.");
    return false;
}

static unsigned add(struct machine_list_screen *self)
{
    if (host_can(self))
        app_open(self->screen.app, SCREEN_MACHINE_FORM, NULL);
    return EFFECT_NONE;
}

static unsigned on_selected(struct machine_list_screen *self, enum screen_id id)
{
    const struct machine *machine = selected(self);
    if (!host_can(self))
        return EFFECT_NONE;
    if (machine)
        app_open(self->screen.app, id, &(struct screen_argument){.machine = machine->id});
    else
        app_say(self->screen.app, ROLE_WARNING, "%s",
                row_count(self)
                    ? "The record of this machine is damaged: \"refpoint store check\" tells more."
                    : "There is no machine yet: n adds one.");
    return EFFECT_NONE;
}

static unsigned act(struct machine_list_screen *self, enum ui_action action)
{
    struct app *app = self->screen.app;
    switch (action) {
    case ACTION_CREATE:
        return add(self);
    case ACTION_OPEN:
        return on_selected(self, SCREEN_MACHINE_FORM);
    case ACTION_DESTROY:
        return on_selected(self, SCREEN_REMOVE_MACHINE);
    case ACTION_DEFINE:
        app_open(app, SCREEN_DEFINE_COLLECTION, NULL);
        return EFFECT_NONE;
    case ACTION_REFRESH:
        read_machines(self);
        app_say(app, ROLE_INFO, "The machines are read again.");
        return EFFECT_REDRAW;
    case ACTION_BACK:
    case ACTION_LEFT:
        return EFFECT_CLOSE;
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned machine_list_key(struct screen *screen, const struct key_event *event)
{
    struct machine_list_screen *self = (struct machine_list_screen *)screen;
    switch (list_view_filter_key(&self->view, event)) {
    case FILTER_EDITED:
        update(self);
        return EFFECT_REDRAW;
    case FILTER_HANDLED:
        return EFFECT_REDRAW;
    case FILTER_UNHANDLED:
        break;
    }
    if (list_view_move(&self->view, event->action)) {
        tell_selected(self);
        return EFFECT_REDRAW;
    }
    return act(self, event->action);
}

static bool machine_list_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct machine_list_screen *self = (const struct machine_list_screen *)screen;
    return !self->read && !self->err.code && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

static void machine_list_open(struct screen *screen)
{
    read_machines((struct machine_list_screen *)screen);
}

static unsigned machine_list_uncovered(struct screen *screen)
{
    read_machines((struct machine_list_screen *)screen);
    return EFFECT_REDRAW;
}

static void machine_list_close(struct screen *screen)
{
    struct machine_list_screen *self = (struct machine_list_screen *)screen;
    machine_table_clear(&self->table);
    list_view_clear(&self->view);
    facts_clear(&self->facts);
    free(self);
}

/* --- the picture --- */

/* The detail has what the list leaves, and at least a third. */
static void machine_list_recalc(struct screen *screen, int rows, int columns)
{
    struct machine_list_screen *self = (struct machine_list_screen *)screen;
    int room = rows - LIST_ROW;
    int detail = room / 3 > DETAIL_LEAST ? room / 3 : DETAIL_LEAST;
    int wanted = row_count(self) < (size_t)rows ? (int)row_count(self) + 1 : rows;
    self->rows = room - detail > wanted ? wanted : room - detail;
    self->rows = self->rows > 1 ? self->rows : 1;
    list_view_fit(&self->view, self->rows);
    facts_fit(&self->facts, rows - LIST_ROW - self->rows - 1, columns - 2 * MARGIN,
              app_is_ascii(screen->app));
}

static void paint_rows(const struct machine_list_screen *self, const struct canvas *body)
{
    const struct list_view *view = &self->view;
    struct canvas titles = canvas_part(body, TITLES_ROW, 0, 1, body->columns);
    struct canvas list = canvas_part(body, LIST_ROW, 0, self->rows, body->columns);
    machine_table_titles(&self->table, &titles);
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        machine_table_paint(&self->table, &list, row, view->shown[position], position == view->selected);
    }
    if (view->count == 0)
        canvas_text(&list, 0, MARGIN, ROLE_DIM, "No machine matches. Esc clears the filter.");
}

static void paint_none(const struct machine_list_screen *self, const struct canvas *within)
{
    struct host *host = app_host(self->screen.app);
    char key[32];
    keymap_key_label(app_keymap(self->screen.app), ACTION_CREATE, key, sizeof key);
    int row = canvas_text(within, 0, 0, ROLE_NORMAL, "There are no machines here yet.") > 0;
    if (host->ops->capabilities(host)->add_machines)
        canvas_textf(within, row, 0, ROLE_INFO,
                     "%s adds one: from its disks' images, or from a libvirt definition.", key);
    else
        canvas_text(within, row, 0, ROLE_DIM, "Define some with virsh or virt-manager, then r.");
}

static void paint_detail(const struct machine_list_screen *self, const struct canvas *body)
{
    int at = LIST_ROW + self->rows;
    size_t row = list_view_row(&self->view);
    struct canvas box = canvas_part(body, at + 1, MARGIN, body->rows - at - 1, body->columns - 2 * MARGIN);
    const struct machine_list *machines = &self->table.machines;
    if (row >= row_count(self))
        return;
    const char *name = row < machines->count
                           ? machines->items[row].name
                           : damaged_record_name(&machines->left_out.items[row - machines->count]);
    part_heading(body, at, 0, body->columns, &(struct part_heading){.name = name});
    facts_paint(&self->facts, &box);
}

static void machine_list_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct machine_list_screen *self = (const struct machine_list_screen *)screen;
    CLEANUP_FREE char *summary = list_view_summary(&self->view);
    struct canvas within =
        canvas_part(body, LIST_ROW, MARGIN, body->rows - LIST_ROW, body->columns - 2 * MARGIN);
    part_heading(
        body, 0, 0, body->columns,
        &(struct part_heading){.name = "Machines",
                               .more = summary,
                               .more_role = list_view_is_filtered(&self->view) ? ROLE_FILTER : ROLE_DIM,
                               .focused = true});
    if (self->err.code) {
        problem_paint(&within, 0, METHOD_EXPORT_REFERENCE_POINT, &self->err);
        return;
    }
    if (!self->read) {
        canvas_text(&within, 0, 0, ROLE_DIM, "Reading the machines ...  Esc goes back");
        return;
    }
    if (row_count(self) == 0) {
        paint_none(self, &within);
        return;
    }
    paint_rows(self, body);
    paint_detail(self, body);
}

static struct screen_spot machine_list_cursor(const struct screen *screen)
{
    const struct list_view *view = &((const struct machine_list_screen *)screen)->view;
    return (struct screen_spot){.row = LIST_ROW + (int)(view->selected - view->top)};
}

static void machine_list_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_addf(left, "machines  %s", app_host_identity(screen->app));
}

static const struct screen_hint *machine_list_hints(const struct screen *screen)
{
    static const struct screen_hint own[] = {
        {.action = ACTION_CREATE, .label = "add", .help = "Add a machine"},
        {.action = ACTION_OPEN, .label = "change", .help = "Change the selected machine, or add disks"},
        {.action = ACTION_DESTROY,
         .label = "remove",
         .help = "Take the machine out of the store; asks first"},
        {.action = ACTION_FILTER},
        {.action = ACTION_DEFINE},
        {.action = ACTION_BACK},
        {.action = ACTION_REFRESH},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint empty[] = {
        {.action = ACTION_CREATE, .label = "add", .help = "Add a machine"},
        {.action = ACTION_BACK},
        {.action = ACTION_REFRESH},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint foreign[] = {
        {.action = ACTION_FILTER},
        {.action = ACTION_DEFINE},
        {.action = ACTION_BACK},
        {.action = ACTION_REFRESH},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"}, {.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct machine_list_screen *self = (const struct machine_list_screen *)screen;
    struct host *host = app_host(screen->app);
    const struct screen_hint *filter = list_view_filter_hints(&self->view);
    if (filter)
        return filter;
    if (self->err.code)
        return failed;
    if (!self->read)
        return waiting;
    if (!host->ops->capabilities(host)->add_machines)
        return foreign;
    return row_count(self) ? own : empty;
}

static bool machine_list_takes_text(const struct screen *screen)
{
    return ((const struct machine_list_screen *)screen)->view.filtering;
}

static const struct screen_ops machine_list_ops = {
    .name = "Machines",
    .scrolls = true,
    .open = machine_list_open,
    .close = machine_list_close,
    .uncovered = machine_list_uncovered,
    .key = machine_list_key,
    .holds_key = machine_list_holds_key,
    .recalc = machine_list_recalc,
    .repaint = machine_list_repaint,
    .cursor = machine_list_cursor,
    .title = machine_list_title,
    .hints = machine_list_hints,
    .takes_text = machine_list_takes_text,
};

struct screen *machine_list_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct machine_list_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &machine_list_ops;
    return &self->screen;
}
