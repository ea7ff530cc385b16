#include "ui/screens/change/work.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/words.h"

struct change_load *change_load_new(struct host *host, const struct object_path *path)
{
    struct change_load *task = mem_alloc(sizeof *task);
    task->host = host;
    task->path = *path;
    return task;
}

void change_load_run(void *argument)
{
    struct change_load *task = argument;
    const struct host_ops *ops = task->host->ops;
    struct collection_list collections = {0};
    task->ok = ops->read_point(task->host, &task->path, &task->point, &task->err) &&
               ops->list_points(task->host, &task->path.collection_id, &task->all, &task->err) &&
               ops->list_collections(task->host, &collections, &task->err);
    if (task->ok) {
        task->collection_word =
            word_for_collection(&collections, &task->path.collection_id, task->point.collection_name);
        task->point_word = word_for_point(&task->all, &task->point, false);
    }
    collection_list_clear(&collections);
}

void change_load_release(void *argument)
{
    struct change_load *task = argument;
    reference_point_clear(&task->point);
    reference_point_list_clear(&task->all);
    free(task->collection_word);
    free(task->point_word);
    free(task);
}

struct change_start *change_start_new(struct host *host, const struct service_options *options,
                                      const struct object_path *path, bool destroy)
{
    struct change_start *task = mem_alloc(sizeof *task);
    *task = (struct change_start){.host = host, .options = options, .path = *path, .destroy = destroy};
    return task;
}

void change_start_run(void *argument)
{
    struct change_start *task = argument;
    struct service *service = service_new(task->host, task->options);
    struct job *job = NULL;
    task->return_value = task->destroy ? service_start_destroy(service, &task->path, &job)
                                       : service_start_remove_data(service, &task->path, &job);
    if (task->return_value == RETURN_JOB_STARTED) {
        task->job = job_id(job);
        job_free(job);
    } else {
        task->err = *service_error(service);
    }
    service_free(service);
}

void change_start_release(void *argument)
{
    free(argument);
}
