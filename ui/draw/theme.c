#include "ui/draw/theme.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"

static const char *const role_names[] = {
#define THEME_ROLE_NAME(id, name, meaning) [ROLE_##id] = (name),
    THEME_ROLES(THEME_ROLE_NAME)
#undef THEME_ROLE_NAME
};

const char *theme_role_name(enum theme_role role)
{
    return (unsigned)role < ROLE_COUNT ? role_names[role] : "";
}

struct reading {
    const char *file;
    struct error *err;
};

static bool complain(const struct reading *reading, const config_setting_t *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool complain(const struct reading *reading, const config_setting_t *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *sentence = mem_vformat(format, arguments);
    va_end(arguments);
    error_set(reading->err, RETURN_INCORRECT_DATA_TYPE, "theme.invalid", "%s:%u: %s", reading->file,
              (unsigned)config_setting_source_line(at), sentence);
    return error_next(reading->err, "Mend that line with an editor; the theme is as it was before.");
}

static bool read_colour(const struct reading *reading, const config_setting_t *member, int most, int *colour)
{
    const char *word = config_setting_get_string(member);
    if (word && strcmp(word, "default") == 0) {
        *colour = THEME_COLOUR_DEFAULT;
        return true;
    }
    int number = config_setting_get_int(member);
    if (config_setting_type(member) != CONFIG_TYPE_INT || number < 0 || number > most)
        return complain(reading, member, "\"%s\" must be a number from 0 to %d, or \"default\"",
                        config_setting_name(member), most);
    *colour = number;
    return true;
}

static bool read_attribute(const struct reading *reading, const config_setting_t *item, unsigned *attributes)
{
    static const struct {
        const char *word;
        enum theme_attribute attribute;
    } words[] = {{"bold", THEME_BOLD}, {"underline", THEME_UNDERLINE}, {"reverse", THEME_REVERSE}};
    const char *word = config_setting_get_string(item);
    for (size_t i = 0; word && i < ARRAY_LENGTH(words); i++) {
        if (strcmp(word, words[i].word) == 0) {
            *attributes |= words[i].attribute;
            return true;
        }
    }
    return complain(reading, item, "an attribute is \"bold\", \"underline\" or \"reverse\", not \"%s\"",
                    word ? word : "a number or group");
}

static bool read_attributes(const struct reading *reading, const config_setting_t *member,
                            unsigned *attributes)
{
    *attributes = 0;
    if (!config_setting_is_list(member) && !config_setting_is_array(member))
        return complain(reading, member, "\"%s\" must be a list of attributes", config_setting_name(member));
    int count = config_setting_length(member);
    for (int i = 0; i < count; i++) {
        if (!read_attribute(reading, config_setting_get_elem(member, (unsigned)i), attributes))
            return false;
    }
    return true;
}

static bool read_style_member(const struct reading *reading, const config_setting_t *member,
                              struct theme_style *style, bool *has_mono)
{
    const char *name = config_setting_name(member);
    if (strcmp(name, "fg") == 0)
        return read_colour(reading, member, 255, &style->foreground);
    if (strcmp(name, "bg") == 0)
        return read_colour(reading, member, 255, &style->background);
    if (strcmp(name, "fg16") == 0)
        return read_colour(reading, member, 15, &style->foreground_basic);
    if (strcmp(name, "bg16") == 0)
        return read_colour(reading, member, 7, &style->background_basic);
    if (strcmp(name, "attributes") == 0)
        return read_attributes(reading, member, &style->attributes);
    if (strcmp(name, "mono") == 0) {
        *has_mono = true;
        return read_attributes(reading, member, &style->mono);
    }
    return complain(reading, member, "a role has no \"%s\"", name);
}

/* style holds the colours to inherit. */
static bool read_style(const struct reading *reading, const config_setting_t *group,
                       struct theme_style *style)
{
    if (!config_setting_is_group(group))
        return complain(reading, group, "\"%s\" must be a group { ... }", config_setting_name(group));
    bool has_mono = false;
    style->attributes = 0;
    style->mono = 0;
    int count = config_setting_length(group);
    for (int i = 0; i < count; i++) {
        if (!read_style_member(reading, config_setting_get_elem(group, (unsigned)i), style, &has_mono))
            return false;
    }
    if (!has_mono)
        style->mono = style->attributes;
    return true;
}

static bool read_role(const struct reading *reading, const config_setting_t *member, struct theme *theme)
{
    const char *name = config_setting_name(member);
    if (strcmp(name, "colours") == 0) {
        if (config_setting_type(member) != CONFIG_TYPE_BOOL)
            return complain(reading, member, "\"colours\" is true or false");
        theme->mono = !config_setting_get_bool(member);
        return true;
    }
    for (unsigned role = 0; role < ROLE_COUNT; role++) {
        if (strcmp(name, role_names[role]) == 0)
            return read_style(reading, member, &theme->styles[role]);
    }
    return complain(reading, member, "there is no role \"%s\"", name);
}

static void name_theme(struct theme *theme, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    size_t length = strlen(name);
    if (length > 6 && strcmp(name + length - 6, ".theme") == 0)
        length -= 6;
    CLEANUP_FREE char *stem = mem_strndup(name, length);
    text_copy_cut(theme->name, sizeof theme->name, stem);
}

bool theme_read(struct theme *theme, const config_setting_t *root, const char *name, struct error *err)
{
    struct reading reading = {.file = name, .err = err};
    struct theme made = {0};
    name_theme(&made, name);
    struct theme_style plain = {.foreground = THEME_COLOUR_DEFAULT,
                                .background = THEME_COLOUR_DEFAULT,
                                .foreground_basic = THEME_COLOUR_DEFAULT,
                                .background_basic = THEME_COLOUR_DEFAULT};
    const config_setting_t *normal = config_setting_get_member(root, role_names[ROLE_NORMAL]);
    if (!normal)
        return complain(&reading, root, "the role \"normal\" is missing: it declares the background");
    if (!read_style(&reading, normal, &plain))
        return false;
    for (unsigned role = 0; role < ROLE_COUNT; role++) {
        made.styles[role] = plain;
        made.styles[role].attributes = 0;
        made.styles[role].mono = 0;
    }
    int count = config_setting_length(root);
    for (int i = 0; i < count; i++) {
        if (!read_role(&reading, config_setting_get_elem(root, (unsigned)i), &made))
            return false;
    }
    *theme = made;
    return true;
}
