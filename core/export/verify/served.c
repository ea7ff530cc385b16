#include "core/export/verify/served.h"

#include "core/export/source/source.h"
#include "core/export/verify/extents.h"

bool verify_served(const struct verify_served_spec *spec, struct error *err)
{
    struct source_served_spec source_spec = {.socket = spec->served->socket,
                                             .name = spec->served->name,
                                             .extents = true,
                                             .changes = spec->differential ? spec->served->changes : NULL,
                                             .label = spec->label,
                                             .halt = spec->halt};
    struct source *source;
    if (!source_served_open(&source_spec, &source, err))
        return false;
    struct verify_extents_spec extents = {.client = source->client,
                                          .of_point = true,
                                          .runs = spec->runs,
                                          .size = source->size,
                                          .differential = spec->differential,
                                          .label = spec->label,
                                          .halt = spec->halt};
    bool ok = verify_extents(&extents, err);
    if (!ok && !halt_is_asked(spec->halt))
        source->ops->explain(source, err);
    source->ops->close(source);
    return ok;
}
