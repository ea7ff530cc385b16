/* A collection that is being defined: what is in the way, what is ticked, and the command that does the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/screens/collection/define_view.h"
#include "ui/screens/machine/membership.h"

static struct define_form form_of_two(void)
{
    static const char *const names[] = {"web01", "db01"};
    struct define_form form = {0};
    struct machine_list machines = {0};
    struct collection_list collections = {0};
    for (size_t i = 0; i < 2; i++) {
        struct machine *machine = ARRAY_APPEND(machines.items, machines.count);
        *machine = (struct machine){.id = guid_new(), .name = mem_strdup(names[i])};
        *ARRAY_APPEND(machine->disks, machine->disk_count) =
            (struct disk){.id = mem_strdup("vda"), .virtual_size = GIB};
    }
    struct collection *collection = ARRAY_APPEND(collections.items, collections.count);
    *collection = (struct collection){.id = guid_new(), .name = mem_strdup("web")};
    *ARRAY_APPEND(collection->members, collection->member_count) = machines.items[0].id;
    char **memberships = membership_texts(&machines, &collections);
    define_form_take(&form, &machines, &collections, &memberships);
    command_line_begin(&form.start, NULL, NULL, NULL);
    command_line_add(&form.start, "collection");
    command_line_add(&form.start, "define");
    return form;
}

static char *command_of(const struct define_form *form)
{
    struct command_line line;
    define_form_command(form, SIZE_MAX, &line);
    char *text = command_line_text(&line);
    command_line_clear(&line);
    return text;
}

static char *page_of(struct define_form *form)
{
    struct form_page page = {0};
    const struct error none = {0};
    form_page_begin(&page, 80, false);
    define_view_build(&page, form, &none, false);
    form_page_end(&page, 22, 80);
    char *text = page_to_text(&page.page);
    form_page_clear(&page);
    return text;
}

static void test_what_is_in_the_way(void **state)
{
    (void)state;
    struct define_form form = form_of_two();
    enum define_field field;
    assert_string_equal(define_form_missing(&form, &field), "it needs a name");
    assert_int_equal(field, DEFINE_NAME);
    line_editor_set(&form.name, "shop");
    assert_string_equal(define_form_missing(&form, &field), "no machine is ticked");
    assert_int_equal(field, DEFINE_MACHINE);
    define_form_tick(&form, 1);
    assert_null(define_form_missing(&form, &field));
    define_form_tick(&form, 7); /* no machine */
    assert_int_equal(define_form_ticked(&form), 1);
    define_form_clear(&form);
}

static void test_ticking_all_and_none(void **state)
{
    (void)state;
    struct define_form form = form_of_two();
    size_t count = 0;
    define_form_tick(&form, 0);
    define_form_tick_all(&form);
    assert_int_equal(define_form_ticked(&form), 2);
    CLEANUP_FREE struct guid *members = define_form_members(&form, &count);
    assert_int_equal(count, 2);
    assert_true(guid_equal(&members[1], &form.machines.items[1].id));
    define_form_tick_all(&form);
    assert_int_equal(define_form_ticked(&form), 0);
    define_form_clear(&form);
}

/* What does not pass the filter stays as it is. */
static void test_a_filter(void **state)
{
    (void)state;
    struct define_form form = form_of_two();
    size_t count = 0;
    define_form_tick(&form, 0);
    line_editor_set(&form.filter, "DB");
    CLEANUP_FREE size_t *shown = define_form_shown(&form, &count);
    assert_int_equal(count, 1);
    assert_int_equal(shown[0], 1);
    define_form_tick_all(&form);
    assert_int_equal(define_form_ticked(&form), 2);
    define_form_tick_all(&form);
    assert_true(form.ticked[0]);
    assert_false(form.ticked[1]);
    line_editor_set(&form.filter, "zzz");
    CLEANUP_FREE char *none = page_of(&form);
    assert_non_null(strstr(none, "none has this in its name"));
    define_form_clear(&form);
}

static void test_the_command(void **state)
{
    (void)state;
    struct define_form form = form_of_two();
    CLEANUP_FREE char *empty = command_of(&form);
    assert_string_equal(empty, "refpoint collection define NAME --member MACHINE");
    line_editor_set(&form.name, "my shop");
    define_form_tick_all(&form);
    CLEANUP_FREE char *whole = command_of(&form);
    assert_string_equal(whole, "refpoint collection define 'my shop' --member web01 --member db01");
    define_form_clear(&form);
}

static void test_the_page(void **state)
{
    (void)state;
    struct define_form form = form_of_two();
    CLEANUP_FREE char *fresh = page_of(&form);
    assert_null(strstr(fresh, "! ")); /* nothing was done yet */
    assert_non_null(strstr(fresh, "[ ] web01  1 disk     1.0 GiB  in web\n"));
    form.touched = true;
    CLEANUP_FREE char *touched = page_of(&form);
    assert_non_null(strstr(touched, "! it needs a name"));
    assert_non_null(strstr(touched, "! tick at least one machine"));
    line_editor_set(&form.name, "web"); /* allowed, and said */
    define_form_tick(&form, 0);
    CLEANUP_FREE char *taken = page_of(&form);
    assert_non_null(strstr(taken, "there is one of this name already"));
    assert_non_null(strstr(taken, "[x] web01"));
    assert_non_null(strstr(taken, "< Define the collection >"));
    define_form_clear(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_in_the_way), cmocka_unit_test(test_ticking_all_and_none),
        cmocka_unit_test(test_a_filter),           cmocka_unit_test(test_the_command),
        cmocka_unit_test(test_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
