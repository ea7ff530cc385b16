#include "ui/screens/machine/remove.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/words.h"
#include "ui/screens/machine/table.h"
#include "ui/screens/machine/work.h"
#include "ui/screens/question/question.h"

struct remove_screen {
    struct question question;
    struct guid id;
    struct machine_table table;
    size_t row; /* of the machine */
};

static const struct machine *machine_of(const struct remove_screen *self)
{
    return &self->table.machines.items[self->row];
}

static bool find(struct remove_screen *self, struct error *err)
{
    for (size_t i = 0; i < self->table.machines.count; i++) {
        self->row = i;
        if (guid_equal(&self->table.machines.items[i].id, &self->id))
            return true;
    }
    error_set(err, RETURN_INVALID_PARAMETER, "machine.unknown", "the machine is not there any more");
    return error_next(err, "Go back with Esc: the list shows those that there are.");
}

static unsigned loaded(struct screen *screen, void *argument)
{
    struct remove_screen *self = (struct remove_screen *)screen;
    struct machines_load *task = argument;
    if (task->ok)
        machine_table_make(&self->table, &task->machines, &task->memberships);
    if (!task->ok || !find(self, &task->err))
        return question_is_read(&self->question, &task->err, NULL);
    CLEANUP_FREE char *word = word_for_machine(&self->table.machines, machine_of(self));
    const char *const command[] = {"machine", "remove", word, NULL};
    return question_is_read(&self->question, NULL, command);
}

static void load(struct question *question)
{
    static const struct work_ops ops = {
        .run = machines_load_run, .done = loaded, .release = machines_load_release};
    struct app *app = question->screen.app;
    machine_table_clear(&((struct remove_screen *)question)->table);
    app_post(app, &question->screen, &ops, machines_load_new(app_host(app)));
}

static unsigned removed(struct screen *screen, void *argument)
{
    struct remove_screen *self = (struct remove_screen *)screen;
    const struct remove_task *task = argument;
    if (task->ok)
        app_say(screen->app, ROLE_SUCCESS,
                "The machine %s is no longer in the store; its images are as they were.",
                machine_of(self)->name);
    return question_is_answered(&self->question, task->ok ? NULL : &task->err);
}

static void remove_it(struct question *question)
{
    static const struct work_ops ops = {
        .run = remove_task_run, .done = removed, .release = remove_task_release};
    const struct remove_screen *self = (const struct remove_screen *)question;
    struct app *app = question->screen.app;
    app_post(app, &question->screen, &ops, remove_task_new(app_host(app), &self->id));
}

static void tell(const struct question *question, struct page *page)
{
    const struct remove_screen *self = (const struct remove_screen *)question;
    const char *in = self->table.rows[self->row].collections;
    page_add_fact(page, "Name", QUESTION_LABEL_COLUMNS, ROLE_NORMAL, machine_of(self)->name);
    page_add_factf(page, "Disks", QUESTION_LABEL_COLUMNS, ROLE_NORMAL, "%zu; their images stay as they are",
                   self->table.rows[self->row].disks);
    page_add_factf(page, "Member", QUESTION_LABEL_COLUMNS, *in ? ROLE_WARNING : ROLE_NORMAL, "%s%s",
                   *in ? "! " : "no collection: nothing depends on it", in);
    if (*in)
        page_add_fact(page, "", QUESTION_LABEL_COLUMNS, ROLE_NORMAL,
                      "While it is a member, removing it is refused: delete the collection first.");
}

static void remove_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_addf(left, "remove a machine  %s", app_host_identity(screen->app));
}

static void remove_close(struct screen *screen)
{
    struct remove_screen *self = (struct remove_screen *)screen;
    question_clear(&self->question);
    machine_table_clear(&self->table);
    free(self);
}

static const struct screen_ops remove_ops = {
    .name = "Remove a machine",
    .open = question_open,
    .close = remove_close,
    .key = question_key,
    .holds_key = question_holds_key,
    .recalc = question_recalc,
    .repaint = question_repaint,
    .cursor = question_cursor,
    .title = remove_title,
    .hints = question_hints,
};

struct screen *remove_machine_screen_new(const struct screen_argument *argument)
{
    static const struct question_words words = {
        .heading = "Remove this machine?",
        .yes = "Yes, remove the machine",
        .busy = "Removing ...",
        .reading = "Reading the machines ...  Esc goes back",
        .left = "The host was not waited for; the list of machines will show what became of it.",
        .read = load,
        .act = remove_it,
        .tell = tell,
    };
    struct remove_screen *self = mem_alloc(sizeof *self);
    self->question.screen.ops = &remove_ops;
    self->question.words = &words;
    self->id = argument->machine;
    return &self->question.screen;
}
