#include "core/cli/line/find.h"

#include "core/host/resolve.h"

bool cli_find_collection(struct cli *cli, const char *text, struct collection *found, struct error *err)
{
    struct collection_list list = {0};
    if (!cli->host->ops->list_collections(cli->host, &list, err))
        return false;
    const struct collection *match = resolve_collection(&list, text, err);
    if (match)
        collection_copy(found, match);
    collection_list_clear(&list);
    return match != NULL;
}

bool cli_find_machine(struct cli *cli, const char *text, struct machine *found, struct error *err)
{
    struct machine_list list = {0};
    if (!cli->host->ops->list_machines(cli->host, &list, err))
        return false;
    const struct machine *match = resolve_machine(&list, text, err);
    if (match)
        machine_copy(found, match);
    machine_list_clear(&list);
    return match != NULL;
}

bool cli_find_point(struct cli *cli, const struct collection *collection, const char *text,
                    struct reference_point *found, struct error *err)
{
    struct reference_point_list list = {0};
    if (!cli->host->ops->list_points(cli->host, &collection->id, &list, err))
        return false;
    const struct reference_point *match = resolve_point(&list, text, err);
    if (match)
        reference_point_copy(found, match);
    reference_point_list_clear(&list);
    return match != NULL;
}

bool cli_find_point_path(struct cli *cli, const char *collection_text, const char *point_text,
                         struct object_path *path, struct error *err)
{
    struct collection collection = {0};
    struct reference_point point = {0};
    bool ok = cli_open(cli, err) && cli_find_collection(cli, collection_text, &collection, err) &&
              cli_find_point(cli, &collection, point_text, &point, err);
    if (ok)
        *path = (struct object_path){.point_id = point.id, .collection_id = collection.id};
    reference_point_clear(&point);
    collection_clear(&collection);
    return ok;
}
