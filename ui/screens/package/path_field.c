#include "ui/screens/package/path_field.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/system/fs.h"
#include "ui/draw/cells.h"
#include "ui/widgets/line_editor_key.h"

struct completion_task {
    struct path_field *field; /* of the screen that posted it */
    char *typed;
    struct completion completion;
};

static void task_run(void *argument)
{
    struct completion_task *task = argument;
    completion_run(task->typed, &task->completion);
}

static void task_release(void *argument)
{
    struct completion_task *task = argument;
    completion_clear(&task->completion);
    free(task->typed);
    free(task);
}

static void tell_changed(const struct path_field *field, struct screen *screen)
{
    if (field->changed)
        field->changed(screen);
}

static unsigned task_done(struct screen *screen, void *argument)
{
    struct completion_task *task = argument;
    struct path_field *field = task->field;
    field->ticket = 0;
    if (strcmp(line_editor_text(&field->editor), task->typed) != 0)
        return EFFECT_NONE; /* typed on in the meantime */
    if (!completion_has_effect(&task->completion))
        return field->move_on(screen);
    if (strcmp(task->completion.text, task->typed) != 0) {
        line_editor_set(&field->editor, task->completion.text);
        tell_changed(field, screen);
    }
    completion_clear(&field->candidates);
    field->candidates = task->completion;
    task->completion = (struct completion){0};
    return EFFECT_REDRAW;
}

void path_field_clear(struct path_field *field)
{
    line_editor_clear(&field->editor);
    completion_clear(&field->candidates);
}

void path_field_forget(struct path_field *field, struct app *app)
{
    completion_clear(&field->candidates);
    if (field->ticket)
        app_forget(app, field->ticket);
    field->ticket = 0;
}

bool path_field_lists(const struct path_field *field)
{
    return field->candidates.candidate_count > 0;
}

bool path_field_edit(struct path_field *field, struct screen *screen, const struct key_event *event)
{
    switch (line_editor_key(&field->editor, event)) {
    case LINE_EDITOR_EDITED:
        field->typed = true;
        path_field_forget(field, screen->app);
        tell_changed(field, screen);
        return true;
    case LINE_EDITOR_HANDLED:
        return true;
    default:
        return false;
    }
}

unsigned path_field_tab(struct path_field *field, struct screen *screen)
{
    static const struct work_ops ops = {.run = task_run, .done = task_done, .release = task_release};
    const struct line_editor *editor = &field->editor;
    const char *text = line_editor_text(editor);
    bool listed = path_field_lists(field) && strcmp(field->candidates.text, text) == 0;
    bool completes = field->typed && editor->length > 0 && editor->cursor == editor->length;
    if (!completes || listed || field->ticket) {
        path_field_forget(field, screen->app);
        return field->move_on(screen);
    }
    struct completion_task *task = mem_alloc(sizeof *task);
    *task = (struct completion_task){.field = field, .typed = mem_strdup(text)};
    field->ticket = app_post(screen->app, screen, &ops, task);
    return EFFECT_NONE;
}

char *path_field_candidates(const struct path_field *field, bool ascii)
{
    struct strbuf list = {0};
    for (size_t i = 0; i < field->candidates.candidate_count; i++) {
        CLEANUP_FREE char *name = cells_safe(field->candidates.candidates[i], ascii);
        strbuf_addf(&list, "%s%s/", i > 0 ? "  " : "", name);
    }
    strbuf_add(&list, field->candidates.more ? "  and more" : "");
    return strbuf_take(&list);
}

char *path_field_path(const struct path_field *field)
{
    const char *text = line_editor_text(&field->editor);
    if (!*text)
        return mem_strdup("");
    CLEANUP_FREE char *expanded = fs_expand_home(text);
    return fs_absolute_path(expanded ? expanded : text);
}
