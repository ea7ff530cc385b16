/* A machine that is added or changed: what is proposed from what was seen, what is in the way, what is asked
 * of the host, and the command that does the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/screens/machine/form_view.h"

static void begin(struct machine_form *form, const struct machine *machine)
{
    machine_form_begin(form, machine);
    command_line_begin(&form->start, NULL, NULL, NULL);
    command_line_add(&form->start, "machine");
    command_line_add(&form->start, machine ? "set" : "add");
    if (machine)
        command_line_add(&form->start, machine->name);
}

static char *command_of(const struct machine_form *form)
{
    struct command_line line;
    machine_form_command(form, &line);
    char *text = command_line_text(&line);
    command_line_clear(&line);
    return text;
}

static struct file_look overlay(const char *path)
{
    struct file_look look = {.path = mem_strdup(path),
                             .format = "qcow2",
                             .usable = true,
                             .disk_format = DISK_FORMAT_QCOW2,
                             .virtual_size = GIB};
    *ARRAY_APPEND(look.chain, look.chain_count) =
        (struct backing_file){.path = mem_strdup("/srv/base.img"), .format = DISK_FORMAT_RAW};
    return look;
}

static void test_what_was_seen_is_proposed(void **state)
{
    (void)state;
    struct machine_form form = {0};
    begin(&form, NULL);
    line_editor_set(&form.name, "web01");
    line_editor_set(&form.disks[0].path, "/srv/web01.qcow2");
    struct file_look look = overlay("/srv/web01.qcow2");
    machine_form_seen(&form.disks[0], &look);
    CLEANUP_FREE char *command = command_of(&form);
    assert_string_equal(command, "refpoint machine add web01 --disk vda=qcow2:/srv/web01.qcow2 --backing "
                                 "vda=raw:/srv/base.img");
    struct machine machine;
    machine_form_request(&form, &machine);
    assert_int_equal(machine.disk_count, 1);
    assert_int_equal(machine.disks[0].backing_count, 1);
    assert_int_equal(machine.disks[0].backing[0].format, DISK_FORMAT_RAW);
    assert_int_equal(machine.settings.cpus, 0);
    machine_clear(&machine);
    machine_form_clear(&form);
}

/* What was chosen stays, whatever is seen afterwards; and what is seen of another path tells nothing. */
static void test_what_was_chosen_stays(void **state)
{
    (void)state;
    struct machine_form form = {0};
    begin(&form, NULL);
    struct disk_form *disk = &form.disks[0];
    line_editor_set(&disk->path, "/srv/a.img");
    disk->raw = true;
    disk->format_chosen = true;
    struct file_look look = overlay("/srv/a.img");
    machine_form_seen(disk, &look);
    assert_true(disk->raw);
    line_editor_set(&disk->backing[0].path, "/srv/other.img");
    disk->backing_edited = true;
    struct file_look again = overlay("/srv/a.img");
    machine_form_seen(disk, &again);
    assert_string_equal(line_editor_text(&disk->backing[0].path), "/srv/other.img");
    line_editor_set(&disk->path, "/srv/b.img");
    assert_false(machine_form_is_seen(disk));
    machine_form_clear(&form);
}

static void assert_missing(const struct machine_form *form, const char *expected)
{
    struct machine_place place;
    CLEANUP_FREE char *missing = machine_form_missing(form, &place);
    if (!expected)
        assert_null(missing);
    else
        assert_string_equal(missing, expected);
}

static void test_what_is_in_the_way(void **state)
{
    (void)state;
    struct machine_form form = {0};
    begin(&form, NULL);
    assert_missing(&form, "Name is missing");
    line_editor_set(&form.name, "web01");
    line_editor_set(&form.cpus, "none");
    assert_missing(&form, "CPUs must be mended");
    line_editor_set(&form.cpus, "2");
    line_editor_set(&form.memory, "4 apples");
    assert_missing(&form, "Memory must be mended");
    line_editor_set(&form.memory, "4G");
    assert_missing(&form, "image of vda is missing");
    line_editor_set(&form.disks[0].path, "web01.qcow2");
    assert_missing(&form, "image of vda must be mended");
    line_editor_set(&form.disks[0].path, "/srv/web01.qcow2");
    assert_missing(&form, NULL);
    machine_form_add_disk(&form);
    assert_string_equal(line_editor_text(&form.disks[1].id), "vdb");
    line_editor_set(&form.disks[1].id, "vda");
    line_editor_set(&form.disks[1].path, "/srv/b.qcow2");
    assert_missing(&form, "disk must be mended");
    machine_form_drop_disk(&form, 1);
    machine_form_drop_disk(&form, 0);
    assert_missing(&form, "it needs a disk");
    machine_form_clear(&form);
}

static void test_a_change_says_only_what_changes(void **state)
{
    (void)state;
    char name[] = "web01";
    struct machine machine = {.id = guid_new(), .name = name, .settings = {.cpus = 2, .memory = 3 * GIB + 1}};
    struct machine_form form = {0};
    begin(&form, &machine);
    assert_missing(&form, "nothing is changed yet");
    CLEANUP_FREE char *same = command_of(&form);
    assert_string_equal(same, "refpoint machine set web01");
    line_editor_set(&form.cpus, "4");
    assert_missing(&form, NULL);
    CLEANUP_FREE char *changed = command_of(&form);
    assert_string_equal(changed, "refpoint machine set web01 --cpus 4");
    struct machine request;
    machine_form_request(&form, &request);
    assert_int_equal(request.settings.memory, 3 * GIB + 1); /* what the field rounds is not changed */
    assert_int_equal(request.settings.cpus, 4);
    machine_clear(&request);
    machine_form_clear(&form);
}

/* What a definition does not say of its images is asked for beside it. */
static void test_a_definition(void **state)
{
    (void)state;
    struct machine_form form = {0};
    const struct error none = {0};
    begin(&form, NULL);
    machine_form_turn(&form);
    line_editor_set(&form.file, "/srv/web01.xml");
    assert_missing(&form, "File must be mended"); /* it is being read */
    struct machine defined = {.name = mem_strdup("web01")};
    *ARRAY_APPEND(defined.disks, defined.disk_count) = (struct disk){
        .id = mem_strdup("vda"), .path = mem_strdup("/srv/a.qcow2"), .format = DISK_FORMAT_QCOW2};
    struct file_look look = overlay("/srv/a.qcow2");
    machine_form_defined(&form, "/srv/web01.xml", mem_strdup("<domain/>"), &defined, &look, &none);
    assert_missing(&form, NULL);
    CLEANUP_FREE char *command = command_of(&form);
    assert_string_equal(command, "refpoint machine add --domain-xml /srv/web01.xml --backing "
                                 "vda=raw:/srv/base.img");
    struct machine request;
    machine_form_request(&form, &request);
    assert_string_equal(request.domain_xml, "<domain/>");
    assert_null(request.name);
    assert_null(request.disks[0].path);
    machine_clear(&request);
    machine_form_turn(&form); /* what was there by hand is there again */
    assert_int_equal(form.disk_count, 1);
    assert_false(form.disks[0].given);
    machine_form_clear(&form);
}

static void test_the_page(void **state)
{
    (void)state;
    struct machine_form form = {0};
    struct form_page page = {0};
    const struct machine_view view = {0};
    begin(&form, NULL);
    line_editor_set(&form.disks[0].path, "/srv/web01.qcow2");
    struct file_look look = overlay("/srv/web01.qcow2");
    machine_form_seen(&form.disks[0], &look);
    form_page_begin(&page, 80, false);
    machine_view_build(&page, &form, &view);
    form_page_end(&page, 22, 80);
    CLEANUP_FREE char *text = page_to_text(&page.page);
    assert_non_null(strstr(text, "seen: qcow2, 1.0 GiB"));
    assert_non_null(strstr(text, "Based on   /srv/base.img"));
    assert_non_null(strstr(text, "( ) qcow2  (o) raw"));
    assert_non_null(strstr(text, "< Add: Name is missing >"));
    form_page_clear(&page);
    machine_form_clear(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_seen_is_proposed),
        cmocka_unit_test(test_what_was_chosen_stays),
        cmocka_unit_test(test_what_is_in_the_way),
        cmocka_unit_test(test_a_change_says_only_what_changes),
        cmocka_unit_test(test_a_definition),
        cmocka_unit_test(test_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
