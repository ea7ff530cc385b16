#include "ui/app/data/user_data.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/system/fs.h"
#include "ui/app/data/data.h"

#define SUFFIX ".theme"

static bool read_shipped(const char *name, config_t *config, bool *found, struct error *err)
{
    const struct data_file *file = data_file_find(name);
    *found = file != NULL;
    if (file)
        return cfg_parse(config, file->text, file->length, name, err);
    config_init(config);
    return true;
}

static bool read_own(const char *path, config_t *config, bool *found, struct error *err)
{
    *found = access(path, F_OK) == 0;
    if (*found)
        return cfg_read(config, AT_FDCWD, path, CFG_LIMIT_SMALL, err);
    config_init(config);
    return true;
}

bool user_data_shipped_keys(struct keymap *keymap, struct error *err)
{
    config_t config;
    bool found = false;
    bool ok = read_shipped("default.keys", &config, &found, err) &&
              keymap_read(keymap, config_root_setting(&config), "default.keys", err);
    config_destroy(&config);
    return ok;
}

bool user_data_own_keys(struct keymap *keymap, struct error *err)
{
    CLEANUP_FREE char *home = fs_config_home();
    CLEANUP_FREE char *path = mem_format("%s/keys", home);
    config_t config;
    bool found = false;
    bool ok = read_own(path, &config, &found, err) &&
              (!found || keymap_read(keymap, config_root_setting(&config), path, err));
    config_destroy(&config);
    return ok;
}

char *user_data_theme_directory(void)
{
    CLEANUP_FREE char *home = fs_config_home();
    return mem_format("%s/themes", home);
}

static bool use(struct theme *theme, const config_t *config, const char *name, struct error *err)
{
    return theme_read(theme, config_root_setting(config), name, err);
}

static bool own_theme(struct theme *theme, const char *file, bool *found, struct error *err)
{
    CLEANUP_FREE char *directory = user_data_theme_directory();
    CLEANUP_FREE char *path = mem_format("%s/%s", directory, file);
    config_t config;
    bool ok = read_own(path, &config, found, err) && (!*found || use(theme, &config, file, err));
    config_destroy(&config);
    return ok;
}

static bool shipped_theme(struct theme *theme, const char *file, bool *found, struct error *err)
{
    config_t config;
    bool ok = read_shipped(file, &config, found, err) && (!*found || use(theme, &config, file, err));
    config_destroy(&config);
    return ok;
}

static bool is_name(const char *name)
{
    CLEANUP_FREE char *slug = text_slug(name, 64);
    return strcmp(slug, name) == 0;
}

bool user_data_theme(struct theme *theme, const char *name, struct error *err)
{
    bool found = false;
    if (!is_name(name)) {
        error_set(err, RETURN_INVALID_PARAMETER, "theme.name", "\"%s\" is not the name of a theme", name);
        return error_next(err, "A name has letters, digits, - and _ only.");
    }
    CLEANUP_FREE char *file = mem_format("%s" SUFFIX, name);
    if (!own_theme(theme, file, &found, err))
        return false;
    if (!found && !shipped_theme(theme, file, &found, err))
        return false;
    if (!found) {
        error_set(err, RETURN_FILE_NOT_FOUND, "theme.missing", "there is no theme \"%s\"", name);
        return error_next(err, "Choose one of those that the list of themes shows.");
    }
    return true;
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void add_name(char ***names, size_t *count, const char *file)
{
    size_t length = strlen(file);
    size_t suffix = strlen(SUFFIX);
    if (length <= suffix || strcmp(file + length - suffix, SUFFIX) != 0)
        return;
    CLEANUP_FREE char *name = mem_strndup(file, length - suffix);
    if (!is_name(name))
        return;
    for (size_t i = 0; i < *count; i++) {
        if (strcmp((*names)[i], name) == 0)
            return;
    }
    char **slot = ARRAY_APPEND(*names, *count);
    *slot = mem_strdup(name);
}

void user_data_theme_names(char ***names, size_t *count)
{
    *names = NULL;
    *count = 0;
    for (size_t i = 0; i < data_file_count; i++)
        add_name(names, count, data_files[i].name);
    CLEANUP_FREE char *directory = user_data_theme_directory();
    CLEANUP_FD int fd = -1;
    char **own = NULL;
    size_t own_count = 0;
    struct error none = {0}; /* no directory: no own themes */
    if (fs_open_directory(AT_FDCWD, directory, &fd, &none) && fs_list(fd, &own, &own_count, &none)) {
        for (size_t i = 0; i < own_count; i++)
            add_name(names, count, own[i]);
        fs_free_names(own, own_count);
    }
    if (*count > 0)
        qsort(*names, *count, sizeof **names, compare); /* NOLINT(bugprone-sizeof-expression) */
}
