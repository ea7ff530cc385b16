/* The title of the form and the review at every width. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/screens/form/step_title.h"

static char *title_of(const char *point, int columns, bool ascii)
{
    const struct step_title title = {
        .step = "EXPORT  step 1 of 3: settings", .brief = "EXPORT 1/3", .point = point};
    return step_title_text(&title, columns, ascii);
}

static void test_all_of_it_where_there_is_room(void **state)
{
    (void)state;
    CLEANUP_FREE char *text = title_of("web-prod @ 2026-09-24 02:00 +02:00", 80, false);
    assert_string_equal(text, "EXPORT  step 1 of 3: settings    web-prod @ 2026-09-24 02:00 +02:00");
}

static void test_the_words_of_the_step_go_first(void **state)
{
    (void)state;
    CLEANUP_FREE char *text = title_of("web-prod @ 2026-09-24 02:00 +02:00", 60, false);
    assert_string_equal(text, "EXPORT 1/3  web-prod @ 2026-09-24 02:00 +02:00");
}

static void test_the_time_stays_at_every_width(void **state)
{
    (void)state;
    static const char *const names[] = {"web", "büro-テスト", "all machines @ the office in the second floor",
                                        "テストテストテストテストテストテストテスト"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        CLEANUP_FREE char *point = mem_format("%s @ 2026-09-24 02:00 +02:00", names[i]);
        for (int columns = 60; columns < 140; columns++) {
            CLEANUP_FREE char *text = title_of(point, columns, columns % 2);
            assert_non_null(strstr(text, " @ 2026-09-24 02:00 +02:00"));
            assert_true((int)cells_width(text, columns % 2) <= columns - 9);
        }
    }
}

static void test_a_name_alone(void **state)
{
    (void)state;
    CLEANUP_FREE char *text = title_of("a name without a time, before the point has been read", 60, true);
    assert_non_null(strstr(text, "EXPORT 1/3  a name without a time"));
    assert_string_equal(text + strlen(text) - 2, ".."); /* cut, and marked */
    assert_true(strlen(text) <= 51);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_it_where_there_is_room),
        cmocka_unit_test(test_the_words_of_the_step_go_first),
        cmocka_unit_test(test_the_time_stays_at_every_width),
        cmocka_unit_test(test_a_name_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
