#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/guid_index.h"
#include "core/base/mem.h"

struct element {
    char before[5];
    struct guid id;
    int after;
};

static void test_index_finds_every_place(void **state)
{
    (void)state;
    static struct element elements[1000];
    for (size_t count = 1; count <= ARRAY_LENGTH(elements); count = count * 3 + 1) {
        for (size_t i = 0; i < count; i++)
            elements[i].id = guid_new();
        struct guid_index index;
        guid_index_make(&index, &elements[0].id, count, sizeof elements[0]);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(guid_index_find(&index, &elements[i].id), i);
        struct guid other = guid_new();
        assert_true(guid_index_find(&index, &other) == SIZE_MAX);
        assert_true(guid_index_find(&index, &(struct guid){0}) == SIZE_MAX);
        guid_index_clear(&index);
        assert_true(guid_index_find(&index, &elements[0].id) == SIZE_MAX);
    }
}

static void test_index_of_what_is_there_twice_or_not_at_all(void **state)
{
    (void)state;
    struct guid twice[3] = {guid_new(), guid_new()};
    twice[2] = twice[0];
    struct guid_index index;
    guid_index_make(&index, twice, 3, sizeof twice[0]);
    size_t at = guid_index_find(&index, &twice[0]);
    assert_true(at == 0 || at == 2);
    assert_int_equal(guid_index_find(&index, &twice[1]), 1);
    guid_index_clear(&index);
    guid_index_make(&index, twice, 0, sizeof twice[0]);
    assert_true(guid_index_find(&index, &twice[0]) == SIZE_MAX);
    guid_index_clear(&index);
}

static void test_text(void **state)
{
    (void)state;
    struct guid guid;
    struct guid other = guid_new();
    assert_true(guid_parse(&guid, "{0E018940-AAAA-4BBB-8CCC-0123456789AB}"));
    assert_string_equal(guid.text, "0e018940-aaaa-4bbb-8ccc-0123456789ab");
    assert_false(guid_equal(&guid, &other));
    static const char *const wrong[] = {"",
                                        "0e018940",
                                        "0e018940-aaaa-4bbb-8ccc-0123456789a",
                                        "0e018940-aaaa-4bbb-8ccc-0123456789abc",
                                        "{0e018940-aaaa-4bbb-8ccc-0123456789ab",
                                        "0e018940-aaaa-4bbb-8ccc-0123456789ag",
                                        "0e018940aaaaa4bbba8cccb0123456789abc"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(guid_parse(&other, wrong[i]));
    for (int i = 0; i < 100; i++) {
        struct guid made = guid_new();
        assert_true(guid_parse(&other, made.text));
        assert_true(guid_equal(&made, &other));
        assert_int_equal(made.text[14], '4'); /* RFC 4122, version 4 */
        assert_non_null(strchr("89ab", made.text[19]));
    }
}

static void test_digits(void **state)
{
    (void)state;
    struct guid guid;
    static const char *const same[] = {
        "0e018940aaaa4bbb8ccc0123456789ab", "0E018940-AAAA-4BBB-8CCC-0123456789AB",
        "\n  0e018940-aaaa-4bbb-8ccc-0123456789ab\n", "0e-01-89-40aaaa4bbb8ccc0123456789ab"};
    for (size_t i = 0; i < ARRAY_LENGTH(same); i++) {
        assert_true(guid_parse_digits(&guid, same[i]));
        assert_string_equal(guid.text, "0e018940-aaaa-4bbb-8ccc-0123456789ab");
    }
    static const char *const wrong[] = {"",
                                        "-",
                                        "0e018940aaaa4bbb8ccc0123456789a",
                                        "0e018940aaaa4bbb8ccc0123456789abc",
                                        "0e018940aaaa4bbb8ccc0123456789ab-",
                                        "-0e018940aaaa4bbb8ccc0123456789ab",
                                        "0e0189-4-0aaaa4bbb8ccc0123456789ab",
                                        "0e018940--aaaa-4bbb-8ccc-0123456789ab",
                                        "0e018940aaaa4bbb8ccc 0123456789ab",
                                        "0e018940aaaa4bbb8ccc0123456789ag"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(guid_parse_digits(&guid, wrong[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index_finds_every_place),
        cmocka_unit_test(test_index_of_what_is_there_twice_or_not_at_all),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
