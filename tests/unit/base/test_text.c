/* The three ways out for other people's text, and growing strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/system/proc.h"

struct pair {
    const char *in;
    const char *out;
};

static void test_escape(void **state)
{
    (void)state;
    static const struct pair cases[] = {
        {"", ""},
        {"plain 'text' \\ \"x\"", "plain 'text' \\ \"x\""},
        {"h\xc3\xb6r \xe6\xbc\xa2 \xf0\x9f\x98\x80 e\xcc\x81",
         "h\xc3\xb6r \xe6\xbc\xa2 \xf0\x9f\x98\x80 e\xcc\x81"},
        {"a\nb\tc\rd", "a\\nb\\tc\\x0dd"},
        {"\x1b[31m\x07\x7f", "\\x1b[31m\\x07\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\u{9b}31m"},
        {"\xe2\x80\xae"
         "x",
         "\\u{202e}x"},
        {"\xe2\x80\xa8", "\\u{2028}"},
        {"\xe2\x80\x8d", "\xe2\x80\x8d"},
        {"\xef\xbb\xbf", "\\u{feff}"},
        {"\xee\x80\x80", "\\u{e000}"},
        {"\xf4\x8f\xbf\xbf", "\\u{10ffff}"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc3", "\\xc3"},
        {"\xc0\x80", "\\xc0\\x80"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP_FREE char *out = text_escape(cases[i].in);
        CLEANUP_FREE char *again = text_escape(out);
        assert_string_equal(out, cases[i].out);
        assert_string_equal(again, out);
    }
}

/* Whatever the bytes: what comes out is UTF-8 without a control character. */
static void test_escape_any_bytes(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int round = 0; round < 2000; round++) {
        char bytes[40];
        for (size_t i = 0; i + 1 < sizeof bytes; i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (char)(random >> 24);
        }
        bytes[sizeof bytes - 1] = '\0';
        CLEANUP_FREE char *out = text_escape(bytes);
        assert_true(text_is_utf8(out));
        for (const char *at = out; *at; at++)
            assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
    }
}

static void test_utf8(void **state)
{
    (void)state;
    assert_true(text_is_utf8(""));
    assert_true(text_is_utf8("h\xc3\xb6r"));
    assert_false(text_is_utf8("h\xf6r"));
    assert_false(text_is_utf8("h\xc3"));
}

static void test_copy_cut(void **state)
{
    (void)state;
    char field[8];
    static const struct pair cases[] = {
        {"", ""},
        {"1234567", "1234567"},
        {"12345678", "1234..."},
        {"123\xc3\xb6"
         "67",
         "123\xc3\xb6"
         "67"},
        {"123\xc3\xb6"
         "678",
         "123..."},
        {"12\xf0\x9f\x98\x80xyz", "12..."},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        text_copy_cut(field, sizeof field, cases[i].in);
        assert_string_equal(field, cases[i].out);
    }
    for (size_t size = 1; size <= sizeof field; size++) {
        text_copy_cut(field, size, "123456789");
        assert_int_equal(strlen(field), size - 1);
    }
}

static void test_slug(void **state)
{
    (void)state;
    static const struct pair cases[] = {
        {"web01", "web01"},
        {"Web 01 (old)", "Web-01-old"},
        {"../../etc/passwd", "etc-passwd"},
        {"..", "x"},
        {".hidden", "hidden"},
        {"-rf", "rf"},
        {"", "x"},
        {"\xe6\xbc\xa2", "x"},
        {"a\n\x1b[31mb", "a-31mb"},
        {"a.b_c-d", "a.b_c-d"},
        {"a//b..", "a-b"},
        {"0123456789abcdefghijklmnopqrstuvwxyz", "0123456789abcdefghij"},
        {"0123456789abcdefghi/x", "0123456789abcdefghi"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP_FREE char *slug = text_slug(cases[i].in, 20);
        assert_string_equal(slug, cases[i].out);
    }
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width("h\xc3\xb6r"), 3);
    assert_int_equal(text_width("e\xcc\x81"), 1);
    assert_int_equal(text_width("\xe6\xbc\xa2"), 2);
}

/* What a shell makes of the quoted text is the text. */
static void test_shell_quote(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "plain",
        "/a/b.c",
        "a b",
        "a'b",
        "'",
        "$(reboot)",
        "`x`",
        "a\\b",
        "~/x",
        "\"q\"",
        "a;b&c",
        "!x",
        "*?[a]",
        "#x",
        "a\nb\t",
        "\x1b[31m'\\",
        "h\xc3\xb6r",
        "\xff'x",
        "\x01"
        "2",
        "a=b,c:d@e%+",
        "\xe2\x80\xae"
        "41",
        "-n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        CLEANUP_FREE char *quoted = text_shell_quote(texts[i]);
        CLEANUP_FREE char *command = mem_format("printf '<%%s>' %s", quoted);
        CLEANUP_FREE char *wanted = mem_format("<%s>", texts[i]);
        CLEANUP_FREE char *output = NULL;
        struct error err = {0};
        struct proc_spec spec = {.argv = (const char *const[]){"bash", "-c", command, NULL}};
        assert_true(proc_run(&spec, 30000, "test", &output, &err));
        assert_string_equal(output, wanted);
    }
    CLEANUP_FREE char *plain = text_shell_quote("/images/web-01.qcow2");
    assert_string_equal(plain, "/images/web-01.qcow2");
}

static void test_strbuf(void **state)
{
    (void)state;
    struct strbuf text = {0};
    CLEANUP_FREE char *empty = strbuf_take(&text);
    assert_string_equal(empty, "");
    for (int i = 0; i < 1000; i++)
        strbuf_addf(&text, "%d,", i % 10);
    strbuf_add_bytes(&text, "x\0y", 3);
    strbuf_add_bytes(&text, NULL, 0);
    strbuf_add(&text, "");
    assert_int_equal(text.length, 2003);
    assert_memory_equal(text.data + 1998, "9,x\0y", 6);
    free(strbuf_take(&text));
    assert_null(text.data);
    assert_int_equal(text.length, 0);
    strbuf_add(&text, "again");
    assert_string_equal(text.data, "again");
    strbuf_free(&text);
    assert_null(text.data);
}

static void test_mem(void **state)
{
    (void)state;
    int *numbers = NULL;
    size_t count = 0;
    for (int i = 0; i < 1000; i++) {
        int *item = ARRAY_APPEND(numbers, count);
        assert_int_equal(*item, 0);
        *item = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    free(numbers);
    char *slot = NULL;
    mem_replace(&slot, "a");
    mem_replace(&slot, slot);
    assert_string_equal(slot, "a");
    mem_replace(&slot, NULL);
    assert_null(slot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape), cmocka_unit_test(test_escape_any_bytes),
        cmocka_unit_test(test_utf8),   cmocka_unit_test(test_copy_cut),
        cmocka_unit_test(test_slug),   cmocka_unit_test(test_width),
        cmocka_unit_test(test_strbuf), cmocka_unit_test(test_shell_quote),
        cmocka_unit_test(test_mem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
