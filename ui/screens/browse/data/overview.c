#include "ui/screens/browse/data/overview.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static void clear_names(struct overview_row *row)
{
    for (size_t i = 0; row->names && i < row->points; i++)
        free(row->names[i].name);
    free(row->names);
    row->names = NULL;
}

void overview_clear(struct overview *overview)
{
    for (size_t i = 0; i < overview->count; i++)
        clear_names(&overview->rows[i]);
    free(overview->rows);
    *overview = (struct overview){0};
}

static int compare(const void *left, const void *right)
{
    const struct overview_row *a = left;
    const struct overview_row *b = right;
    return strcmp(a->collection.text, b->collection.text);
}

static struct overview_row *find(const struct overview *overview, const struct guid *collection)
{
    const struct overview_row key = {.collection = *collection};
    return overview->count ? bsearch(&key, overview->rows, overview->count, sizeof *overview->rows, compare)
                           : NULL;
}

const struct overview_row *overview_find(const struct overview *overview, const struct guid *collection)
{
    return find(overview, collection);
}

static void fill(struct overview_row *row, const struct reference_point_list *points)
{
    const struct reference_point *newest = points->count ? &points->items[0] : NULL;
    row->newest = newest ? newest->id : (struct guid){0};
    row->created = newest ? newest->created : (struct moment){0};
    clear_names(row);
    row->points = points->count;
    row->names = mem_alloc((points->count + 1) * sizeof *row->names);
    for (size_t i = 0; newest && i < points->count; i++) {
        const struct reference_point *point = &points->items[i];
        row->names[i] = (struct overview_point){
            .id = point->id, .name = mem_strdup(point->name ? point->name : ""), .created = point->created};
    }
    row->damaged = points->left_out.count;
}

void overview_take(struct overview *overview, const struct guid *collection,
                   const struct reference_point_list *points)
{
    struct overview_row *row = find(overview, collection);
    if (row)
        fill(row, points);
}

size_t overview_damaged(const struct overview *overview)
{
    size_t damaged = 0;
    for (size_t i = 0; i < overview->count; i++)
        damaged += overview->rows[i].damaged;
    return damaged;
}

struct load_overview *load_overview_new(struct host *host, struct guid *collections, size_t count)
{
    struct load_overview *task = mem_alloc(sizeof *task);
    *task = (struct load_overview){.host = host, .collections = collections, .count = count};
    return task;
}

/* A list that cannot be read at all is told where it is looked at. */
void load_overview_run(void *argument)
{
    struct load_overview *task = argument;
    struct overview *overview = &task->overview;
    overview->rows = mem_alloc((task->count + 1) * sizeof *overview->rows);
    for (size_t i = 0; i < task->count; i++) {
        struct reference_point_list points = {0};
        struct error ignored;
        if (task->host->ops->list_points(task->host, &task->collections[i], &points, &ignored)) {
            struct overview_row *row = &overview->rows[overview->count++];
            *row = (struct overview_row){.collection = task->collections[i]};
            fill(row, &points);
        }
        reference_point_list_clear(&points);
    }
    qsort(overview->rows, overview->count, sizeof *overview->rows, compare);
}

void load_overview_release(void *argument)
{
    struct load_overview *task = argument;
    overview_clear(&task->overview);
    free(task->collections);
    free(task);
}
