#include "core/host/open/choices.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/open/open.h"

#define LOCAL_NAME "local"

/* One daemon for everything, or one of its own for QEMU: whichever a distribution starts. */
static const char *const socket_names[] = {"libvirt-sock", "virtqemud-sock"};

static bool has_socket(const char *directory)
{
    for (size_t i = 0; i < ARRAY_LENGTH(socket_names); i++) {
        CLEANUP_FREE char *path = mem_format("%s/libvirt/%s", directory, socket_names[i]);
        struct stat status;
        if (stat(path, &status) == 0 && S_ISSOCK(status.st_mode))
            return true;
    }
    return false;
}

static bool is_configured(const struct settings *settings, const char *uri)
{
    for (size_t i = 0; i < settings->host_count; i++) {
        const struct settings_host *host = &settings->hosts[i];
        if (!host->refused && host->uri && strcmp(host->uri, uri) == 0)
            return true;
    }
    return false;
}

/* Where it is to be worked with is asked of the settings, so that what is shown is what is opened. */
static void add_named(struct host_choices *choices, const struct settings *settings,
                      const struct settings_place *started, const char *name)
{
    struct settings_place place;
    struct error refused = {0};
    bool ok = host_place_chosen(settings, started, name, &place, &refused);
    *ARRAY_APPEND(choices->items, choices->count) =
        (struct host_choice){.name = mem_strdup(name),
                             .address = mem_strdup(place.uri),
                             .store = mem_strdup(ok ? place.store : ""),
                             .refused = ok ? NULL : mem_strdup(refused.cause)};
    settings_place_clear(&place);
}

static void add_configured(struct host_choices *choices, const struct settings *settings,
                           const struct settings_place *started, const struct settings_host *host)
{
    if (!host->refused) {
        add_named(choices, settings, started, host->name);
        return;
    }
    *ARRAY_APPEND(choices->items, choices->count) =
        (struct host_choice){.name = mem_strdup(host->name),
                             .address = mem_strdup(host->uri),
                             .store = mem_strdup(""),
                             .refused = mem_strdup(host->refused)};
}

static void add_found(struct host_choices *choices, const struct settings *settings,
                      const struct settings_place *started, const char *directory, const char *uri)
{
    if (!directory || !*directory || is_configured(settings, uri) || !has_socket(directory))
        return;
    add_named(choices, settings, started, uri);
    choices->items[choices->count - 1].found = true;
}

static bool has_name(const struct host_choices *choices, const char *name)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (strcmp(choices->items[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool names_local(const struct settings *settings)
{
    for (size_t i = 0; i < settings->host_count; i++) {
        if (strcmp(settings->hosts[i].name, LOCAL_NAME) == 0)
            return true;
    }
    return false;
}

static void make(struct host_choices *choices, const struct settings *settings,
                 const struct settings_place *started)
{
    if (!names_local(settings))
        add_named(choices, settings, started, LOCAL_NAME);
    for (size_t i = 0; i < settings->host_count; i++)
        add_configured(choices, settings, started, &settings->hosts[i]);
    add_found(choices, settings, started, "/run", "qemu:///system");
    if (geteuid() != 0) /* root's session is the system's daemon */
        add_found(choices, settings, started, getenv("XDG_RUNTIME_DIR"), "qemu:///session");
    if (!has_name(choices, started->host))
        add_named(choices, settings, started, started->host);
}

bool host_choices_read(struct host_choices *choices, const struct settings_place *started, struct error *err)
{
    struct settings settings;
    *choices = (struct host_choices){0};
    if (!settings_load(&settings, started->config, err))
        return false;
    make(choices, &settings, started);
    settings_clear(&settings);
    return true;
}

void host_choices_clear(struct host_choices *choices)
{
    for (size_t i = 0; i < choices->count; i++) {
        free(choices->items[i].name);
        free(choices->items[i].address);
        free(choices->items[i].store);
        free(choices->items[i].refused);
    }
    free(choices->items);
    *choices = (struct host_choices){0};
}
