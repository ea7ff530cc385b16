/* Lines of "qemu-img map --output=json", and what only looks like them. */
#include "core/image/map_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"

static bool parse(struct map_line *array, const char *line, struct image_map_range *range, bool *found)
{
    return map_line_parse(array, line, strlen(line), range, found);
}

static void test_ranges(void **state)
{
    (void)state;
    struct map_line array = {0};
    struct image_map_range range = {0};
    bool found;
    assert_true(parse(&array,
                      "[{ \"start\": 0, \"length\": 65536, \"depth\": 2, \"present\": true, \"zero\": false, "
                      "\"data\": true, \"offset\": 327680},",
                      &range, &found));
    assert_true(found && range.present && range.data && range.has_offset && !range.zero);
    assert_int_equal(range.length, 65536);
    assert_int_equal(range.depth, 2);
    assert_int_equal(range.offset, 327680);
    assert_true(parse(&array,
                      "{\"start\":65536,\"length\":512,\"depth\":0,\"zero\":true,\"data\":false,"
                      "\"compressed\":false,\"filename\":\"a\\\"}b\"}]",
                      &range, &found));
    assert_true(found && range.zero && !range.has_offset && range.present && array.ended);
    assert_int_equal(range.start, 65536);
    assert_true(parse(&array, "", &range, &found));
    assert_false(found);
}

static void test_an_empty_array(void **state)
{
    (void)state;
    struct map_line array = {0};
    struct image_map_range range;
    bool found = true;
    assert_true(parse(&array, "[", &range, &found));
    assert_false(found || array.ended);
    assert_true(parse(&array, "]", &range, &found));
    assert_false(found);
    assert_true(array.ended);
}

static void test_what_is_no_range(void **state)
{
    (void)state;
#define REST "\"length\": 1, \"depth\": 0, \"zero\": true, \"data\": false"
    static const char *const lines[] = {
        "{ \"start\": -1, " REST "}",
        "{ \"start\": 9223372036854775808, " REST "}",
        "{ \"start\": 99999999999999999999999, " REST "}",
        "{ \"start\": true, " REST "}",
        "{ \"start\": \"0\", " REST "}",
        "{ \"start\": 0, \"start\": 0, " REST "}",
        "{ \"start\": 0, \"depth\": 4294967296, \"length\": 1, \"zero\": true, \"data\": false}",
        "{ " REST "}",
        "{ \"start\": 0, " REST,
        "{ \"start\": 0, " REST ",}",
        "{ \"start\": 0, " REST "} {",
        "{ \"start\": 0, " REST ", \"unknown\": {}}",
        "{ \"start\": 0, " REST ", \"unknown\": \"}",
        "{ \"start\": 0, " REST ", \"unknown\": \"\\",
        "{}",
        "{",
        "qemu-img: no",
        "]]",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        struct map_line array = {.begun = true};
        struct image_map_range range;
        bool found;
        if (parse(&array, lines[i], &range, &found))
            fail_msg("taken: %s", lines[i]);
    }
    struct map_line ended = {.begun = true, .ended = true};
    struct map_line none = {0};
    struct image_map_range range;
    bool found;
    assert_false(parse(&ended, "{ \"start\": 0, " REST "}", &range, &found));
    assert_false(parse(&ended, "]", &range, &found));
    assert_false(parse(&none, "{ \"start\": 0, " REST "}", &range, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_an_empty_array),
        cmocka_unit_test(test_what_is_no_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
