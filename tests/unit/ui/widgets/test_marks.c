/* Marks: set, taken back, and found among many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ui/widgets/marks.h"

#define MANY 500

static struct guid id_of(unsigned number)
{
    struct guid id;
    snprintf(id.text, sizeof id.text, "%08x-0000-4000-8000-000000000000", number);
    return id;
}

static void test_marks(void **state)
{
    (void)state;
    struct marks marks = {0};
    for (unsigned i = 0; i < MANY; i++) {
        struct guid id = id_of(i * 263 % MANY);
        assert_false(marks_has(&marks, &id));
        marks_set(&marks, &id, true);
        marks_set(&marks, &id, true);
        assert_int_equal(marks.count, i + 1);
    }
    for (unsigned i = 0; i < MANY; i += 2) {
        struct guid id = id_of(i);
        marks_set(&marks, &id, false);
        marks_set(&marks, &id, false);
    }
    assert_int_equal(marks.count, MANY / 2);
    for (unsigned i = 0; i < MANY; i++) {
        struct guid id = id_of(i);
        assert_int_equal(marks_has(&marks, &id), i % 2);
    }
    marks_clear(&marks);
    assert_int_equal(marks.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_marks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
