/* A point in words: what each machine did at the instant. */
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
    point_facts_make(&facts, &point, &(struct reference_point_list){0});
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_machines_did)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
