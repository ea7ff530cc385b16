/* An import that is being put together: what stands in its way, and the command that does the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/screens/package/import/form.h"

static void assert_command(const struct import_form *form, const char *expected)
{
    struct command_line line;
    import_form_command(form, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    assert_string_equal(text, expected);
}

static void begin(struct import_form *form)
{
    *form = (struct import_form){.path = mem_strdup("/p"), .can_register = true};
    command_line_begin(&form->start, NULL, NULL, NULL);
    command_line_add(&form->start, "package");
    command_line_add(&form->start, "import");
    command_line_add(&form->start, form->path);
}

static void test_the_command_says_what_is_filled_in(void **state)
{
    (void)state;
    struct import_form form;
    begin(&form);
    assert_command(&form, "refpoint package import /p --to DIR");
    line_editor_set(&form.to.editor, "/srv/a b");
    line_editor_set(&form.as, "twin");
    line_editor_set(&form.bases.editor, "/bases");
    form.registers = true;
    assert_command(&form,
                   "refpoint package import /p --to '/srv/a b' --as twin --register --base-package /bases");
    form.can_register = false; /* then it is not asked for */
    assert_false(import_form_has(&form, IMPORT_REGISTER));
    line_editor_set(&form.as, "");
    line_editor_set(&form.bases.editor, "");
    assert_command(&form, "refpoint package import /p --to '/srv/a b'");
    import_form_clear(&form);
}

static void test_what_stands_in_its_way(void **state)
{
    (void)state;
    struct import_form form;
    begin(&form);
    assert_string_equal(import_form_blocked(&form), "name a directory");
    line_editor_set(&form.to.editor, "/srv/a");
    assert_string_equal(import_form_blocked(&form), "being checked");
    form.checked = true;
    assert_null(import_form_blocked(&form));
    error_set(&form.refusal, RETURN_INVALID_PARAMETER, "import.directory", "no");
    assert_string_equal(import_form_blocked(&form), "refused, see above");
    import_form_clear(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_command_says_what_is_filled_in),
        cmocka_unit_test(test_what_stands_in_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
