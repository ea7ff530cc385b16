/* Names, ids, prefixes and times that people type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/host/resolve.h"

#define T_0200_17 1790208017 /* 2026-09-24 00:00:17 UTC, 02:00:17 in Berlin */

static char name_a[] = "web";
static char name_b[] = "web shop";
static char name_twice[] = "db";
static char name_like_id[] = "11111111-2222-3333-4444-555555555555";
static char name_hostile[] = "a\x1b[31m\"b";

static struct machine machines[] = {
    {.id = {"11111111-2222-3333-4444-555555555555"}, .name = name_a},
    {.id = {"1111aaaa-2222-3333-4444-555555555555"}, .name = name_b},
    {.id = {"22222222-2222-3333-4444-555555555555"}, .name = name_twice},
    {.id = {"33333333-2222-3333-4444-555555555555"}, .name = name_twice},
    {.id = {"44444444-2222-3333-4444-555555555555"}, .name = name_like_id},
    {.id = {"55555555-2222-3333-4444-555555555555"}, .name = name_hostile},
};
static const struct machine_list machine_list = {.items = machines, .count = ARRAY_LENGTH(machines)};

static void assert_machine(const char *text, int index)
{
    struct error err = {0};
    const struct machine *found = resolve_machine(&machine_list, text, &err);
    if (found != &machines[index])
        fail_msg("%s: %s", text, err.what);
    assert_int_equal(err.code, 0);
}

static void assert_no_machine(const char *text, const char *key, const char *cause)
{
    struct error err = {0};
    assert_null(resolve_machine(&machine_list, text, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_string_equal(err.key, key);
    if (!strstr(err.cause, cause))
        fail_msg("\"%s\" does not say \"%s\"", err.cause, cause);
    assert_string_not_equal(err.next, "");
    assert_null(strchr(err.what, '\x1b'));
    assert_null(strchr(err.cause, '\x1b'));
}

static void test_machines(void **state)
{
    (void)state;
    assert_machine("web", 0);
    assert_machine("web shop", 1);
    assert_machine("22222222-2222-3333-4444-555555555555", 2);
    assert_machine("{33333333-2222-3333-4444-555555555555}", 3);
    assert_machine("1111AAAA-2222-3333-4444-555555555555", 1);
    assert_machine("1111A", 1);
    assert_machine("11111", 0);
    assert_machine("3333", 3);
    assert_machine("44444444-", 4);
    assert_machine(name_hostile, 5);
    /* A name cannot take another machine's id. */
    assert_machine(name_like_id, 0);
}

static void test_machines_refused(void **state)
{
    (void)state;
    assert_no_machine("db", "machine.ambiguous",
                      "\"db\" (22222222-2222-3333-4444-555555555555), \"db\" (3333");
    assert_no_machine("1111", "machine.ambiguous",
                      "\"web\" (11111111-2222-3333-4444-555555555555), \"web shop\"");
    assert_no_machine("333", "machine.unknown", "\"web\"");
    assert_no_machine("", "machine.unknown", "\"web\"");
    assert_no_machine("WEB", "machine.unknown", "\"web\"");
    assert_no_machine("\x1b[31m", "machine.unknown", "a\\x1b[31m\"b");
    assert_no_machine("66666666-2222-3333-4444-555555555555", "machine.unknown", "\"web\"");
    /* A time is no name of a machine. */
    assert_no_machine("2026-09-24 02:00", "machine.unknown", "\"web\"");
}

static void test_collections(void **state)
{
    (void)state;
    static char shop[] = "shop";
    static struct collection items[12];
    for (size_t i = 0; i < ARRAY_LENGTH(items); i++)
        items[i] = (struct collection){.id = guid_new(), .name = shop};
    struct collection_list list = {.items = items, .count = ARRAY_LENGTH(items)};
    struct error err = {0};
    assert_null(resolve_collection(&list, "shop", &err));
    assert_string_equal(err.key, "collection.ambiguous");
    assert_non_null(strstr(err.what, "12 collections"));
    assert_non_null(strstr(err.cause, items[7].id.text));
    assert_null(strstr(err.cause, items[8].id.text));
    assert_non_null(strstr(err.cause, " and 4 more"));
    assert_ptr_equal(resolve_collection(&list, items[11].id.text, &err), &items[11]);
    assert_null(resolve_collection(&(struct collection_list){0}, "shop", &err));
    assert_string_equal(err.key, "collection.unknown");
    assert_string_equal(err.cause, "there are no collections yet");
    /* One that cannot be read may be the one that was meant. */
    static char why[] = "collection.cfg:1: syntax error";
    static char till[] = "till";
    struct damaged_record damaged[] = {{.id = guid_new(), .name = till, .problem = why},
                                       {.id = guid_new(), .problem = why}};
    assert_null(resolve_collection(&(struct collection_list){.left_out = {.items = damaged, .count = 2}},
                                   "shop", &err));
    assert_string_equal(err.cause, "2 of the collections cannot be read");
    assert_non_null(strstr(err.next, "store check"));
    list.left_out = (struct left_out){.items = damaged, .count = 1};
    assert_null(resolve_collection(&list, "nobody", &err));
    assert_non_null(strstr(err.cause, "; 1 more cannot be read"));
    /* Named all the same, it is refused with the reason. */
    list.left_out.count = 2;
    const char *const words[] = {"till", damaged[0].id.text, damaged[1].id.text};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        assert_null(resolve_collection(&list, words[i], &err));
        assert_string_equal(err.key, "collection.damaged");
        assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
        assert_non_null(strstr(err.what, "is damaged: collection.cfg:1: syntax error"));
        assert_non_null(strstr(err.next, "store check"));
    }
    damaged[0].name = shop; /* which of them is meant is a question as ever */
    assert_null(resolve_collection(&list, "shop", &err));
    assert_string_equal(err.key, "collection.ambiguous");
    assert_non_null(strstr(err.what, "13 collections"));
}

static char monday[] = "monday";
static char time_as_name[] = "2026-09-23 23:59";

static struct reference_point points[] = {
    {.id = {"aaaaaaa1-2222-3333-4444-555555555555"}, .name = monday, .created = {T_0200_17, 123456789}},
    {.id = {"aaaaaaa2-2222-3333-4444-555555555555"}, .created = {T_0200_17 + 20, 5}},
    {.id = {"aaaaaaa3-2222-3333-4444-555555555555"}, .created = {T_0200_17 + 60, 700000000}},
    {.id = {"aaaaaaa4-2222-3333-4444-555555555555"}, .created = {T_0200_17 + 60, 750000000}},
    {.id = {"aaaaaaa5-2222-3333-4444-555555555555"}, .name = time_as_name, .created = {5, 0}},
    {.id = {"aaaaaaa6-2222-3333-4444-555555555555"}, .created = {-1, 500000000}},
    /* The hour that Berlin has twice, 2026-10-25 02:30. */
    {.id = {"aaaaaaa7-2222-3333-4444-555555555555"}, .created = {1792888200, 0}},
    {.id = {"aaaaaaa8-2222-3333-4444-555555555555"}, .created = {1792888200 + 3600, 0}},
};
static const struct reference_point_list point_list = {.items = points, .count = ARRAY_LENGTH(points)};

static int set_zone(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    return 0;
}

static void test_points(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int index;
    } cases[] = {
        {"monday", 0},
        {"aaaaaaa2", 1},
        {"2026-09-24 02:00:17", 0},
        {"2026-09-24T02:00:17", 0},
        {"2026-09-24 02:00:37", 1},
        {"2026-09-24T02:00:17+02:00", 0},
        {"2026-09-24t00:00:17z", 0},
        {"2026-09-24T00:00:17.1Z", 0},
        {"2026-09-24T00:00:17.123456789Z", 0},
        {"2026-09-24T00:00:17.123456789999Z", 0},
        {"2026-09-23T20:00:37.000000005-04:00", 1},
        {"2026-09-24T00:01:17.70Z", 2},
        {"2026-09-24T00:01:17.75Z", 3},
        {"2026-09-23 23:59", 4},
        {"1970-01-01T00:00:05Z", 4},
        {"1970-01-01T00:00Z", 4},
        {"1969-12-31T23:59Z", 5},
        {"1969-12-31T23:59:59.5Z", 5},
        {"2026-10-25T02:30:00+02:00", 6},
        {"2026-10-25T02:30+01:00", 7},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        if (resolve_point(&point_list, cases[i].text, &err) != &points[cases[i].index])
            fail_msg("%s: %s %s", cases[i].text, err.what, err.cause);
    }
}

static void test_points_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *key;
        const char *cause;
    } cases[] = {
        {"2026-09-24 02:00", "point.ambiguous",
         "\"monday\" of 2026-09-24 02:00:17 (aaaaaaa1-2222-3333-4444-555555555555), of 2026-09-24 02:00:37 "
         "(aaaaaaa2-2222-3333-4444-555555555555)"},
        {"2026-09-24T00:00Z", "point.ambiguous", "aaaaaaa1"},
        {"2026-09-24 02:01:17", "point.ambiguous", "aaaaaaa4"},
        {"2026-09-24T00:01:17.7Z", "point.ambiguous", "aaaaaaa3"},
        {"2026-10-25 02:30", "point.ambiguous", "aaaaaaa8"},
        {"aaaaaaa", "point.ambiguous", "aaaaaaa1"},
        {"2026-09-24", "point.unknown", "aaaaaaa1"},
        {"2026-09-24 02", "point.unknown", "aaaaaaa1"},
        {"2026-09-24 02:00:18", "point.unknown", "aaaaaaa1"},
        {"2026-09-24T02:00:17+01:00", "point.unknown", "aaaaaaa1"},
        {"2026-09-24T00:00:17.124Z", "point.unknown", "aaaaaaa1"},
        {"2026-09-24T02:00:17 x", "point.unknown", "aaaaaaa1"},
        {"2026-09-24T02:00:17+2:00", "point.unknown", "aaaaaaa1"},
        {"2026-09-24X02:00:17", "point.unknown", "aaaaaaa1"},
        {"0", "point.unknown", "aaaaaaa1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        if (resolve_point(&point_list, cases[i].text, &err))
            fail_msg("%s is found", cases[i].text);
        assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
        assert_string_equal(err.key, cases[i].key);
        if (!strstr(err.cause, cases[i].cause))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].text, err.cause, cases[i].cause);
    }
    struct error err = {0};
    assert_null(resolve_point(&(struct reference_point_list){0}, "2026-09-24 02:00", &err));
    assert_string_equal(err.key, "point.unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machines),       cmocka_unit_test(test_machines_refused),
        cmocka_unit_test(test_collections),    cmocka_unit_test(test_points),
        cmocka_unit_test(test_points_refused),
    };
    return cmocka_run_group_tests(tests, set_zone, NULL);
}
