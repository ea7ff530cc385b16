/* The point's screen as text: its place in the chain, and what is known of its packages. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/screens/point/view.h"

static char *text_of(const struct point_view *view)
{
    struct page page = {.columns = 80};
    point_view_build(view, &page);
    char *text = page_to_text(&page);
    page_clear(&page);
    return text;
}

static void test_packages_and_chain(void **state)
{
    (void)state;
    struct reference_point points[] = {
        {.id = {"b"},
         .name = (char[]){"tuesday"},
         .sequence = 2,
         .type = POINT_TYPE_LOG_BASED,
         .has_associated_log = true},
        {.id = {"a"},
         .name = (char[]){"monday"},
         .sequence = 1,
         .type = POINT_TYPE_LOG_BASED,
         .has_associated_log = true},
    };
    const struct reference_point_list all = {.items = points, .count = 2};
    struct exported_package packages[] = {
        {.point = {"b"},
         .path = (char[]){"/backup/one"},
         .state = EXPORTED_VERIFIED,
         .verified = {.seconds = 1000}},
        {.point = {"b"},
         .path = (char[]){"/backup/two"},
         .state = EXPORTED_UNPROVEN,
         .is_differential = true},
        {.point = {"b"}, .path = (char[]){"/backup/three"}, .state = EXPORTED_GONE},
    };
    const struct exported_list exported = {.items = packages, .count = 3};
    struct point_view view = {.collection = "web",
                              .point = &points[0],
                              .all = &all,
                              .exported = &(struct exported_list){0},
                              .now = {.seconds = 1000 + 2 * 3600}};
    CLEANUP_FREE char *early = text_of(&view);
    assert_non_null(strstr(early, " looking for its packages ...\n")); /* nothing is said yet */
    view.exported_known = true;
    CLEANUP_FREE char *none = text_of(&view);
    assert_non_null(strstr(none, " no package of it is known here\n"));
    view.exported = &exported;
    CLEANUP_FREE char *text = text_of(&view);
    assert_non_null(strstr(text, "── Exported ── 3 packages ──"));
    assert_non_null(strstr(text, " ✓ /backup/one  full, verified 2 h ago\n"
                                 " ! /backup/two  differential, not verified\n"
                                 " ✗ /backup/three  gone\n"));
    assert_non_null(strstr(text, " Chain     monday - [tuesday]\n"));
    CLEANUP_FREE char *copied = point_view_text(&view);
    assert_non_null(strstr(copied, "Exported  /backup/one  full, verified 2 h ago\n"));
    assert_non_null(strstr(copied, "Chain     monday - [tuesday]\n"));
}

int main(void)
{
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_packages_and_chain)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
