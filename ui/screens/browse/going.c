/* What there is to go to from elsewhere: all collections, and all points that have been seen of any. */
#include "core/base/mem.h"
#include "ui/screens/browse/state.h"

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
