#include "ui/screens/store/work.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/export/package/proof/proof.h"

struct check_measure *check_measure_new(struct host *host)
{
    struct check_measure *task = mem_alloc(sizeof *task);
    task->host = host;
    return task;
}

static bool add_points(struct check_measure *task, const struct guid *collection, struct error *err)
{
    struct reference_point_list points = {0};
    bool ok = task->host->ops->list_points(task->host, collection, &points, err);
    for (size_t i = 0; ok && i < points.count; i++)
        task->bytes += points.items[i].log_size;
    task->points += ok ? points.count : 0;
    reference_point_list_clear(&points);
    return ok;
}

void check_measure_run(void *argument)
{
    struct check_measure *task = argument;
    struct collection_list collections = {0};
    struct error ignored = {0}; /* the check itself will say it; until then the time is not known */
    CLEANUP_FREE char *memory = package_proof_usual_memory();
    task->ok = task->host->ops->list_collections(task->host, &collections, &ignored);
    for (size_t i = 0; task->ok && i < collections.count; i++)
        task->ok = add_points(task, &collections.items[i].id, &ignored);
    collection_list_clear(&collections);
    task->rate = package_proof_rate(memory);
}

void check_measure_release(void *argument)
{
    free(argument);
}

static bool go_on(void *context, uint64_t done, uint64_t total)
{
    struct check_work *task = context;
    atomic_store(&task->done, done);
    atomic_store(&task->total, total);
    return !atomic_load(&task->ending);
}

struct check_work *check_work_new(struct host *host, bool deep)
{
    struct check_work *task = mem_alloc(sizeof *task);
    task->host = host;
    task->deep = deep;
    task->watch = (struct watch){.go_on = go_on, .context = task};
    return task;
}

void check_work_run(void *argument)
{
    struct check_work *task = argument;
    int64_t begun = monotonic_milliseconds();
    task->ok = task->host->ops->check_store(task->host, task->deep, &task->watch, &task->report, &task->err);
    task->elapsed_ms = monotonic_milliseconds() - begun;
}

void check_work_give_up(void *argument)
{
    struct check_work *task = argument;
    atomic_store(&task->ending, true);
}

void check_work_release(void *argument)
{
    struct check_work *task = argument;
    store_report_clear(&task->report);
    free(task);
}
