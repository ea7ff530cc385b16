#include "ui/screens/hosts/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/cells.h"
#include "ui/draw/layout.h"
#include "ui/draw/signs.h"
#include "ui/screens/hosts/tasks.h"
#include "ui/widgets/list_view.h"
#include "ui/widgets/problem.h"

#define FRAME 2 /* columns on each side */
#define TOP 3   /* rows of frame, room and titles */
#define WANTED_COLUMNS 76
#define GAP 2
#define MARKER_COLUMNS 1
#define NAME_LIMIT 24
#define NAME_LEAST 8
#define STATE_COLUMNS 12 /* "✓ shown now" */
#define ABOUT_LEAST 2
#define ABOUT_LIMIT 6

struct hosts_screen {
    struct screen screen;
    char *wanted; /* is opened when the list is there; NULL: none */
    bool read;    /* the list is there */
    bool listed;  /* it has been there before: what is selected is what was chosen */
    struct host_choices choices;
    struct list_view view;
    uint64_t opening; /* ticket; 0: none is being opened */
    struct error err; /* of reading the list, or of opening one */
    struct layout_box box;
    int about_rows; /* beneath the list: what the selected one is */
};

static const struct host_choice *selected(const struct hosts_screen *self)
{
    size_t row = list_view_row(&self->view);
    return row < self->choices.count ? &self->choices.items[row] : NULL;
}

static bool is_shown_now(const struct hosts_screen *self, const struct host_choice *choice)
{
    return !choice->refused && strcmp(app_place(self->screen.app)->host, choice->name) == 0;
}

/* --- work --- */

static const char *id_of(const void *context, size_t row)
{
    const struct hosts_screen *self = context;
    return self->choices.items[row].name;
}

static void select_shown_now(struct hosts_screen *self)
{
    for (size_t i = self->choices.count; i-- > 0;) {
        if (is_shown_now(self, &self->choices.items[i]))
            list_view_select(&self->view, i);
    }
}

static unsigned choose(struct hosts_screen *self);

static void choose_wanted(struct hosts_screen *self)
{
    CLEANUP_FREE char *wanted = self->wanted;
    self->wanted = NULL;
    for (size_t i = 0; wanted && i < self->choices.count; i++) {
        if (strcmp(self->choices.items[i].name, wanted) != 0)
            continue;
        list_view_select(&self->view, i);
        choose(self);
        return;
    }
}

static unsigned choices_done(struct screen *screen, void *argument)
{
    struct hosts_screen *self = (struct hosts_screen *)screen;
    struct choices_task *task = argument;
    self->read = task->ok;
    self->err = task->ok ? (struct error){0} : task->err;
    host_choices_clear(&self->choices);
    self->choices = task->choices;
    task->choices = (struct host_choices){0};
    list_view_update(&self->view,
                     &(struct list_view_rows){.total = self->choices.count, .id = id_of, .context = self});
    if (!self->listed)
        select_shown_now(self);
    self->listed = self->listed || self->choices.count > 0;
    if (!task->ok)
        app_forget_keys(screen->app, screen);
    choose_wanted(self);
    return EFFECT_REDRAW;
}

static unsigned opening_done(struct screen *screen, void *argument)
{
    struct hosts_screen *self = (struct hosts_screen *)screen;
    struct opening_task *task = argument;
    self->opening = 0;
    self->err = task->host ? (struct error){0} : task->err;
    if (!task->host) {
        app_forget_keys(screen->app, screen);
        return EFFECT_REDRAW;
    }
    app_use_host(screen->app, &task->place, task->host);
    task->host = NULL;
    return EFFECT_NONE;
}

static void read_choices(struct hosts_screen *self)
{
    static const struct work_ops ops = {
        .run = choices_task_run, .done = choices_done, .release = choices_task_release};
    struct app *app = self->screen.app;
    self->read = false;
    self->err = (struct error){0};
    app_post(app, &self->screen, &ops, choices_task_new(app_started_place(app)));
}

static unsigned choose(struct hosts_screen *self)
{
    static const struct work_ops ops = {
        .run = opening_task_run, .done = opening_done, .release = opening_task_release};
    struct app *app = self->screen.app;
    const struct host_choice *choice = selected(self);
    if (!choice)
        return EFFECT_NONE;
    if (choice->refused) {
        app_say(app, ROLE_WARNING,
                "This host is refused: its entry in the configuration file must be "
                "corrected first. r reads the file again.");
        return EFFECT_NONE;
    }
    self->err = (struct error){0};
    self->opening =
        app_post(app, &self->screen, &ops, opening_task_new(app_started_place(app), choice->name));
    return EFFECT_REDRAW;
}

/* --- handlers --- */

static void hosts_open(struct screen *screen)
{
    read_choices((struct hosts_screen *)screen);
}

static void hosts_close(struct screen *screen)
{
    struct hosts_screen *self = (struct hosts_screen *)screen;
    host_choices_clear(&self->choices);
    list_view_clear(&self->view);
    free(self->wanted);
    free(self);
}

static unsigned hosts_key(struct screen *screen, const struct key_event *event)
{
    struct hosts_screen *self = (struct hosts_screen *)screen;
    switch (event->action) {
    case ACTION_OPEN:
    case ACTION_MARK:
        return choose(self);
    case ACTION_BACK:
    case ACTION_LEFT:
    case ACTION_HOSTS:
        return EFFECT_CLOSE;
    case ACTION_REFRESH:
        read_choices(self);
        app_say(screen->app, ROLE_INFO, "The configuration file is read again.");
        return EFFECT_REDRAW;
    default:
        return list_view_move(&self->view, event->action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
    }
}

static bool hosts_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct hosts_screen *self = (const struct hosts_screen *)screen;
    bool ready = (self->read && !self->opening) || self->err.code;
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

/* --- the picture --- */

static char *about(const struct host_choice *choice)
{
    if (choice->refused)
        return mem_format("Refused: %s", choice->refused);
    if (choice->found)
        return mem_format("A libvirt daemon of this machine, named nowhere in the configuration file. Points "
                          "of its machines are kept in %s",
                          choice->store);
    return mem_format("%s Points are kept in %s",
                      choice->address ? "Machines of a libvirt daemon, running or off."
                                      : "Image files of machines that are off.",
                      choice->store);
}

static char *text_beneath(const struct hosts_screen *self)
{
    const struct host_choice *choice = selected(self);
    if (self->err.code) {
        CLEANUP_FREE char *text = problem_sentence(METHOD_EXPORT_REFERENCE_POINT, &self->err);
        return mem_format("! %s%s%s", text, *self->err.next ? ". " : "", self->err.next);
    }
    if (!self->read)
        return mem_strdup("Reading the configuration file ...");
    if (self->opening && choice)
        return mem_format("Opening %s ...  Esc goes back", choice->name);
    return choice ? about(choice) : mem_strdup("");
}

/* As many as any of them needs: the frame must not move with the cursor. */
static int rows_beneath(const struct hosts_screen *self, int columns)
{
    bool ascii = app_is_ascii(self->screen.app);
    CLEANUP_FREE char *now = text_beneath(self);
    int rows = canvas_wrap_rows(now, columns, ascii);
    for (size_t i = 0; i < self->choices.count; i++) {
        CLEANUP_FREE char *text = about(&self->choices.items[i]);
        int wanted = canvas_wrap_rows(text, columns, ascii);
        rows = wanted > rows ? wanted : rows;
    }
    return rows < ABOUT_LEAST ? ABOUT_LEAST : rows > ABOUT_LIMIT ? ABOUT_LIMIT : rows;
}

static void hosts_recalc(struct screen *screen, int rows, int columns)
{
    struct hosts_screen *self = (struct hosts_screen *)screen;
    int width = columns < WANTED_COLUMNS ? columns : WANTED_COLUMNS;
    self->about_rows = rows_beneath(self, width - 2 * FRAME - 2 * MARKER_COLUMNS);
    int rest = TOP + 1 + self->about_rows + 2; /* a line between; room and frame */
    int wanted = self->choices.count < (size_t)rows ? (int)self->choices.count : rows;
    self->box = layout_dialog(rows, columns, (wanted > 0 ? wanted : 1) + rest, width);
    list_view_fit(&self->view, self->box.rows - rest);
}

/* What tells it from the others beside its name. */
static const char *place_text(const struct host_choice *choice)
{
    if (!choice->address)
        return choice->store;
    return strcmp(choice->address, choice->name) == 0 ? "" : choice->address;
}

struct state {
    enum sign sign;
    enum theme_role role;
    const char *word;
};

static struct state state_of(const struct hosts_screen *self, const struct host_choice *choice)
{
    if (choice->refused)
        return (struct state){SIGN_BAD, ROLE_ERROR, "refused"};
    if (is_shown_now(self, choice))
        return (struct state){SIGN_GOOD, ROLE_SUCCESS, "shown now"};
    return (struct state){SIGN_NONE, ROLE_DIALOG, choice->found ? "found here" : ""};
}

static int name_columns(const struct hosts_screen *self, bool ascii)
{
    size_t most = 0;
    for (size_t i = 0; i < self->choices.count; i++) {
        size_t width = cells_width(self->choices.items[i].name, ascii);
        most = width > most ? width : most;
    }
    return most < NAME_LIMIT ? (int)most : NAME_LIMIT;
}

struct columns { /* within the frame */
    int names;
    int place_at;
    int state_at;
    int all;
};

static struct columns columns_of(const struct hosts_screen *self, const struct canvas *box)
{
    struct columns at = {.names = name_columns(self, canvas_is_ascii(box)), .all = box->columns - 2 * FRAME};
    at.names = at.names < NAME_LEAST ? NAME_LEAST : at.names;
    at.place_at = MARKER_COLUMNS + at.names + GAP;
    at.state_at = at.all - STATE_COLUMNS;
    return at;
}

static void paint_titles(const struct canvas *box, const struct columns *at)
{
    struct canvas line = canvas_part(box, TOP - 1, FRAME, 1, at->all);
    canvas_text(&line, 0, MARKER_COLUMNS, ROLE_COLUMN, "HOST");
    canvas_text(&line, 0, at->place_at, ROLE_COLUMN, "PLACE");
    canvas_text(&line, 0, at->state_at, ROLE_COLUMN, "STATE");
}

static void paint_choice(const struct hosts_screen *self, const struct canvas *box, int row, size_t index,
                         bool selected_one)
{
    const struct host_choice *choice = &self->choices.items[index];
    enum theme_role role = selected_one ? ROLE_SELECTED : ROLE_DIALOG;
    struct columns at = columns_of(self, box);
    struct state state = state_of(self, choice);
    struct canvas line = canvas_part(box, row, FRAME, 1, at.all);
    canvas_field(&line, 0, 0, at.all, role, selected_one ? ">" : "");
    canvas_field(&line, 0, MARKER_COLUMNS, at.names, role, choice->name);
    canvas_path(&line, 0, at.place_at, at.state_at - GAP - at.place_at, role, place_text(choice));
    canvas_text(&line, 0, at.state_at, selected_one ? role : state.role, sign_mark(box, state.sign));
    canvas_text(&line, 0, at.state_at + 2, selected_one ? role : state.role, state.word);
}

static void hosts_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct hosts_screen *self = (const struct hosts_screen *)screen;
    struct canvas box =
        canvas_dialog(body, self->box.row, self->box.column, self->box.rows, self->box.columns);
    struct columns at = columns_of(self, &box);
    canvas_text(&box, 0, FRAME, ROLE_DIALOG_BORDER, " Hosts ");
    paint_titles(&box, &at);
    for (size_t row = 0; row < (size_t)self->view.rows && self->view.top + row < self->view.count; row++) {
        size_t position = self->view.top + row;
        paint_choice(self, &box, TOP + (int)row, self->view.shown[position], position == self->view.selected);
    }
    CLEANUP_FREE char *text = text_beneath(self);
    canvas_wrap(&box, box.rows - 2 - self->about_rows, FRAME + MARKER_COLUMNS, self->about_rows,
                at.all - 2 * MARKER_COLUMNS, self->err.code ? ROLE_ERROR : ROLE_DIALOG, text);
}

static struct screen_spot hosts_cursor(const struct screen *screen)
{
    const struct hosts_screen *self = (const struct hosts_screen *)screen;
    return (struct screen_spot){.row = self->box.row + TOP + (int)(self->view.selected - self->view.top),
                                .column = self->box.column + FRAME};
}

static void hosts_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)screen;
    (void)right;
    strbuf_add(left, "hosts");
}

static const struct screen_hint *hosts_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_OPEN, .label = "choose", .help = "Show the machines of this host"},
        {.action = ACTION_BACK},
        {.action = ACTION_REFRESH, .label = "read again", .help = "Read the configuration file again"},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint none[] = {
        {.action = ACTION_REFRESH, .label = "read again", .help = "Read the configuration file again"},
        {.action = ACTION_BACK},
        {.action = ACTION_NONE},
    };
    const struct hosts_screen *self = (const struct hosts_screen *)screen;
    if (!self->err.code && (!self->read || self->opening))
        return waiting;
    return selected(self) ? hints : none;
}

static const struct screen_ops hosts_ops = {
    .name = "Hosts",
    .scrolls = true,
    .overlay = true,
    .open = hosts_open,
    .close = hosts_close,
    .key = hosts_key,
    .holds_key = hosts_holds_key,
    .recalc = hosts_recalc,
    .repaint = hosts_repaint,
    .cursor = hosts_cursor,
    .title = hosts_title,
    .hints = hosts_hints,
};

struct screen *hosts_screen_new(const struct screen_argument *argument)
{
    struct hosts_screen *self = mem_alloc(sizeof *self);
    self->wanted = mem_strdup(argument->host);
    self->screen.ops = &hosts_ops;
    return &self->screen;
}
