/* The form of a new point as text: what a host offers, what it will do to which files, and the command that
 * does the same; and what is said of the point that was made. */
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
#include "ui/screens/create/view.h"

static struct create_form form_of(bool libvirt, enum disk_format format)
{
    struct create_form form = {
        .can = {.live_export = libvirt, .application_consistency = libvirt, .machine_states = libvirt},
        .collection_name = mem_strdup("web"),
        .has_raw = format == DISK_FORMAT_RAW};
    struct machine *machine = ARRAY_APPEND(form.members.items, form.members.count);
    *machine = (struct machine){.name = mem_strdup("web01"),
                                .state = libvirt ? MACHINE_STATE_RUNNING : MACHINE_STATE_UNKNOWN};
    *ARRAY_APPEND(machine->disks, machine->disk_count) =
        (struct disk){.id = mem_strdup("vda"), .path = mem_strdup("/srv/web01.img"), .format = format};
    command_line_begin(&form.start, NULL, NULL, NULL);
    command_line_add(&form.start, "point");
    command_line_add(&form.start, "create");
    command_line_add(&form.start, "web");
    return form;
}

static char *text_of(struct create_form *form, const struct create_outcome *outcome)
{
    struct create_view view = {0};
    create_view_build(&view, form, outcome, 80, false);
    char *text = page_to_text(&view.page);
    create_view_clear(&view);
    return text;
}

static void test_images(void **state)
{
    (void)state;
    struct create_form form = form_of(false, DISK_FORMAT_QCOW2);
    struct create_outcome outcome = {0};
    CLEANUP_FREE char *text = text_of(&form, &outcome);
    assert_non_null(strstr(text, "The machines must be off"));
    assert_non_null(strstr(text, "vda  qcow2  /srv/web01.img"));
    assert_non_null(strstr(text, "refpoint point create web\n"));
    assert_null(strstr(text, "RCT based"));
    assert_null(strstr(text, "application consistent"));
    assert_null(strstr(text, "Raw images"));
    create_form_clear(&form);
}

/* What a host cannot do is neither shown nor asked for, whatever was chosen before. */
static void test_running_machines(void **state)
{
    (void)state;
    struct create_form form = form_of(true, DISK_FORMAT_RAW);
    struct create_outcome outcome = {0};
    line_editor_set(&form.name, "noon");
    assert_true(create_form_toggle(&form, CREATE_CONSISTENCY));
    assert_true(create_form_toggle(&form, CREATE_ALLOW_CRASH));
    assert_true(create_form_toggle(&form, CREATE_RAW));
    CLEANUP_FREE char *text = text_of(&form, &outcome);
    assert_non_null(strstr(text, "web01  running"));
    assert_non_null(strstr(text, "--name noon --consistency"));
    assert_non_null(strstr(text, "--allow-crash --raw-to-qcow2"));
    assert_true(create_form_toggle(&form, CREATE_TYPE));
    CLEANUP_FREE char *rct = text_of(&form, &outcome);
    assert_non_null(strstr(rct, "--type rct"));
    assert_non_null(strstr(rct, "dirty bitmap"));
    assert_null(strstr(rct, "raw-to-qcow2"));
    struct point_request request;
    create_form_request(&form, &request);
    assert_int_equal(request.reference_point_type, POINT_TYPE_RCT_BASED);
    assert_false(request.raw_to_qcow2);
    assert_false(create_form_toggle(&form, CREATE_NAME));
    create_form_clear(&form);
}

static void test_refused_and_made(void **state)
{
    (void)state;
    struct create_form form = form_of(false, DISK_FORMAT_QCOW2);
    struct create_outcome outcome = {0};
    error_set(&outcome.err, RETURN_IN_USE, "image.in-use", "web01 is running");
    CLEANUP_FREE char *refused = text_of(&form, &outcome);
    assert_non_null(strstr(refused, "! web01 is running (32774 System is in use)"));
    assert_non_null(strstr(refused, "web01 is running"));
    assert_non_null(strstr(refused, "Name"));
    create_outcome_clear(&outcome);
    outcome.made = true;
    outcome.point.name = mem_strdup("noon");
    outcome.point.type = POINT_TYPE_LOG_BASED;
    outcome.notice = mem_strdup("From now on:\n  web01/vda: two files");
    *ARRAY_APPEND(outcome.remarks.unwritten, outcome.remarks.unwritten_count) = mem_strdup("web01/vda");
    CLEANUP_FREE char *made = text_of(&form, &outcome);
    assert_non_null(strstr(made, "✓ The point is made: noon\n"));
    assert_non_null(strstr(made, "return 0"));
    assert_non_null(strstr(made, "\n   web01/vda: two files"));
    assert_non_null(strstr(made, "web01/vda: nothing has been written"));
    create_outcome_clear(&outcome);
    create_form_clear(&form);
}

int main(void)
{
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8")); /* signs */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_running_machines),
        cmocka_unit_test(test_refused_and_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
