#include "core/settings/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/settings/internal.h"
#include "core/syntax/cfg.h"
#include "core/system/fs.h"

#define HOSTS_MEMBER "hosts"
#define LOCAL_KIND "local"
#define LIBVIRT_KIND "libvirt"
#define HOST_SLUG_LIMIT 100

static const struct setting table[] = {
    {.name = "host",
     .type = SETTING_TEXT,
     .offset = offsetof(struct settings, host),
     .otherwise = "local",
     .help = "host that is used without --host; its name is in hosts, or \"local\""},
    {.name = "store",
     .type = SETTING_PATH,
     .offset = offsetof(struct settings, store),
     .help = "store of the local host; without it $XDG_DATA_HOME/refpoint"},
    {.name = "zstd_level",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct settings, zstd_level),
     .least = 1,
     .most = 19,
     .otherwise = "2",
     .help = "of exports with --compress zstd: 1 is the fastest, 19 makes the smallest packages"},
    {.name = "suspend_minutes",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct settings, suspend_minutes),
     .least = 0,
     .most = 525600,
     .otherwise = "720",
     .unit = "min",
     .help =
         "how long a job that finds no space, or storage that fails, waits suspended to be let go on; 0: it "
         "ends at once"},
    {.name = "keep_jobs_days",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct settings, keep_jobs_days),
     .least = 0,
     .most = 36500,
     .otherwise = "365",
     .unit = "days",
     .help = "how long the record of a job that has ended is kept; 0: for ever. Interrupted jobs stay, since "
             "they can be gone on with, and so do packages"},
    {.name = "sign",
     .type = SETTING_PATH,
     .offset = offsetof(struct settings, sign),
     .help = "key of ssh's that signs the package of each export without --sign and --no-sign: one without a "
             "passphrase, or one that an agent holds (then the public half, .pub, will do)"},
    {.name = "finish_hook",
     .type = SETTING_TEXT,
     .offset = offsetof(struct settings, finish_hook),
     .help = "command of the shell that is run when a job has ended; REFPOINT_JOB, REFPOINT_JOB_STATE, "
             "REFPOINT_ERROR_CODE, REFPOINT_PACKAGE, REFPOINT_VERIFIED and others tell it the outcome"},
    {.name = "allowed_signers",
     .type = SETTING_PATH,
     .offset = offsetof(struct settings, allowed_signers),
     .help = "file that says whose signatures count (ssh-keygen(1), ALLOWED SIGNERS), for package verify "
             "without --allowed-signers"},
    {.name = "theme",
     .type = SETTING_TEXT,
     .offset = offsetof(struct settings, theme),
     .help = "colours of the full screen: default, dark, light, mono, high-contrast, colour-blind-safe, or "
             "an own "
             "one; without it dark or light, as the terminal is"},
    {.name = "escape_delay_ms",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct settings, escape_delay_ms),
     .least = 10,
     .most = 2000,
     .otherwise = "80",
     .unit = "ms",
     .help = "how long a lone Esc may be the start of an arrow key; longer on slow links"},
    {.name = "ascii",
     .type = SETTING_BOOL,
     .offset = offsetof(struct settings, ascii),
     .otherwise = "false",
     .help = "draw lines with ASCII characters only"},
    {.name = "bell",
     .type = SETTING_BOOL,
     .offset = offsetof(struct settings, bell),
     .otherwise = "true",
     .help = "ring the terminal's bell when a job ends"},
    {.name = "title",
     .type = SETTING_BOOL,
     .offset = offsetof(struct settings, title),
     .otherwise = "true",
     .help = "show the percentage in the terminal's title"},
    {.name = "mouse",
     .type = SETTING_BOOL,
     .offset = offsetof(struct settings, mouse),
     .otherwise = "false",
     .help =
         "let a click select, a double click open and the wheel scroll; the terminal's own marking of text "
         "then wants Shift"},
};

const struct setting *settings_table(size_t *count)
{
    *count = ARRAY_LENGTH(table);
    return table;
}

void *settings_slot(const struct settings *settings, const struct setting *setting)
{
    union {
        const void *given;
        char *taken;
    } base = {.given = settings};
    return base.taken + setting->offset;
}

char **settings_text_slot(const struct settings *settings, const struct setting *setting)
{
    return settings_slot(settings, setting);
}

static void set_default(struct settings *settings, const struct setting *setting)
{
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
        mem_replace(settings_text_slot(settings, setting), setting->otherwise);
        break;
    case SETTING_NUMBER:
        *(uint64_t *)settings_slot(settings, setting) = strtoull(setting->otherwise, NULL, 10);
        break;
    case SETTING_BOOL:
        *(bool *)settings_slot(settings, setting) = strcmp(setting->otherwise, "true") == 0;
        break;
    }
}

static void add_message(struct settings *settings, char *message)
{
    *ARRAY_APPEND(settings->messages, settings->message_count) = text_escape(message);
    free(message);
}

char *settings_take_value(struct settings *settings, const struct setting *setting,
                          const config_setting_t *member)
{
    int type = config_setting_type(member);
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_PATH: {
        const char *text = type == CONFIG_TYPE_STRING ? config_setting_get_string(member) : NULL;
        if (!text || !*text)
            return mem_strdup("must be a text in quotes");
        CLEANUP_FREE char *path = setting->type == SETTING_PATH ? fs_expand_home(text) : NULL;
        if (path && *path != '/')
            return mem_strdup("must be an absolute path");
        mem_replace(settings_text_slot(settings, setting), path ? path : text);
        return NULL;
    }
    case SETTING_NUMBER: {
        long long number =
            type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64 ? config_setting_get_int64(member) : -1;
        if (number < 0 || (uint64_t)number < setting->least || (uint64_t)number > setting->most)
            return mem_format("must be a number from %" PRIu64 " to %" PRIu64, setting->least, setting->most);
        *(uint64_t *)settings_slot(settings, setting) = (uint64_t)number;
        return NULL;
    }
    case SETTING_BOOL:
        if (type != CONFIG_TYPE_BOOL)
            return mem_strdup("must be true or false");
        *(bool *)settings_slot(settings, setting) = config_setting_get_bool(member) != 0;
        return NULL;
    }
    return NULL;
}

uint64_t settings_bit(const struct setting *setting)
{
    return (uint64_t)1 << (size_t)(settings_find(setting->name) - table);
}

const struct setting *settings_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

/* A key that is not known may be the very one that says where the machines are: "type" for "kind". */
static char *unknown_in_host(const config_setting_t *entry, unsigned *line)
{
    static const char *const known[] = {"name", "kind", "store", "uri"};
    for (int i = 0; i < config_setting_length(entry); i++) {
        const config_setting_t *member = config_setting_get_elem(entry, (unsigned)i);
        const char *name = config_setting_name(member);
        bool is_known = false;
        for (size_t k = 0; k < ARRAY_LENGTH(known); k++)
            is_known = is_known || strcmp(known[k], name) == 0;
        *line = config_setting_source_line(member);
        if (!is_known)
            return mem_format("a host has no \"%s\": it has name, kind, store and uri", name);
        if (config_setting_type(member) != CONFIG_TYPE_STRING)
            return mem_format("the %s of a host must be a text in quotes", name);
    }
    return NULL;
}

static char *wrong_with_host(const struct settings *settings, const struct settings_host *host,
                             const config_setting_t *entry, unsigned *line)
{
    char *unknown = config_setting_is_group(entry) ? unknown_in_host(entry, line) : NULL;
    if (unknown)
        return unknown;
    *line = config_setting_source_line(entry);
    if (!*host->name)
        return mem_strdup("a host needs a name");
    if (strcmp(host->kind, LOCAL_KIND) != 0 && strcmp(host->kind, LIBVIRT_KIND) != 0)
        return mem_strdup("the kind of a host must be \"local\" or \"libvirt\"");
    if (host->uri && strcmp(host->kind, LIBVIRT_KIND) != 0)
        return mem_strdup("only a host of the kind \"libvirt\" has a uri");
    if (strcmp(host->kind, LIBVIRT_KIND) == 0 && (!host->uri || !*host->uri))
        return mem_strdup("a host of the kind \"libvirt\" needs a uri, such as \"qemu:///system\"");
    if (host->store && *host->store != '/')
        return mem_strdup("the store of a host must be an absolute path");
    for (size_t i = 0; i < settings->host_count; i++) {
        if (strcmp(settings->hosts[i].name, host->name) == 0)
            return mem_strdup("two hosts have this name");
    }
    return NULL;
}

static void take_host(struct settings *settings, const config_setting_t *entry, const char *file)
{
    bool group = config_setting_is_group(entry);
    struct settings_host host = {.name = mem_strdup(group ? cfg_get_text(entry, "name", "") : ""),
                                 .kind = mem_strdup(group ? cfg_get_text(entry, "kind", LOCAL_KIND) : ""),
                                 .store = mem_strdup(group ? cfg_get_text(entry, "store", NULL) : NULL),
                                 .uri = mem_strdup(group ? cfg_get_text(entry, "uri", NULL) : NULL)};
    unsigned line = config_setting_source_line(entry);
    CLEANUP_FREE char *wrong = wrong_with_host(settings, &host, entry, &line);
    if (wrong) {
        host.refused = mem_format("%s:%u: %s", file, line, wrong);
        add_message(settings, mem_format("%s; this host is passed over", host.refused));
    }
    *ARRAY_APPEND(settings->hosts, settings->host_count) = host;
}

static void take_hosts(struct settings *settings, const config_setting_t *member, const char *file)
{
    if (!config_setting_is_list(member)) {
        add_message(settings, mem_format("%s:%u: hosts must be a list: hosts = ( { name = \"lab\"; store = "
                                         "\"/srv/lab\"; } ); it is passed over",
                                         file, config_setting_source_line(member)));
        return;
    }
    for (int i = 0; i < config_setting_length(member); i++)
        take_host(settings, config_setting_get_elem(member, (unsigned)i), file);
}

static void take_member(struct settings *settings, const config_setting_t *member, const char *file)
{
    const char *name = config_setting_name(member);
    if (strcmp(name, HOSTS_MEMBER) == 0) {
        take_hosts(settings, member, file);
        return;
    }
    const struct setting *setting = settings_find(name);
    unsigned line = config_setting_source_line(member);
    if (!setting) {
        add_message(settings,
                    mem_format("%s:%u: there is no setting \"%s\"; it is passed over", file, line, name));
        return;
    }
    CLEANUP_FREE char *wrong = settings_take_value(settings, setting, member);
    if (!wrong)
        settings->given |= settings_bit(setting);
    else
        add_message(settings, mem_format("%s:%u: %s %s; the default is used", file, line, name, wrong));
}

char *settings_file(const char *config_option)
{
    if (config_option)
        return fs_absolute_path(config_option);
    CLEANUP_FREE char *home = fs_config_home();
    return mem_format("%s/refpoint.cfg", home);
}

bool settings_load(struct settings *settings, const char *config_option, struct error *err)
{
    *settings = (struct settings){0};
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
        set_default(settings, &table[i]);
    CLEANUP_FREE char *file = settings_file(config_option);
    if (!config_option && access(file, F_OK) != 0 && errno == ENOENT)
        return true;
    config_t config;
    bool ok = cfg_read(&config, AT_FDCWD, file, CFG_LIMIT_SMALL, err);
    const config_setting_t *root = ok ? config_root_setting(&config) : NULL;
    for (int i = 0; root && i < config_setting_length(root); i++)
        take_member(settings, config_setting_get_elem(root, (unsigned)i), file);
    config_destroy(&config);
    if (!ok)
        settings_clear(settings);
    return ok;
}

void settings_clear(struct settings *settings)
{
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        if (table[i].type == SETTING_TEXT || table[i].type == SETTING_PATH)
            free(*settings_text_slot(settings, &table[i]));
    }
    for (size_t i = 0; i < settings->host_count; i++) {
        free(settings->hosts[i].name);
        free(settings->hosts[i].kind);
        free(settings->hosts[i].store);
        free(settings->hosts[i].uri);
        free(settings->hosts[i].refused);
    }
    free(settings->hosts);
    for (size_t i = 0; i < settings->message_count; i++)
        free(settings->messages[i]);
    free(settings->messages);
    *settings = (struct settings){0};
}

char *settings_show(const struct settings *settings, const struct setting *setting)
{
    if (setting->secret)
        return mem_strdup("(secret)");
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_PATH: {
        const char *text = *settings_text_slot(settings, setting);
        return text ? text_escape(text) : mem_strdup("(none)");
    }
    case SETTING_NUMBER:
        return mem_format("%" PRIu64 "%s%s", *(uint64_t *)settings_slot(settings, setting),
                          setting->unit ? " " : "", setting->unit ? setting->unit : "");
    case SETTING_BOOL:
        return mem_strdup(*(bool *)settings_slot(settings, setting) ? "true" : "false");
    }
    return mem_strdup("");
}

static const struct settings_host *find_host(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->host_count; i++) {
        if (strcmp(settings->hosts[i].name, name) == 0)
            return &settings->hosts[i];
    }
    return NULL;
}

/* An address of libvirt's stands for a host that is configured nowhere. */
static bool is_uri(const char *name)
{
    return strstr(name, "://") != NULL;
}

static const char *not_empty(const char *text)
{
    return text && *text ? text : NULL;
}

static bool unknown_host(const char *name, const char *file, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "host.unknown", "there is no host named %s", name);
    error_cause(err, "the configuration file %s names no such host", file);
    return error_next(err, "Add it to hosts there, give libvirt's address itself (--host qemu:///system), or "
                           "use --host local.");
}

static char *usual_store(const char *name, bool libvirt)
{
    char *home = fs_data_home();
    if (!libvirt)
        return home;
    CLEANUP_FREE char *data = home;
    CLEANUP_FREE char *slug = text_slug(name, HOST_SLUG_LIMIT);
    return mem_format("%s/hosts/%s", data, slug);
}

/* The entry of this name, NULL for what needs none; false: there is no such host, or it is refused. */
static bool find_usable(const struct settings *settings, const char *file, const char *name,
                        const struct settings_host **host, struct error *err)
{
    *host = find_host(settings, name);
    if (!*host && strcmp(name, LOCAL_KIND) != 0 && !is_uri(name))
        return unknown_host(name, file, err);
    if (!*host || !(*host)->refused)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "host.refused", "the host %s cannot be used", name);
    error_cause(err, "%s", (*host)->refused);
    return error_next(err, "Correct it there, or use --host local.");
}

/* said: stores by the order in which they count; where all are NULL or empty it is the usual one. */
static void make_place(struct settings_place *place, const char *name, const struct settings_host *host,
                       const char *const *said, size_t count)
{
    const char *uri = host ? host->uri : is_uri(name) ? name : NULL;
    CLEANUP_FREE char *standard = usual_store(name, uri != NULL);
    const char *store = NULL;
    for (size_t i = 0; i < count && !store; i++)
        store = not_empty(said[i]);
    *place = (struct settings_place){.host = mem_strdup(name),
                                     .kind = mem_strdup(uri ? LIBVIRT_KIND : LOCAL_KIND),
                                     .uri = mem_strdup(uri),
                                     .store = fs_absolute_path(store ? store : standard)};
}

static const char *store_setting(const struct settings *settings, const struct settings_host *host,
                                 const char *name)
{
    bool libvirt = host ? host->uri != NULL : is_uri(name);
    return libvirt ? NULL : settings->store;
}

bool settings_find_place(const struct settings *settings, const char *config_option, const char *host_option,
                         const char *store_option, struct settings_place *place, struct error *err)
{
    *place = (struct settings_place){0};
    const char *name = host_option ? host_option : settings->host;
    const struct settings_host *host = NULL;
    CLEANUP_FREE char *file = settings_file(config_option);
    if (!find_usable(settings, file, name, &host, err))
        return false;
    const char *said[] = {
        store_option,
        host_option && host ? host->store : NULL,
        getenv("REFPOINT_STORE"),
        host ? host->store : NULL,
        store_setting(settings, host, name),
    };
    make_place(place, name, host, said, ARRAY_LENGTH(said));
    place->config = config_option ? mem_strdup(file) : NULL;
    place->zstd_level = settings->zstd_level;
    place->suspend_minutes = settings->suspend_minutes;
    place->keep_jobs_days = settings->keep_jobs_days;
    place->sign = mem_strdup(settings->sign);
    place->finish_hook = mem_strdup(settings->finish_hook);
    return true;
}

bool settings_place_of_host(const struct settings *settings, const char *config_option, const char *name,
                            struct settings_place *place, struct error *err)
{
    *place = (struct settings_place){0};
    const struct settings_host *host = NULL;
    CLEANUP_FREE char *file = settings_file(config_option);
    if (!find_usable(settings, file, name, &host, err))
        return false;
    const char *said[] = {host ? host->store : NULL, store_setting(settings, host, name)};
    make_place(place, name, host, said, ARRAY_LENGTH(said));
    place->config = config_option ? mem_strdup(file) : NULL;
    place->zstd_level = settings->zstd_level;
    place->suspend_minutes = settings->suspend_minutes;
    place->keep_jobs_days = settings->keep_jobs_days;
    place->sign = mem_strdup(settings->sign);
    place->finish_hook = mem_strdup(settings->finish_hook);
    return true;
}

void settings_place_clear(struct settings_place *place)
{
    free(place->host);
    free(place->kind);
    free(place->uri);
    free(place->store);
    free(place->config);
    free(place->sign);
    free(place->finish_hook);
    *place = (struct settings_place){0};
}
