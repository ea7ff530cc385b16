#include "core/cli/line/place.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/settings/settings.h"

struct cli_place {
    struct settings_place found;
};

struct cli_place *cli_place_find(const struct cli_environment *environment, const struct cli_globals *globals,
                                 struct cli_globals *found, struct error *err)
{
    struct settings settings;
    if (!settings_load(&settings, globals->config, err))
        return NULL;
    for (size_t i = 0; i < settings.message_count; i++)
        fprintf(environment->errors, "refpoint: %s\n", settings.messages[i]);
    struct cli_place *place = mem_alloc(sizeof *place);
    bool ok =
        settings_find_place(&settings, globals->config, globals->host, globals->store, &place->found, err);
    settings_clear(&settings);
    if (!ok) {
        free(place);
        return NULL;
    }
    *found = *globals;
    found->host = place->found.host;
    found->store = place->found.store;
    found->config = place->found.config;
    return place;
}

void cli_place_free(struct cli_place *place)
{
    if (place)
        settings_place_clear(&place->found);
    free(place);
}
