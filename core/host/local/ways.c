/* The ways out of the local host: see core/host/layers/ways. */
#include "core/host/layers/ways/adopt.h"
#include "core/host/layers/ways/forget.h"
#include "core/host/layers/ways/move.h"
#include "core/host/local/internal.h"

bool local_forget_point(struct host *host, const struct object_path *path, struct left_layers *left,
                        struct error *err)
{
    bool ok = forget_point(local_store(host), path, NULL, left, err);
    if (ok)
        local_release_files(host);
    return ok;
}

bool local_forget_collection(struct host *host, const struct guid *id, struct left_layers *left,
                             struct error *err)
{
    bool ok = forget_collection(local_store(host), id, NULL, left, err);
    if (ok)
        local_release_files(host);
    return ok;
}

bool local_adopt_files(struct host *host, bool unproven, struct watch *watch, struct adopted_files *adopted,
                       struct error *err)
{
    return adopt_files(local_store(host), unproven, watch, NULL, adopted, err);
}

bool local_move_machine(struct host *host, const struct move_request *request, struct watch *watch,
                        struct moved_machine *moved, struct error *err)
{
    return move_machine(local_store(host), request, watch, NULL, moved, err);
}
