#include "core/export/consolidate/consolidate.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/consolidate/chain_task.h"
#include "core/export/package/check/seal.h"
#include "core/export/package/check/stack.h"
#include "core/system/fs.h"

void consolidated_clear(struct consolidated *consolidated)
{
    export_result_clear(&consolidated->made);
    fs_free_names(consolidated->from, consolidated->from_count);
    fs_free_names(consolidated->left_out, consolidated->left_out_count);
    free(consolidated->warning);
    *consolidated = (struct consolidated){0};
}

/* --- the chain --- */

static bool refuse_damaged(const char *path, const struct package_problems *problems, struct error *err)
{
    size_t others = problems->count + problems->left_out - 1;
    error_set(err, RETURN_FAILED, "consolidate.damaged",
              "the chain of the package %s is not whole: nothing was made", path);
    error_cause(err, "%s%s", problems->items[0], others > 0 ? " (and more)" : "");
    return error_next(err,
                      "Look at all that is wrong with \"refpoint package verify\", and bring back from a "
                      "copy what is damaged or missing; or export the point anew, without a base.");
}

static bool refuse_full(const struct package *package, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "consolidate.full",
              "the package %s is full: there is nothing beneath it that it could be put together with",
              package->path);
    return error_next(err, "Keep it, or copy it, as it is. \"refpoint package list DIR\" says which packages "
                           "are differential.");
}

/* A chain that is not all there need not be read to be refused. */
static bool open_chain(const struct consolidation *asked, struct package_stack *stack,
                       struct package_problems *problems, struct error *err)
{
    if (!package_stack_open(asked->path, asked->base_directories, asked->base_directory_count, stack,
                            problems, err))
        return false;
    if (problems->count > 0)
        return refuse_damaged(asked->path, problems, err);
    return !guid_is_none(&stack->links[0].package.base_package_id) ||
           refuse_full(&stack->links[0].package, err);
}

/* What is only in another place than QEMU would look does not keep us from reading it. */
static bool verify_chain(const struct consolidation *asked, struct package_stack *stack,
                         struct package_problems *problems, struct job *job, struct error *err)
{
    const struct package_stack_check check = {.job = job, .memory = asked->memory};
    job_log(job, "verifying the packages of the chain, %zu of them", stack->count);
    return package_stack_check(stack, &check, problems, err) &&
           package_seals_fit(stack, job, problems, err) &&
           (problems->damages == 0 || problems->count == 0 || refuse_damaged(asked->path, problems, err));
}

/* --- the export --- */

static void set_options(const struct consolidation *asked, const struct package *package,
                        struct export_task *task)
{
    const struct export_options *before = &package->options;
    struct export_options *options = &task->options;
    *options = export_options_default();
    options->compression = asked->keeps_compression ? before->compression : asked->compression;
    options->zstd_level = asked->keeps_compression ? before->zstd_level : asked->zstd_level;
    options->sign_key = mem_strdup(asked->sign_key);
    task->directory = mem_strdup(asked->directory);
    task->memory = mem_strdup(asked->memory);
}

static bool make_task(const struct consolidation *asked, const struct package_stack *stack,
                      struct export_task *task, struct error *err)
{
    if (!chain_task_make(stack, task, err))
        return false;
    set_options(asked, &stack->links[0].package, task);
    return true;
}

/* What would be found again at the end of a long verification: directory and key. */
static bool check_unread(const struct export_task *task, struct error *err)
{
    struct export_estimate estimate;
    bool ok = export_check_unread(task, &estimate, err) == RETURN_DONE;
    export_estimate_clear(&estimate);
    return ok;
}

/* The engine speaks of a point's layers and of the store that has them. */
static bool explain(struct error *err)
{
    bool is_layer = strncmp(err->key, "export.layer", sizeof "export.layer" - 1) == 0 ||
                    strcmp(err->key, "export.file") == 0 || strcmp(err->key, "package.changing") == 0;
    if (!is_layer)
        return false;
    const struct error found = *err;
    error_set(err, found.code, "consolidate.changed",
              "a file of the packages was changed, or is gone, since they were verified");
    err->begun = found.begun;
    error_cause(err, "%s", found.what);
    return error_next(err, "Find out what writes to them and look at them with \"refpoint package verify\", "
                           "then consolidate again.");
}

static void take_estimate(struct export_estimate *estimate, struct consolidated *result)
{
    result->left_out = estimate->left_out;
    result->left_out_count = estimate->left_out_count;
    estimate->left_out = NULL;
    estimate->left_out_count = 0;
    result->warning = estimate->warning;
    estimate->warning = NULL;
}

/* What the check refuses leaves everything as it was; what fails later had begun. */
static bool export(struct export_task *task, struct job *job, struct consolidated *result, struct error *err)
{
    struct export_estimate estimate;
    bool ok = export_check(task, job, &estimate, err) == RETURN_DONE;
    if (ok) {
        take_estimate(&estimate, result);
        task->handed = estimate.plan;
        ok = export_run(task, job, &result->made, err) == RETURN_DONE || error_begun(err);
        task->handed = NULL;
    }
    export_estimate_clear(&estimate);
    return ok || explain(err);
}

static void take_names(const struct package_stack *stack, struct consolidated *result)
{
    for (size_t i = 0; i < stack->count; i++)
        *ARRAY_APPEND(result->from, result->from_count) = mem_strdup(stack->links[i].package.path);
}

bool consolidate_package(const struct consolidation *asked, struct job *job, struct consolidated *result,
                         struct error *err)
{
    struct package_stack stack = {0};
    struct package_problems problems = {0};
    struct export_task task = {0};
    *result = (struct consolidated){0};
    job_set_phase(job, JOB_PHASE_PLAN);
    bool ok = open_chain(asked, &stack, &problems, err) && make_task(asked, &stack, &task, err) &&
              check_unread(&task, err) && verify_chain(asked, &stack, &problems, job, err) &&
              chain_task_take_definitions(&stack, &task, err) && export(&task, job, result, err);
    if (ok)
        take_names(&stack, result);
    export_task_clear(&task);
    package_stack_close(&stack);
    package_problems_clear(&problems);
    return ok;
}
