#include "core/host/known.h"

bool host_machines(struct host *host, struct machine_list *list, struct error *unreached, struct error *err)
{
    struct error ignored;
    *unreached = (struct error){0};
    if (host->ops->list_machines(host, list, err))
        return true;
    machine_list_clear(list);
    if (!host->ops->known_machines || !host->ops->known_machines(host, list, &ignored) || list->count == 0)
        return false;
    *unreached = *err;
    *err = (struct error){0};
    return true;
}
