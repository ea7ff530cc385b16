#include "core/syntax/cfg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/syntax/cfg_guard.h"
#include "core/system/fs.h"

bool cfg_parse(config_t *config, const char *text, size_t length, const char *name, struct error *err)
{
    config_init(config);
    if (!cfg_guard(text, length, name, err))
        return error_advise(err, "Mend the file with an editor, or bring it back from a copy.");
    /* libconfig wants a newline behind a comment, at the end of a file too. */
    CLEANUP_FREE char *lines = mem_format("%s\n", text);
    if (config_read_string(config, lines) != CONFIG_TRUE) {
        error_set(err, RETURN_INCORRECT_DATA_TYPE, "config.syntax", "%s:%d: %s", name,
                  config_error_line(config), config_error_text(config));
        return error_next(err, "Mend that line with an editor; nothing has been changed.");
    }
    return true;
}

bool cfg_read(config_t *config, int dir, const char *name, size_t limit, struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    if (!fs_read(dir, name, limit, &text, &length, err)) {
        config_init(config); /* the caller destroys it in any case */
        return false;
    }
    return cfg_parse(config, text, length, name, err);
}

char *cfg_text(const config_t *config)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (!stream)
        abort();
    config_write(config, stream);
    if (fclose(stream) != 0)
        abort();
    return text;
}

bool cfg_write(const config_t *config, int dir, const char *name, mode_t mode, struct error *err)
{
    CLEANUP_FREE char *text = cfg_text(config);
    return fs_write_atomic(dir, name, text, strlen(text), mode, err);
}

const char *cfg_get_text(const config_setting_t *group, const char *name, const char *otherwise)
{
    const char *text = NULL;
    return config_setting_lookup_string(group, name, &text) == CONFIG_TRUE ? text : otherwise;
}

uint64_t cfg_get_number(const config_setting_t *group, const char *name, uint64_t otherwise)
{
    const config_setting_t *member = config_setting_get_member(group, name);
    if (!member)
        return otherwise;
    int type = config_setting_type(member);
    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        return otherwise;
    long long number = config_setting_get_int64(member);
    return number < 0 ? otherwise : (uint64_t)number;
}

bool cfg_get_bool(const config_setting_t *group, const char *name, bool otherwise)
{
    int value = 0;
    return config_setting_lookup_bool(group, name, &value) == CONFIG_TRUE ? value != 0 : otherwise;
}

const config_setting_t *cfg_get_list(const config_setting_t *group, const char *name, unsigned *count)
{
    const config_setting_t *member = config_setting_get_member(group, name);
    bool listed = member && (config_setting_is_list(member) || config_setting_is_array(member));
    *count = listed ? (unsigned)config_setting_length(member) : 0;
    return listed ? member : NULL;
}

void cfg_put_text(config_setting_t *group, const char *name, const char *text)
{
    if (text)
        config_setting_set_string(config_setting_add(group, name, CONFIG_TYPE_STRING), text);
}

void cfg_put_number(config_setting_t *group, const char *name, uint64_t number)
{
    config_setting_set_int64(config_setting_add(group, name, CONFIG_TYPE_INT64),
                             number > INT64_MAX ? INT64_MAX : (long long)number);
}

void cfg_put_bool(config_setting_t *group, const char *name, bool value)
{
    config_setting_set_bool(config_setting_add(group, name, CONFIG_TYPE_BOOL), value);
}

config_setting_t *cfg_put_list(config_setting_t *group, const char *name)
{
    return config_setting_add(group, name, CONFIG_TYPE_LIST);
}

config_setting_t *cfg_put_group(config_setting_t *parent, const char *name)
{
    return config_setting_add(parent, name, CONFIG_TYPE_GROUP);
}
