/* Keys as data: the shipped file loads without a complaint and gives the keys of ux.md; a user's file goes on
 * top; what is wrong in it is named with its line. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "ui/app/data/data.h"
#include "ui/keys/key.h"
#include "ui/keys/keymap.h"

static bool read_text(struct keymap *keymap, const char *text, const char *name, struct error *err)
{
    config_t config;
    bool ok = cfg_parse(&config, text, strlen(text), name, err) &&
              keymap_read(keymap, config_root_setting(&config), name, err);
    config_destroy(&config);
    return ok;
}

static struct keymap *shipped(void)
{
    struct keymap *keymap = keymap_new();
    struct error err = {0};
    if (!read_text(keymap, data_file_find("default.keys")->text, "default.keys", &err))
        fail_msg("%s", err.what);
    return keymap;
}

static void test_shipped_keys(void **state)
{
    (void)state;
    static const struct {
        uint32_t key;
        enum ui_action action;
    } expected[] = {
        {KEY_CODE_UP, ACTION_UP},
        {'k', ACTION_UP},
        {'j', ACTION_DOWN},
        {KEY_CODE_LEFT, ACTION_LEFT},
        {'l', ACTION_RIGHT},
        {'g', ACTION_FIRST},
        {'G', ACTION_LAST},
        {KEY_CODE_ENTER, ACTION_OPEN},
        {KEY_CODE_ESCAPE, ACTION_BACK},
        {KEY_CODE_TAB, ACTION_NEXT_PANE},
        {KEY_CODE_SHIFT_TAB, ACTION_PREVIOUS_PANE},
        {' ', ACTION_MARK},
        {'a', ACTION_MARK_ALL},
        {'/', ACTION_FILTER},
        {'?', ACTION_HELP},
        {KEY_CODE_F1, ACTION_HELP},
        {'e', ACTION_EXPORT},
        {'J', ACTION_JOBS},
        {'L', ACTION_LOG},
        {'p', ACTION_PAUSE},
        {'x', ACTION_CANCEL},
        {'y', ACTION_COPY},
        {'r', ACTION_REFRESH},
        {0x0c, ACTION_REDRAW},
        {'q', ACTION_QUIT},
        {'~', ACTION_NONE},
        {KEY_CODE_UNKNOWN, ACTION_NONE},
    };
    struct keymap *keymap = shipped();
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
        assert_int_equal(keymap_action(keymap, expected[i].key), expected[i].action);
    for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
        char label[16];
        keymap_key_label(keymap, (enum ui_action)action, label, sizeof label);
        if (!*label)
            fail_msg("no key for %s", action_info((enum ui_action)action)->name);
    }
    keymap_free(keymap);
}

/* Letters, arrows, Tab, Enter and Esc must suffice. */
static void test_every_action_has_a_plain_key(void **state)
{
    (void)state;
    struct keymap *keymap = shipped();
    for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
        bool plain = false;
        for (uint32_t key = 0; key < KEY_CODE_END_OF_LIST && !plain; key++) {
            bool function_key = key >= KEY_CODE_F1 && key <= KEY_CODE_F12;
            plain = !function_key && keymap_action(keymap, key) == (enum ui_action)action;
        }
        if (!plain)
            fail_msg("only function keys for %s", action_info((enum ui_action)action)->name);
    }
    for (uint32_t key = 1; key < 0x20; key++) {
        assert_int_not_equal(keymap_action(keymap, key), ACTION_CANCEL);
        assert_int_not_equal(keymap_action(keymap, key), ACTION_DISCARD);
    }
    keymap_free(keymap);
}

static void test_labels(void **state)
{
    (void)state;
    struct keymap *keymap = keymap_new();
    struct error err = {0};
    char label[80];
    keymap_keys_label(keymap, ACTION_UP, label, sizeof label);
    assert_string_equal(label, "");
    assert_true(read_text(keymap,
                          "up = ( \"PageUp\", \"ctrl-l\", \"F12\", \"Space\", \"\u00e9\", \"shift-tab\" );",
                          "keys", &err));
    keymap_keys_label(keymap, ACTION_UP, label, sizeof label);
    assert_string_equal(label, "PgUp, Ctrl-L, F12, Space, \u00e9, Shift-Tab");
    keymap_key_label(keymap, ACTION_UP, label, sizeof label);
    assert_string_equal(label, "PgUp");
    assert_int_equal(keymap_action(keymap, 0xe9), ACTION_UP);
    keymap_free(keymap);
}

static void test_own_file_goes_on_top(void **state)
{
    (void)state;
    struct keymap *keymap = shipped();
    struct error err = {0};
    assert_true(read_text(keymap, "export = ( \"p\", \"X\" ); jobs = \"F9\"; filter = ( );", "keys", &err));
    assert_int_equal(keymap_action(keymap, 'p'), ACTION_EXPORT);
    assert_int_equal(keymap_action(keymap, 'X'), ACTION_EXPORT);
    assert_int_equal(keymap_action(keymap, 'e'), ACTION_NONE);
    assert_int_equal(keymap_action(keymap, 'J'), ACTION_NONE);
    assert_int_equal(keymap_action(keymap, KEY_CODE_F1 + 8), ACTION_JOBS);
    assert_int_equal(keymap_action(keymap, '/'), ACTION_NONE);
    assert_int_equal(keymap_action(keymap, 'k'), ACTION_UP);
    /* Keys may change places in one file. */
    assert_true(read_text(keymap, "copy = \"x\"; cancel = \"y\";", "keys", &err));
    assert_int_equal(keymap_action(keymap, 'x'), ACTION_COPY);
    assert_int_equal(keymap_action(keymap, 'y'), ACTION_CANCEL);
    keymap_free(keymap);
}

static void test_what_is_wrong_is_named(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"uq = \"k\";", "keys:1: there is no action \"uq\""},
        {"up = ( \"Up\",\n \"Upp\" );", "keys:2: \"Upp\" cannot be bound: there is no key of that name"},
        {"up = ( 5 );", "keys:1: the keys of \"up\" must be texts"},
        {"up = 5;", "keys:1: \"up\" must be a list of keys"},
        {"up = ( \"F13\" );", "keys:1: \"F13\" cannot be bound: there is no key"},
        {"up = ( \"\\x1b\" );", "keys:1: \"\\x1b\" cannot be bound"},
        {"up = ( \"\" );", "keys:1: \"\" cannot be bound"},
        {"up = ( \"C-i\" );", "keys:1: \"C-i\" cannot be bound: terminals send the same for Tab"},
        {"up = ( \"C-z\" );", "keys:1: \"C-z\" cannot be bound: the terminal keeps it"},
        {"up = \"z\";\n\ndown = \"z\";", "keys:3: \"z\" is bound to \"up\" already, in line 1"},
        {"cancel = \"C-x\";", "keys:1: \"cancel\" destroys something and cannot be on a control key"},
        {"discard = \"Ctrl-D\";", "keys:1: \"discard\" destroys something"},
        {"back = ( );", "keys:1: \"back\" would be left without a key"},
        {"export = ( \"Enter\" );", "keys:1: \"open\" would be left without a key"},
    };
    struct keymap *keymap = shipped();
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct error err = {0};
        assert_false(read_text(keymap, wrong[i][0], "keys", &err));
        assert_int_equal(err.code, RETURN_INCORRECT_DATA_TYPE);
        if (strncmp(err.what, wrong[i][1], strlen(wrong[i][1])) != 0)
            fail_msg("\"%s\" instead of \"%s\"", err.what, wrong[i][1]);
        assert_int_equal(keymap_action(keymap, 'k'), ACTION_UP);
        assert_int_equal(keymap_action(keymap, KEY_CODE_UP), ACTION_UP);
    }
    keymap_free(keymap);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_keys),
        cmocka_unit_test(test_every_action_has_a_plain_key),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_own_file_goes_on_top),
        cmocka_unit_test(test_what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
