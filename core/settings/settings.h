/* The settings of the program: one table drives the file, its checks, the help and what may be shown.
 *
 * File: $XDG_CONFIG_HOME/refpoint/refpoint.cfg (libconfig, read through syntax/cfg.h), or the one of
 * --config. Unknown names and bad values are no errors: each gives one message with file and line, and the
 * default is used; a host with something wrong in it cannot be used. A file that cannot be parsed is an
 * error, because the store it names would silently become another.
 *
 * Ownership: settings_clear, settings_place_clear. Threads: any, each its own value. */
#ifndef REFPOINT_SETTINGS_SETTINGS_H
#define REFPOINT_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

/* A path is absolute; "~/..." in the file is one beneath the home directory, and absolute here. */
enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_BOOL, SETTING_PATH };

struct setting {
    const char *name;
    const char *otherwise; /* the default, as text; NULL = none */
    const char *unit;
    const char *help;
    size_t offset; /* in struct settings: char *, uint64_t or bool */
    uint64_t least;
    uint64_t most;
    enum setting_type type;
    bool secret; /* never shown, logged or passed in an argument */
};

struct settings_host {
    char *name;
    char *kind; /* "local", "libvirt" */
    char *store;
    char *uri;     /* of a libvirt host; NULL for others */
    char *refused; /* what is wrong with it, with file and line; NULL = it can be used */
};

struct settings {
    char *host;
    char *store;
    char *theme;
    uint64_t escape_delay_ms;
    uint64_t zstd_level;
    uint64_t suspend_minutes;
    uint64_t keep_jobs_days;
    bool ascii;
    bool bell;
    bool title;
    bool mouse;
    char *sign;
    char *finish_hook;
    char *allowed_signers;
    struct settings_host *hosts;
    size_t host_count;
    uint64_t given;  /* by the file: a bit for each of the table (settings_is_given) */
    char **messages; /* what was passed over in the file, one sentence each */
    size_t message_count;
};

const struct setting *settings_table(size_t *count);

/* The file that --config or the environment names; absolute, the caller's. */
char *settings_file(const char *config_option);
/* A missing file is an error only when it was asked for (config_option). */
bool settings_load(struct settings *settings, const char *config_option, struct error *err) WARN_UNUSED;
void settings_clear(struct settings *settings);
/* A value as text for people, "(secret)" where it is one; the caller's. */
char *settings_show(const struct settings *settings, const struct setting *setting);
/* The same as it would be typed, "" where there is none; the caller's. */
char *settings_text(const struct settings *settings, const struct setting *setting);
/* The file gives it, and what it says there is used. */
bool settings_is_given(const struct settings *settings, const struct setting *setting);
/* What somebody has typed, as the file would be read. 32773 with what it must be; nothing is changed then. */
bool settings_take(struct settings *settings, const struct setting *setting, const char *text,
                   struct error *err) WARN_UNUSED;
/* "bell = true;", as it stands in the file; NULL: there is no value. The caller's. */
char *settings_statement(const struct settings *settings, const struct setting *setting);
/* Writes this one setting into the file and keeps everything else there, what it does not know included; and
 * comments, where the statement stands on a line of its own. */
bool settings_save(const struct settings *settings, const char *config_option, const char *name,
                   struct error *err) WARN_UNUSED;
/* Takes it out of the file, so that the default counts. */
bool settings_forget(const char *config_option, const char *name, struct error *err) WARN_UNUSED;

/* Where to work: the host and its store, found from options, environment and settings. Order for the store:
 * --store, the host of --host, $REFPOINT_STORE, the configured host, the setting (a local host's only),
 * $XDG_DATA_HOME/refpoint, for a libvirt host "hosts/NAME" in that. */
struct settings_place {
    char *host;          /* name */
    char *kind;          /* "local", "libvirt" */
    char *uri;           /* NULL: a local host has none */
    char *store;         /* absolute */
    char *config;        /* absolute; NULL when none was asked for: the usual file, if there is one */
    uint64_t zstd_level; /* of exports that do not say one */
    uint64_t suspend_minutes;
    uint64_t keep_jobs_days;
    char *sign;        /* the key that signs packages of exports that name none; NULL = none does */
    char *finish_hook; /* of jobs from here; NULL = none */
};
bool settings_find_place(const struct settings *settings, const char *config_option, const char *host_option,
                         const char *store_option, struct settings_place *place,
                         struct error *err) WARN_UNUSED;
/* The place of a host that is chosen by its name alone: what options and environment say about a store was
 * said of the host that the program was started with, and would put two hosts into one store. */
bool settings_place_of_host(const struct settings *settings, const char *config_option, const char *name,
                            struct settings_place *place, struct error *err) WARN_UNUSED;
void settings_place_clear(struct settings_place *place);

#endif
