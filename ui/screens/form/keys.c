/* Keys of the export form: a text field takes characters first; everything else goes by actions. */
#include "ui/screens/form/keys.h"

#include <string.h>

#include "core/base/mem.h"
#include "ui/screens/form/asking.h"
#include "ui/screens/form/load.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/form/model/command.h"
#include "ui/screens/form/model/values.h"
#include "ui/screens/form/state.h"
#include "ui/screens/form/work.h"
#include "ui/widgets/line_editor_key.h"

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
    case FORM_NAME:
        return &self->form->name;
    case FORM_RATE:
        return &self->form->rate;
    default:
        return NULL;
    }
}

static bool is_path(enum form_field field)
{
    return field == FORM_DIRECTORY || field == FORM_BASE_DIRECTORY;
}

static bool lists(const struct form_screen *self)
{
    return self->input.candidates && self->input.candidates_of == field_of(self) &&
           self->candidates.candidate_count > 0;
}

static void forget_candidates(struct form_screen *self)
{
    if (is_path(field_of(self)))
        self->input.focus.first = 0; /* from the list back to the field */
    completion_clear(&self->candidates);
    self->input.candidates = NULL;
    if (self->completion != 0)
        app_forget(self->screen.app, self->completion);
    self->completion = 0;
}

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
    form_screen_ask(self);
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
    completion_clear(&self->candidates);
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
    return lists(self) && strcmp(self->candidates.text, text) == 0;
}

/* What was typed is completed at its end; of nothing, the places to choose from are listed. */
static bool completes(const struct form_screen *self, const struct line_editor *editor)
{
    if (!editor || !is_path(field_of(self)) || !self->form->capabilities.local_directory)
        return false;
    if (editor->length == 0)
        return field_of(self) == FORM_DIRECTORY;
    return self->typed && editor->cursor == editor->length;
}

static unsigned tab(struct form_screen *self)
{
    struct line_editor *editor = editor_of(self);
    /* A second Tab does not wait for a file system that does not answer the first. */
    if (!completes(self, editor) || self->completion != 0 || is_listed(self, line_editor_text(editor)))
        return move(self, PAGE_NEXT);
    self->completion = app_post(self->screen.app, &self->screen, &completion_work,
                                form_completion_new(field_of(self), line_editor_text(editor)));
    return EFFECT_NONE;
}

/* Rows of the list are the field's, behind it: 0 is the field itself. */
static unsigned move_in_list(struct form_screen *self, bool up)
{
    size_t *at = &self->input.focus.first;
    if (up)
        --*at;
    else if (*at < self->candidates.candidate_count)
        ++*at;
    return EFFECT_REDRAW;
}

static unsigned take_candidate(struct form_screen *self)
{
    CLEANUP_FREE char *text = completion_take(&self->candidates, self->input.focus.first - 1);
    line_editor_set(editor_of(self), text);
    export_form_edited(self->form, field_of(self));
    self->typed = true; /* Tab goes on from there */
    return changed(self);
}

static unsigned press_review(struct form_screen *self)
{
    enum form_field field;
    switch (export_form_state(self->form, &field)) {
    case FORM_READY:
        form_screen_open_review(self);
        break;
    case FORM_CHECKING:
        self->input.wants_review = true;
        break;
    case FORM_BLOCKED: /* to where it can be mended */
        self->form->directory_touched = true;
        if (field != FORM_REVIEW)
            self->input.focus = (struct page_focus){.id = (unsigned)field, .second = SIZE_MAX};
        break;
    }
    return EFFECT_REDRAW;
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

/* What Enter presses. On the choices it goes on, so that whoever presses it to get ahead changes none. */
static bool is_button(enum form_field field)
{
    return field == FORM_CREATE || field == FORM_BASE || field == FORM_BACK || field == FORM_LAST ||
           field == FORM_REVIEW;
}

static bool is_choice(enum form_field field)
{
    return field == FORM_KIND || field == FORM_CONSISTENCY || field == FORM_FORMAT ||
           field == FORM_COMPRESSION || field == FORM_BASE_CHECK;
}

/* Space on what is no text field. On a choice the cursor is on the chosen value, which Space chooses again.
 */
static unsigned press(struct form_screen *self)
{
    switch (field_of(self)) {
    case FORM_CREATE:
        form_screen_create_directory(self);
        return EFFECT_REDRAW;
    case FORM_BASE:
        app_open(self->screen.app, SCREEN_BASE_LIST, &(struct screen_argument){.form = self->form});
        return EFFECT_REDRAW;
    case FORM_INCLUDE:
        return toggle_in_tree(self);
    case FORM_BACK:
        return leave(self);
    case FORM_LAST:
        if (!self->form->can_undo && guid_is_none(&self->form->last.collection_id))
            app_say(self->screen.app, ROLE_WARNING, "No export has been started from here yet.");
        export_form_press_last(self->form);
        return changed(self);
    case FORM_REVIEW:
        return press_review(self);
    default:
        if (is_choice(field_of(self))) {
            app_say(self->screen.app, ROLE_INFO, "It is chosen; Left and Right choose another.");
            return EFFECT_REDRAW;
        }
        if (!export_form_toggle(self->form, field_of(self)))
            app_say(self->screen.app, ROLE_WARNING, "There is no other choice here.");
        return changed(self);
    }
}

/* Enter on a field: the next one, and behind the last the button that goes on, not the one that goes back. */
static unsigned go_on(struct form_screen *self)
{
    move(self, PAGE_NEXT);
    return field_of(self) == FORM_BACK ? move(self, PAGE_LAST) : EFFECT_REDRAW;
}

/* The nearest one on that side that is offered. */
static bool choose_kind(struct export_form *form, bool right)
{
    int step = right ? 1 : -1;
    for (int kind = (int)export_form_kind(form) + step; kind >= 0 && kind < FORM_KIND_COUNT; kind += step) {
        if (!export_form_offers(form, (enum form_kind)kind))
            continue;
        export_form_choose_kind(form, (enum form_kind)kind);
        return true;
    }
    return false;
}

/* The value that stands left or right of the other; false: that is the one it has. */
static bool choose(struct form_screen *self, bool right)
{
    struct export_form *form = self->form;
    switch (field_of(self)) {
    case FORM_KIND:
        return choose_kind(form, right);
    case FORM_CONSISTENCY:
        return form->application != right && export_form_toggle(form, FORM_CONSISTENCY);
    case FORM_FORMAT:
        return (form->format == DISK_FORMAT_RAW) != right && export_form_toggle(form, FORM_FORMAT);
    case FORM_COMPRESSION:
        return (form->compression == COMPRESSION_ZSTD) != right && export_form_toggle(form, FORM_COMPRESSION);
    case FORM_BASE_CHECK:
        return export_form_choose_base_check(form, (int)form->base_check + (right ? 1 : -1));
    case FORM_BASE:
        if (right ? form->of->base + 1 >= form->of->base_count : form->of->base == 0)
            return false;
        export_form_choose_base(form, right ? form->of->base + 1 : form->of->base - 1);
        return true;
    default:
        return false;
    }
}

static unsigned move_sideways(struct form_screen *self, bool right)
{
    if (choose(self, right))
        return changed(self);
    enum form_field before = field_of(self);
    unsigned effect = move(self, right ? PAGE_RIGHT : PAGE_LEFT);
    if (is_choice(before) && field_of(self) == before)
        app_say(self->screen.app, ROLE_INFO, "There is no other choice on this side.");
    return effect;
}

static void copy_command(struct form_screen *self)
{
    struct command_line line;
    export_form_command(self->form, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    app_copy(self->screen.app, text);
}

/* While candidates are listed, what moves between them and takes one; false: it is not about the list. */
static bool act_on_list(struct form_screen *self, enum ui_action action, unsigned *effect)
{
    bool within = lists(self) && self->input.focus.first > 0;
    if (lists(self) && (action == ACTION_DOWN || (within && action == ACTION_UP)))
        *effect = move_in_list(self, action == ACTION_UP);
    else if (within && action == ACTION_OPEN)
        *effect = take_candidate(self);
    else
        return false;
    return true;
}

static unsigned act(struct form_screen *self, enum ui_action action)
{
    unsigned effect = EFFECT_NONE;
    if (act_on_list(self, action, &effect))
        return effect;
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
        return is_button(field_of(self)) ? press(self) : go_on(self);
    case ACTION_MARK:
        return press(self);
    case ACTION_REVIEW:
        forget_candidates(self);
        return press_review(self);
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
    if (!waits && !lists(self))
        return leave(self);
    self->input.wants_review = false;
    forget_candidates(self);
    return EFFECT_REDRAW;
}

bool form_screen_takes_text(const struct form_screen *self)
{
    enum form_field field = field_of(self);
    return self->form && (is_path(field) || field == FORM_NAME || field == FORM_RATE);
}

bool form_screen_lists(const struct form_screen *self)
{
    return self->form && lists(self);
}

bool form_screen_is_on_choice(const struct form_screen *self)
{
    return self->form && is_choice(field_of(self));
}

bool form_screen_is_on_button(const struct form_screen *self)
{
    return self->form && is_button(field_of(self));
}

unsigned form_screen_key(struct screen *screen, const struct key_event *event)
{
    struct form_screen *self = (struct form_screen *)screen;
    if (!self->form) {
        if (event->action == ACTION_REFRESH && self->failed) {
            form_screen_load(self);
            return EFFECT_REDRAW;
        }
        return event->action == ACTION_BACK ? EFFECT_CLOSE : EFFECT_UNHANDLED;
    }
    if (event->action == ACTION_BACK)
        return back(self);
    self->input.wants_review = false; /* whoever goes on with something else does not wait for it */
    struct line_editor *editor = editor_of(self);
    if (editor)
        export_form_before_key(self->form, field_of(self), *event->text != '\0');
    switch (editor ? line_editor_key(editor, event) : LINE_EDITOR_UNHANDLED) {
    case LINE_EDITOR_EDITED:
        self->typed = true;
        export_form_edited(self->form, field_of(self));
        return changed(self);
    case LINE_EDITOR_HANDLED: /* the cursor was moved: to go on with what is there */
        if (field_of(self) == FORM_DIRECTORY)
            self->form->proposed = false;
        return EFFECT_REDRAW;
    case LINE_EDITOR_UNHANDLED:
        break;
    }
    return act(self, event->action);
}
