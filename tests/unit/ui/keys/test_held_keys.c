/* Keys that wait for their screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/keys/held_keys.h"

static void test_in_order_with_their_texts(void **state)
{
    (void)state;
    struct held_keys held = {0};
    char paste[] = "/backup/web";
    struct key_event event = {.key = KEY_CODE_PASTE, .text = paste};
    assert_false(held_keys_any(&held));
    assert_true(held_keys_add(&held, &event));
    paste[0] = '!'; /* what was kept is a copy */
    assert_true(held_keys_add(
        &held, &(struct key_event){.key = KEY_CODE_TAB, .action = ACTION_NEXT_PANE, .text = ""}));
    char *text = NULL;
    assert_true(held_keys_first(&held, &event));
    assert_string_equal(event.text, "/backup/web");
    assert_true(held_keys_take(&held, &event, &text));
    assert_int_equal(event.key, KEY_CODE_PASTE);
    assert_string_equal(event.text, "/backup/web");
    free(text);
    assert_true(held_keys_any(&held));
    assert_true(held_keys_take(&held, &event, &text));
    assert_int_equal(event.action, ACTION_NEXT_PANE);
    free(text);
    assert_false(held_keys_take(&held, &event, &text));
    held_keys_clear(&held);
}

static void test_not_without_end(void **state)
{
    (void)state;
    struct held_keys held = {0};
    const struct key_event event = {.key = 'x', .text = "x"};
    for (int i = 0; i < HELD_KEYS_LIMIT; i++)
        assert_true(held_keys_add(&held, &event));
    assert_false(held_keys_add(&held, &event));
    held_keys_clear(&held);
    assert_false(held_keys_any(&held));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order_with_their_texts),
        cmocka_unit_test(test_not_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
