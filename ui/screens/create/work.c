#include "ui/screens/create/work.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/notice.h"
#include "core/host/words.h"

struct create_load *create_load_new(struct host *host, const struct guid *collection)
{
    struct create_load *task = mem_alloc(sizeof *task);
    task->host = host;
    task->collection = *collection;
    return task;
}

static const struct collection *find_collection(const struct collection_list *list, const struct guid *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (guid_equal(&list->items[i].id, id))
            return &list->items[i];
    }
    return NULL;
}

static bool is_member(const struct collection *collection, const struct guid *id)
{
    for (size_t i = 0; i < collection->member_count; i++) {
        if (guid_equal(&collection->members[i], id))
            return true;
    }
    return false;
}

/* Takes the members out of the list of all machines. */
static void take_members(struct create_form *form, const struct collection *collection,
                         struct machine_list *machines)
{
    struct machine_list others = {0};
    for (size_t i = 0; i < machines->count; i++) {
        struct machine *machine = &machines->items[i];
        bool member = is_member(collection, &machine->id);
        if (member)
            *ARRAY_APPEND(form->members.items, form->members.count) = *machine;
        else
            *ARRAY_APPEND(others.items, others.count) = *machine;
    }
    free(machines->items);
    machines->items = others.items;
    machines->count = others.count;
}

static void look_at_members(struct create_form *form, const struct collection *collection)
{
    form->gone = collection->member_count - form->members.count;
    for (size_t i = 0; i < form->members.count; i++) {
        for (size_t k = 0; k < form->members.items[i].disk_count; k++)
            form->has_raw |= form->members.items[i].disks[k].format == DISK_FORMAT_RAW;
    }
}

static bool load(struct create_load *task, struct collection_list *collections, struct machine_list *machines,
                 struct reference_point_list *points)
{
    const struct host_ops *ops = task->host->ops;
    struct create_form *form = &task->form;
    if (!ops->list_collections(task->host, collections, &task->err) ||
        !ops->list_machines(task->host, machines, &task->err) ||
        !ops->list_points(task->host, &task->collection, points, &task->err))
        return false;
    const struct collection *collection = find_collection(collections, &task->collection);
    if (!collection) {
        error_set(&task->err, RETURN_INVALID_PARAMETER, "collection.unknown",
                  "the collection is not there any more");
        return error_next(&task->err, "Go back with Esc, and read the host again.");
    }
    form->can = *ops->capabilities(task->host);
    form->collection = collection->id;
    form->collection_name = mem_strdup(collection->name);
    form->has_points = points->count + points->left_out.count > 0;
    task->word = word_for_collection(collections, &collection->id, collection->name);
    take_members(form, collection, machines);
    look_at_members(form, collection);
    return true;
}

void create_load_run(void *argument)
{
    struct create_load *task = argument;
    struct collection_list collections = {0};
    struct machine_list machines = {0};
    struct reference_point_list points = {0};
    task->ok = load(task, &collections, &machines, &points);
    collection_list_clear(&collections);
    machine_list_clear(&machines);
    reference_point_list_clear(&points);
}

void create_load_release(void *argument)
{
    struct create_load *task = argument;
    create_form_clear(&task->form);
    free(task->word);
    free(task);
}

struct create_start *create_start_new(struct host *host, const struct service_options *options,
                                      const struct create_form *form)
{
    struct create_start *task = mem_alloc(sizeof *task);
    task->host = host;
    task->options = options;
    create_form_request(form, &task->request);
    task->name = mem_strdup(task->request.name);
    task->request.name = task->name;
    return task;
}

void create_start_run(void *argument)
{
    struct create_start *task = argument;
    struct create_outcome *outcome = &task->outcome;
    struct service *service = service_new(task->host, task->options);
    uint32_t value =
        service_create_reference_point(service, &task->request, &outcome->point, &outcome->remarks);
    outcome->made = value == RETURN_DONE;
    if (outcome->made)
        outcome->notice = host_freeze_notice(&outcome->point);
    else
        outcome->err = *service_error(service);
    service_free(service);
}

void create_start_release(void *argument)
{
    struct create_start *task = argument;
    create_outcome_clear(&task->outcome);
    free(task->name);
    free(task);
}
