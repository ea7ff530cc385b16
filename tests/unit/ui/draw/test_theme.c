/* Every shipped theme loads without a complaint and can be read; what is wrong in a file is named with its
 * line. Contrast is that of WCAG 2, against the background that the theme declares, with the nominal colours
 * of xterm's palette and, for 16 colours, of the Linux console's too. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "ui/app/data/data.h"
#include "ui/draw/theme.h"

struct rgb {
    int red;
    int green;
    int blue;
};

static const struct rgb black = {0, 0, 0};
static const struct rgb white = {255, 255, 255};

static const struct rgb xterm_16[] = {{0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
                                      {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
                                      {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
                                      {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};
static const struct rgb console_16[] = {{0, 0, 0},     {170, 0, 0},    {0, 170, 0},    {170, 85, 0},
                                        {0, 0, 170},   {170, 0, 170},  {0, 170, 170},  {170, 170, 170},
                                        {85, 85, 85},  {255, 85, 85},  {85, 255, 85},  {255, 255, 85},
                                        {85, 85, 255}, {255, 85, 255}, {85, 255, 255}, {255, 255, 255}};

static struct rgb xterm_256(int number)
{
    static const int levels[] = {0, 95, 135, 175, 215, 255};
    if (number < 16)
        return xterm_16[number];
    if (number >= 232)
        return (struct rgb){8 + 10 * (number - 232), 8 + 10 * (number - 232), 8 + 10 * (number - 232)};
    number -= 16;
    return (struct rgb){levels[number / 36], levels[number / 6 % 6], levels[number % 6]};
}

static double linear(int part)
{
    double value = part / 255.0;
    return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(struct rgb colour)
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

static double contrast(struct rgb left, struct rgb right)
{
    double a = luminance(left) + 0.05;
    double b = luminance(right) + 0.05;
    return a > b ? a / b : b / a;
}

/* Of one pair; where the terminal's own colour takes part, against both ends of what it may be. */
static double worst_contrast(int foreground, int background, struct rgb (*rgb)(int))
{
    if (foreground == THEME_COLOUR_DEFAULT && background == THEME_COLOUR_DEFAULT)
        return 21;
    if (foreground == THEME_COLOUR_DEFAULT)
        return fmin(contrast(black, rgb(background)), contrast(white, rgb(background)));
    if (background == THEME_COLOUR_DEFAULT)
        return fmin(contrast(black, rgb(foreground)), contrast(white, rgb(foreground)));
    return contrast(rgb(foreground), rgb(background));
}

static struct rgb of_xterm_16(int number)
{
    return xterm_16[number];
}

static struct rgb of_console_16(int number)
{
    return console_16[number];
}

static bool is_theme(const struct data_file *file)
{
    size_t length = strlen(file->name);
    return length > 6 && strcmp(file->name + length - 6, ".theme") == 0;
}

static bool read_text(struct theme *theme, const char *text, const char *name, struct error *err)
{
    config_t config;
    bool ok = cfg_parse(&config, text, strlen(text), name, err) &&
              theme_read(theme, config_root_setting(&config), name, err);
    config_destroy(&config);
    return ok;
}

static struct theme shipped(const struct data_file *file)
{
    struct theme theme = {0};
    struct error err = {0};
    if (!read_text(&theme, file->text, file->name, &err))
        fail_msg("%s", err.what);
    return theme;
}

static void check_pair(const struct theme *theme, unsigned role, const char *palette, double ratio,
                       double least)
{
    if (ratio < least)
        fail_msg("%s.theme: %s: contrast %.2f (%s) is less than %.1f", theme->name,
                 theme_role_name((enum theme_role)role), ratio, palette, least);
}

static void test_shipped_themes_can_be_read(void **state)
{
    (void)state;
    static const char *const expected[] = {"default.theme", "dark.theme",          "light.theme",
                                           "mono.theme",    "high-contrast.theme", "colour-blind-safe.theme"};
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
        assert_non_null(data_file_find(expected[i]));
    for (size_t i = 0; i < data_file_count; i++) {
        if (!is_theme(&data_files[i]))
            continue;
        struct theme theme = shipped(&data_files[i]);
        double least = strcmp(theme.name, "high-contrast") == 0 ? 7 : 4.5;
        for (unsigned role = 0; role < ROLE_COUNT; role++) {
            const struct theme_style *style = &theme.styles[role];
            check_pair(&theme, role, "256 colours",
                       worst_contrast(style->foreground, style->background, xterm_256), least);
            check_pair(&theme, role, "16 colours, xterm",
                       worst_contrast(style->foreground_basic, style->background_basic, of_xterm_16), 4.5);
            check_pair(&theme, role, "16 colours, console",
                       worst_contrast(style->foreground_basic, style->background_basic, of_console_16), 4.5);
        }
    }
}

/* With 8 colours a bright one is its dull sister in bold: still not the background, and no blue on black. */
static void test_eight_colours(void **state)
{
    (void)state;
    for (size_t i = 0; i < data_file_count; i++) {
        if (!is_theme(&data_files[i]))
            continue;
        struct theme theme = shipped(&data_files[i]);
        for (unsigned role = 0; role < ROLE_COUNT; role++) {
            const struct theme_style *style = &theme.styles[role];
            int foreground =
                style->foreground_basic >= 8 ? style->foreground_basic - 8 : style->foreground_basic;
            if (foreground == THEME_COLOUR_DEFAULT)
                continue;
            check_pair(&theme, role, "8 colours, xterm",
                       worst_contrast(foreground, style->background_basic, of_xterm_16), 3.0);
            assert_false(foreground == 4 && style->background_basic <= 0);
        }
    }
}

static void test_focus_shows_without_colours(void **state)
{
    (void)state;
    static const enum theme_role pairs[][2] = {
        {ROLE_SELECTED, ROLE_NORMAL},         {ROLE_SELECTED, ROLE_SELECTED_UNFOCUSED},
        {ROLE_FIELD_FOCUSED, ROLE_FIELD},     {ROLE_BUTTON_FOCUSED, ROLE_BUTTON},
        {ROLE_HEADING_FOCUSED, ROLE_HEADING}, {ROLE_ERROR, ROLE_NORMAL}};
    for (size_t i = 0; i < data_file_count; i++) {
        if (!is_theme(&data_files[i]))
            continue;
        struct theme theme = shipped(&data_files[i]);
        for (size_t pair = 0; pair < ARRAY_LENGTH(pairs); pair++)
            assert_int_not_equal(theme.styles[pairs[pair][0]].mono, theme.styles[pairs[pair][1]].mono);
        assert_int_equal(theme.mono, strcmp(theme.name, "mono") == 0);
    }
}

static void test_inherits_from_normal(void **state)
{
    (void)state;
    struct theme theme = {0};
    struct error err = {0};
    assert_true(read_text(&theme,
                          "error = { fg = 9; attributes = ( \"bold\" ); };\n"
                          "normal = { fg = 250; bg = 234; fg16 = 7; attributes = ( \"underline\" ); };\n",
                          "/home/x/mine.theme", &err));
    assert_string_equal(theme.name, "mine");
    const struct theme_style *error = &theme.styles[ROLE_ERROR];
    assert_int_equal(error->foreground, 9);
    assert_int_equal(error->background, 234);
    assert_int_equal(error->foreground_basic, 7);
    assert_int_equal(error->background_basic, THEME_COLOUR_DEFAULT);
    assert_int_equal(error->attributes, THEME_BOLD);
    assert_int_equal(error->mono, THEME_BOLD);
    assert_int_equal(theme.styles[ROLE_NORMAL].attributes, THEME_UNDERLINE);
    assert_int_equal(theme.styles[ROLE_DIALOG].foreground, 250);
    assert_int_equal(theme.styles[ROLE_DIALOG].attributes, 0);
}

static void test_what_is_wrong_is_named(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"dim = { };", "mine.theme:0: the role \"normal\" is missing"},
        {"normal = { };\ntitel = { };", "mine.theme:2: there is no role \"titel\""},
        {"normal = { };\ntitle = { fg = 256; };", "mine.theme:2: \"fg\" must be a number from 0 to 255"},
        {"normal = { };\ntitle = { bg16 = 8; };", "mine.theme:2: \"bg16\" must be a number from 0 to 7"},
        {"normal = { };\ntitle = { fg = \"red\"; };", "mine.theme:2: \"fg\" must be a number"},
        {"normal = { };\ntitle = { color = 1; };", "mine.theme:2: a role has no \"color\""},
        {"normal = { };\ntitle = 5;", "mine.theme:2: \"title\" must be a group"},
        {"normal = { };\ntitle = { mono = (\n \"blink\" ); };", "mine.theme:3: an attribute is \"bold\""},
        {"normal = { };\ntitle = { mono = \"bold\"; };", "mine.theme:2: \"mono\" must be a list"},
        {"normal = { };\ncolours = 1;", "mine.theme:2: \"colours\" is true or false"},
        {"normal = { }\n\n;;", "mine.theme:3: syntax error"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct theme theme = {.name = "before"};
        struct error err = {0};
        assert_false(read_text(&theme, wrong[i][0], "mine.theme", &err));
        assert_int_equal(err.code, RETURN_INCORRECT_DATA_TYPE);
        if (strncmp(err.what, wrong[i][1], strlen(wrong[i][1])) != 0)
            fail_msg("\"%s\" instead of \"%s\"", err.what, wrong[i][1]);
        assert_string_equal(theme.name, "before");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_themes_can_be_read),  cmocka_unit_test(test_eight_colours),
        cmocka_unit_test(test_focus_shows_without_colours), cmocka_unit_test(test_inherits_from_normal),
        cmocka_unit_test(test_what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
