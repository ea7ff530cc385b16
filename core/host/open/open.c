#include "core/host/open/open.h"

#include <string.h>

#include "core/base/text.h"
#include "core/host/libvirt/libvirt.h"
#include "core/host/local/local.h"

struct host *host_open(const struct settings_place *place, struct error *err)
{
    struct host *host = place->uri ? libvirt_host_open(place->host, place->uri, place->store, err)
                                   : local_host_open(place->store, err);
    if (!host)
        return NULL;
    host->zstd_level = (unsigned)place->zstd_level;
    host->suspend_minutes = (unsigned)place->suspend_minutes;
    text_copy_cut(host->finish_hook, sizeof host->finish_hook, place->finish_hook ? place->finish_hook : "");
    host->keep_jobs_days = (unsigned)place->keep_jobs_days;
    text_copy_cut(host->sign_key, sizeof host->sign_key, place->sign ? place->sign : "");
    return host;
}

struct host *host_open_named(const char *config, const char *name, const char *store, struct error *err)
{
    struct settings settings;
    struct settings_place place;
    if (!settings_load(&settings, config, err))
        return NULL;
    bool found = settings_find_place(&settings, config, name, store, &place, err);
    settings_clear(&settings);
    struct host *host = found ? host_open(&place, err) : NULL;
    settings_place_clear(&place);
    return host;
}

bool host_place_chosen(const struct settings *settings, const struct settings_place *started,
                       const char *name, struct settings_place *place, struct error *err)
{
    if (strcmp(name, started->host) == 0)
        return settings_find_place(settings, started->config, name, started->store, place, err);
    return settings_place_of_host(settings, started->config, name, place, err);
}

struct host *host_open_chosen(const struct settings_place *started, const char *name,
                              struct settings_place *place, struct error *err)
{
    struct settings settings;
    *place = (struct settings_place){0};
    if (!settings_load(&settings, started->config, err))
        return NULL;
    bool found = host_place_chosen(&settings, started, name, place, err);
    settings_clear(&settings);
    return found ? host_open(place, err) : NULL;
}
