#include "ui/app/data/last_export.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/syntax/cfg.h"
#include "core/system/fs.h"

void last_export_clear(struct last_export *last)
{
    free(last->directory);
    free(last->base_directory);
    free(last->rate);
    free(last->name);
    free(last->excluded);
    *last = (struct last_export){0};
}

void last_export_copy(struct last_export *to, const struct last_export *from)
{
    *to = *from;
    to->directory = mem_strdup(from->directory);
    to->base_directory = mem_strdup(from->base_directory);
    to->rate = mem_strdup(from->rate);
    to->name = mem_strdup(from->name);
    to->excluded = NULL;
    to->excluded_count = 0;
    for (size_t i = 0; i < from->excluded_count; i++)
        *ARRAY_APPEND(to->excluded, to->excluded_count) = from->excluded[i];
}

static struct guid read_id(const config_setting_t *root, const char *name)
{
    struct guid id = {0};
    if (!guid_parse(&id, cfg_get_text(root, name, "")))
        id = (struct guid){0};
    return id;
}

static void read_members(struct last_export *last, const config_setting_t *root)
{
    last->collection_id = read_id(root, "collection");
    last->point_id = read_id(root, "point");
    last->base_id = read_id(root, "base");
    last->directory = mem_strdup(cfg_get_text(root, "directory", ""));
    last->base_directory = mem_strdup(cfg_get_text(root, "base_directory", ""));
    last->rate = mem_strdup(cfg_get_text(root, "rate", ""));
    last->live = cfg_get_bool(root, "live", false);
    last->application = cfg_get_bool(root, "application", false);
    last->allow_crash = cfg_get_bool(root, "allow_crash", false);
    last->differential = cfg_get_bool(root, "differential", false);
    last->verify = cfg_get_bool(root, "verify", true);
    if (!base_check_parse(&last->base_check, cfg_get_text(root, "base_check", "")))
        last->base_check = BASE_CHECK_AUTO;
    last->full_if_altered = cfg_get_bool(root, "full_if_altered", false);
    last->bell = cfg_get_bool(root, "bell", false);
    if (!disk_format_parse(&last->format, cfg_get_text(root, "format", "qcow2")))
        last->format = DISK_FORMAT_QCOW2;
    if (!compression_parse(&last->compression, cfg_get_text(root, "compression", "none")))
        last->compression = COMPRESSION_NONE;
    unsigned count = 0;
    const config_setting_t *excluded = cfg_get_list(root, "excluded", &count);
    for (unsigned i = 0; i < count; i++) {
        const char *text = config_setting_get_string_elem(excluded, (int)i);
        struct guid id;
        if (text && guid_parse(&id, text))
            *ARRAY_APPEND(last->excluded, last->excluded_count) = id;
    }
}

void last_export_read(struct last_export *last, const char *state_directory)
{
    *last = (struct last_export){0};
    CLEANUP_FREE char *home = state_directory ? mem_strdup(state_directory) : fs_state_home();
    CLEANUP_FREE char *path = mem_format("%s/" LAST_EXPORT_FILE, home);
    struct error err = {0};
    config_t config;
    if (cfg_read(&config, AT_FDCWD, path, CFG_LIMIT_SMALL, &err))
        read_members(last, config_root_setting(&config));
    config_destroy(&config);
    if (guid_is_none(&last->collection_id) || (guid_is_none(&last->point_id) && !last->live))
        last_export_clear(last);
}

static void put_members(const struct last_export *last, config_setting_t *root)
{
    cfg_put_text(root, "collection", last->collection_id.text);
    cfg_put_text(root, "point", guid_is_none(&last->point_id) ? NULL : last->point_id.text);
    cfg_put_text(root, "base", guid_is_none(&last->base_id) ? NULL : last->base_id.text);
    cfg_put_text(root, "directory", last->directory);
    cfg_put_text(root, "base_directory", last->base_directory);
    cfg_put_text(root, "rate", last->rate);
    cfg_put_bool(root, "live", last->live);
    cfg_put_bool(root, "application", last->application);
    cfg_put_bool(root, "allow_crash", last->allow_crash);
    cfg_put_bool(root, "differential", last->differential);
    cfg_put_bool(root, "verify", last->verify);
    cfg_put_text(root, "base_check", base_check_word(last->base_check));
    cfg_put_bool(root, "full_if_altered", last->full_if_altered);
    cfg_put_bool(root, "bell", last->bell);
    cfg_put_text(root, "format", disk_format_word(last->format));
    cfg_put_text(root, "compression", compression_word(last->compression));
    config_setting_t *excluded = cfg_put_list(root, "excluded");
    for (size_t i = 0; i < last->excluded_count; i++)
        cfg_put_text(excluded, NULL, last->excluded[i].text);
}

bool last_export_write(const struct last_export *last, const char *state_directory, struct error *err)
{
    CLEANUP_FREE char *home = state_directory ? mem_strdup(state_directory) : fs_state_home();
    CLEANUP_FD int directory = -1;
    if (!fs_make_directories(home, 0700, err) || !fs_open_directory(AT_FDCWD, home, &directory, err))
        return false;
    config_t config;
    config_init(&config);
    put_members(last, config_root_setting(&config));
    bool ok = cfg_write(&config, directory, LAST_EXPORT_FILE, 0600, err);
    config_destroy(&config);
    return ok;
}
