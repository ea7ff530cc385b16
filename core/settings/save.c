/* Settings as somebody types them, and into the file. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/settings/edit.h"
#include "core/settings/internal.h"
#include "core/syntax/cfg.h"
#include "core/system/fs.h"

static void put_value(const struct settings *settings, const struct setting *setting, config_setting_t *root)
{
    config_setting_remove(root, setting->name);
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
        cfg_put_text(root, setting->name, *settings_text_slot(settings, setting));
        break;
    case SETTING_NUMBER:
        cfg_put_number(root, setting->name, *(uint64_t *)settings_slot(settings, setting));
        break;
    case SETTING_BOOL:
        cfg_put_bool(root, setting->name, *(bool *)settings_slot(settings, setting));
        break;
    }
}

/* --- the file --- */

char *settings_text(const struct settings *settings, const struct setting *setting)
{
    if (setting->type == SETTING_NUMBER)
        return mem_format("%" PRIu64, *(uint64_t *)settings_slot(settings, setting));
    if (setting->type == SETTING_BOOL)
        return mem_strdup(*(bool *)settings_slot(settings, setting) ? "true" : "false");
    return mem_strdup(*settings_text_slot(settings, setting) ? *settings_text_slot(settings, setting) : "");
}

static char *statement_of(const struct settings *settings, const struct setting *setting)
{
    switch (setting->type) {
    case SETTING_NUMBER:
        return mem_format("%s = %" PRIu64 ";", setting->name, *(uint64_t *)settings_slot(settings, setting));
    case SETTING_BOOL:
        return mem_format("%s = %s;", setting->name,
                          *(bool *)settings_slot(settings, setting) ? "true" : "false");
    default:
        break;
    }
    config_t config;
    config_init(&config);
    cfg_put_text(config_root_setting(&config), setting->name, *settings_text_slot(settings, setting));
    char *text = cfg_text(&config);
    config_destroy(&config);
    size_t length = strlen(text);
    while (length > 0 && strchr(" \r\n", text[length - 1]))
        text[--length] = '\0';
    return text;
}

char *settings_statement(const struct settings *settings, const struct setting *setting)
{
    bool text = setting->type == SETTING_TEXT || setting->type == SETTING_PATH;
    return text && !*settings_text_slot(settings, setting) ? NULL : statement_of(settings, setting);
}

/* All members but one, as libconfig writes them. */
static char *rest_of(const config_t *config, const char *name)
{
    CLEANUP_FREE char *text = cfg_text(config);
    config_t copy;
    struct error ignored = {0};
    char *rest = NULL;
    if (cfg_parse(&copy, text, strlen(text), name, &ignored)) {
        config_setting_remove(config_root_setting(&copy), name);
        rest = cfg_text(&copy);
    }
    config_destroy(&copy);
    return rest ? rest : mem_strdup("?");
}

/* Whether the edited text gives the same as the configuration, member by member: what cannot be understood is
 * not written. */
static bool is_same(config_t *config, const char *edited, const struct setting *setting, const char *file)
{
    config_t other;
    struct error ignored = {0};
    struct settings left = {0};
    struct settings right = {0};
    bool same = cfg_parse(&other, edited, strlen(edited), file, &ignored);
    config_setting_t *ours = config_root_setting(config);
    config_setting_t *theirs = same ? config_root_setting(&other) : NULL;
    const config_setting_t *mine = config_setting_get_member(ours, setting->name);
    const config_setting_t *twin = same ? config_setting_get_member(theirs, setting->name) : NULL;
    same = same && !mine == !twin;
    if (same && mine) {
        CLEANUP_FREE char *first = settings_take_value(&left, setting, mine);
        CLEANUP_FREE char *second = settings_take_value(&right, setting, twin);
        CLEANUP_FREE char *one = settings_text(&left, setting);
        CLEANUP_FREE char *two = settings_text(&right, setting);
        same = !first && !second && strcmp(one, two) == 0;
    }
    if (same) { /* and the others are the same text */
        CLEANUP_FREE char *before = rest_of(config, setting->name);
        CLEANUP_FREE char *after = rest_of(&other, setting->name);
        same = strcmp(before, after) == 0;
    }
    config_destroy(&other);
    settings_clear(&left);
    settings_clear(&right);
    return same;
}

/* As somebody has written it, where that is understood; else as libconfig writes it, without comments. */
static bool write_file(const config_t *config, const char *file, const char *edited, struct error *err)
{
    return edited ? fs_write_atomic(AT_FDCWD, file, edited, strlen(edited), 0600, err)
                  : cfg_write(config, AT_FDCWD, file, 0600, err);
}

/* settings: NULL = the file is not to give it any more. */
static bool change_file(const struct settings *settings, const struct setting *setting, const char *file,
                        struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    config_t config;
    if (access(file, F_OK) != 0 && errno == ENOENT)
        text = mem_strdup("");
    /* A file that cannot be read is left to its owner: writing would lose what is in it. */
    else if (!fs_read(AT_FDCWD, file, CFG_LIMIT_SMALL, &text, &length, err))
        return false;
    bool ok = cfg_parse(&config, text, strlen(text), file, err);
    if (ok) {
        config_setting_t *root = config_root_setting(&config);
        const config_setting_t *member = config_setting_get_member(root, setting->name);
        unsigned line = member ? config_setting_source_line(member) : 0;
        CLEANUP_FREE char *statement = settings ? settings_statement(settings, setting) : NULL;
        CLEANUP_FREE char *edited = settings_edit(text, line, setting->name, statement);
        config_setting_remove(root, setting->name);
        if (statement)
            put_value(settings, setting, root);
        ok =
            write_file(&config, file, edited && is_same(&config, edited, setting, file) ? edited : NULL, err);
    }
    config_destroy(&config);
    return ok;
}

static bool change(const struct settings *settings, const char *config_option, const char *name,
                   struct error *err)
{
    const struct setting *setting = settings_find(name);
    if (!setting) {
        error_set(err, RETURN_INVALID_PARAMETER, "settings.unknown", "there is no setting %s", name);
        return error_next(err, "\"refpoint help settings\" lists them.");
    }
    CLEANUP_FREE char *file = settings_file(config_option);
    char *slash = strrchr(file, '/');
    CLEANUP_FREE char *directory = mem_strndup(file, (size_t)(slash - file));
    if (*directory && !fs_make_directories(directory, 0700, err))
        return false;
    return change_file(settings, setting, file, err);
}

bool settings_save(const struct settings *settings, const char *config_option, const char *name,
                   struct error *err)
{
    return change(settings, config_option, name, err);
}

bool settings_forget(const char *config_option, const char *name, struct error *err)
{
    return change(NULL, config_option, name, err);
}

/* --- what somebody types --- */

bool settings_is_given(const struct settings *settings, const struct setting *setting)
{
    return (settings->given & settings_bit(setting)) != 0;
}

static bool refuse_value(const struct setting *setting, const char *wrong, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "settings.value", "%s %s", setting->name, wrong);
    return error_next(err, "\"refpoint help settings\" says what it is for.");
}

bool settings_take(struct settings *settings, const struct setting *setting, const char *text,
                   struct error *err)
{
    config_t config;
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    char *end = NULL;
    long long number = strtoll(text, &end, 10);
    bool digits = *text && !*end;
    if (setting->type == SETTING_NUMBER)
        config_setting_set_int64(config_setting_add(root, setting->name, CONFIG_TYPE_INT64),
                                 digits ? number : -1);
    else if (setting->type == SETTING_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        cfg_put_bool(root, setting->name, *text == 't');
    else
        cfg_put_text(root, setting->name, text);
    CLEANUP_FREE char *wrong =
        settings_take_value(settings, setting, config_setting_get_member(root, setting->name));
    config_destroy(&config);
    return !wrong || refuse_value(setting, wrong, err);
}
