/* The ways out of the local host: see core/host/layers/ways. */
#include "core/host/layers/ways/forget.h"
#include "core/host/local/internal.h"

bool local_forget_point(struct host *host, const struct object_path *path, struct left_layers *left,
                        struct error *err)
{
    return forget_point(local_store(host), path, NULL, left, err);
}

bool local_forget_collection(struct host *host, const struct guid *id, struct left_layers *left,
                             struct error *err)
{
    return forget_collection(local_store(host), id, NULL, left, err);
}
