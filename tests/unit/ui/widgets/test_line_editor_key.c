/* Keys in a line: what they do, what they leave to the screen, and that letters are text even where the
 * keymap has an action for them. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/widgets/line_editor_key.h"

static enum line_editor_result press(struct line_editor *editor, uint32_t key, const char *text)
{
    struct key_event event = {.key = key, .action = ACTION_NONE, .text = text};
    return line_editor_key(editor, &event);
}

static void expect(const struct line_editor *editor, const char *text, size_t cursor)
{
    assert_string_equal(line_editor_text(editor), text);
    assert_int_equal(editor->cursor, cursor);
}

static void test_keys(void **state)
{
    (void)state;
    struct line_editor editor = {0};
    assert_int_equal(
        line_editor_key(&editor, &(struct key_event){.key = 'q', .action = ACTION_QUIT, .text = "q"}),
        LINE_EDITOR_EDITED);
    expect(&editor, "q", 1);
    assert_int_equal(press(&editor, KEY_CODE_PASTE, " /backup/web\n"), LINE_EDITOR_EDITED);
    expect(&editor, "q /backup/web", 13);
    assert_int_equal(press(&editor, 0x17, ""), LINE_EDITOR_EDITED);
    expect(&editor, "q /backup/", 10);
    assert_int_equal(press(&editor, KEY_CODE_HOME, ""), LINE_EDITOR_HANDLED);
    assert_int_equal(press(&editor, KEY_CODE_DELETE, ""), LINE_EDITOR_EDITED);
    assert_int_equal(press(&editor, KEY_CODE_RIGHT, ""), LINE_EDITOR_HANDLED);
    assert_int_equal(press(&editor, KEY_CODE_BACKSPACE, ""), LINE_EDITOR_EDITED);
    expect(&editor, "/backup/", 0);
    assert_int_equal(press(&editor, KEY_CODE_BACKSPACE, ""), LINE_EDITOR_HANDLED);
    assert_int_equal(press(&editor, 0x05, ""), LINE_EDITOR_HANDLED);
    expect(&editor, "/backup/", 8);
    assert_int_equal(press(&editor, KEY_CODE_LEFT, ""), LINE_EDITOR_HANDLED);
    assert_int_equal(press(&editor, 0x0b, ""), LINE_EDITOR_EDITED);
    expect(&editor, "/backup", 7);
    assert_int_equal(press(&editor, 0x15, ""), LINE_EDITOR_EDITED);
    expect(&editor, "", 0);
    line_editor_clear(&editor);
}

static void test_leaves_the_rest(void **state)
{
    (void)state;
    static const uint32_t others[] = {KEY_CODE_UP,        KEY_CODE_DOWN,  KEY_CODE_TAB,
                                      KEY_CODE_SHIFT_TAB, KEY_CODE_ENTER, KEY_CODE_ESCAPE,
                                      KEY_CODE_F1,        0x0c,           KEY_CODE_UNKNOWN};
    struct line_editor editor = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        assert_int_equal(press(&editor, others[i], ""), LINE_EDITOR_UNHANDLED);
    expect(&editor, "", 0);
}

int main(void)
{
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_leaves_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
