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

static char *title_of(const char *subject, int columns, bool ascii)
{
    const struct step_title title = {.subject = subject, .number = "1 of 3", .word = "settings"};
    return step_title_text(&title, columns, ascii);
}

static void test_all_of_it_where_there_is_room(void **state)
{
    (void)state;
    CLEANUP_FREE char *text = title_of("web-prod @ tuesday", 80, false);
    assert_string_equal(text, "export   web-prod @ tuesday   1 of 3 settings");
}

static void test_the_word_of_the_step_goes_first(void **state)
{
    (void)state;
    CLEANUP_FREE char *text = title_of("web-prod @ tuesday", 60, false);
    assert_string_equal(text, "export   web-prod @ tuesday   1 of 3");
}

static void test_the_number_stays_at_every_width(void **state)
{
    (void)state;
    static const char *const subjects[] = {"web @ monday", "büro-テスト @ 二日目",
                                           "all machines @ the office in the second floor @ noon",
                                           "テストテストテストテストテストテストテスト @ now"};
    for (size_t i = 0; i < ARRAY_LENGTH(subjects); i++) {
        for (int columns = 60; columns < 140; columns++) {
            CLEANUP_FREE char *text = title_of(subjects[i], columns, columns % 2);
            assert_non_null(strstr(text, "   1 of 3"));
            assert_int_equal(strncmp(text, "export   ", 9), 0);
            assert_true((int)cells_width(text, columns % 2) <=
                        columns - 22); /* the name of the program, the help */
        }
    }
}

static void test_what_is_cut_is_marked(void **state)
{
    (void)state;
    CLEANUP_FREE char *text =
        title_of("a long name of a collection, before its point has been read", 60, true);
    assert_non_null(strstr(text, "export   a long name"));
    assert_non_null(strstr(text, "..   1 of 3"));
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_it_where_there_is_room),
        cmocka_unit_test(test_the_word_of_the_step_goes_first),
        cmocka_unit_test(test_the_number_stays_at_every_width),
        cmocka_unit_test(test_what_is_cut_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
