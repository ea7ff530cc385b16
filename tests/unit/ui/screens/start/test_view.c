/* A demo that is to be made, and a store that is to be opened: what is in the way, by what is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/scratch.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/screens/start/view.h"

static char *page_of(struct start_view *view)
{
    struct form_page page = {0};
    form_page_begin(&page, 80, false);
    start_view_build(&page, view);
    form_page_end(&page, 22, 80);
    char *text = page_to_text(&page.page);
    form_page_clear(&page);
    return text;
}

static void test_what_is_in_the_way(void **state)
{
    (void)state;
    struct start_view view = {0};
    assert_string_equal(start_view_missing(&view), "Directory is missing");
    line_editor_set(&view.path, "store");
    assert_string_equal(start_view_missing(&view), "a whole path is needed");
    line_editor_set(&view.path, "/srv/store");
    assert_string_equal(start_view_missing(&view), "looking at it");
    view.looked = true;
    view.kind = STORE_THERE;
    assert_null(start_view_missing(&view));
    view.demo = true; /* it would be made over a store */
    assert_non_null(start_view_missing(&view));
    view.kind = STORE_UNFINISHED;
    assert_null(start_view_missing(&view));
    view.demo = false;
    assert_non_null(start_view_missing(&view));
    view.kind = STORE_ABSENT;
    CLEANUP_FREE char *text = page_of(&view);
    assert_non_null(strstr(text, "a new store begins there"));
    line_editor_clear(&view.path);
}

static enum store_kind kind_at(const char *name)
{
    CLEANUP_FREE char *path = mem_format("%s/%s", scratch_path, name);
    struct store_look_task *task = store_look_task_new(path);
    store_look_task_run(task);
    enum store_kind kind = task->kind;
    store_look_task_release(task);
    return kind;
}

static void test_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(kind_at("none"), STORE_ABSENT);
    assert_int_equal(mkdir("empty", 0700), 0);
    assert_int_equal(kind_at("empty"), STORE_EMPTY);
    assert_int_equal(mkdir("other", 0700) | mkdir("other/files", 0700), 0);
    assert_int_equal(kind_at("other"), STORE_OTHER);
    assert_int_equal(mkdir("other/machines", 0700), 0);
    assert_int_equal(kind_at("other"), STORE_THERE);
    assert_int_equal(mkdir("other/.unfinished-demo", 0700), 0);
    assert_int_equal(kind_at("other"), STORE_UNFINISHED);
}

static void test_at_work(void **state)
{
    (void)state;
    struct start_view view = {.demo = true, .busy = true, .busy_seconds = 7, .step = "making web: images"};
    line_editor_set(&view.path, "/srv/demo");
    CLEANUP_FREE char *text = page_of(&view);
    assert_non_null(strstr(text, "0:00:07  making web: images"));
    assert_non_null(strstr(text, "Esc stops it"));
    line_editor_clear(&view.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_in_the_way),
        cmocka_unit_test(test_what_is_there),
        cmocka_unit_test(test_at_work),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
