/* The place of a point among its neighbours, drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/app/data/chain.h"

static struct reference_point point_of(uint64_t sequence, char *name)
{
    return (struct reference_point){.sequence = sequence,
                                    .name = name,
                                    .type = POINT_TYPE_LOG_BASED,
                                    .has_associated_log = sequence != 2};
}

static void expect(const struct reference_point_list *points, const struct reference_point *point,
                   const char *expected)
{
    CLEANUP_FREE char *text = chain_text(points, point);
    assert_string_equal(text, expected);
}

static void test_neighbours_are_drawn_oldest_first(void **state)
{
    (void)state;
    char *names[] = {(char[]){"a"}, (char[]){"b"}, (char[]){"c"},
                     (char[]){"d"}, (char[]){"e"}, (char[]){"f"}};
    struct reference_point items[ARRAY_LENGTH(names)];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) /* newest first, as hosts list them */
        items[i] = point_of(10 - i, names[i]);
    const struct reference_point_list points = {.items = items, .count = ARRAY_LENGTH(names)};
    expect(&points, &items[0], ".. - c - b - [a]");
    expect(&points, &items[1], ".. - d - c - [b] - a");
    expect(&points, &items[3], "f - e - [d] - c - b - ..");
    expect(&points, &items[5], "[f] - e - d - ..");
    expect(&points, NULL, ".. - b - a - [now]");
}

static void test_what_is_alone_or_without_data(void **state)
{
    (void)state;
    char name[] = "monday";
    struct reference_point items[] = {point_of(2, name),
                                      {.sequence = 1, .id = {"0001"}, .type = POINT_TYPE_LOG_BASED}};
    const struct reference_point_list points = {.items = items, .count = 1};
    const struct reference_point_list both = {.items = items, .count = 2};
    expect(&points, &items[0], "[monday (log removed)]");
    expect(&both, &items[1], "[0001 (log removed)] - monday (log removed)");
    expect(&(struct reference_point_list){0}, NULL, "[now]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neighbours_are_drawn_oldest_first),
        cmocka_unit_test(test_what_is_alone_or_without_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
