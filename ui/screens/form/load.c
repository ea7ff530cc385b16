#include "ui/screens/form/load.h"

#include "ui/screens/form/asking.h"
#include "ui/screens/form/model/make.h"
#include "ui/screens/form/model/values.h"
#include "ui/screens/form/state.h"
#include "ui/screens/form/work.h"

static void make_form(struct form_screen *self, const struct form_load *task)
{
    struct app *app = self->screen.app;
    const struct service_options *options = app_service_options(app);
    const struct form_source source = {
        .capabilities = task->host->ops->capabilities(task->host),
        .path = task->path,
        .point = guid_is_none(&task->path.point_id) ? NULL : &task->point,
        .points = &task->points,
        .collections = &task->collections,
        .machines = task->machines_err.code ? NULL : &task->machines,
        .last = &task->last,
        .host_name = app_host_option(app),
        .store = app_store_option(app),
        .config = options->config,
        .bell = app_wants_bell(app),
        .now = app_now(app),
    };
    self->form = export_form_new(&source);
    export_form_take_also(self->form, self->also, self->also_count);
    export_form_restore(self->form, app_form_draft(app));
    self->input.focus.id = FORM_DIRECTORY;
}

static unsigned proposed(struct screen *screen, void *argument)
{
    struct form_screen *self = (struct form_screen *)screen;
    const struct form_proposal *task = argument;
    if (!task->directory)
        return EFFECT_NONE;
    export_form_propose(self->form, task->directory);
    form_screen_ask(self);
    return EFFECT_REDRAW;
}

static void ask_for_proposal(struct form_screen *self)
{
    static const struct work_ops ops = {
        .run = form_proposal_run, .done = proposed, .release = form_proposal_release};
    struct app *app = self->screen.app;
    if (self->form->directory.length == 0 && self->form->capabilities.local_directory)
        app_post(app, &self->screen, &ops, form_proposal_new(app_place(app)->store));
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct form_screen *self = (struct form_screen *)screen;
    const struct form_load *task = argument;
    self->failed = !task->ok;
    self->load_error = task->err;
    if (task->ok) {
        make_form(self, task);
        ask_for_proposal(self);
        form_screen_ask(self);
    } else {
        app_forget_keys(screen->app, screen);
    }
    return EFFECT_REDRAW;
}

static const struct work_ops load_work = {.run = form_load_run, .done = loaded, .release = form_load_release};

void form_screen_load(struct form_screen *self)
{
    struct app *app = self->screen.app;
    self->failed = false;
    app_post(app, &self->screen, &load_work,
             form_load_new(app_host(app), app_service_options(app), &self->path));
}
