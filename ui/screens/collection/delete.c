#include "ui/screens/collection/delete.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/screens/collection/work.h"
#include "ui/screens/question/question.h"

#define POINTS_SHOWN 5

struct delete_screen {
    struct question question;
    struct guid id;
    char *name;
    char *members;
    struct reference_point_list points;
};

static unsigned loaded(struct screen *screen, void *argument)
{
    struct delete_screen *self = (struct delete_screen *)screen;
    struct delete_load *task = argument;
    if (!task->ok)
        return question_is_read(&self->question, &task->err, NULL);
    self->points = task->points;
    self->members = task->members;
    task->points = (struct reference_point_list){0};
    task->members = NULL;
    const char *const command[] = {"collection", "delete", task->word, NULL};
    return question_is_read(&self->question, NULL, command);
}

static void load(struct question *question)
{
    static const struct work_ops ops = {
        .run = delete_load_run, .done = loaded, .release = delete_load_release};
    const struct delete_screen *self = (const struct delete_screen *)question;
    struct app *app = question->screen.app;
    app_post(app, &question->screen, &ops, delete_load_new(app_host(app), &self->id));
}

static unsigned deleted(struct screen *screen, void *argument)
{
    struct delete_screen *self = (struct delete_screen *)screen;
    const struct delete_task *task = argument;
    if (task->ok)
        app_say(screen->app, ROLE_SUCCESS,
                "The collection %s is deleted; its machines and images are as they were.", self->name);
    return question_is_answered(&self->question, task->ok ? NULL : &task->err);
}

static void delete_it(struct question *question)
{
    static const struct work_ops ops = {
        .run = delete_task_run, .done = deleted, .release = delete_task_release};
    const struct delete_screen *self = (const struct delete_screen *)question;
    struct app *app = question->screen.app;
    app_post(app, &question->screen, &ops, delete_task_new(app_host(app), &self->id));
}

static void add_points(const struct delete_screen *self, struct page *page)
{
    size_t count = self->points.count + self->points.left_out.count;
    if (count == 0) {
        page_add_fact(page, "Points", QUESTION_LABEL_COLUMNS, ROLE_NORMAL, "none: nothing depends on it");
        return;
    }
    page_add_factf(page, "Points", QUESTION_LABEL_COLUMNS, ROLE_WARNING,
                   "! %zu point%s depend%s on it: while there is one, deleting is refused. Destroy %s first "
                   "(X on each in the list).",
                   count, count == 1 ? "" : "s", count == 1 ? "s" : "", count == 1 ? "it" : "them");
    for (size_t i = 0; i < self->points.count && i < POINTS_SHOWN; i++) {
        char time[32];
        moment_format_list(self->points.items[i].created, false, time, sizeof time);
        page_add_factf(page, "", QUESTION_LABEL_COLUMNS, ROLE_NORMAL, "%s  %s", time,
                       self->points.items[i].name ? self->points.items[i].name : "");
    }
    if (count > POINTS_SHOWN)
        page_add_factf(page, "", QUESTION_LABEL_COLUMNS, ROLE_DIM, "and %zu more", count - POINTS_SHOWN);
}

static void tell(const struct question *question, struct page *page)
{
    const struct delete_screen *self = (const struct delete_screen *)question;
    page_add_fact(page, "Name", QUESTION_LABEL_COLUMNS, ROLE_NORMAL, self->name);
    page_add_factf(page, "Machines", QUESTION_LABEL_COLUMNS, ROLE_NORMAL,
                   "%s; they and their images stay as they are", self->members);
    add_points(self, page);
}

static void delete_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)right;
    strbuf_addf(left, "delete the collection %s", ((const struct delete_screen *)screen)->name);
}

static void delete_close(struct screen *screen)
{
    struct delete_screen *self = (struct delete_screen *)screen;
    question_clear(&self->question);
    reference_point_list_clear(&self->points);
    free(self->members);
    free(self->name);
    free(self);
}

static const struct screen_ops delete_ops = {
    .name = "Delete a collection",
    .open = question_open,
    .close = delete_close,
    .key = question_key,
    .holds_key = question_holds_key,
    .recalc = question_recalc,
    .repaint = question_repaint,
    .cursor = question_cursor,
    .title = delete_title,
    .hints = question_hints,
};

struct screen *delete_collection_screen_new(const struct screen_argument *argument)
{
    static const struct question_words words = {
        .heading = "Delete this collection?",
        .yes = "Yes, delete the collection",
        .busy = "Deleting ...",
        .reading = "Reading what depends on it ...  Esc goes back",
        .left = "The host was not waited for; the list of collections will show what became of it.",
        .read = load,
        .act = delete_it,
        .tell = tell,
    };
    struct delete_screen *self = mem_alloc(sizeof *self);
    self->question.screen.ops = &delete_ops;
    self->question.words = &words;
    self->id = argument->point->collection_id;
    self->name = mem_strdup(argument->collection_name);
    return &self->question.screen;
}
