/* What is selected, what there is, and where it is found. */
#include "core/base/mem.h"
#include "ui/screens/browse/state.h"

const struct catalogue_row *browse_collection(const struct browse *browse)
{
    size_t row = list_view_row(&browse->collections);
    return row < browse->catalogue.count ? &browse->catalogue.rows[row] : NULL;
}

size_t browse_point_rows(const struct browse *browse)
{
    return browse->points.count + browse->points.left_out.count;
}

/* SIZE_MAX: none of the collection that is selected. */
static size_t selected_point_row(const struct browse *browse)
{
    const struct catalogue_row *collection = browse_collection(browse);
    bool current = collection && guid_equal(&collection->id, &browse->points_of);
    return current ? list_view_row(&browse->point_view) : SIZE_MAX;
}

const struct reference_point *browse_point(const struct browse *browse)
{
    size_t row = selected_point_row(browse);
    return row < browse->points.count ? &browse->points.items[row] : NULL;
}

const struct damaged_record *browse_damaged_point(const struct browse *browse)
{
    size_t row = selected_point_row(browse);
    if (row < browse->points.count || row >= browse_point_rows(browse))
        return NULL;
    return &browse->points.left_out.items[row - browse->points.count];
}

const struct job_snapshot *browse_job(const struct browse *browse)
{
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(browse->screen.app, &count);
    for (size_t i = 0; i < count; i++) {
        if (!job_state_is_final(jobs[i].state))
            return &jobs[i];
    }
    return NULL;
}

bool browse_is_empty(const struct browse *browse)
{
    return browse->reading_collections.done && browse->catalogue.count == 0 &&
           browse->catalogue.collections_left_out == 0;
}

bool browse_has_failed(const struct browse *browse)
{
    const struct browse_reading *reading = &browse->reading_collections;
    return browse->catalogue.count == 0 && !reading->done && (reading->err.code || reading->given_up);
}

bool browse_is_first_reading(const struct browse *browse)
{
    const struct browse_reading *reading = &browse->reading_collections;
    return browse->catalogue.count == 0 && !reading->done && reading->ticket;
}

static void tell_points(const struct overview_row *row, const struct catalogue_row *collection,
                        struct told_objects *objects)
{
    for (size_t i = 0; i < row->points; i++) {
        const struct overview_point *point = &row->names[i];
        objects->add(objects->context, &(struct told_object){.collection = &collection->id,
                                                             .point = &point->id,
                                                             .name = point->name,
                                                             .collection_name = collection->name,
                                                             .created = point->created});
    }
}

void browse_tell_objects(const struct screen *screen, struct told_objects *objects)
{
    const struct browse *browse = (const struct browse *)screen;
    for (size_t i = 0; i < browse->catalogue.count; i++) {
        const struct catalogue_row *collection = &browse->catalogue.rows[i];
        const struct overview_row *row = overview_find(&browse->overview, &collection->id);
        objects->add(objects->context,
                     &(struct told_object){.collection = &collection->id, .name = collection->name});
        if (row)
            tell_points(row, collection, objects);
    }
}

/* SIZE_MAX: it is not there any more. */
size_t browse_find_collection(const struct browse *browse, const struct guid *id)
{
    for (size_t i = 0; i < browse->catalogue.count; i++) {
        if (guid_equal(&browse->catalogue.rows[i].id, id))
            return i;
    }
    return SIZE_MAX;
}

size_t browse_find_point(const struct browse *browse, const struct guid *id)
{
    for (size_t i = 0; i < browse->points.count; i++) {
        if (guid_equal(&browse->points.items[i].id, id))
            return i;
    }
    return SIZE_MAX;
}
