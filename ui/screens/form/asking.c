/* At most one directory check and one check of the whole are under way at a time, so that typing a path on a
 * dead file system does not block a worker per key; a silent one is given company after a while. */
#include "ui/screens/form/asking.h"

#include "ui/screens/form/model/check.h"
#include "ui/screens/form/state.h"
#include "ui/screens/form/work.h"

#define PATIENCE_MS 2000
#define CHECKS_LIMIT 4 /* workers that may hang in one kind of check */

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
    form_screen_ask(self);
    return EFFECT_REDRAW;
}

void form_screen_open_review(struct form_screen *self)
{
    self->input.wants_review = false;
    self->was_reviewed = true;
    app_open(self->screen.app, SCREEN_REVIEW, &(struct screen_argument){.form = self->form});
}

static unsigned whole_checked(struct screen *screen, void *argument)
{
    struct form_screen *self = (struct form_screen *)screen;
    struct form_check_task *task = argument;
    enum form_field field;
    self->whole.in_flight--;
    export_form_checked(self->form, task->revision, &task->estimate, &task->err);
    export_form_found_needed(self->form, task->revision, &task->needed);
    if (self->input.wants_review) {
        enum form_state state = export_form_state(self->form, &field);
        if (state == FORM_READY)
            form_screen_open_review(self);
        self->input.wants_review = state == FORM_CHECKING;
    }
    form_screen_ask(self);
    return EFFECT_REDRAW;
}

static const struct work_ops directory_work = {
    .run = form_directory_check_run, .done = directory_checked, .release = form_directory_check_release};
static const struct work_ops whole_work = {.run = form_check_task_run,
                                           .done = whole_checked,
                                           .give_up = form_check_task_give_up,
                                           .release = form_check_task_release};

void form_screen_ask(struct form_screen *self)
{
    struct app *app = self->screen.app;
    uint64_t revision = 0;
    if (may_ask(self, &self->directory) && export_form_wants_directory_check(self->form, &revision)) {
        note_asked(self, &self->directory);
        app_post(app, &self->screen, &directory_work, form_directory_check_new(self->form, revision));
    }
    /* What is being looked at is not what the form says any more. */
    if (self->whole.in_flight > 0 && self->whole.revision != self->form->revision)
        app_give_up(app, self->whole.ticket);
    if (may_ask(self, &self->whole) && export_form_wants_check(self->form, &revision)) {
        note_asked(self, &self->whole);
        self->whole.revision = revision;
        self->whole.ticket =
            app_post(app, &self->screen, &whole_work,
                     form_check_task_new(app_host(app), app_service_options(app), self->form, revision));
    }
}

void form_screen_create_directory(struct form_screen *self)
{
    uint64_t revision = self->form->directory_revision;
    struct form_directory_check *task = form_directory_check_new(self->form, revision);
    task->create = true;
    note_asked(self, &self->directory);
    app_post(self->screen.app, &self->screen, &directory_work, task);
    self->input.focus.id = FORM_DIRECTORY;
}

unsigned form_screen_tick(struct screen *screen)
{
    struct form_screen *self = (struct form_screen *)screen;
    if (!self->form)
        return EFFECT_NONE;
    bool slow =
        self->directory.in_flight > 0 && app_now_ms(screen->app) - self->directory.since_ms >= PATIENCE_MS;
    bool news = slow != self->input.slow;
    self->input.slow = slow;
    form_screen_ask(self);
    return news ? EFFECT_REDRAW : EFFECT_NONE;
}
