/* What is said of a package among others: what it stands on and what stands on it, as records claim it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/screens/package/facts.h"

static void fill(struct package_row *row, const char *name, const char *base_id, size_t base)
{
    *row = (struct package_row){.base = base, .state = PACKAGE_PROVEN};
    row->name = mem_strdup(name);
    row->path = mem_format("/exports/%s", name);
    row->package.id = guid_new();
    row->package.record_sha256 = mem_strdup("0");
    if (base_id)
        snprintf(row->package.base_package_id.text, sizeof row->package.base_package_id.text, "%s", base_id);
}

/* Newest first: top on middle on full. */
static struct package_rows a_chain(void)
{
    struct package_rows rows = {.count = 3, .items = mem_alloc(3 * sizeof *rows.items)};
    fill(&rows.items[2], "full", NULL, SIZE_MAX);
    fill(&rows.items[1], "middle", rows.items[2].package.id.text, 2);
    fill(&rows.items[0], "top", rows.items[1].package.id.text, 1);
    return rows;
}

static char *text_of(const struct package_rows *rows, size_t index, bool whole)
{
    struct facts facts = {0};
    package_facts_make(&facts, rows, index, moment_now(), whole);
    char *text = facts_text(&facts);
    facts_clear(&facts);
    return text;
}

static void assert_says(const struct package_rows *rows, size_t index, const char *words)
{
    CLEANUP_FREE char *text = text_of(rows, index, false);
    if (!strstr(text, words))
        fail_msg("no \"%s\" in: %s", words, text);
}

static void test_the_chain_is_told_both_ways(void **state)
{
    (void)state;
    struct package_rows rows = a_chain();
    assert_says(&rows, 0, "on middle (middle), on full (full), which is full");
    assert_says(&rows, 0, "Needed by no package in this directory");
    assert_says(&rows, 1, "Needed by 1 here: top");
    assert_says(&rows, 2, "none: it is full");
    assert_says(&rows, 2, "Needed by 2 here: top, middle");
    assert_says(&rows, 2, "refpoint package verify /exports/full");
    assert_says(&rows, 2, "cd /exports/full && sha256sum -c SHA256SUMS");
    package_rows_clear(&rows);
}

static void test_a_base_that_is_elsewhere_is_missed(void **state)
{
    (void)state;
    struct package_rows rows = a_chain();
    rows.items[1].base = SIZE_MAX;
    assert_says(&rows, 0, "on middle (middle)");
    assert_says(&rows, 0, "is not in this directory: without it nothing can be read");
    assert_says(&rows, 1, rows.items[2].package.id.text);
    assert_says(&rows, 2, "Needed by no package in this directory");
    package_rows_clear(&rows);
}

/* Records can claim anything. */
static void test_a_circle_ends(void **state)
{
    (void)state;
    struct package_rows rows = a_chain();
    rows.items[2].base = 0;
    snprintf(rows.items[2].package.base_package_id.text, sizeof rows.items[2].package.base_package_id.text,
             "%s", rows.items[0].package.id.text);
    for (size_t i = 0; i < rows.count; i++)
        assert_says(&rows, i, "Needed by 2 here");
    package_rows_clear(&rows);
}

static void test_states_are_words(void **state)
{
    (void)state;
    struct package_row row = {.state = PACKAGE_PROVEN};
    assert_string_equal(package_state_of(&row).word, "verified");
    row.state = PACKAGE_TOUCHED;
    assert_string_equal(package_state_of(&row).word, "touched");
    row.state = PACKAGE_UNPROVEN;
    assert_string_equal(package_state_of(&row).word, "not verified");
    char problem[] = "no record";
    row.problem = problem;
    assert_string_equal(package_state_of(&row).word, "damaged");
    assert_int_equal(package_state_of(&row).sign, SIGN_BAD);
}

static void test_a_damaged_one_says_why(void **state)
{
    (void)state;
    struct package_rows rows = a_chain();
    rows.items[0].problem = mem_strdup("/exports/top: its record is gone");
    assert_says(&rows, 0, "Damaged   /exports/top: its record is gone");
    assert_says(&rows, 0, "refpoint package verify /exports/top");
    CLEANUP_FREE char *text = text_of(&rows, 0, true);
    assert_null(strstr(text, "sha256sum"));
    CLEANUP_FREE char *whole = text_of(&rows, 1, true);
    assert_non_null(strstr(whole, rows.items[1].package.id.text));
    package_rows_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_chain_is_told_both_ways),
        cmocka_unit_test(test_a_base_that_is_elsewhere_is_missed),
        cmocka_unit_test(test_a_circle_ends),
        cmocka_unit_test(test_states_are_words),
        cmocka_unit_test(test_a_damaged_one_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
