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

static bool is_text(unsigned role)
{
    return role != ROLE_RULE && role != ROLE_PROGRESS_LEFT;
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
            if (!is_text(role))
                continue;
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
            if (foreground == THEME_COLOUR_DEFAULT || !is_text(role))
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
        {ROLE_SELECTED, ROLE_NORMAL},           {ROLE_SELECTED, ROLE_SELECTED_UNFOCUSED},
        {ROLE_FIELD_FOCUSED, ROLE_FIELD},       {ROLE_BUTTON_FOCUSED, ROLE_BUTTON},
        {ROLE_HEADING_FOCUSED, ROLE_HEADING},   {ROLE_ERROR, ROLE_NORMAL},
        {ROLE_SELECTED_UNFOCUSED, ROLE_NORMAL}, {ROLE_TITLE, ROLE_NORMAL},
        {ROLE_TITLE, ROLE_TITLE_DIM},           {ROLE_KEY, ROLE_FOOTER},
        {ROLE_JOB_RUNNING, ROLE_JOB_DONE},      {ROLE_JOB_RUNNING, ROLE_JOB_PAUSED},
        {ROLE_JOB_FAILED, ROLE_JOB_DONE},       {ROLE_JOB_FAILED, ROLE_JOB_WARNING}};
    for (size_t i = 0; i < data_file_count; i++) {
        if (!is_theme(&data_files[i]))
            continue;
        struct theme theme = shipped(&data_files[i]);
        for (size_t pair = 0; pair < ARRAY_LENGTH(pairs); pair++)
            assert_int_not_equal(theme.styles[pairs[pair][0]].mono, theme.styles[pairs[pair][1]].mono);
        assert_int_equal(theme.mono, strcmp(theme.name, "mono") == 0);
    }
}

static struct theme shipped_by_name(const char *name)
{
    const struct data_file *file = data_file_find(name);
    assert_non_null(file);
    return shipped(file);
}

static bool looks_like(const struct theme *theme, enum theme_role left, enum theme_role right)
{
    const struct theme_style *a = &theme->styles[left];
    const struct theme_style *b = &theme->styles[right];
    return a->foreground == b->foreground && a->background == b->background && a->attributes == b->attributes;
}

/* Good, warning, bad, at work, waiting: one look each, and the same for a job as for a message. */
static const enum theme_role states[] = {ROLE_JOB_DONE, ROLE_JOB_WARNING, ROLE_JOB_FAILED, ROLE_JOB_RUNNING,
                                         ROLE_JOB_PAUSED};

static void test_a_look_for_each_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < data_file_count; i++) {
        if (!is_theme(&data_files[i]))
            continue;
        struct theme theme = shipped(&data_files[i]);
        assert_true(looks_like(&theme, ROLE_SUCCESS, ROLE_JOB_DONE));
        assert_true(looks_like(&theme, ROLE_WARNING, ROLE_JOB_WARNING));
        assert_true(looks_like(&theme, ROLE_ERROR, ROLE_JOB_FAILED));
        for (size_t a = 0; a < ARRAY_LENGTH(states); a++) {
            for (size_t b = 0; b < a && !theme.mono; b++)
                assert_false(looks_like(&theme, states[a], states[b]));
        }
        assert_true(theme.styles[ROLE_HEADING_FOCUSED].attributes & THEME_BOLD);
        assert_false(looks_like(&theme, ROLE_HEADING_FOCUSED, ROLE_HEADING));
        assert_false(looks_like(&theme, ROLE_SELECTED, ROLE_SELECTED_UNFOCUSED));
        assert_false(looks_like(&theme, ROLE_SELECTED_UNFOCUSED, ROLE_NORMAL));
    }
}

/* Machado, Oliveira, Fernandes: A Physiologically-based Model for Simulation of Color Vision Deficiency, IEEE
 * TVCG 15(6), 2009, doi:10.1109/TVCG.2009.113: severity 1.0, for linear RGB. The first is normal vision. */
static const struct {
    const char *name;
    double matrix[3][3];
} visions[] = {
    {"normal vision", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {"protanopia",
     {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {"deuteranopia",
     {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {"tritanopia",
     {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
};

struct lab {
    double lightness;
    double a;
    double b;
};

static double lab_part(double value)
{
    return value > 0.008856 ? cbrt(value) : 7.787 * value + 16.0 / 116;
}

/* CIELAB of sRGB's primaries, D65 (IEC 61966-2-1, CIE 15). */
static struct lab lab_of(const double *rgb)
{
    double x = lab_part((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.95047);
    double y = lab_part(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
    double z = lab_part((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.08883);
    return (struct lab){116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

static struct lab seen(struct rgb colour, size_t vision)
{
    double given[] = {linear(colour.red), linear(colour.green), linear(colour.blue)};
    double taken[3];
    for (size_t i = 0; i < 3; i++) {
        const double *row = visions[vision].matrix[i];
        taken[i] = fmin(fmax(row[0] * given[0] + row[1] * given[1] + row[2] * given[2], 0), 1);
    }
    return lab_of(taken);
}

/* CIE76. 2.3 is just noticeable, side by side and in large areas; for thin text far apart ten times that. */
#define DISTANCE_LEAST 23

static double distance(struct lab left, struct lab right)
{
    return sqrt(pow(left.lightness - right.lightness, 2) + pow(left.a - right.a, 2) +
                pow(left.b - right.b, 2));
}

static void test_states_are_told_apart_by_everybody(void **state)
{
    (void)state;
    struct theme theme = shipped_by_name("colour-blind-safe.theme");
    for (size_t vision = 0; vision < ARRAY_LENGTH(visions); vision++) {
        for (size_t a = 0; a < ARRAY_LENGTH(states); a++) {
            struct lab left = seen(xterm_256(theme.styles[states[a]].foreground), vision);
            /* On the theme's own background, which they stand out from. */
            struct lab ground = seen(xterm_256(theme.styles[ROLE_NORMAL].background), vision);
            assert_int_equal(theme.styles[states[a]].background, theme.styles[ROLE_NORMAL].background);
            assert_true(distance(left, ground) >= 2 * DISTANCE_LEAST);
            for (size_t b = 0; b < a; b++) {
                struct lab right = seen(xterm_256(theme.styles[states[b]].foreground), vision);
                if (distance(left, right) < DISTANCE_LEAST)
                    fail_msg("%s: %s and %s are %.1f apart", visions[vision].name, theme_role_name(states[a]),
                             theme_role_name(states[b]), distance(left, right));
            }
        }
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
        cmocka_unit_test(test_shipped_themes_can_be_read),
        cmocka_unit_test(test_eight_colours),
        cmocka_unit_test(test_focus_shows_without_colours),
        cmocka_unit_test(test_inherits_from_normal),
        cmocka_unit_test(test_a_look_for_each_meaning),
        cmocka_unit_test(test_states_are_told_apart_by_everybody),
        cmocka_unit_test(test_what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
