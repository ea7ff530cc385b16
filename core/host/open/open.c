#include "core/host/open/open.h"

#include "core/host/libvirt/libvirt.h"
#include "core/host/local/local.h"

struct host *host_open(const struct settings_place *place, struct error *err)
{
    if (place->uri)
        return libvirt_host_open(place->host, place->uri, place->store, err);
    return local_host_open(place->store, err);
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
