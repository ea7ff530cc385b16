/* Folding: what finds what in filters, and where each letter comes from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/draw/fold.h"

static void assert_same(const char *left, const char *right)
{
    CLEANUP_FREE char *one = fold_text(left);
    CLEANUP_FREE char *other = fold_text(right);
    assert_string_equal(one, other);
}

static void test_case_accents_and_widths(void **state)
{
    (void)state;
    assert_same("BÜRO", "buro");
    assert_same("Zoe\xcc\x88", "zoë"); /* a mark of its own, and one letter */
    assert_same("après", "APRES");
    assert_same("ﾃｽﾄ", "テスト");
    assert_same("Straße", "STRASSE");
    CLEANUP_FREE char *broken = fold_text("a\xff");
    assert_string_equal(broken, "a\xff");
}

static void test_letters_know_where_they_come_from(void **state)
{
    (void)state;
    struct fold_letters letters = {0};
    fold_letters_add(&letters, "Bü-ß 2");
    assert_int_equal(letters.count, 7); /* ß is two */
    assert_int_equal(letters.items[0].code, 'b');
    assert_true(letters.items[0].starts);
    assert_int_equal(letters.items[1].code, 'u');
    assert_int_equal(letters.items[1].at, 1);
    assert_false(letters.items[1].starts);
    assert_int_equal(letters.items[3].code, 's');
    assert_true(letters.items[3].starts);
    assert_int_equal(letters.items[4].at, letters.items[3].at);
    assert_int_equal(letters.items[6].at, 7);
    assert_true(letters.items[6].starts);
    fold_letters_add(&letters, "\xff\xfe"); /* no UTF-8, no letters */
    assert_int_equal(letters.count, 7);
    free(letters.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_accents_and_widths),
        cmocka_unit_test(test_letters_know_where_they_come_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
