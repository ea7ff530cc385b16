/* Sets of ids: put in, taken out, and found among many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/guid_set.h"

#define MANY 500

static struct guid id_of(unsigned number)
{
    struct guid id;
    snprintf(id.text, sizeof id.text, "%08x-0000-4000-8000-000000000000", number);
    return id;
}

static void test_a_set(void **state)
{
    (void)state;
    struct guid_set set = {0};
    for (unsigned i = 0; i < MANY; i++) {
        struct guid id = id_of(i * 263 % MANY);
        assert_false(guid_set_has(&set, &id));
        guid_set_put(&set, &id, true);
        guid_set_put(&set, &id, true);
        assert_int_equal(set.count, i + 1);
    }
    for (unsigned i = 0; i < MANY; i += 2) {
        struct guid id = id_of(i);
        guid_set_put(&set, &id, false);
        guid_set_put(&set, &id, false);
    }
    assert_int_equal(set.count, MANY / 2);
    for (unsigned i = 0; i < MANY; i++) {
        struct guid id = id_of(i);
        assert_int_equal(guid_set_has(&set, &id), i % 2);
    }
    guid_set_clear(&set);
    assert_int_equal(set.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_set)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
