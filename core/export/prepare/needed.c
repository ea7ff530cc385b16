#include "core/export/prepare/needed.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/package/find_base.h"

static void add(struct packages_needed *needed, const struct guid *point, const char *path)
{
    *ARRAY_APPEND(needed->items, needed->count) =
        (struct package_needed){.point = *point, .path = path ? mem_strdup(path) : NULL};
}

/* The very one that the package above was made on: its record has the digest that was noted. */
static const struct package *base_of(const struct base_index *index, const struct package *above)
{
    for (size_t i = 0; i < index->count; i++) {
        if (guid_equal(&index->items[i].id, &above->base_package_id) &&
            strcmp(index->items[i].record_sha256, above->base_record_sha256) == 0)
            return &index->items[i];
    }
    return NULL;
}

/* True: all that it stands on is there. */
static bool follow(const struct base_index *index, const struct package *package,
                   struct packages_needed *needed)
{
    add(needed, &package->point.id, package->path);
    while (!guid_is_none(&package->base_package_id) && needed->count < BASE_PACKAGE_CHAIN_LIMIT) {
        const struct package *base = base_of(index, package);
        add(needed, base ? &base->point.id : &package->base_point.point_id, base ? base->path : NULL);
        if (!base)
            return false;
        package = base;
    }
    return true;
}

static bool is_of(const struct package *package, const struct object_path *base)
{
    return guid_equal(&package->point.id, &base->point_id) &&
           guid_equal(&package->point.collection_id, &base->collection_id);
}

/* Of several packages of the point the first that is whole; else the last one, with what it lacks. */
static void choose(const struct base_index *index, const struct object_path *base,
                   struct packages_needed *needed)
{
    bool whole = false;
    for (size_t i = 0; i < index->count && !whole; i++) {
        if (!is_of(&index->items[i], base))
            continue;
        packages_needed_clear(needed);
        whole = follow(index, &index->items[i], needed);
    }
    if (needed->count == 0)
        add(needed, &base->point_id, NULL);
}

void packages_needed_read(const struct package_search *search, const struct object_path *base,
                          struct packages_needed *needed)
{
    struct base_index index;
    struct error ignored = {0}; /* who checks the export is told */
    *needed = (struct packages_needed){0};
    if (!base_index_make(&index, search, &ignored))
        return;
    choose(&index, base, needed);
    base_index_clear(&index);
}

void packages_needed_clear(struct packages_needed *needed)
{
    for (size_t i = 0; i < needed->count; i++)
        free(needed->items[i].path);
    free(needed->items);
    *needed = (struct packages_needed){0};
}
