/* What was found comes worst first, in words, with the commands that its sentence names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/screens/store/findings.h"

static struct store_report report_of(const char *const *findings, size_t count, const char *note)
{
    struct store_report report = {0};
    for (size_t i = 0; i < count; i++)
        *ARRAY_APPEND(report.findings, report.finding_count) = mem_strdup(findings[i]);
    if (note)
        *ARRAY_APPEND(report.notes, report.note_count) = mem_strdup(note);
    return report;
}

static void test_the_worst_comes_first(void **state)
{
    static const char altered[] =
        "point p, machine m, disk d: the layer /l was changed after it was frozen; the "
        "point cannot be exported";
    static const char *const findings[] = {
        "the reference point p was unfinished and has been completed",
        "/x belongs to no reference point of this store",
        altered,
        "something that nobody has words for",
    };
    (void)state;
    struct check_rows rows;
    struct store_report report = report_of(findings, 4, "the layer /k: its digest is kept from now on");
    check_rows_take(&rows, &report);
    static const char *const words[] = {"altered", "left over", "look", "settled", "note"};
    assert_int_equal(rows.count, 5);
    for (size_t i = 0; i < rows.count; i++)
        assert_string_equal(rows.items[i].word, words[i]);
    assert_int_equal(rows.findings, 4);
    assert_int_equal(rows.settled, 1);
    assert_int_equal(report.finding_count, 0);
    check_rows_clear(&rows);
}

static void test_commands_are_taken_out_of_the_sentence(void **state)
{
    static const char *const findings[] = {"the layer /l cannot be found. If it was moved: \"refpoint "
                                           "machine move M --to DIR --moved\"; if it is "
                                           "lost: \"refpoint point forget\", or \"refpoint point forget\""};
    (void)state;
    struct check_rows rows;
    struct store_report report = report_of(findings, 1, NULL);
    check_rows_take(&rows, &report);
    CLEANUP_FREE char *first = check_row_command(&rows.items[0], 0);
    CLEANUP_FREE char *second = check_row_command(&rows.items[0], 1);
    assert_string_equal(first, "refpoint machine move M --to DIR --moved");
    assert_string_equal(second, "refpoint point forget");
    assert_null(check_row_command(&rows.items[0], 3));
    struct facts facts = {0};
    check_row_facts(&facts, &rows.items[0]);
    assert_int_equal(facts.count, 4); /* found, means, and each command once */
    assert_string_equal(facts.items[2].label, "Mend with");
    facts_clear(&facts);
    check_rows_clear(&rows);
}

static void test_a_quote_that_does_not_end_is_no_command(void **state)
{
    static const char *const findings[] = {"look at \"refpoint store check"};
    (void)state;
    struct check_rows rows;
    struct store_report report = report_of(findings, 1, NULL);
    check_rows_take(&rows, &report);
    assert_null(check_row_command(&rows.items[0], 0));
    check_rows_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_worst_comes_first),
        cmocka_unit_test(test_commands_are_taken_out_of_the_sentence),
        cmocka_unit_test(test_a_quote_that_does_not_end_is_no_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
