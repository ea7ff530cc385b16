/* Errors as values, and JSON of what is in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/syntax/json.h"

static void test_parts(void **state)
{
    (void)state;
    struct error err = {0};
    assert_false(error_set(&err, RETURN_IN_USE, "image.in-use", "%s is open", "a\x1b[31m\n"));
    assert_int_equal(err.code, 32774);
    assert_string_equal(err.key, "image.in-use");
    assert_string_equal(err.what, "a\\x1b[31m\\n is open");
    assert_string_equal(err.cause, "");
    assert_false(error_cause(&err, "by %d", 7));
    assert_false(error_next(&err, "Close it."));
    assert_false(error_context(&err, "disk %s", "vda"));
    assert_string_equal(err.what, "disk vda: a\\x1b[31m\\n is open");
    assert_string_equal(err.cause, "by 7");
    CLEANUP_FREE char *text = error_text(&err);
    assert_string_equal(text, "disk vda: a\\x1b[31m\\n is open: by 7. Close it.");
    /* A new error has nothing of the old one. */
    assert_false(error_set(&err, RETURN_FAILED, "x", "y"));
    assert_string_equal(err.cause, "");
    assert_string_equal(err.next, "");
    CLEANUP_FREE char *bare = error_text(&err);
    assert_string_equal(bare, "y");
}

/* What to do next is said by whoever knows most; a border only fills what is empty. */
static void test_advice(void **state)
{
    (void)state;
    struct error err = {0};
    error_set(&err, RETURN_FAILED, "x.y", "what");
    assert_false(error_advise(&err, "Try %s.", "again"));
    assert_string_equal(err.next, "Try again.");
    assert_false(error_advise(&err, "Give up."));
    assert_string_equal(err.next, "Try again.");
    assert_false(error_next(&err, "Give up."));
    assert_string_equal(err.next, "Give up.");
}

/* An error can be made out of its own parts. */
static void test_own_parts(void **state)
{
    (void)state;
    struct error err = {0};
    error_set(&err, RETURN_FAILED, "first", "first thing");
    error_cause(&err, "the cause");
    error_set(&err, RETURN_IN_USE, "second", "again: %s (%s)", err.what, err.cause);
    assert_string_equal(err.what, "again: first thing (the cause)");
    error_errno(&err, ENOENT, err.key, "third: %s", err.what);
    assert_string_equal(err.what, "third: again: first thing (the cause)");
    assert_string_equal(err.key, "second");
    error_cause(&err, "%s and %s", err.cause, "more");
    assert_string_equal(err.cause, "No such file or directory and more");
}

static void test_errno(void **state)
{
    (void)state;
    static const struct {
        int number;
        uint32_t code;
        bool has_next;
    } cases[] = {
        {ENOSPC, 32768, true}, {EDQUOT, 32768, true},  {EIO, 32768, true},          {EACCES, 32769, true},
        {EPERM, 32769, true},  {EROFS, 32769, true},   {ENOENT, 32779, true},       {ENOMEM, 32778, true},
        {EMFILE, 32768, true}, {ENOTDIR, 32768, true}, {ENAMETOOLONG, 32768, true}, {ELOOP, 32768, true},
        {EBUSY, 32774, true},  {EAGAIN, 32774, false}, {ETXTBSY, 32774, true},      {ETIMEDOUT, 32772, false},
        {99999, 32768, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        assert_false(error_errno(&err, cases[i].number, "file.open", "cannot open %s", "x"));
        assert_int_equal(err.code, cases[i].code);
        assert_string_equal(err.what, "cannot open x");
        assert_string_not_equal(err.cause, "");
        const char *next = error_next_of(cases[i].number);
        assert_string_equal(err.next, next ? next : "");
        assert_int_equal(next != NULL, cases[i].has_next);
        assert_false(err.begun);
        assert_false(error_begun(&err));
        assert_true(err.begun);
    }
}

static void test_cut(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *name = mem_alloc(5000);
    for (size_t i = 0; i < 4998; i += 2)
        memcpy(name + i, "\xc3\xb6", 2);
    error_set(&err, RETURN_FAILED, "a-key-that-is-much-longer-than-the-field-which-was-made-for-it", "%s",
              name);
    assert_true(strlen(err.what) < sizeof err.what);
    assert_true(text_is_utf8(err.what));
    assert_string_equal(err.what + strlen(err.what) - 3, "...");
    assert_true(strlen(err.key) < sizeof err.key);
}

static void test_json(void **state)
{
    (void)state;
    json_t *object = json_object();
    json_put_text(object, "name", "a\"b\\\n\x1b h\xc3\xb6r");
    json_put_text(object, "bytes", "x\xff");
    json_put_text(object, "none", NULL);
    json_put_number(object, "small", 5);
    json_put_number(object, "large", UINT64_MAX);
    json_put_bool(object, "yes", true);
    CLEANUP_FREE char *line = json_line(object);
    assert_string_equal(line,
                        "{\"name\":\"a\\\"b\\\\\\n\\u001B h\xc3\xb6r\",\"bytes\":\"x\\\\xff\",\"none\":null,"
                        "\"small\":5,\"large\":9223372036854775807,\"yes\":true}");
    json_t *read = json_loads(line, 0, NULL);
    assert_string_equal(json_get_text(read, "name", "-"), "a\"b\\\n\x1b h\xc3\xb6r");
    assert_string_equal(json_get_text(read, "none", "-"), "-");
    assert_string_equal(json_get_text(read, "small", "-"), "-");
    assert_string_equal(json_get_text(read, "missing", "-"), "-");
    assert_int_equal(json_get_number(read, "small", 1), 5);
    assert_int_equal(json_get_number(read, "yes", 1), 1);
    assert_true(json_get_bool(read, "yes", false));
    assert_true(json_get_bool(read, "small", true));
    json_put_number(read, "small", 6);
    assert_int_equal(json_get_number(read, "small", 1), 6);
    json_put(read, "negative", json_integer(-1));
    assert_int_equal(json_get_number(read, "negative", 7), 7);
    assert_int_equal(json_get_number(NULL, "small", 7), 7);
    json_decref(read);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts), cmocka_unit_test(test_own_parts), cmocka_unit_test(test_errno),
        cmocka_unit_test(test_cut),   cmocka_unit_test(test_json),      cmocka_unit_test(test_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
