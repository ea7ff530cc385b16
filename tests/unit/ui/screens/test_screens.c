/* Every screen that can be opened by its id has its row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/screens/screens.h"

static void every_id_has_a_row(void **state)
{
    (void)state;
    for (int id = 0; id < SCREEN_COUNT; id++)
        assert_non_null(screens[id]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_id_has_a_row)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
