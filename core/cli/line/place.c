#include "core/cli/line/place.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/settings/settings.h"

struct cli_place {
    struct settings_place found;
};

static bool load(const struct cli_environment *environment, const struct cli_globals *globals, bool tell,
                 struct settings *settings, struct error *err)
{
    if (!settings_load(settings, globals->config, err))
        return false;
    for (size_t i = 0; tell && i < settings->message_count; i++)
        fprintf(environment->errors, "refpoint: %s\n", settings->messages[i]);
    return true;
}

bool cli_place_allowed_signers(const struct cli_environment *environment, const struct cli_globals *globals,
                               bool tell, char **file, struct error *err)
{
    struct settings settings;
    if (!load(environment, globals, tell, &settings, err))
        return false;
    *file = mem_strdup(settings.allowed_signers);
    settings_clear(&settings);
    return true;
}

bool cli_place_making(const struct cli_environment *environment, const struct cli_globals *globals,
                      char **sign_key, unsigned *zstd_level, struct error *err)
{
    struct settings settings;
    if (!load(environment, globals, true, &settings, err))
        return false;
    *sign_key = mem_strdup(settings.sign);
    *zstd_level = (unsigned)settings.zstd_level;
    settings_clear(&settings);
    return true;
}

struct cli_place *cli_place_find(const struct cli_environment *environment, const struct cli_globals *globals,
                                 struct cli_globals *found, struct error *err)
{
    struct settings settings;
    if (!load(environment, globals, true, &settings, err))
        return NULL;
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
