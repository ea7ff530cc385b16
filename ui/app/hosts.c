#include "ui/app/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct hosts {
    const struct settings *settings;
    const char *state_directory;
    struct opened_host **items; /* each of its own, since workers keep pointers to them */
    size_t count;
    size_t current;
};

struct hosts *hosts_new(const struct settings *settings, const char *state_directory)
{
    struct hosts *hosts = mem_alloc(sizeof *hosts);
    hosts->settings = settings;
    hosts->state_directory = state_directory;
    return hosts;
}

static void free_opened(struct opened_host *opened)
{
    opened->host->ops->close(opened->host);
    settings_place_clear(&opened->place);
    free(opened->identity);
    free(opened->host_option);
    free(opened->store_option);
    free(opened);
}

void hosts_free(struct hosts *hosts)
{
    if (!hosts)
        return;
    for (size_t i = 0; i < hosts->count; i++)
        free_opened(hosts->items[i]);
    free(hosts->items);
    free(hosts);
}

static char *identity_of(const struct settings_place *place, struct host *host)
{
    char *identity = host->ops->identify(host);
    if (strncmp(identity, place->host, strlen(place->host)) == 0)
        return identity;
    char *named = mem_format("%s (%s)", place->host, identity);
    free(identity);
    return named;
}

static bool is_store_of(const struct settings_place *found, const char *store)
{
    return found->store && strcmp(found->store, store) == 0;
}

/* Left out only where it goes without saying, in this environment and in one without $REFPOINT_STORE. */
static bool needs_store_option(const struct settings *settings, const struct opened_host *opened)
{
    const struct settings_place *place = &opened->place;
    struct settings_place here = {0};
    struct settings_place anywhere = {0};
    struct error ignored = {0};
    bool found = settings_find_place(settings, place->config, opened->host_option, NULL, &here, &ignored) &&
                 settings_place_of_host(settings, place->config, place->host, &anywhere, &ignored);
    bool needed = !found || !is_store_of(&here, place->store) || !is_store_of(&anywhere, place->store);
    settings_place_clear(&here);
    settings_place_clear(&anywhere);
    return needed;
}

static struct opened_host *make_opened(const struct hosts *hosts, struct settings_place *place,
                                       struct host *host)
{
    const struct settings *settings = hosts->settings;
    struct opened_host *opened = mem_alloc(sizeof *opened);
    opened->host = host;
    opened->place = *place;
    *place = (struct settings_place){0};
    opened->identity = identity_of(&opened->place, host);
    if (strcmp(opened->place.host, settings->host) != 0)
        opened->host_option = mem_strdup(opened->place.host);
    if (needs_store_option(settings, opened))
        opened->store_option = mem_strdup(opened->place.store);
    opened->options = (struct service_options){.state_directory = hosts->state_directory,
                                               .host_name = opened->place.host,
                                               .store = opened->place.store,
                                               .config = opened->place.config};
    return opened;
}

static bool equal(const char *left, const char *right)
{
    return left && right ? strcmp(left, right) == 0 : left == right;
}

static bool same_place(const struct settings_place *left, const struct settings_place *right)
{
    return equal(left->host, right->host) && equal(left->uri, right->uri) && equal(left->store, right->store);
}

void hosts_use(struct hosts *hosts, struct settings_place *place, struct host *host)
{
    for (size_t i = 0; i < hosts->count; i++) {
        if (!same_place(&hosts->items[i]->place, place))
            continue;
        hosts->current = i;
        host->ops->close(host); /* nobody has worked with it: this takes no time */
        settings_place_clear(place);
        return;
    }
    hosts->current = hosts->count;
    hosts->items =
        mem_grow(hosts->items, hosts->count, sizeof *hosts->items); /* NOLINT(bugprone-sizeof-expression) */
    hosts->items[hosts->count++] = make_opened(hosts, place, host);
}

const struct opened_host *hosts_current(const struct hosts *hosts)
{
    return hosts->items[hosts->current];
}

const struct opened_host *hosts_started(const struct hosts *hosts)
{
    return hosts->items[0];
}
