/* Sorting: equal rows stay as they came, empty ones come last, ten thousand are quick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "ui/widgets/sorting.h"

#define MANY 10000
#define QUICK_MS 50

static void assert_order(const struct sort_key *keys, size_t count, bool descending, const size_t *wanted)
{
    size_t *order = sorting_order(keys, count, descending);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(order[i], wanted[i]);
    free(order);
}

static void test_both_ways(void **state)
{
    static const struct sort_key keys[] = {{.number = 2}, {.absent = true}, {.number = 7},
                                           {.number = 2}, {.number = -1},   {.absent = true}};
    (void)state;
    assert_order(keys, ARRAY_LENGTH(keys), false, (const size_t[]){4, 0, 3, 2, 1, 5});
    assert_order(keys, ARRAY_LENGTH(keys), true, (const size_t[]){2, 0, 3, 4, 1, 5});
}

static void test_texts(void **state)
{
    static const struct sort_key keys[] = {{.text = "web"}, {.text = "büro"}, {.text = "web"}, {.text = ""}};
    (void)state;
    assert_order(keys, ARRAY_LENGTH(keys), false, (const size_t[]){3, 1, 0, 2});
    assert_order(keys, ARRAY_LENGTH(keys), true, (const size_t[]){0, 2, 1, 3});
    size_t *order = sorting_order(NULL, 0, false);
    free(order);
}

static void test_the_columns_go_round(void **state)
{
    (void)state;
    struct sorting sorting = {.reversed = true};
    sorting_next(&sorting, 3);
    assert_int_equal(sorting.column, 1);
    assert_false(sorting.reversed);
    sorting_next(&sorting, 3);
    sorting_next(&sorting, 3);
    assert_int_equal(sorting.column, 0);
}

static void test_ten_thousand(void **state)
{
    (void)state;
    struct sort_key *keys = mem_alloc(MANY * sizeof *keys);
    char **names = mem_alloc(MANY * sizeof *names);
    for (size_t i = 0; i < MANY; i++)
        keys[i].text = names[i] = mem_format("web-%05zu", i * 7919 % MANY);
    int64_t before = monotonic_milliseconds();
    size_t *order = sorting_order(keys, MANY, false);
    assert_true(monotonic_milliseconds() - before < QUICK_MS * 10); /* a machine may be busy */
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(order[i] * 7919 % MANY, i);
    for (size_t i = 0; i < MANY; i++)
        free(names[i]);
    free(names);
    free(keys);
    free(order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_the_columns_go_round),
        cmocka_unit_test(test_ten_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
