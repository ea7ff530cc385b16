/* What the rules of `package prune` keep, on packages without files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/export/package/prune/rules.h"

#define NONE SIZE_MAX

struct shelf { /* packages, and what is to become of them */
    struct package *packages;
    size_t count;
    struct prune_plan plan;
};

static void free_shelf(struct shelf *shelf)
{
    prune_plan_clear(&shelf->plan);
    for (size_t i = 0; i < shelf->count; i++)
        package_clear(&shelf->packages[i]);
    free(shelf->packages);
}

static struct guid numbered(char kind, size_t number)
{
    struct guid guid;
    snprintf(guid.text, sizeof guid.text, "%c0000000-0000-4000-8000-%012zx", kind, number);
    return guid;
}

static struct package *add(struct shelf *shelf, size_t collection, int64_t seconds, size_t base)
{
    size_t number = shelf->count;
    struct package *package = ARRAY_APPEND(shelf->packages, shelf->count);
    *package = (struct package){.id = numbered('a', number), .verified = true};
    package->point.id = numbered('b', number);
    package->point.collection_id = numbered('c', collection);
    package->point.created.seconds = seconds;
    package->exported.seconds = seconds;
    package->record_sha256 = mem_format("record %zu", number);
    if (base != NONE) {
        package->base_package_id = shelf->packages[base].id;
        package->base_record_sha256 = mem_strdup(shelf->packages[base].record_sha256);
    }
    return package;
}

/* A further package of the point of another one. */
static struct package *add_again(struct shelf *shelf, size_t of, int64_t exported, bool verified, size_t base)
{
    struct package *package = add(shelf, 0, 0, base);
    package->point.id = shelf->packages[of].point.id;
    package->point.collection_id = shelf->packages[of].point.collection_id;
    package->point.created = shelf->packages[of].point.created;
    package->exported.seconds = exported;
    package->verified = verified;
    return package;
}

static void decide(struct shelf *shelf, struct prune_rules rules)
{
    prune_plan_clear(&shelf->plan);
    prune_plan_make(&rules, shelf->packages, shelf->count, NULL, &shelf->plan);
}

/* "+" kept, "-" not, in the order of the packages. */
static void expect(const struct shelf *shelf, const char *picture)
{
    char got[64] = "";
    for (size_t i = 0; i < shelf->count; i++)
        got[i] = shelf->plan.verdicts[i].kept ? '+' : '-';
    assert_string_equal(got, picture);
}

static void in_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static int64_t at(int year, int month, int day, int hour, int minute)
{
    struct tm local = {.tm_year = year - 1900,
                       .tm_mon = month - 1,
                       .tm_mday = day,
                       .tm_hour = hour,
                       .tm_min = minute,
                       .tm_isdst = -1};
    return (int64_t)mktime(&local);
}

static void nothing_and_one(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    decide(&shelf, (struct prune_rules){{1, 1, 1, 1}});
    assert_int_equal(shelf.plan.removal_count, 0);
    add(&shelf, 1, 1000, NONE);
    for (enum prune_rule rule = 0; rule < PRUNE_RULES; rule++) {
        struct prune_rules rules = {0};
        rules.keep[rule] = 1;
        decide(&shelf, rules);
        expect(&shelf, "+");
        assert_true(shelf.plan.verdicts[0].rules[rule]);
    }
    free_shelf(&shelf);
}

static void last_of_each_collection(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    for (int i = 0; i < 3; i++) {
        add(&shelf, 1, 1000 + i, NONE);
        add(&shelf, 2, 5000 + i, NONE);
    }
    decide(&shelf, (struct prune_rules){{2, 0, 0, 0}});
    expect(&shelf, "--++++");
    free_shelf(&shelf);
}

static void the_same_second(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    add(&shelf, 1, 1000, NONE)->point.created.nanoseconds = 7;
    add(&shelf, 1, 1000, NONE)->point.created.nanoseconds = 9;
    add(&shelf, 1, 1000, NONE)->point.created.nanoseconds = 8;
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    expect(&shelf, "-+-");
    for (size_t i = 0; i < 3; i++)
        shelf.packages[i].point.created.nanoseconds = 0;
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    assert_int_equal(shelf.plan.removal_count, 2);
    free_shelf(&shelf);
}

static void newest_of_each_day(void **state)
{
    (void)state;
    in_zone("Europe/Berlin");
    struct shelf shelf = {0};
    add(&shelf, 1, at(2026, 3, 27, 12, 0), NONE);
    add(&shelf, 1, at(2026, 3, 28, 23, 59), NONE); /* the day before clocks go forward */
    add(&shelf, 1, at(2026, 3, 29, 0, 1), NONE);   /* UTC: still the 28th */
    add(&shelf, 1, at(2026, 3, 29, 23, 58), NONE);
    add(&shelf, 1, at(2026, 3, 30, 0, 2), NONE); /* UTC: still the 29th */
    decide(&shelf, (struct prune_rules){{0, 3, 0, 0}});
    expect(&shelf, "-+-++");
    in_zone("UTC");
    decide(&shelf, (struct prune_rules){{0, 3, 0, 0}});
    expect(&shelf, "+-+-+");
    free_shelf(&shelf);
}

/* Newfoundland set its clocks back at one minute past midnight: a day came again. */
static void a_day_that_came_again(void **state)
{
    (void)state;
    in_zone("America/St_Johns");
    struct shelf shelf = {0};
    int64_t midnight = at(2010, 11, 7, 0, 0);
    add(&shelf, 1, at(2010, 11, 5, 12, 0), NONE);
    add(&shelf, 1, midnight - 60, NONE);   /* the 6th */
    add(&shelf, 1, midnight + 30, NONE);   /* the 7th */
    add(&shelf, 1, midnight + 120, NONE);  /* the 6th again */
    add(&shelf, 1, midnight + 7200, NONE); /* the 7th */
    struct tm again;
    time_t then = (time_t)midnight + 120;
    assert_non_null(localtime_r(&then, &again));
    assert_int_equal(again.tm_mday, 6);
    decide(&shelf, (struct prune_rules){{0, 3, 0, 0}});
    expect(&shelf, "+--++");
    in_zone("UTC");
    free_shelf(&shelf);
}

static void weeks_over_the_end_of_a_year(void **state)
{
    (void)state;
    in_zone("UTC");
    struct shelf shelf = {0};
    add(&shelf, 1, at(2026, 12, 20, 12, 0), NONE); /* Sunday of week 51 */
    add(&shelf, 1, at(2026, 12, 21, 12, 0), NONE); /* Monday of week 52 */
    add(&shelf, 1, at(2026, 12, 28, 12, 0), NONE); /* Monday of week 53 */
    add(&shelf, 1, at(2027, 1, 3, 12, 0), NONE);   /* its Sunday */
    add(&shelf, 1, at(2027, 1, 4, 12, 0), NONE);   /* Monday of week 1 */
    decide(&shelf, (struct prune_rules){{0, 0, 3, 0}});
    expect(&shelf, "-+-++");
    CLEANUP_FREE char *sunday = prune_rule_text(PRUNE_WEEKLY, shelf.packages[3].point.created);
    CLEANUP_FREE char *monday = prune_rule_text(PRUNE_WEEKLY, shelf.packages[4].point.created);
    assert_string_equal(sunday, "weekly 2026-W53");
    assert_string_equal(monday, "weekly 2027-W01");
    decide(&shelf, (struct prune_rules){{0, 0, 0, 2}});
    expect(&shelf, "--+-+");
    free_shelf(&shelf);
}

static void days_without_one_take_no_place(void **state)
{
    (void)state;
    in_zone("UTC");
    struct shelf shelf = {0};
    add(&shelf, 1, at(2020, 1, 1, 0, 0), NONE);
    add(&shelf, 1, at(2024, 2, 29, 0, 0), NONE);
    add(&shelf, 1, at(2026, 6, 1, 0, 0), NONE);
    decide(&shelf, (struct prune_rules){{0, 2, 0, 0}});
    expect(&shelf, "-++");
    decide(&shelf, (struct prune_rules){{1, 1, 0, 1}});
    expect(&shelf, "--+");
    assert_true(shelf.plan.verdicts[2].rules[PRUNE_LAST]);
    assert_true(shelf.plan.verdicts[2].rules[PRUNE_DAILY]);
    assert_false(shelf.plan.verdicts[2].rules[PRUNE_WEEKLY]);
    assert_true(shelf.plan.verdicts[2].rules[PRUNE_MONTHLY]);
    free_shelf(&shelf);
}

static void times_that_no_calendar_has(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    add(&shelf, 1, INT64_MIN, NONE);
    add(&shelf, 1, INT64_MAX, NONE);
    add(&shelf, 1, 0, NONE);
    decide(&shelf, (struct prune_rules){{0, 2, 0, 0}});
    expect(&shelf, "-++");
    CLEANUP_FREE char *text = prune_rule_text(PRUNE_DAILY, shelf.packages[1].point.created);
    assert_string_equal(text, "daily");
    free_shelf(&shelf);
}

static void bases_stay(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    add(&shelf, 1, 1000, NONE); /* 0 full */
    add(&shelf, 1, 2000, 0);    /* 1 on 0 */
    add(&shelf, 1, 3000, 1);    /* 2 on 1 */
    add(&shelf, 1, 4000, 1);    /* 3 on 1 */
    add(&shelf, 1, 500, NONE);  /* 4 */
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    expect(&shelf, "++-+-");
    assert_int_equal(shelf.plan.verdicts[0].dependent, 1);
    assert_int_equal(shelf.plan.verdicts[1].dependent, 3);
    assert_true(shelf.plan.verdicts[3].dependent == NONE);
    free_shelf(&shelf);
}

static void dependents_go_first(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    add(&shelf, 1, 1000, NONE);
    add(&shelf, 1, 2000, 0);
    add(&shelf, 1, 3000, 1);
    add(&shelf, 1, 3500, 0);
    add(&shelf, 1, 9000, NONE);
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    expect(&shelf, "----+");
    size_t when[5] = {0};
    assert_int_equal(shelf.plan.removal_count, 4);
    for (size_t i = 0; i < shelf.plan.removal_count; i++)
        when[shelf.plan.removals[i]] = i;
    assert_true(when[2] < when[1] && when[1] < when[0] && when[3] < when[0]);
    free_shelf(&shelf);
}

/* Copies of a base, and one whose record is another by now. */
static void copies_and_changed_bases_stay(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    add(&shelf, 1, 1000, NONE);
    add(&shelf, 1, 1000, NONE);
    add(&shelf, 1, 1000, NONE);
    for (size_t i = 1; i < 3; i++) {
        shelf.packages[i].id = shelf.packages[0].id;
        shelf.packages[i].point.id = shelf.packages[0].point.id;
    }
    mem_replace(&shelf.packages[1].record_sha256, shelf.packages[0].record_sha256);
    add(&shelf, 1, 2000, 0);
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    expect(&shelf, "++-+");
    mem_replace(&shelf.packages[3].base_record_sha256, "nobody's");
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    expect(&shelf, "++++");
    assert_true(shelf.plan.verdicts[3].has_gap);
    free_shelf(&shelf);
}

static void of_one_point_one_counts(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    add(&shelf, 1, 1000, NONE);              /* 0: another point */
    add(&shelf, 1, 2000, NONE);              /* 1 */
    add_again(&shelf, 1, 5000, true, NONE);  /* 2: exported later */
    add_again(&shelf, 1, 9000, false, NONE); /* 3: later still, not verified */
    add_again(&shelf, 1, 9500, true, 0);     /* 4: its base is made another one below */
    mem_replace(&shelf.packages[4].base_record_sha256, "nobody's");
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    expect(&shelf, "--+--");
    assert_int_equal(shelf.plan.verdicts[1].counting, 2);
    assert_int_equal(shelf.plan.verdicts[3].counting, 2);
    assert_int_equal(shelf.plan.verdicts[4].counting, 2);
    decide(&shelf, (struct prune_rules){{2, 0, 0, 0}});
    expect(&shelf, "+-+--");
    free_shelf(&shelf);
}

/* What cannot be read to its end does not push out what can. */
static void gaps_take_no_place(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    add(&shelf, 1, 1000, NONE);
    add(&shelf, 1, 2000, NONE);
    add(&shelf, 1, 3000, 1);
    mem_replace(&shelf.packages[2].base_record_sha256, "nobody's");
    shelf.packages[2].base_package_id = numbered('d', 1);
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    expect(&shelf, "-++");
    free_shelf(&shelf);
}

static void circles_stay(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    add(&shelf, 1, 500, NONE);
    add(&shelf, 1, 1000, 0);
    add(&shelf, 1, 2000, 1);
    add(&shelf, 1, 9000, NONE);
    shelf.packages[1].base_package_id = shelf.packages[2].id;
    mem_replace(&shelf.packages[1].base_record_sha256, shelf.packages[2].record_sha256);
    add(&shelf, 1, 3000, 2);
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    expect(&shelf, "-+++-");
    assert_true(shelf.plan.verdicts[1].has_gap && shelf.plan.verdicts[2].has_gap);
    shelf.packages[0].base_package_id = shelf.packages[0].id; /* its own */
    decide(&shelf, (struct prune_rules){{1, 0, 0, 0}});
    free_shelf(&shelf);
}

static void what_is_needed_stays(void **state)
{
    (void)state;
    struct shelf shelf = {0};
    const struct prune_rules rules = {{1, 0, 0, 0}};
    static const bool needed[] = {false, true, false};
    add(&shelf, 1, 1000, NONE);
    add(&shelf, 1, 2000, 0);
    add(&shelf, 1, 3000, NONE);
    prune_plan_make(&rules, shelf.packages, shelf.count, needed, &shelf.plan);
    expect(&shelf, "+++");
    assert_true(shelf.plan.verdicts[1].needed && !shelf.plan.verdicts[0].needed);
    free_shelf(&shelf);
}

/* A hundred collections; and one chain of all. Processor time, which other programs do not use up. */
static void hundred_thousand(void **state)
{
    (void)state;
    for (int chain = 0; chain < 2; chain++) {
        struct shelf shelf = {0};
        for (size_t i = 0; i < 100000; i++)
            add(&shelf, chain ? 0 : i % 100, (int64_t)i * 3600, chain && i > 0 ? i - 1 : NONE);
        clock_t start = clock();
        decide(&shelf, (struct prune_rules){{10, 7, 4, 12}});
        assert_true((clock() - start) / CLOCKS_PER_SEC < 10);
        size_t kept = 0;
        for (size_t i = 0; i < shelf.count; i++)
            kept += shelf.plan.verdicts[i].kept;
        assert_int_equal(kept + shelf.plan.removal_count, shelf.count);
        if (chain)
            assert_int_equal(kept, shelf.count);
        else
            assert_true(kept >= 1800 && kept <= 2200);
        decide(&shelf, (struct prune_rules){{0, 0, 0, 0}});
        assert_int_equal(shelf.plan.removal_count, shelf.count);
        free_shelf(&shelf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_and_one),
        cmocka_unit_test(last_of_each_collection),
        cmocka_unit_test(the_same_second),
        cmocka_unit_test(newest_of_each_day),
        cmocka_unit_test(a_day_that_came_again),
        cmocka_unit_test(weeks_over_the_end_of_a_year),
        cmocka_unit_test(days_without_one_take_no_place),
        cmocka_unit_test(times_that_no_calendar_has),
        cmocka_unit_test(bases_stay),
        cmocka_unit_test(dependents_go_first),
        cmocka_unit_test(copies_and_changed_bases_stay),
        cmocka_unit_test(of_one_point_one_counts),
        cmocka_unit_test(gaps_take_no_place),
        cmocka_unit_test(circles_stay),
        cmocka_unit_test(what_is_needed_stays),
        cmocka_unit_test(hundred_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
