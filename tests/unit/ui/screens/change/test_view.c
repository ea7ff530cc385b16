/* What is asked before a point is destroyed or its data given back, as text: what comes back, what depends on
 * it, and what it cannot be any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/screens/change/view.h"

static void add_point(struct point_change *change, const char *name, uint64_t sequence)
{
    *ARRAY_APPEND(change->all.items, change->all.count) =
        (struct reference_point){.name = mem_strdup(name),
                                 .sequence = sequence,
                                 .type = POINT_TYPE_LOG_BASED,
                                 .has_associated_log = true};
}

static struct point_change change_of(bool destroy, uint32_t type, bool log)
{
    struct point_change change = {.destroy = destroy,
                                  .point = {.name = mem_strdup("noon"),
                                            .type = type,
                                            .has_associated_log = log,
                                            .log_size = 5 * MIB,
                                            .sequence = 2}};
    return change;
}

static char *text_of(struct point_change *change)
{
    struct change_view view = {0};
    change_view_build(&view, change, 80, false);
    char *text = page_to_text(&view.page);
    change_view_clear(&view);
    return text;
}

static void test_destroy(void **state)
{
    (void)state;
    struct point_change change = change_of(true, POINT_TYPE_LOG_BASED, true);
    CLEANUP_FREE char *only = text_of(&change);
    assert_non_null(strstr(only, "at most 5.0 MiB"));
    assert_non_null(strstr(only, "plain images again"));
    assert_non_null(strstr(only, "must be off"));
    add_point(&change, "older", 1);
    add_point(&change, "newest", 9);
    add_point(&change, "newer", 3);
    change.machines_run = true;
    CLEANUP_FREE char *text = text_of(&change);
    assert_non_null(strstr(text, " After it   newer   "));
    assert_non_null(strstr(text, " Before it  older   "));
    assert_non_null(strstr(text, ": exports of it since this"));
    assert_non_null(strstr(text, ": stays, as a base too"));
    assert_null(strstr(text, "newest"));
    assert_null(strstr(text, "plain images"));
    assert_non_null(strstr(text, "may run meanwhile"));
    point_change_clear(&change);
}

static void test_remove_data(void **state)
{
    (void)state;
    struct point_change change = change_of(false, POINT_TYPE_LOG_BASED, true);
    CLEANUP_FREE char *text = text_of(&change);
    assert_non_null(strstr(text, "it is still a base"));
    assert_non_null(strstr(text, "< No, go back >  < Remove its data >"));
    change.point.has_associated_log = false;
    CLEANUP_FREE char *again = text_of(&change);
    assert_non_null(strstr(again, "has been given back already"));
    error_set(&change.refusal, RETURN_IN_USE, "image.in-use", "a machine runs");
    CLEANUP_FREE char *refused = text_of(&change);
    assert_non_null(strstr(refused, "! a machine runs (32774 System is in use)"));
    point_change_clear(&change);
}

static void test_points_without_data(void **state)
{
    (void)state;
    struct point_change change = change_of(true, POINT_TYPE_RCT_BASED, false);
    CLEANUP_FREE char *text = text_of(&change);
    assert_non_null(strstr(text, "keeps no data"));
    assert_non_null(strstr(text, "checkpoint and dirty bitmaps are removed"));
    point_change_clear(&change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_destroy),
        cmocka_unit_test(test_remove_data),
        cmocka_unit_test(test_points_without_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
