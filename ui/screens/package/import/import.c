/* The work is the worker's of this screen: it ends when the screen goes, which therefore does not go while it
 * runs without being told to. */
#include "ui/screens/package/import/import.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/layout.h"
#include "ui/screens/package/import/view.h"
#include "ui/screens/package/import/work.h"
#include "ui/widgets/line_editor_key.h"
#include "ui/widgets/pinned_page.h"
#include "ui/widgets/problem.h"

struct import_screen {
    struct screen screen;
    bool loaded;
    struct error load_error;
    struct import_form form;
    struct import_outcome outcome;
    uint64_t check;  /* ticket; 0: nothing is being checked */
    uint64_t work;   /* of the import */
    struct job *job; /* of it, while it runs; the task's */
    struct import_view view;
    struct layout_form layout;
    struct page_focus focus;
    int scroll;
};

/* --- work --- */

static unsigned loaded(struct screen *screen, void *argument)
{
    struct import_screen *self = (struct import_screen *)screen;
    struct import_load *task = argument;
    struct app *app = screen->app;
    self->load_error = task->ok ? (struct error){0} : task->err;
    if (!task->ok) {
        app_forget_keys(app, screen);
        return EFFECT_REDRAW;
    }
    struct import_form *form = &self->form;
    form->name = task->name;
    task->name = NULL;
    form->most = task->most;
    form->disks = task->disks;
    form->can_register = app_host(app)->ops->register_import != NULL;
    command_line_begin(&form->start, app_host_option(app), app_store_option(app),
                       app_service_options(app)->config);
    command_line_add(&form->start, "package");
    command_line_add(&form->start, "import");
    command_line_add(&form->start, form->path);
    self->loaded = true;
    return EFFECT_REDRAW;
}

static void load(struct import_screen *self)
{
    static const struct work_ops ops = {
        .run = import_load_run, .done = loaded, .release = import_load_release};
    self->load_error = (struct error){0};
    app_post(self->screen.app, &self->screen, &ops, import_load_new(self->form.path));
}

static unsigned checked(struct screen *screen, void *argument)
{
    struct import_screen *self = (struct import_screen *)screen;
    const struct import_check *task = argument;
    self->check = 0;
    self->form.checking = false;
    self->form.checked = true;
    self->form.refusal = task->err;
    self->form.refused = task->refused;
    self->form.available = task->available;
    return EFFECT_REDRAW;
}

/* After each change of a field; of several checks the last one counts. */
static void check(struct screen *screen)
{
    static const struct work_ops ops = {
        .run = import_check_run, .done = checked, .release = import_check_release};
    struct import_screen *self = (struct import_screen *)screen;
    struct import_form *form = &self->form;
    if (self->check)
        app_forget(screen->app, self->check);
    self->check = 0;
    form->checked = false;
    form->refusal = (struct error){0};
    self->outcome.err = (struct error){0};
    form->checking = form->to.editor.length > 0;
    if (form->checking)
        self->check = app_post(screen->app, screen, &ops, import_check_new(app_host(screen->app), form));
}

static unsigned imported(struct screen *screen, void *argument)
{
    struct import_screen *self = (struct import_screen *)screen;
    struct import_start *task = argument;
    bool ended = self->outcome.ending && !task->outcome.made;
    self->work = 0;
    self->job = NULL;
    import_outcome_clear(&self->outcome);
    self->outcome = task->outcome;
    task->outcome = (struct import_outcome){0};
    if (ended) {
        self->outcome.err = (struct error){0};
        app_say(screen->app, ROLE_INFO, "The import was ended: what it had written has been removed.");
    }
    self->focus.id = self->outcome.made ? IMPORT_CLOSE : IMPORT_TO;
    self->scroll = 0;
    return EFFECT_REDRAW;
}

static unsigned start(struct import_screen *self)
{
    static const struct work_ops ops = {.run = import_start_run,
                                        .done = imported,
                                        .give_up = import_start_give_up,
                                        .release = import_start_release};
    struct app *app = self->screen.app;
    const char *blocked = import_form_blocked(&self->form);
    if (blocked) {
        app_say(app, ROLE_WARNING, "Nothing is imported yet: %s.", blocked);
        self->focus.id = self->form.refusal.code ? self->form.refused : IMPORT_TO;
        return EFFECT_REDRAW;
    }
    struct import_start *task = import_start_new(app_host(app), &self->form);
    import_outcome_clear(&self->outcome);
    self->outcome.busy = true;
    self->outcome.phase = "beginning";
    self->job = task->job;
    self->work = app_post(app, &self->screen, &ops, task);
    self->scroll = 0;
    return EFFECT_REDRAW;
}

static unsigned end_it(struct import_screen *self)
{
    if (!self->outcome.busy)
        return EFFECT_UNHANDLED;
    self->outcome.ending = true;
    job_request_state_change(self->job, REQUESTED_STATE_TERMINATE);
    return EFFECT_REDRAW;
}

static const char *phase_words(enum job_phase phase)
{
    switch (phase) {
    case JOB_PHASE_COPY:
        return "step 2 of 3: writing the images";
    case JOB_PHASE_VERIFY:
        return "step 3 of 3: comparing them with the package";
    case JOB_PHASE_COMMIT:
        return "giving them their names";
    default:
        return "step 1 of 3: reading the package, every byte";
    }
}

static unsigned import_tick(struct screen *screen)
{
    struct import_screen *self = (struct import_screen *)screen;
    struct job_snapshot snapshot = {0};
    if (!self->job)
        return EFFECT_NONE;
    job_get_snapshot(self->job, &snapshot);
    self->outcome.phase = phase_words(snapshot.phase);
    self->outcome.step_done = snapshot.work_done;
    self->outcome.step_total = snapshot.work_total;
    job_snapshot_clear(&snapshot);
    return EFFECT_REDRAW;
}

/* --- keys --- */

static struct path_field *path_of(struct import_screen *self)
{
    switch (self->focus.id) {
    case IMPORT_TO:
        return &self->form.to;
    case IMPORT_BASES:
        return &self->form.bases;
    default:
        return NULL;
    }
}

static bool takes_text(const struct import_screen *self)
{
    bool field = self->focus.id == IMPORT_TO || self->focus.id == IMPORT_BASES || self->focus.id == IMPORT_AS;
    return self->loaded && !self->outcome.busy && !self->outcome.made && field;
}

static unsigned move(struct import_screen *self, enum page_move where)
{
    struct path_field *path = path_of(self);
    if (path)
        path_field_forget(path, self->screen.app);
    page_move(&self->view.page, &self->focus, where);
    path = path_of(self);
    if (path)
        path->typed = false;
    return EFFECT_REDRAW;
}

static unsigned move_on(struct screen *screen)
{
    return move((struct import_screen *)screen, PAGE_NEXT);
}

static unsigned leave(struct import_screen *self)
{
    struct path_field *path = path_of(self);
    if (self->outcome.busy) {
        app_say(self->screen.app, ROLE_WARNING, "The import runs while this is open: x ends it.");
        return EFFECT_NONE;
    }
    if (path && path_field_lists(path)) {
        path_field_forget(path, self->screen.app);
        return EFFECT_REDRAW;
    }
    return EFFECT_CLOSE;
}

static unsigned press(struct import_screen *self)
{
    switch (self->focus.id) {
    case IMPORT_BACK:
    case IMPORT_CLOSE:
        return leave(self);
    case IMPORT_START:
        return start(self);
    case IMPORT_REGISTER:
        self->form.registers = !self->form.registers;
        check(&self->screen);
        return EFFECT_REDRAW;
    default:
        return EFFECT_NONE;
    }
}

/* Enter on a field goes on: from the last one to the button that does it. */
static unsigned go_on(struct import_screen *self)
{
    move(self, PAGE_NEXT);
    return self->focus.id == IMPORT_BACK ? move(self, PAGE_LAST) : EFFECT_REDRAW;
}

static struct pinned_page pinned(const struct import_screen *self)
{
    return (struct pinned_page){.page = &self->view.page,
                                .buttons_row = self->view.buttons_row,
                                .layout = &self->layout,
                                .scroll = self->scroll};
}

static unsigned scroll_by(struct import_screen *self, int rows)
{
    const struct pinned_page page = pinned(self);
    self->scroll = pinned_page_scrolled(&page, rows);
    return EFFECT_REDRAW;
}

static unsigned copy(struct import_screen *self)
{
    struct command_line line;
    import_form_command(&self->form, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    app_copy(self->screen.app, text);
    return EFFECT_REDRAW;
}

static bool is_button(unsigned field)
{
    return field == IMPORT_BACK || field == IMPORT_START || field == IMPORT_CLOSE;
}

static unsigned tab(struct import_screen *self)
{
    struct path_field *path = path_of(self);
    return path ? path_field_tab(path, &self->screen) : move(self, PAGE_NEXT);
}

static unsigned act(struct import_screen *self, enum ui_action action)
{
    int page = self->layout.fields.rows > 1 ? self->layout.fields.rows - 1 : 1;
    switch (action) {
    case ACTION_UP:
        return self->outcome.made ? scroll_by(self, -1) : move(self, PAGE_UP_ROW);
    case ACTION_DOWN:
        return self->outcome.made ? scroll_by(self, 1) : move(self, PAGE_DOWN_ROW);
    case ACTION_LEFT:
        return move(self, PAGE_LEFT);
    case ACTION_RIGHT:
        return move(self, PAGE_RIGHT);
    case ACTION_PAGE_UP:
        return scroll_by(self, -page);
    case ACTION_PAGE_DOWN:
        return scroll_by(self, page);
    case ACTION_FIRST:
        return move(self, PAGE_FIRST);
    case ACTION_LAST:
        return move(self, PAGE_LAST);
    case ACTION_NEXT_PANE:
        return tab(self);
    case ACTION_PREVIOUS_PANE:
        return move(self, PAGE_PREVIOUS);
    case ACTION_OPEN:
        return is_button(self->focus.id) ? press(self) : go_on(self);
    case ACTION_MARK:
        return press(self);
    case ACTION_COPY:
        return copy(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

static bool edit(struct import_screen *self, const struct key_event *event)
{
    struct path_field *path = path_of(self);
    if (path)
        return path_field_edit(path, &self->screen, event);
    enum line_editor_result result = line_editor_key(&self->form.as, event);
    if (result == LINE_EDITOR_EDITED)
        check(&self->screen);
    return result != LINE_EDITOR_UNHANDLED;
}

static unsigned busy_key(struct import_screen *self, enum ui_action action)
{
    switch (action) {
    case ACTION_CANCEL:
        return end_it(self);
    case ACTION_BACK:
    case ACTION_QUIT:
        return leave(self);
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned import_key(struct screen *screen, const struct key_event *event)
{
    struct import_screen *self = (struct import_screen *)screen;
    if (self->outcome.busy)
        return busy_key(self, event->action);
    if (event->action == ACTION_BACK)
        return leave(self);
    if (!self->loaded) {
        if (event->action != ACTION_REFRESH || !self->load_error.code)
            return EFFECT_UNHANDLED;
        load(self);
        return EFFECT_REDRAW;
    }
    if (takes_text(self) && edit(self, event))
        return EFFECT_REDRAW;
    return act(self, event->action);
}

static bool import_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct import_screen *self = (const struct import_screen *)screen;
    bool ready = self->load_error.code || self->loaded;
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

/* --- the picture --- */

static void import_open(struct screen *screen)
{
    struct import_screen *self = (struct import_screen *)screen;
    self->form.to.move_on = move_on;
    self->form.bases.move_on = move_on;
    self->form.to.changed = check;
    self->form.bases.changed = NULL; /* looked into when it begins */
    load(self);
}

static void import_close(struct screen *screen)
{
    struct import_screen *self = (struct import_screen *)screen;
    import_view_clear(&self->view);
    import_form_clear(&self->form);
    import_outcome_clear(&self->outcome);
    free(self);
}

static void follow_focus(struct import_screen *self)
{
    const struct page_stop *stop = page_find(&self->view.page, &self->focus);
    if (!stop || stop->row >= self->view.buttons_row || self->outcome.made) {
        scroll_by(self, 0);
        return;
    }
    self->focus = stop->focus;
    const struct pinned_page page = pinned(self);
    self->scroll = pinned_page_scroll(&page, stop->row > 2 ? stop->row : 0, stop->row + 1);
}

static void import_recalc(struct screen *screen, int rows, int columns)
{
    struct import_screen *self = (struct import_screen *)screen;
    if (!self->loaded)
        return;
    self->layout = layout_review(rows, columns);
    import_view_build(&self->view, &self->form, &self->outcome, &self->focus, columns,
                      app_is_ascii(screen->app));
    follow_focus(self);
}

static void import_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct import_screen *self = (const struct import_screen *)screen;
    if (self->load_error.code) {
        problem_paint(body, 0, METHOD_EXPORT_REFERENCE_POINT, &self->load_error);
        return;
    }
    if (!self->loaded) {
        canvas_text(body, 0, 1, ROLE_DIM, "Reading the package ...  Esc goes back");
        return;
    }
    const struct pinned_page page = pinned(self);
    pinned_page_paint(&page, body, &self->focus, true, "PgDn: more");
}

static struct screen_spot import_cursor(const struct screen *screen)
{
    const struct import_screen *self = (const struct import_screen *)screen;
    const struct page_stop *stop = self->loaded ? page_find(&self->view.page, &self->focus) : NULL;
    if (!stop)
        return (struct screen_spot){0};
    bool button = stop->row >= self->view.buttons_row;
    return (struct screen_spot){.row = button ? self->layout.buttons.row
                                              : self->layout.fields.row + stop->row - self->scroll,
                                .column = stop->column + stop->cursor};
}

static void import_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct import_screen *self = (const struct import_screen *)screen;
    (void)right;
    strbuf_addf(left, "import   %s", self->form.name ? self->form.name : "");
}

static const struct screen_hint *import_hints(const struct screen *screen)
{
    static const struct screen_hint form[] = {
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_MARK, .label = "toggle"},
        {.action = ACTION_OPEN, .label = "go on"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint busy[] = {
        {.action = ACTION_CANCEL,
         .label = "end it",
         .help = "End the import, and remove what it has written"},
        {.action = ACTION_JOBS},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint made[] = {
        {.action = ACTION_OPEN, .label = "close"},        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"}, {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},       {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"},
        {.action = ACTION_BACK},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct import_screen *self = (const struct import_screen *)screen;
    if (self->load_error.code)
        return failed;
    if (!self->loaded)
        return waiting;
    return self->outcome.busy ? busy : self->outcome.made ? made : form;
}

static bool import_takes_text(const struct screen *screen)
{
    return takes_text((const struct import_screen *)screen);
}

static const struct screen_ops import_ops = {
    .name = "Import",
    .open = import_open,
    .close = import_close,
    .key = import_key,
    .holds_key = import_holds_key,
    .tick = import_tick,
    .recalc = import_recalc,
    .repaint = import_repaint,
    .cursor = import_cursor,
    .title = import_title,
    .hints = import_hints,
    .takes_text = import_takes_text,
};

struct screen *import_screen_new(const struct screen_argument *argument)
{
    struct import_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &import_ops;
    self->form.path = mem_strdup(argument->path);
    return &self->screen;
}
