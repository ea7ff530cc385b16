#include "ui/screens/machine/form.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/words.h"
#include "ui/app/app.h"
#include "ui/screens/files/files.h"
#include "ui/screens/machine/form_view.h"
#include "ui/screens/machine/work.h"
#include "ui/widgets/line_editor_key.h"
#include "ui/widgets/problem.h"

#define LATE_MS 1000

struct form_look { /* what is looked at for a path, one at a time */
    uint64_t ticket;
    int64_t since_ms;
    char *path;
};

struct machine_screen {
    struct screen screen;
    struct guid id;
    bool loaded;
    struct error load_error;
    struct machine_form form;
    struct machine_view view;
    struct form_page page;
    struct form_look image;
    struct form_look definition;
    struct page_focus chooses; /* for which field a file is being chosen */
};

static void look_again(struct machine_screen *self);

/* --- work --- */

static void begin_command(struct machine_screen *self, const struct machine_list *machines,
                          const struct machine *machine)
{
    struct app *app = self->screen.app;
    struct command_line *line = &self->form.start;
    command_line_begin(line, app_host_option(app), app_store_option(app), app_service_options(app)->config);
    command_line_add(line, "machine");
    command_line_add(line, machine ? "set" : "add");
    if (!machine)
        return;
    CLEANUP_FREE char *word = word_for_machine(machines, machine);
    command_line_add(line, word);
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct machine_screen *self = (struct machine_screen *)screen;
    struct machines_load *task = argument;
    const struct machine *machine = NULL;
    self->load_error = task->ok ? (struct error){0} : task->err;
    for (size_t i = 0; i < task->machines.count; i++) {
        if (guid_equal(&task->machines.items[i].id, &self->id))
            machine = &task->machines.items[i];
    }
    if (task->ok && !machine && !guid_is_none(&self->id)) {
        error_set(&self->load_error, RETURN_INVALID_PARAMETER, "machine.unknown",
                  "the machine is not there any more");
        error_next(&self->load_error, "Go back with Esc: the list shows those that there are.");
    }
    if (self->load_error.code) {
        app_forget_keys(screen->app, screen);
        return EFFECT_REDRAW;
    }
    machine_form_begin(&self->form, machine);
    begin_command(self, &task->machines, machine);
    self->loaded = true;
    form_page_focus_on(&self->page, machine ? MACHINE_NAME : MACHINE_WAY, 0, 0);
    return EFFECT_REDRAW;
}

static void load(struct machine_screen *self)
{
    static const struct work_ops ops = {
        .run = machines_load_run, .done = loaded, .release = machines_load_release};
    struct app *app = self->screen.app;
    self->load_error = (struct error){0};
    app_post(app, &self->screen, &ops, machines_load_new(app_host(app)));
}

static unsigned done(struct screen *screen, void *argument)
{
    struct machine_screen *self = (struct machine_screen *)screen;
    struct machine_task *task = argument;
    self->view.busy = false;
    if (!task->ok) {
        self->view.refusal = task->err;
        self->page.scroll = 0;
        form_page_focus_on(&self->page, self->form.change ? MACHINE_NAME : MACHINE_WAY, 0, 0);
        return EFFECT_REDRAW;
    }
    const char *verb = task->change ? "changed" : "added";
    if (task->note_count > 0)
        app_say(screen->app, ROLE_WARNING, "The machine %s is %s; but %s", task->machine.name, verb,
                task->notes[0]);
    else
        app_say(screen->app, ROLE_SUCCESS, "The machine %s is %s.", task->machine.name, verb);
    return EFFECT_CLOSE;
}

static unsigned start(struct machine_screen *self)
{
    static const struct work_ops ops = {
        .run = machine_task_run, .done = done, .release = machine_task_release};
    struct app *app = self->screen.app;
    struct machine_place place;
    struct machine machine;
    self->form.touched = true;
    CLEANUP_FREE char *missing = machine_form_missing(&self->form, &place);
    if (missing) {
        form_page_focus_on(&self->page, place.field, place.first, place.second);
        return EFFECT_REDRAW;
    }
    machine_form_request(&self->form, &machine);
    self->view.busy = true;
    self->view.refusal = (struct error){0};
    app_post(app, &self->screen, &ops, machine_task_new(app_host(app), self->form.change, &machine));
    return EFFECT_REDRAW;
}

static bool on_text(const struct machine_screen *self)
{
    switch ((enum machine_field)self->page.focus.id) {
    case MACHINE_FILE:
    case MACHINE_NAME:
    case MACHINE_CPUS:
    case MACHINE_MEMORY:
    case MACHINE_DISK_ID:
    case MACHINE_DISK_PATH:
    case MACHINE_BACKING_PATH:
        return self->loaded && !self->view.busy;
    default:
        return false;
    }
}

static struct line_editor *focused_editor(struct machine_screen *self)
{
    const struct page_focus *focus = &self->page.focus;
    return on_text(self)
               ? machine_form_editor(&self->form, (enum machine_field)focus->id, focus->first, focus->second)
               : NULL;
}

/* --- what is looked at while it is typed --- */

/* False: it is looked at, or what was asked before may still come. */
static bool may_look(struct machine_screen *self, struct form_look *look, const char *path)
{
    struct app *app = self->screen.app;
    bool asked = look->ticket && strcmp(look->path, path) == 0;
    bool busy = look->ticket && app_now_ms(app) - look->since_ms < LATE_MS;
    if (asked || busy)
        return false;
    if (look->ticket)
        app_forget(app, look->ticket);
    mem_replace(&look->path, path);
    look->since_ms = app_now_ms(app);
    return true;
}

static unsigned image_looked_at(struct screen *screen, void *argument)
{
    struct machine_screen *self = (struct machine_screen *)screen;
    struct image_task *task = argument;
    self->image.ticket = 0;
    if (task->disk < self->form.disk_count &&
        strcmp(line_editor_text(&self->form.disks[task->disk].path), task->path) == 0)
        machine_form_seen(&self->form.disks[task->disk], &task->look);
    look_again(self);
    return EFFECT_REDRAW;
}

static void look_at_image(struct machine_screen *self, size_t index)
{
    static const struct work_ops ops = {
        .run = image_task_run, .done = image_looked_at, .release = image_task_release};
    const char *path = line_editor_text(&self->form.disks[index].path);
    if (may_look(self, &self->image, path))
        self->image.ticket = app_post(self->screen.app, &self->screen, &ops, image_task_new(index, path));
}

static unsigned definition_read(struct screen *screen, void *argument)
{
    struct machine_screen *self = (struct machine_screen *)screen;
    struct definition_task *task = argument;
    self->definition.ticket = 0;
    if (self->form.by_definition && strcmp(line_editor_text(&self->form.file), task->file) == 0) {
        size_t count = task->machine.disk_count;
        machine_form_defined(&self->form, task->file, task->text, &task->machine, task->looks, &task->err);
        task->text = NULL;
        for (size_t i = 0; i < count; i++)
            file_look_clear(&task->looks[i]);
    }
    look_again(self);
    return EFFECT_REDRAW;
}

static void read_definition(struct machine_screen *self)
{
    static const struct work_ops ops = {
        .run = definition_task_run, .done = definition_read, .release = definition_task_release};
    const char *path = line_editor_text(&self->form.file);
    bool known = self->form.file_read && strcmp(self->form.file_read, path) == 0;
    if (*path == '/' && !known && may_look(self, &self->definition, path))
        self->definition.ticket = app_post(self->screen.app, &self->screen, &ops, definition_task_new(path));
}

/* The first image that is not known yet; the others when that is. */
static void look_again(struct machine_screen *self)
{
    if (self->form.by_definition) {
        read_definition(self);
        return;
    }
    for (size_t i = 0; i < self->form.disk_count; i++) {
        const struct disk_form *disk = &self->form.disks[i];
        if (*line_editor_text(&disk->path) == '/' && !machine_form_is_seen(disk)) {
            look_at_image(self, i);
            return;
        }
    }
}

/* --- choosing a file --- */

static void chosen(struct screen *opener, const char *path)
{
    struct machine_screen *self = (struct machine_screen *)opener;
    const struct page_focus *focus = &self->chooses;
    struct line_editor *editor =
        machine_form_editor(&self->form, (enum machine_field)focus->id, focus->first, focus->second);
    if (!editor)
        return;
    line_editor_set(editor, path);
    if (focus->id == MACHINE_DISK_PATH)
        self->form.disks[focus->first].backing_edited = false;
    self->view.refusal = (struct error){0};
    form_page_focus_on(&self->page, focus->id, focus->first, focus->second);
    look_again(self);
}

/* Where the last one was found, the next one is likely to be. */
static const char *start_of(const struct machine_screen *self, const struct line_editor *editor)
{
    if (editor->length)
        return line_editor_text(editor);
    for (size_t i = self->form.disk_count; i-- > 0;) {
        if (self->form.disks[i].path.length)
            return line_editor_text(&self->form.disks[i].path);
    }
    return self->form.machine.disk_count ? self->form.machine.disks[0].path : "";
}

static unsigned choose_file(struct machine_screen *self)
{
    bool image = self->page.focus.id == MACHINE_DISK_CHOOSE;
    self->chooses = self->page.focus;
    self->chooses.id = image ? MACHINE_DISK_PATH : MACHINE_FILE;
    struct line_editor *editor = machine_form_editor(&self->form, (enum machine_field)self->chooses.id,
                                                     self->chooses.first, self->chooses.second);
    if (!editor)
        return EFFECT_NONE;
    const struct files_request request = {.title =
                                              image ? "Choose the disk's image" : "Choose the definition",
                                          .start = start_of(self, editor),
                                          .chosen = chosen,
                                          .opener = &self->screen};
    app_open(self->screen.app, SCREEN_FILES, &(struct screen_argument){.files = &request});
    return EFFECT_NONE;
}

/* --- keys --- */

static unsigned leave(struct machine_screen *self)
{
    if (self->view.busy)
        app_say(self->screen.app, ROLE_WARNING,
                "The host was not waited for; the list of machines will show what became of it.");
    return EFFECT_CLOSE;
}

static unsigned turn(struct machine_screen *self)
{
    machine_form_turn(&self->form);
    self->view.refusal = (struct error){0};
    look_again(self);
    return EFFECT_REDRAW;
}

static struct disk_form *focused_disk(struct machine_screen *self)
{
    return self->page.focus.first < self->form.disk_count ? &self->form.disks[self->page.focus.first] : NULL;
}

/* The picture may be older than the disks. */
static struct backing_form *focused_backing(struct machine_screen *self)
{
    const struct disk_form *disk = focused_disk(self);
    size_t second = self->page.focus.second;
    return disk && second < disk->backing_count ? &disk->backing[second] : NULL;
}

static bool toggle_of_disk(struct machine_screen *self)
{
    struct disk_form *disk = focused_disk(self);
    struct backing_form *backing = focused_backing(self);
    if (!disk)
        return false;
    switch ((enum machine_field)self->page.focus.id) {
    case MACHINE_DISK_FORMAT:
        disk->raw = !disk->raw;
        disk->format_chosen = true;
        return true;
    case MACHINE_DISK_CONTENT:
        disk->content = !disk->content;
        return true;
    case MACHINE_BACKING_FORMAT:
        if (!backing)
            return false;
        backing->raw = !backing->raw;
        disk->backing_edited = true;
        return true;
    default:
        return false;
    }
}

/* The other value of a choice or a box. False: the field has none. */
static bool toggle(struct machine_screen *self)
{
    if (self->page.focus.id != MACHINE_WAY)
        return toggle_of_disk(self);
    turn(self);
    return true;
}

static bool right_is_chosen(struct machine_screen *self)
{
    const struct disk_form *disk = focused_disk(self);
    const struct backing_form *backing = focused_backing(self);
    switch ((enum machine_field)self->page.focus.id) {
    case MACHINE_WAY:
        return self->form.by_definition;
    case MACHINE_DISK_FORMAT:
        return disk && disk->raw;
    default:
        return backing && backing->raw;
    }
}

static bool on_choice(const struct machine_screen *self)
{
    unsigned id = self->page.focus.id;
    return id == MACHINE_WAY || id == MACHINE_DISK_FORMAT || id == MACHINE_BACKING_FORMAT;
}

static unsigned add_disk(struct machine_screen *self)
{
    machine_form_add_disk(&self->form);
    form_page_focus_on(&self->page, MACHINE_DISK_PATH, self->form.disk_count - 1, 0);
    return EFFECT_REDRAW;
}

static unsigned drop_disk(struct machine_screen *self)
{
    machine_form_drop_disk(&self->form, self->page.focus.first);
    form_page_focus_on(&self->page, MACHINE_DISK_ADD, 0, 0);
    return EFFECT_REDRAW;
}

/* Enter goes from field to field, past the buttons among them that nobody needs any more. */
static unsigned go_on(struct machine_screen *self)
{
    bool filled = true;
    struct line_editor *editor = focused_editor(self);
    if (editor)
        filled = editor->length > 0;
    form_page_go_on(&self->page);
    for (unsigned id = self->page.focus.id;
         id == MACHINE_DISK_DROP || id == MACHINE_DISK_ADD ||
         (filled && (id == MACHINE_FILE_CHOOSE || id == MACHINE_DISK_CHOOSE));
         id = self->page.focus.id)
        form_page_go_on(&self->page);
    return EFFECT_REDRAW;
}

static unsigned press(struct machine_screen *self, bool enter)
{
    switch ((enum machine_field)self->page.focus.id) {
    case MACHINE_BACK:
        return leave(self);
    case MACHINE_START:
        return self->view.busy ? EFFECT_NONE : start(self);
    case MACHINE_FILE_CHOOSE:
    case MACHINE_DISK_CHOOSE:
        return choose_file(self);
    case MACHINE_DISK_ADD:
        return add_disk(self);
    case MACHINE_DISK_DROP:
        return drop_disk(self);
    default:
        if (!enter)
            return toggle(self) ? EFFECT_REDRAW : EFFECT_NONE;
        return go_on(self);
    }
}

static unsigned copy(const struct machine_screen *self)
{
    struct command_line line;
    machine_form_command(&self->form, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    app_copy(self->screen.app, text);
    return EFFECT_REDRAW;
}

static unsigned act(struct machine_screen *self, enum ui_action action)
{
    switch (action) {
    case ACTION_OPEN:
        return press(self, true);
    case ACTION_MARK:
        return press(self, false);
    case ACTION_LEFT:
    case ACTION_RIGHT:
        if (!on_choice(self))
            break;
        if (right_is_chosen(self) != (action == ACTION_RIGHT))
            toggle(self);
        return EFFECT_REDRAW;
    case ACTION_COPY:
        return copy(self);
    default:
        break;
    }
    return form_page_act(&self->page, action) ? EFFECT_REDRAW : EFFECT_UNHANDLED;
}

static void edited(struct machine_screen *self)
{
    struct disk_form *disk = focused_disk(self);
    self->form.touched = true;
    self->view.refusal = (struct error){0};
    if (disk && self->page.focus.id == MACHINE_BACKING_PATH)
        disk->backing_edited = true;
    if (disk && self->page.focus.id == MACHINE_DISK_PATH)
        disk->backing_edited = false;
    look_again(self);
}

static unsigned machine_key(struct screen *screen, const struct key_event *event)
{
    struct machine_screen *self = (struct machine_screen *)screen;
    struct line_editor *editor = focused_editor(self);
    if (event->action == ACTION_BACK)
        return leave(self);
    if (!self->loaded) {
        if (event->action != ACTION_REFRESH || !self->load_error.code)
            return EFFECT_UNHANDLED;
        load(self);
        return EFFECT_REDRAW;
    }
    switch (editor ? line_editor_key(editor, event) : LINE_EDITOR_UNHANDLED) {
    case LINE_EDITOR_EDITED:
        edited(self);
        return EFFECT_REDRAW;
    case LINE_EDITOR_HANDLED:
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    return act(self, event->action);
}

static bool machine_holds_key(const struct screen *screen, const struct key_event *event)
{
    const struct machine_screen *self = (const struct machine_screen *)screen;
    bool ready = self->load_error.code || (self->loaded && !self->view.busy);
    return !ready && event->action != ACTION_BACK && event->action != ACTION_QUIT;
}

static unsigned machine_tick(struct screen *screen)
{
    struct machine_screen *self = (struct machine_screen *)screen;
    if (self->loaded)
        look_again(self); /* where the last look is late */
    return EFFECT_NONE;
}

/* --- the picture --- */

static void machine_open(struct screen *screen)
{
    load((struct machine_screen *)screen);
}

static void machine_close(struct screen *screen)
{
    struct machine_screen *self = (struct machine_screen *)screen;
    form_page_clear(&self->page);
    machine_form_clear(&self->form);
    free(self->image.path);
    free(self->definition.path);
    free(self);
}

static void machine_recalc(struct screen *screen, int rows, int columns)
{
    struct machine_screen *self = (struct machine_screen *)screen;
    if (!self->loaded)
        return;
    form_page_begin(&self->page, columns, app_is_ascii(screen->app));
    machine_view_build(&self->page, &self->form, &self->view);
    form_page_end(&self->page, rows, columns);
}

static void machine_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct machine_screen *self = (const struct machine_screen *)screen;
    struct canvas within = canvas_part(body, 2, 1, body->rows - 2, body->columns - 2);
    const struct part_heading heading = {.name = guid_is_none(&self->id) ? "New machine" : "Machine",
                                         .more = self->form.machine.name,
                                         .more_role = ROLE_DIM,
                                         .focused = true};
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

static struct screen_spot machine_cursor(const struct screen *screen)
{
    struct screen_spot spot = {0};
    form_page_spot(&((const struct machine_screen *)screen)->page, &spot.row, &spot.column);
    return spot;
}

static void machine_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct machine_screen *self = (const struct machine_screen *)screen;
    (void)right;
    strbuf_addf(left, "%s a machine  %s", guid_is_none(&self->id) ? "add" : "change",
                app_host_identity(screen->app));
}

static bool machine_takes_text(const struct screen *screen)
{
    return on_text((const struct machine_screen *)screen);
}

static const struct screen_hint *machine_hints(const struct screen *screen)
{
    static const struct screen_hint text[] = {
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_OPEN, .label = "go on"},
        {.action = ACTION_BACK},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint choice[] = {
        {.action = ACTION_MARK, .label = "choose the other", .help = "Choose the other value"},
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_OPEN, .label = "go on"},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint button[] = {
        {.action = ACTION_OPEN, .label = "press"},
        {.action = ACTION_NEXT_PANE},
        {.action = ACTION_BACK},
        {.action = ACTION_COPY, .label = "copy command"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again"}, {.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint waiting[] = {{.action = ACTION_BACK}, {.action = ACTION_NONE}};
    const struct machine_screen *self = (const struct machine_screen *)screen;
    if (self->load_error.code)
        return failed;
    if (!self->loaded || self->view.busy)
        return waiting;
    if (on_text(self))
        return text;
    return on_choice(self) || self->page.focus.id == MACHINE_DISK_CONTENT ? choice : button;
}

static const struct screen_ops machine_ops = {
    .name = "Machine",
    .open = machine_open,
    .close = machine_close,
    .key = machine_key,
    .holds_key = machine_holds_key,
    .tick = machine_tick,
    .recalc = machine_recalc,
    .repaint = machine_repaint,
    .cursor = machine_cursor,
    .title = machine_title,
    .hints = machine_hints,
    .takes_text = machine_takes_text,
};

struct screen *machine_form_screen_new(const struct screen_argument *argument)
{
    struct machine_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &machine_ops;
    self->id = argument->machine;
    return &self->screen;
}
