/* What JSON lines make of text that other people wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/syntax/json.h"

static void assert_line(const char *text, const char *line)
{
    json_t *object = json_object();
    json_put_text(object, "name", text);
    CLEANUP_FREE char *written = json_line(object);
    assert_string_equal(written, line);
    json_t *read = json_loads(written, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(read);
    assert_true(json_equal(read, object));
    json_decref(read);
    json_decref(object);
}

static void test_controls_are_escaped_and_read_as_the_same_text(void **state)
{
    (void)state;
    assert_line("\x1b[31m\n", "{\"name\":\"\\u001B[31m\\n\"}");
    assert_line("\x7f", "{\"name\":\"\\u007F\"}");
    assert_line("\xc2\x9b"
                "31m",
                "{\"name\":\"\\u009B31m\"}");
    assert_line("\xe2\x80\xae"
                "fdp.exe",
                "{\"name\":\"\\u202Efdp.exe\"}");
    assert_line("\xe2\x80\xa8", "{\"name\":\"\\u2028\"}");
    /* A tag character, which no terminal shows: a pair of surrogates. */
    assert_line("a\xf3\xa0\x81\x81", "{\"name\":\"a\\uDB40\\uDC41\"}");
}

static void test_other_text_stays(void **state)
{
    (void)state;
    assert_line("a \"b\" \\ c/d", "{\"name\":\"a \\\"b\\\" \\\\ c/d\"}");
    assert_line("\xe6\x9d\xb1 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 e\xcc\x81",
                "{\"name\":\"\xe6\x9d\xb1 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 e\xcc\x81\"}");
}

static void test_bytes_that_are_no_utf8(void **state)
{
    (void)state;
    assert_line("/a/\xff", "{\"name\":\"/a/\\\\xff\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_controls_are_escaped_and_read_as_the_same_text),
        cmocka_unit_test(test_other_text_stays),
        cmocka_unit_test(test_bytes_that_are_no_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
