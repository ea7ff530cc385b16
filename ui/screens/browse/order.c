#include "ui/screens/browse/order.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/fold.h"

/* Worst first: what has to be looked after. */
static int64_t severity(enum sign sign)
{
    static const int64_t severities[SIGN_NONE + 1] = {
        [SIGN_BAD] = 4, [SIGN_WARNING] = 3, [SIGN_ABSENT] = 2, [SIGN_GOOD] = 1};
    return severities[sign];
}

static int64_t time_of(struct moment moment)
{
    return moment.seconds * 1000000000 + moment.nanoseconds;
}

static struct sort_key collection_key(const struct browse *browse, size_t row)
{
    const struct catalogue_row *collection = &browse->catalogue.rows[row];
    const struct overview_row *overview = overview_find(&browse->overview, &collection->id);
    const struct guid *newest = overview ? &overview->newest : NULL;
    bool has_point = newest && !guid_is_none(newest);
    if (collection->problem)
        return (struct sort_key){.absent = true};
    switch ((enum browse_collection_column)browse->collection_sorting.column) {
    case BROWSE_BY_NEWEST:
        return (struct sort_key){.number = overview ? time_of(overview->created) : 0, .absent = !has_point};
    case BROWSE_BY_STATE: {
        struct safety safety = safety_of(&browse->exported, newest, browse->exported_known);
        return (struct sort_key){.number = severity(safety.sign), .absent = !has_point};
    }
    case BROWSE_BY_MACHINES:
        return (struct sort_key){.number = (int64_t)collection->machines};
    default:
        return (struct sort_key){.number = (int64_t)row}; /* they come by their names */
    }
}

/* *name: what the key borrows, the caller's. */
static struct sort_key point_key(const struct browse *browse, size_t row, char **name)
{
    if (row >= browse->points.count)
        return (struct sort_key){.absent = true};
    const struct reference_point *point = &browse->points.items[row];
    switch ((enum browse_point_column)browse->point_sorting.column) {
    case BROWSE_BY_POINT:
        *name = fold_text(point->name ? point->name : point->id.text);
        return (struct sort_key){.text = *name};
    case BROWSE_BY_SIZE:
        return (struct sort_key){.number = (int64_t)point->log_size, .absent = !point->has_associated_log};
    case BROWSE_BY_EXPORTED: {
        struct safety safety = safety_of(&browse->exported, &point->id, browse->exported_known);
        return (struct sort_key){.number = time_of(safety.when), .absent = !safety.package};
    }
    default:
        return (struct sort_key){.number = time_of(point->created)};
    }
}

void browse_order_collections(struct browse *browse)
{
    const struct sorting *sorting = &browse->collection_sorting;
    size_t count = browse->catalogue.count;
    struct sort_key *keys = mem_alloc((count + 1) * sizeof *keys);
    for (size_t row = 0; row < count; row++)
        keys[row] = collection_key(browse, row);
    free(browse->collection_order);
    browse->collection_order = sorting_order(keys, count, browse_collections_descend(sorting));
    free(keys);
}

void browse_order_points(struct browse *browse)
{
    const struct sorting *sorting = &browse->point_sorting;
    size_t count = browse_point_rows(browse);
    struct sort_key *keys = mem_alloc((count + 1) * sizeof *keys);
    char **names = mem_alloc((count + 1) * sizeof *names);
    for (size_t row = 0; row < count; row++)
        keys[row] = point_key(browse, row, &names[row]);
    free(browse->point_order);
    browse->point_order = sorting_order(keys, count, browse_points_descend(sorting));
    for (size_t row = 0; row < count; row++)
        free(names[row]);
    free(names);
    free(keys);
}

void browse_order_clear(struct browse *browse)
{
    free(browse->collection_order);
    free(browse->point_order);
    browse->collection_order = browse->point_order = NULL;
    guid_set_clear(&browse->marks);
}

void browse_sort_next(struct browse *browse)
{
    if (browse->focus == FOCUS_POINTS)
        sorting_next(&browse->point_sorting, BROWSE_POINT_COLUMNS);
    else
        sorting_next(&browse->collection_sorting, BROWSE_COLLECTION_COLUMNS);
}

void browse_sort_reverse(struct browse *browse)
{
    struct sorting *sorting =
        browse->focus == FOCUS_POINTS ? &browse->point_sorting : &browse->collection_sorting;
    sorting->reversed = !sorting->reversed;
}

/* On a narrow screen the column may have no room, and its sign neither. */
char *browse_sorting_text(const struct browse *browse)
{
    static const char *const collections[BROWSE_COLLECTION_COLUMNS][2] = {
        [BROWSE_BY_NAME] = {"name, from A to Z", "name, from Z to A"},
        [BROWSE_BY_NEWEST] = {"newest point, latest first", "newest point, oldest first"},
        [BROWSE_BY_STATE] = {"state, worst first", "state, best first"},
        [BROWSE_BY_MACHINES] = {"machines, most first", "machines, fewest first"},
    };
    static const char *const points[BROWSE_POINT_COLUMNS][2] = {
        [BROWSE_BY_CREATED] = {"when they were created, latest first",
                               "when they were created, oldest first"},
        [BROWSE_BY_POINT] = {"name, from A to Z", "name, from Z to A"},
        [BROWSE_BY_SIZE] = {"size, largest first", "size, smallest first"},
        [BROWSE_BY_EXPORTED] = {"when they were exported, latest first",
                                "when they were exported, oldest first"},
    };
    if (browse->focus == FOCUS_POINTS)
        return mem_format("Points by %s.",
                          points[browse->point_sorting.column][browse->point_sorting.reversed]);
    return mem_format("Collections by %s.",
                      collections[browse->collection_sorting.column][browse->collection_sorting.reversed]);
}

/* --- marks --- */

size_t browse_marked(const struct browse *browse)
{
    size_t marked = 0;
    for (size_t i = 0; browse->marks.count && i < browse->points.count; i++)
        marked += guid_set_has(&browse->marks, &browse->points.items[i].id);
    return marked;
}

bool browse_is_marked(const struct browse *browse, size_t row)
{
    return row < browse->points.count && guid_set_has(&browse->marks, &browse->points.items[row].id);
}

bool browse_mark_selected(struct browse *browse)
{
    const struct reference_point *point = browse_point(browse);
    browse->marked_at = app_now(browse->screen.app);
    if (point)
        guid_set_put(&browse->marks, &point->id, !guid_set_has(&browse->marks, &point->id));
    return point != NULL;
}

void browse_mark_shown(struct browse *browse)
{
    const struct list_view *view = &browse->point_view;
    bool all = true;
    browse->marked_at = app_now(browse->screen.app);
    for (size_t at = 0; at < view->count; at++)
        all = all && (view->shown[at] >= browse->points.count || browse_is_marked(browse, view->shown[at]));
    for (size_t at = 0; at < view->count; at++) {
        if (view->shown[at] < browse->points.count)
            guid_set_put(&browse->marks, &browse->points.items[view->shown[at]].id, !all);
    }
}

struct guid *browse_marked_points(const struct browse *browse, size_t *count)
{
    struct guid *marked = NULL;
    *count = 0;
    for (size_t i = browse->points.count; i-- > 0;) {
        if (browse_is_marked(browse, i))
            *ARRAY_APPEND(marked, *count) = browse->points.items[i].id;
    }
    return marked;
}

void browse_unmark_exported(struct browse *browse, const struct job_snapshot *jobs, size_t count)
{
    struct guid point;
    for (size_t i = 0; browse->marks.count && i < count; i++) {
        const struct job_identity *job = &jobs[i].identity;
        bool is_export = !*job->kind || strcmp(job->kind, "export") == 0;
        bool is_later = moment_compare(jobs[i].started, browse->marked_at) > 0;
        if (is_export && is_later && guid_parse(&point, job->point_id))
            guid_set_put(&browse->marks, &point, false);
    }
}
