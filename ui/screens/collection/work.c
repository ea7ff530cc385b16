#include "ui/screens/collection/work.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/host/known.h"
#include "core/host/words.h"
#include "ui/screens/machine/membership.h"

struct objects_load *objects_load_new(struct host *host)
{
    struct objects_load *task = mem_alloc(sizeof *task);
    task->host = host;
    return task;
}

void objects_load_run(void *argument)
{
    struct objects_load *task = argument;
    const struct host_ops *ops = task->host->ops;
    task->ok = ops->list_machines(task->host, &task->machines, &task->err) &&
               ops->list_collections(task->host, &task->collections, &task->err);
    if (!task->ok)
        return;
    task->memberships = membership_texts(&task->machines, &task->collections);
    task->count = task->machines.count;
}

void objects_load_release(void *argument)
{
    struct objects_load *task = argument;
    machine_list_clear(&task->machines);
    collection_list_clear(&task->collections);
    membership_free(task->memberships, task->count);
    free(task);
}

struct define_task *define_task_new(struct host *host, const char *name, struct guid *members, size_t count)
{
    struct define_task *task = mem_alloc(sizeof *task);
    task->host = host;
    task->name = mem_strdup(name);
    task->members = members;
    task->member_count = count;
    return task;
}

void define_task_run(void *argument)
{
    struct define_task *task = argument;
    struct collection made = {0};
    task->ok = task->host->ops->define_collection(task->host, task->name, task->members, task->member_count,
                                                  &made, &task->err);
    collection_clear(&made);
}

void define_task_release(void *argument)
{
    struct define_task *task = argument;
    free(task->name);
    free(task->members);
    free(task);
}

struct delete_load *delete_load_new(struct host *host, const struct guid *id)
{
    struct delete_load *task = mem_alloc(sizeof *task);
    task->host = host;
    task->id = *id;
    return task;
}

/* By their names where the host can tell them, else by their ids: they are not needed for it. */
static char *member_names(struct host *host, const struct collection *collection)
{
    struct machine_list machines = {0};
    struct error ignored = {0};
    struct error unreached = {0};
    struct strbuf names = {0};
    bool known = host_machines(host, &machines, &unreached, &ignored);
    for (size_t i = 0; i < collection->member_count; i++) {
        const char *name = collection->members[i].text;
        for (size_t k = 0; known && k < machines.count; k++) {
            if (guid_equal(&machines.items[k].id, &collection->members[i]))
                name = machines.items[k].name;
        }
        strbuf_addf(&names, "%s%s", i ? ", " : "", name);
    }
    machine_list_clear(&machines);
    return names.length ? strbuf_take(&names) : mem_strdup("-");
}

static bool find(struct delete_load *task, const struct collection_list *collections)
{
    for (size_t i = 0; i < collections->count; i++) {
        const struct collection *collection = &collections->items[i];
        if (!guid_equal(&collection->id, &task->id))
            continue;
        collection_copy(&task->collection, collection);
        task->word = word_for_collection(collections, &collection->id, collection->name);
        return true;
    }
    error_set(&task->err, RETURN_INVALID_PARAMETER, "collection.unknown",
              "the collection is not there any more");
    return error_next(&task->err, "Go back with Esc, and read the host again.");
}

void delete_load_run(void *argument)
{
    struct delete_load *task = argument;
    const struct host_ops *ops = task->host->ops;
    struct collection_list collections = {0};
    task->ok = ops->list_collections(task->host, &collections, &task->err) && find(task, &collections) &&
               ops->list_points(task->host, &task->id, &task->points, &task->err);
    if (task->ok)
        task->members = member_names(task->host, &task->collection);
    collection_list_clear(&collections);
}

void delete_load_release(void *argument)
{
    struct delete_load *task = argument;
    collection_clear(&task->collection);
    reference_point_list_clear(&task->points);
    free(task->word);
    free(task->members);
    free(task);
}

struct delete_task *delete_task_new(struct host *host, const struct guid *id)
{
    struct delete_task *task = mem_alloc(sizeof *task);
    task->host = host;
    task->id = *id;
    return task;
}

void delete_task_run(void *argument)
{
    struct delete_task *task = argument;
    task->ok = task->host->ops->delete_collection(task->host, &task->id, &task->err);
}

void delete_task_release(void *argument)
{
    free(argument);
}
