#include "ui/screens/package/import/work.h"

#include <limits.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/export/package/import/before.h"
#include "core/export/package/read.h"
#include "core/system/fs.h"

/* --- what there is --- */

struct import_load *import_load_new(const char *path)
{
    struct import_load *task = mem_alloc(sizeof *task);
    task->path = mem_strdup(path);
    return task;
}

void import_load_run(void *argument)
{
    struct import_load *task = argument;
    struct package package = {0};
    task->ok = package_read(task->path, &package, &task->err);
    if (!task->ok)
        return;
    for (size_t i = 0; i < package.disk_count; i++)
        task->most += package.disks[i].virtual_size;
    task->disks = package.disk_count;
    task->name = mem_format("%s @ %s", package.point.collection_name ? package.point.collection_name : "?",
                            package.point.name ? package.point.name : "?");
    package_clear(&package);
}

void import_load_release(void *argument)
{
    struct import_load *task = argument;
    free(task->path);
    free(task->name);
    free(task);
}

/* --- whether it may be --- */

static char *text_or_null(const char *text)
{
    return *text ? mem_strdup(text) : NULL;
}

struct import_check *import_check_new(struct host *host, const struct import_form *form)
{
    struct import_check *task = mem_alloc(sizeof *task);
    task->host = host;
    task->path = mem_strdup(form->path);
    task->to = path_field_path(&form->to);
    task->as = text_or_null(line_editor_text(&form->as));
    task->registers = form->registers && form->can_register;
    return task;
}

static bool may_register(struct host *host, const char *path, struct error *err)
{
    struct package package = {0};
    bool ok = package_read(path, &package, err) && import_can_register(&package, err) &&
              host->ops->check_register(host, &package.point, err);
    package_clear(&package);
    return ok;
}

void import_check_run(void *argument)
{
    struct import_check *task = argument;
    if (!import_check(task->to, task->as, &task->available, &task->err))
        return;
    /* Another machine comes without the point: nothing of the store can be in its way. */
    if (task->registers && !task->as && !may_register(task->host, task->path, &task->err))
        task->refused = IMPORT_REGISTER;
}

void import_check_release(void *argument)
{
    struct import_check *task = argument;
    free(task->path);
    free(task->to);
    free(task->as);
    free(task);
}

/* --- doing it --- */

struct import_start *import_start_new(struct host *host, const struct import_form *form)
{
    struct import_start *task = mem_alloc(sizeof *task);
    task->host = host;
    task->job = job_new(&(struct job_identity){.id = guid_new()});
    task->path = mem_strdup(form->path);
    task->to = path_field_path(&form->to);
    task->as = text_or_null(line_editor_text(&form->as));
    CLEANUP_FREE char *bases = path_field_path(&form->bases);
    task->bases = text_or_null(bases);
    task->registers = form->registers && form->can_register;
    return task;
}

/* The import is whole, whatever became of the rest. */
static void explain(const struct import_start *task, struct error *err)
{
    CLEANUP_FREE char *before = mem_strdup(err->next);
    error_context(err, "imported to %s, but not registered", task->to);
    error_begun(err);
    error_next(
        err,
        "%s%sThe images are whole: refpoint machine add --domain-xml FILE, with the domain.xml in there, "
        "adds a machine without the point.",
        before, *before ? " " : "");
}

static void enter_store(struct import_start *task)
{
    struct import_outcome *outcome = &task->outcome;
    const struct host_ops *ops = task->host->ops;
    outcome->registered = ops->register_import(task->host, &outcome->imported, &outcome->err) == RETURN_DONE;
    if (!outcome->registered)
        explain(task, &outcome->err);
}

static void find_place(struct import_start *task)
{
    char real[PATH_MAX];
    struct import_outcome *outcome = &task->outcome;
    outcome->place = mem_strdup(realpath(task->to, real) ? real : task->to);
    fs_closed_parents(task->to, &outcome->closed, &outcome->closed_count);
}

void import_start_run(void *argument)
{
    struct import_start *task = argument;
    struct import_outcome *outcome = &task->outcome;
    job_has_one_phase(task->job); /* amounts are those of the step at hand */
    outcome->made =
        package_import_as(task->path, task->to, task->bases ? &task->bases : NULL, task->bases ? 1 : 0,
                          task->as, &outcome->notes, &outcome->imported, task->job, &outcome->err);
    if (!outcome->made)
        return;
    find_place(task);
    if (task->registers)
        enter_store(task);
}

void import_start_give_up(void *argument)
{
    struct import_start *task = argument;
    job_request_state_change(task->job, REQUESTED_STATE_TERMINATE);
}

void import_start_release(void *argument)
{
    struct import_start *task = argument;
    import_outcome_clear(&task->outcome);
    job_free(task->job);
    free(task->path);
    free(task->to);
    free(task->as);
    free(task->bases);
    free(task);
}
