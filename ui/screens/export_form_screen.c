/* Keys change the form (export_form.h), the form says what should be asked, workers ask, results come back
 * here. At most one directory check and one check of the whole are under way at a time, so that typing a path
 * on a dead file system does not block a worker per key; a silent one is given a second worker after a while.
 */
#include "ui/screens/export_form_screen.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app.h"
#include "ui/export_form_view.h"
#include "ui/line_editor_key.h"
#include "ui/problem.h"
#include "ui/screens/base_screen.h"
#include "ui/screens/export_form_work.h"
#include "ui/screens/review_screen.h"

#define PATIENCE_MS 2000
#define CHECKS_LIMIT 4 /* workers that may hang in one kind of check */

struct asking { /* checks of one kind */
    int in_flight;
    int64_t since_ms;
};

struct form_screen {
    struct screen screen;
    struct object_path path;
    char *collection_name;
    bool failed; /* to load */
    struct error load_error;
    struct export_form *form; /* NULL: not loaded yet */
    struct export_form_view view;
    struct export_form_view_input input;
    int scroll;
    struct completion candidates;
    uint64_t completion; /* ticket; 0 = none under way */
    bool typed;          /* the focused field was changed since it got the focus */
    struct asking directory;
    struct asking whole;
};

static enum form_field field_of(const struct form_screen *self)
{
    return (enum form_field)self->input.focus.id;
}

static struct line_editor *editor_of(struct form_screen *self)
{
    switch (field_of(self)) {
    case FORM_DIRECTORY:
        return &self->form->directory;
    case FORM_BASE_DIRECTORY:
        return &self->form->base_directory;
    case FORM_RATE:
        return &self->form->rate;
    default:
        return NULL;
    }
}

static void forget_candidates(struct form_screen *self)
{
    completion_clear(&self->candidates);
    self->input.candidates = NULL;
    if (self->completion != 0)
        app_forget(self->screen.app, self->completion);
    self->completion = 0;
}

/* --- Asking the host --- */

static void ask(struct form_screen *self);

static bool may_ask(const struct form_screen *self, const struct asking *asking)
{
    return asking->in_flight == 0 || (asking->in_flight < CHECKS_LIMIT &&
                                      app_now_ms(self->screen.app) - asking->since_ms >= PATIENCE_MS);
}

static void note_asked(const struct form_screen *self, struct asking *asking)
{
    asking->in_flight++;
    asking->since_ms = app_now_ms(self->screen.app);
}

static unsigned directory_checked(struct screen *screen, void *argument)
{
    struct form_screen *self = (struct form_screen *)screen;
    const struct form_directory_check *task = argument;
    self->directory.in_flight--;
    if (task->create)
        export_form_check_again(self->form); /* whatever became of it */
    else
        export_form_directory_checked(self->form, task->revision, task->available, &task->err);
    if (task->create && task->err.code != 0)
        app_say(screen->app, ROLE_ERROR, "%s", task->err.what);
    self->input.slow = false;
    ask(self);
    return EFFECT_REDRAW;
}

static void open_review(struct form_screen *self)
{
    struct review review;
    self->input.wants_review = false;
    review_from_form(&review, self->form);
    app_push(self->screen.app, review_screen_new(&review));
}

static unsigned whole_checked(struct screen *screen, void *argument)
{
    struct form_screen *self = (struct form_screen *)screen;
    struct form_check_task *task = argument;
    enum form_field field;
    self->whole.in_flight--;
    export_form_checked(self->form, task->revision, &task->estimate, &task->err);
    if (self->input.wants_review) {
        enum form_state state = export_form_state(self->form, &field);
        if (state == FORM_READY)
            open_review(self);
        self->input.wants_review = state == FORM_CHECKING;
    }
    ask(self);
    return EFFECT_REDRAW;
}

static const struct work_ops directory_work = {
    .run = form_directory_check_run, .done = directory_checked, .release = form_directory_check_release};
static const struct work_ops whole_work = {
    .run = form_check_task_run, .done = whole_checked, .release = form_check_task_release};

static void ask(struct form_screen *self)
{
    struct app *app = self->screen.app;
    uint64_t revision = 0;
    if (may_ask(self, &self->directory) && export_form_wants_directory_check(self->form, &revision)) {
        note_asked(self, &self->directory);
        app_post(app, &self->screen, &directory_work, form_directory_check_new(self->form, revision));
    }
    if (may_ask(self, &self->whole) && export_form_wants_check(self->form, &revision)) {
        note_asked(self, &self->whole);
        app_post(app, &self->screen, &whole_work,
                 form_check_task_new(app_host(app), app_service_options(app), self->form, revision));
    }
}

static void create_directory(struct form_screen *self)
{
    uint64_t revision = self->form->directory_revision;
    struct form_directory_check *task = form_directory_check_new(self->form, revision);
    task->create = true;
    note_asked(self, &self->directory);
    app_post(self->screen.app, &self->screen, &directory_work, task);
    self->input.focus.id = FORM_DIRECTORY;
}

/* --- Loading --- */

static void make_form(struct form_screen *self, const struct form_load *task)
{
    struct app *app = self->screen.app;
    const struct service_options *options = app_service_options(app);
    const struct form_source source = {
        .capabilities = task->host->ops->capabilities(task->host),
        .point = &task->point,
        .points = &task->points,
        .collections = &task->collections,
        .last = &task->last,
        .host_name = app_host_option(app),
        .store = app_store_option(app),
        .config = options->config,
        .bell = app_wants_bell(app),
    };
    self->form = export_form_new(&source);
    export_form_restore(self->form, app_form_draft(app));
    self->input.focus.id = FORM_DIRECTORY;
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct form_screen *self = (struct form_screen *)screen;
    const struct form_load *task = argument;
    self->failed = !task->ok;
    self->load_error = task->err;
    if (task->ok) {
        make_form(self, task);
        ask(self);
    }
    return EFFECT_REDRAW;
}

static const struct work_ops load_work = {.run = form_load_run, .done = loaded, .release = form_load_release};

static void load(struct form_screen *self)
{
    struct app *app = self->screen.app;
    self->failed = false;
    app_post(app, &self->screen, &load_work,
             form_load_new(app_host(app), app_service_options(app), &self->path));
}

static void form_open(struct screen *screen)
{
    load((struct form_screen *)screen);
}

static void form_close(struct screen *screen)
{
    struct form_screen *self = (struct form_screen *)screen;
    completion_clear(&self->candidates);
    export_form_view_clear(&self->view);
    export_form_free(self->form);
    free(self->collection_name);
    free(self);
}

/* --- Keys --- */

static unsigned leave(struct form_screen *self)
{
    struct last_export *draft = app_form_draft(self->screen.app);
    last_export_clear(draft);
    export_form_capture(self->form, draft);
    return EFFECT_CLOSE;
}

static unsigned move(struct form_screen *self, enum page_move where)
{
    forget_candidates(self);
    self->typed = false;
    page_move(&self->view.page, &self->input.focus, where);
    return EFFECT_REDRAW;
}

static unsigned move_page(struct form_screen *self, enum page_move where)
{
    for (int row = 1; row < self->input.layout.fields.rows; row++)
        move(self, where);
    return EFFECT_REDRAW;
}

static unsigned changed(struct form_screen *self)
{
    forget_candidates(self);
    self->input.wants_review = false;
    ask(self);
    return EFFECT_REDRAW;
}

static unsigned completed(struct screen *screen, void *argument)
{
    struct form_screen *self = (struct form_screen *)screen;
    struct form_completion *task = argument;
    struct line_editor *editor = editor_of(self);
    self->completion = 0;
    if (!editor || field_of(self) != task->field || strcmp(line_editor_text(editor), task->typed) != 0)
        return EFFECT_NONE; /* typed on in the meantime */
    if (!completion_has_effect(&task->completion))
        return move(self, PAGE_NEXT);
    if (strcmp(task->completion.text, task->typed) != 0) {
        line_editor_set(editor, task->completion.text);
        export_form_edited(self->form, task->field);
        changed(self);
    }
    self->candidates = task->completion;
    task->completion = (struct completion){0};
    self->input.candidates = &self->candidates;
    self->input.candidates_of = task->field;
    return EFFECT_REDRAW;
}

static const struct work_ops completion_work = {
    .run = form_completion_run, .done = completed, .release = form_completion_release};

/* Candidates are on the screen and the text is as they left it: Tab has nothing to add. */
static bool is_listed(const struct form_screen *self, const char *text)
{
    return self->input.candidates && self->input.candidates_of == field_of(self) &&
           self->candidates.candidate_count > 0 && strcmp(self->candidates.text, text) == 0;
}

static unsigned tab(struct form_screen *self)
{
    struct line_editor *editor = editor_of(self);
    bool completes = editor && field_of(self) != FORM_RATE && self->form->capabilities.local_directory &&
                     self->typed && editor->cursor == editor->length && editor->length > 0;
    /* A second Tab does not wait for a file system that does not answer the first. */
    if (!completes || self->completion != 0 || is_listed(self, line_editor_text(editor)))
        return move(self, PAGE_NEXT);
    self->completion = app_post(self->screen.app, &self->screen, &completion_work,
                                form_completion_new(field_of(self), line_editor_text(editor)));
    return EFFECT_NONE;
}

static unsigned press_review(struct form_screen *self)
{
    enum form_field field;
    struct page_focus focus = self->input.focus;
    switch (export_form_state(self->form, &field)) {
    case FORM_READY:
        open_review(self);
        break;
    case FORM_CHECKING:
        self->input.wants_review = true;
        break;
    case FORM_BLOCKED: /* to where it can be mended */
        self->form->directory_touched = true;
        focus = (struct page_focus){.id = (unsigned)field, .second = SIZE_MAX};
        if (field != FORM_REVIEW)
            self->input.focus = focus;
        break;
    }
    return EFFECT_REDRAW;
}

static void base_chosen(struct screen *owner, size_t base)
{
    struct form_screen *self = (struct form_screen *)owner;
    export_form_choose_base(self->form, base);
    changed(self);
}

static unsigned toggle_in_tree(struct form_screen *self)
{
    const struct page_focus *focus = &self->input.focus;
    if (focus->second == SIZE_MAX)
        export_form_toggle_machine(self->form, focus->first);
    else
        export_form_toggle_disk(self->form, focus->first, focus->second);
    return changed(self);
}

/* Space or Enter on what is no text field. */
static unsigned press(struct form_screen *self)
{
    switch (field_of(self)) {
    case FORM_CREATE:
        create_directory(self);
        return EFFECT_REDRAW;
    case FORM_BASE:
        app_push(self->screen.app, base_screen_new(self->form, &self->screen, base_chosen));
        return EFFECT_REDRAW;
    case FORM_INCLUDE:
        return toggle_in_tree(self);
    case FORM_BACK:
        return leave(self);
    case FORM_LAST:
        export_form_press_last(self->form);
        return changed(self);
    case FORM_REVIEW:
        return press_review(self);
    default:
        export_form_toggle(self->form, field_of(self));
        return changed(self);
    }
}

/* The value that stands left or right of the other; false: that is the one it has. */
static bool choose(struct form_screen *self, bool right)
{
    struct export_form *form = self->form;
    switch (field_of(self)) {
    case FORM_KIND:
        return form->differential == right && export_form_toggle(form, FORM_KIND);
    case FORM_FORMAT:
        return (form->format == DISK_FORMAT_RAW) != right && export_form_toggle(form, FORM_FORMAT);
    case FORM_COMPRESSION:
        return (form->compression == COMPRESSION_ZSTD) != right && export_form_toggle(form, FORM_COMPRESSION);
    case FORM_BASE:
        if (right ? form->base + 1 >= form->base_count : form->base == 0)
            return false;
        export_form_choose_base(form, right ? form->base + 1 : form->base - 1);
        return true;
    default:
        return false;
    }
}

static unsigned move_sideways(struct form_screen *self, bool right)
{
    return choose(self, right) ? changed(self) : move(self, right ? PAGE_RIGHT : PAGE_LEFT);
}

static void copy_command(struct form_screen *self)
{
    struct command_line line;
    export_form_command(self->form, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    app_copy(self->screen.app, text);
}

static unsigned act(struct form_screen *self, enum ui_action action)
{
    switch (action) {
    case ACTION_UP:
        return move(self, PAGE_UP_ROW);
    case ACTION_DOWN:
        return move(self, PAGE_DOWN_ROW);
    case ACTION_LEFT:
        return move_sideways(self, false);
    case ACTION_RIGHT:
        return move_sideways(self, true);
    case ACTION_PAGE_UP:
        return move_page(self, PAGE_UP_ROW);
    case ACTION_PAGE_DOWN:
        return move_page(self, PAGE_DOWN_ROW);
    case ACTION_FIRST:
        return move(self, PAGE_FIRST);
    case ACTION_LAST:
        return move(self, PAGE_LAST);
    case ACTION_NEXT_PANE:
        return tab(self);
    case ACTION_PREVIOUS_PANE:
        return move(self, PAGE_PREVIOUS);
    case ACTION_OPEN:
        return editor_of(self) ? move(self, PAGE_NEXT) : press(self);
    case ACTION_MARK:
        return press(self);
    case ACTION_MARK_ALL:
        export_form_toggle_all(self->form);
        return changed(self);
    case ACTION_REFRESH:
        export_form_check_again(self->form);
        return changed(self);
    case ACTION_COPY:
        copy_command(self);
        return EFFECT_REDRAW;
    default:
        return EFFECT_UNHANDLED;
    }
}

/* First what was opened last: a list of candidates, a Review that waits. */
static unsigned back(struct form_screen *self)
{
    bool waits = self->input.wants_review;
    bool lists = self->input.candidates && self->candidates.candidate_count > 0;
    if (!waits && !lists)
        return leave(self);
    self->input.wants_review = false;
    forget_candidates(self);
    return EFFECT_REDRAW;
}

static unsigned form_key(struct screen *screen, const struct key_event *event)
{
    struct form_screen *self = (struct form_screen *)screen;
    if (!self->form) {
        if (event->action == ACTION_REFRESH && self->failed)
            load(self);
        return event->action == ACTION_BACK ? EFFECT_CLOSE : EFFECT_UNHANDLED;
    }
    if (event->action == ACTION_BACK)
        return back(self);
    struct line_editor *editor = editor_of(self);
    switch (editor ? line_editor_key(editor, event) : LINE_EDITOR_UNHANDLED) {
    case LINE_EDITOR_EDITED:
        self->typed = true;
        export_form_edited(self->form, field_of(self));
        return changed(self);
    case LINE_EDITOR_HANDLED:
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    return act(self, event->action);
}

static unsigned form_tick(struct screen *screen)
{
    struct form_screen *self = (struct form_screen *)screen;
    if (!self->form)
        return EFFECT_NONE;
    bool slow =
        self->directory.in_flight > 0 && app_now_ms(screen->app) - self->directory.since_ms >= PATIENCE_MS;
    bool news = slow != self->input.slow;
    self->input.slow = slow;
    ask(self);
    return news ? EFFECT_REDRAW : EFFECT_NONE;
}

static unsigned form_uncovered(struct screen *screen)
{
    struct form_screen *self = (struct form_screen *)screen;
    if (self->form)
        ask(self);
    return EFFECT_REDRAW;
}

/* --- Picture --- */

static void form_recalc(struct screen *screen, int rows, int columns)
{
    struct form_screen *self = (struct form_screen *)screen;
    enum form_field field = FORM_FIELD_COUNT;
    self->input.layout = layout_form(rows, columns);
    self->input.ascii = app_is_ascii(screen->app);
    if (!self->form)
        return;
    export_form_view_build(&self->view, self->form, &self->input);
    const struct page_stop *stop = page_find(&self->view.page, &self->input.focus);
    if (stop && !page_focus_equal(&stop->focus, &self->input.focus)) { /* its field is gone */
        self->input.focus = stop->focus;
        export_form_view_build(&self->view, self->form, &self->input);
    }
    if (export_form_state(self->form, &field) != FORM_BLOCKED)
        field = FORM_FIELD_COUNT;
    self->scroll = export_form_view_scroll(&self->view, &self->input, self->scroll, field);
}

static void paint_rows(const struct form_screen *self, const struct canvas *body,
                       const struct layout_box *box, int from, int behind)
{
    struct canvas part = canvas_part(body, box->row, box->column, box->rows, box->columns);
    int rows = behind - from < box->rows ? behind - from : box->rows;
    page_paint(&self->view.page, &part, from, rows, &self->input.focus);
}

static void form_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct form_screen *self = (const struct form_screen *)screen;
    if (self->failed)
        problem_paint(body, 1, METHOD_EXPORT_REFERENCE_POINT, &self->load_error);
    else if (!self->form)
        canvas_text(body, 1, 0, ROLE_DIM, "Reading the point.");
    if (!self->form)
        return;
    const struct layout_form *layout = &self->input.layout;
    paint_rows(self, body, &layout->fields, self->scroll, self->view.command_row);
    paint_rows(self, body, &layout->command, self->view.command_row, self->view.buttons_row);
    paint_rows(self, body, &layout->buttons, self->view.buttons_row, self->view.page.rows);
}

static struct screen_spot form_cursor(const struct screen *screen)
{
    const struct form_screen *self = (const struct form_screen *)screen;
    const struct page_stop *stop = self->form ? page_find(&self->view.page, &self->input.focus) : NULL;
    if (!stop)
        return (struct screen_spot){.row = 1};
    const struct layout_form *layout = &self->input.layout;
    int row = stop->row >= self->view.buttons_row ? layout->buttons.row
                                                  : layout->fields.row + stop->row - self->scroll;
    return (struct screen_spot){.row = row, .column = stop->column + stop->cursor};
}

static void form_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct form_screen *self = (const struct form_screen *)screen;
    (void)right;
    strbuf_addf(left, "EXPORT  step 1 of 3: settings    %s",
                self->form ? self->form->point_title : self->collection_name);
}

static const struct screen_hint *form_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_NEXT_PANE, .label = "next"},
        {.action = ACTION_MARK, .label = "toggle"},
        {.action = ACTION_OPEN, .label = "press"},
        {.action = ACTION_BACK, .label = "back (values kept)"},
        {.action = ACTION_MARK_ALL, .label = "all disks, or none", .help_only = true},
        {.action = ACTION_COPY},
        {.action = ACTION_REFRESH, .label = "check again", .help_only = true},
        {.action = ACTION_PREVIOUS_PANE, .help_only = true},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_LEFT, .label = "the choice to the left", .help_only = true},
        {.action = ACTION_RIGHT, .label = "the choice to the right", .help_only = true},
        {.action = ACTION_NONE},
    };
    (void)screen;
    return hints;
}

static const struct screen_ops form_ops = {
    .name = "Export",
    .open = form_open,
    .close = form_close,
    .uncovered = form_uncovered,
    .key = form_key,
    .tick = form_tick,
    .recalc = form_recalc,
    .repaint = form_repaint,
    .cursor = form_cursor,
    .title = form_title,
    .hints = form_hints,
};

struct screen *export_form_screen_new(const struct object_path *point, const char *collection_name)
{
    struct form_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &form_ops;
    self->path = *point;
    self->collection_name = mem_strdup(collection_name ? collection_name : "");
    return &self->screen;
}
