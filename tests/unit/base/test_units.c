/* Ids, times and sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/guid.h"
#include "core/base/mem.h"
#include "core/base/units.h"

static void test_guid(void **state)
{
    (void)state;
    struct guid guid = {0};
    assert_true(guid_is_none(&guid));
    for (int i = 0; i < 1000; i++) {
        struct guid made = guid_new();
        assert_true(guid_parse(&guid, made.text));
        assert_true(guid_equal(&guid, &made));
        assert_false(guid_is_none(&guid));
        assert_int_equal(made.text[14], '4');
        assert_non_null(strchr("89ab", made.text[19]));
        struct guid other = guid_new();
        assert_false(guid_equal(&made, &other));
    }
    assert_true(guid_parse(&guid, "{AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE}"));
    assert_string_equal(guid.text, "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
    static const char *const bad[] = {
        "",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeeee",
        "aaaaaaaabbbbccccddddeeeeeeeeeeee",
        "gaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "(aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee)",
        "aaaaaaaa-bbbb-cccc-ddddeeeee-eeeeeeee",
        " aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(guid_parse(&guid, bad[i]));
        assert_string_equal(guid.text, "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
    }
}

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void test_format_moment(void **state)
{
    (void)state;
    const struct moment moment = {1790208017, 5};
    char field[64];
    set_zone("Europe/Berlin");
    moment_format_rfc3339(moment, false, field, sizeof field);
    assert_string_equal(field, "2026-09-24T02:00:17+02:00");
    moment_format_rfc3339(moment, true, field, sizeof field);
    assert_string_equal(field, "2026-09-24T02:00:17.000000005+02:00");
    moment_format_list(moment, false, field, sizeof field);
    assert_string_equal(field, "2026-09-24 02:00");
    moment_format_list(moment, true, field, sizeof field);
    assert_string_equal(field, "2026-09-24 02:00:17");
    moment_format_offset(moment, field, sizeof field);
    assert_string_equal(field, "+02:00");
    moment_format_compact(moment, field, sizeof field);
    assert_string_equal(field, "20260924T000017Z");
    set_zone("America/St_Johns");
    moment_format_rfc3339(moment, false, field, sizeof field);
    assert_string_equal(field, "2026-09-23T21:30:17-02:30");
    /* An offset with seconds, which RFC 3339 cannot say: UTC. */
    set_zone("Europe/Berlin");
    moment_format_rfc3339((struct moment){-9000000000, 0}, false, field, sizeof field);
    assert_string_equal(field, "1684-10-19T08:00:00+00:00");
}

static void test_parse_moment(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct moment moment;
    } cases[] = {
        {"2026-09-24T02:00:17+02:00", {1790208017, 0}},
        {"2026-09-24 02:00:17+02:00", {1790208017, 0}},
        {"2026-09-24t00:00:17z", {1790208017, 0}},
        {"2026-09-24T00:00Z", {1790208000, 0}},
        {"2026-09-24T00:00:17.5Z", {1790208017, 500000000}},
        {"2026-09-24T00:00:17.123456789Z", {1790208017, 123456789}},
        {"2026-09-24T00:00:17.1234567899Z", {1790208017, 123456789}},
        {"2026-09-23T18:30:17-05:30", {1790208017, 0}},
        {"1970-01-01T00:00:00Z", {0, 0}},
        {"1969-12-31T23:59:59.25Z", {-1, 250000000}},
        {"2024-02-29T00:00:00Z", {1709164800, 0}},
        {"2016-12-31T23:59:60Z", {1483228800, 0}},
        {"0001-01-01T00:00:00Z", {-62135596800, 0}},
        {"9999-12-31T23:59:59Z", {253402300799, 0}},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct moment moment = {0};
        if (!moment_parse_rfc3339(&moment, cases[i].text))
            fail_msg("%s", cases[i].text);
        if (moment_compare(moment, cases[i].moment) != 0)
            fail_msg("%s: %lld.%09d", cases[i].text, (long long)moment.seconds, moment.nanoseconds);
    }
}

static void test_parse_moment_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-09-24",
        "2026-09-24T",
        "2026-09-24T02:00:17",
        "2026-09-24T02:00:17+02",
        "2026-09-24T02:00:17+0200",
        "2026-09-24T02:00:17+02:00x",
        "2026-09-24T02:00:17Zx",
        "2026-09-24T02:00:17.Z",
        "2026-09-24T02:00.5Z",
        "2026-09-24T02Z",
        "2026-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-9-24T02:00:17Z",
        "2026-09-24T2:00:17Z",
        "2026-09-24T02:00:7Z",
        " 2026-09-24T02:00:17Z",
        "2026- 9-24T02:00:17Z",
        "+026-09-24T02:00:17Z",
        "20260-09-24T02:00:17Z",
        "2026-09-24T02:00:17+ 2:00",
        "2026-09-24T02:00:17+-2:00",
        "2026-09-24T02:00:17+24:00",
        "2026-09-24T02:00:17+02:60",
        "2026-09-24X02:00:17Z",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct moment moment = {7, 7};
        if (moment_parse_rfc3339(&moment, bad[i]))
            fail_msg("\"%s\" passes", bad[i]);
        assert_true(moment.seconds == 7 && moment.nanoseconds == 7);
    }
}

static void test_moments(void **state)
{
    (void)state;
    struct moment first = moment_now();
    int64_t monotonic = monotonic_milliseconds();
    struct moment second = moment_now();
    assert_true(moment_compare(first, second) <= 0);
    assert_true(monotonic_milliseconds() >= monotonic);
    assert_true(moment_compare((struct moment){1, 5}, (struct moment){1, 6}) < 0);
    assert_true(moment_compare((struct moment){2, 0}, (struct moment){1, 999999999}) > 0);
    assert_int_equal(moment_compare((struct moment){1, 5}, (struct moment){1, 5}), 0);
}

static void test_format_size(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1536, "1.5 KiB"},
        {1048575, "1.0 MiB"},
        {412 * GIB, "412.0 GiB"},
        {1023 * GIB + 900 * MIB, "1023.9 GiB"},
        {INT64_MAX, "8.0 EiB"},
        {UINT64_MAX, "16.0 EiB"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char field[12];
        size_format(cases[i].bytes, field, sizeof field);
        assert_string_equal(field, cases[i].text);
    }
}

static void test_parse_size(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        {"0", 0},
        {"4096", 4096},
        {"10B", 10},
        {"10K", 10 * KIB},
        {"10k", 10 * KIB},
        {"512MiB", 512 * MIB},
        {"512 MB", 512 * MIB},
        {"1.5 TiB", 1536 * GIB},
        {"0.5K", 512},
        {"7EiB", 7 * GIB * GIB},
        {"9223372036854775807", INT64_MAX},
    };
    static const char *const bad[] = {
        "",
        "-1",
        "+1",
        " 1",
        "x",
        "K",
        "1X",
        "1KiBx",
        "1Ki",
        "1 K B",
        "9223372036854775808",
        "8EiB",
        "1e99",
        "1e3",
        "0x10",
        "1p3",
        "inf",
        "nan",
        "1.2.3",
        "1.",
        "1.K",
        "99999999999999999999999",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        uint64_t bytes = 7;
        if (!size_parse(&bytes, good[i].text) || bytes != good[i].bytes)
            fail_msg("%s: %llu", good[i].text, (unsigned long long)bytes);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        uint64_t bytes = 7;
        if (size_parse(&bytes, bad[i]) || bytes != 7)
            fail_msg("\"%s\" passes", bad[i]);
    }
}

static void test_duration(void **state)
{
    (void)state;
    char field[32];
    duration_format(1072, field, sizeof field);
    assert_string_equal(field, "0:17:52");
    duration_format(-5, field, sizeof field);
    assert_string_equal(field, "0:00:00");
    duration_format(360000, field, sizeof field);
    assert_string_equal(field, "100:00:00");
}

static void test_ages(void **state)
{
    (void)state;
    int64_t seconds = 0;
    assert_true(age_parse(&seconds, "12h"));
    assert_int_equal(seconds, 12 * 3600);
    assert_true(age_parse(&seconds, "30d"));
    assert_int_equal(seconds, 30 * 24 * 3600);
    assert_true(age_parse(&seconds, "8w"));
    assert_int_equal(seconds, 8 * 7 * 24 * 3600);
    assert_true(age_parse(&seconds, "99999999999999999999w"));
    assert_int_equal(seconds, (int64_t)100 * 366 * 24 * 3600);
    static const char *const bad[] = {"", "0d", "d", "30", "-1d", "30 d", "30days", "1.5d", "3m", "+3d"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(age_parse(&seconds, bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ages),
        cmocka_unit_test(test_guid),
        cmocka_unit_test(test_format_moment),
        cmocka_unit_test(test_parse_moment),
        cmocka_unit_test(test_parse_moment_refused),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_format_size),
        cmocka_unit_test(test_parse_size),
        cmocka_unit_test(test_duration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
