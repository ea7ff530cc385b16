/* A point in words: what each machine did at the instant. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/screens/point/facts.h"

static const struct fact *fact_with(const struct facts *facts, const char *text)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (facts->items[i].text && strstr(facts->items[i].text, text))
            return &facts->items[i];
    }
    return NULL;
}

static void test_what_machines_did(void **state)
{
    (void)state;
    char web[] = "web01";
    char database[] = "db01";
    char old[] = "old01";
    struct member_point members[] = {
        {.machine = {.name = web, .state = MACHINE_STATE_RUNNING},
         .consistency_level = CONSISTENCY_CRASH,
         .paused = 157432},
        {.machine = {.name = database, .state = MACHINE_STATE_OFF},
         .consistency_level = CONSISTENCY_APPLICATION},
        {.machine = {.name = old}}, /* of a host that knows no states */
    };
    const struct reference_point point = {.consistency_asked = CONSISTENCY_APPLICATION,
                                          .consistency_level = CONSISTENCY_CRASH,
                                          .has_associated_log = true,
                                          .members = members,
                                          .member_count = ARRAY_LENGTH(members)};
    struct facts facts = {0};
    point_facts_machines(&facts, &point);
    const struct fact *running = fact_with(&facts, "was running, crash consistent, stood still for 157 ms");
    assert_non_null(running);
    assert_int_equal(running->role, ROLE_WARNING); /* application was asked for */
    const struct fact *off = fact_with(&facts, "was off, application consistent");
    assert_non_null(off);
    assert_int_equal(off->role, ROLE_NORMAL);
    assert_null(strstr(off->text, "stood still"));
    size_t told = 0;
    for (size_t i = 0; i < facts.count; i++)
        told += facts.items[i].text && strstr(facts.items[i].text, "  was ") != NULL;
    assert_int_equal(told, 2);
    facts_clear(&facts);
}

/* Lists show "?" for a family, a heart with a variation selector and a control; here nothing is missing. */
static void test_names_are_whole(void **state)
{
    (void)state;
    char family[] = "a\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7\xe2\x80\x8d"
                    "\xf0\x9f\x91\xa6";
    char heart[] = "\xe2\x9d\xa4\xef\xb8\x8f of it";
    char shaking[] = "new \xf0\x9f\xab\xa8 one";
    struct member_point members[] = {{.machine = {.name = heart}}};
    const struct reference_point point = {
        .name = shaking, .has_associated_log = true, .members = members, .member_count = 1};
    struct facts facts = {0};
    point_facts_properties(&facts, family, &point, (struct moment){0});
    point_facts_machines(&facts, &point);
    assert_non_null(
        fact_with(&facts, "a\\u{1f468}\\u{200d}\\u{1f469}\\u{200d}\\u{1f467}\\u{200d}\\u{1f466}"));
    assert_non_null(fact_with(&facts, "\\u{2764}\\u{fe0f} of it"));
    assert_non_null(fact_with(&facts, "new \\u{1fae8} one"));
    facts_clear(&facts);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_machines_did),
                                       cmocka_unit_test(test_names_are_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
