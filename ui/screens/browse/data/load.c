#include "ui/screens/browse/data/load.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/known.h"
#include "core/host/open/choices.h"
#include "ui/draw/fold.h"
#include "ui/screens/browse/data/damage.h"

struct load_collections *load_collections_new(struct host *host, const struct settings_place *started,
                                              bool names_first)
{
    struct load_collections *task = mem_alloc(sizeof *task);
    task->host = host;
    task->started = started;
    /* A host that asks somebody about its machines may know better which there are. */
    task->names_first = names_first && !host->ops->known_machines;
    return task;
}

struct load_collections *load_collections_rest(struct load_collections *names)
{
    struct load_collections *task = load_collections_new(names->host, names->started, false);
    task->is_rest = true;
    task->collections = names->collections;
    names->collections = (struct collection_list){0};
    return task;
}

/* Offered where there is nothing else; a file that cannot be read offers nothing. */
static bool find_daemon(const struct settings_place *started)
{
    struct host_choices choices;
    struct error ignored = {0};
    bool found = false;
    if (!host_choices_read(&choices, started, &ignored))
        return false;
    for (size_t i = 0; i < choices.count; i++)
        found = found || choices.items[i].found;
    host_choices_clear(&choices);
    return found;
}

static void read_machines(struct load_collections *task)
{
    struct machine_list machines = {0};
    struct error unreached = {0};
    task->ok = host_machines(task->host, &machines, &unreached, &task->err);
    if (task->ok)
        catalogue_build(&task->catalogue, &task->collections, &machines);
    if (task->ok && unreached.code)
        task->catalogue.unreached = mem_strdup(unreached.what);
    machine_list_clear(&machines);
}

void load_collections_run(void *argument)
{
    struct load_collections *task = argument;
    task->ok = task->is_rest || task->host->ops->list_collections(task->host, &task->collections, &task->err);
    task->unfinished = task->ok && task->names_first && task->collections.count > 0;
    if (task->unfinished)
        catalogue_build(&task->catalogue, &task->collections, NULL);
    else if (task->ok)
        read_machines(task);
    if (task->ok && task->collections.count == 0)
        task->daemon_found = find_daemon(task->started);
}

void load_collections_release(void *argument)
{
    struct load_collections *task = argument;
    collection_list_clear(&task->collections);
    catalogue_clear(&task->catalogue);
    free(task);
}

char *browse_point_search_text(const struct reference_point *point)
{
    char time[32];
    moment_format_list(point->created, true, time, sizeof time);
    return mem_format("%s %s %s %s %s", time, point->name ? point->name : "", point->id.text,
                      reference_point_type_word(point->type),
                      consistency_level_word(point->consistency_level));
}

struct load_points *load_points_new(struct host *host, const struct guid *collection)
{
    struct load_points *task = mem_alloc(sizeof *task);
    task->host = host;
    task->collection = *collection;
    return task;
}

void load_points_run(void *argument)
{
    struct load_points *task = argument;
    task->ok = task->host->ops->list_points(task->host, &task->collection, &task->points, &task->err);
    const struct left_out *damaged = &task->points.left_out;
    task->folded = mem_alloc((task->points.count + damaged->count) * sizeof *task->folded);
    for (size_t i = 0; i < task->points.count; i++) {
        CLEANUP_FREE char *text = browse_point_search_text(&task->points.items[i]);
        task->folded[i] = fold_text(text);
    }
    for (size_t i = 0; i < damaged->count; i++) {
        CLEANUP_FREE char *text = browse_damaged_search_text(damaged->items[i].name, &damaged->items[i].id);
        task->folded[task->points.count + i] = fold_text(text);
    }
}

void load_points_release(void *argument)
{
    struct load_points *task = argument;
    for (size_t i = 0; task->folded && i < task->points.count + task->points.left_out.count; i++)
        free(task->folded[i]);
    free(task->folded);
    reference_point_list_clear(&task->points);
    free(task);
}
