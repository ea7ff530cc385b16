/* The form's model: what it proposes, what it refuses, what it asks for, and that the command line it shows
 * is the same thing. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "tests/unit/support/export_form.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/form/model/command.h"
#include "ui/screens/form/model/form.h"
#include "ui/screens/form/model/request.h"
#include "ui/screens/form/model/values.h"

static const struct host_capabilities nothing = {0};

static struct export_form *make(const struct fixture *fixture)
{
    return export_form_new(&fixture->source);
}

static struct export_form *make_with_directory(const struct fixture *fixture)
{
    struct export_form *form = make(fixture);
    fill_directory(form, "/backup/web");
    return form;
}

static char *command_of(const struct export_form *form)
{
    struct command_line line;
    export_form_command(form, &line);
    char *text = command_line_text(&line);
    command_line_clear(&line);
    return text;
}

static void expect_command(const struct export_form *form, const char *expected)
{
    CLEANUP_FREE char *command = command_of(form);
    assert_string_equal(command, expected);
}

static void expect_problem(const struct export_form *form, enum form_field field, uint32_t code,
                           const char *key)
{
    struct error err = {0};
    enum form_field in_the_way = FORM_FIELD_COUNT;
    assert_true(export_form_problem(form, field, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.key, key);
    assert_true(*err.what && *err.next);
    assert_int_equal(export_form_state(form, &in_the_way), FORM_BLOCKED);
    assert_int_equal(in_the_way, field);
}

static void expect_no_problems(const struct export_form *form)
{
    struct error err = {0};
    for (unsigned field = 0; field < FORM_FIELD_COUNT; field++)
        assert_false(export_form_problem(form, (enum form_field)field, &err));
}

static void answer_directory(struct export_form *form)
{
    uint64_t revision = 0;
    assert_true(export_form_wants_directory_check(form, &revision));
    export_form_directory_checked(form, revision, 5 * GIB, &(struct error){0});
}

static void answer_check(struct export_form *form, const struct error *err)
{
    uint64_t revision = 0;
    struct export_estimate estimate = {.bytes_needed = 63 * GIB};
    assert_true(export_form_wants_check(form, &revision));
    export_form_checked(form, revision, &estimate, err);
    assert_int_equal(estimate.bytes_needed, 0); /* taken over */
}

static void test_new_form(void **state)
{
    struct export_form *form = make(*state);
    assert_string_equal(form->of->title, "web-prod @ third");
    assert_int_equal(form->of->base_count, 2);
    assert_true(form->of->bases[0].has_associated_log);
    assert_false(form->of->bases[1].has_associated_log);
    assert_false(form->differential);
    assert_true(form->verify);
    uint64_t size = 0;
    assert_int_equal(export_form_selected_disks(form, &size), 5);
    assert_int_equal(size, 70 * GIB);
    assert_int_equal(export_form_selected_machines(form), 3);
    /* Nobody has been at the directory yet: it is in the way, but not shouted about. */
    enum form_field field = FORM_FIELD_COUNT;
    expect_no_problems(form);
    assert_int_equal(export_form_state(form, &field), FORM_BLOCKED);
    assert_int_equal(field, FORM_DIRECTORY);
    export_form_edited(form, FORM_DIRECTORY);
    expect_problem(form, FORM_DIRECTORY, RETURN_INVALID_PARAMETER, "form.directory-empty");
    export_form_free(form);
}

static void test_own_problems(void **state)
{
    struct export_form *form = make(*state);
    fill_directory(form, "backup");
    expect_problem(form, FORM_DIRECTORY, RETURN_INVALID_PARAMETER, "form.directory-relative");
    fill_directory(form, "/backup");
    expect_no_problems(form);
    line_editor_set(&form->rate, "fast");
    export_form_edited(form, FORM_RATE);
    expect_problem(form, FORM_RATE, RETURN_INVALID_PARAMETER, "form.rate");
    export_form_toggle(form, FORM_KIND);
    export_form_toggle(form, FORM_FORMAT);
    expect_problem(form, FORM_FORMAT, RETURN_INVALID_PARAMETER, "form.raw-differential");
    export_form_toggle_all(form);
    expect_problem(form, FORM_INCLUDE, RETURN_INVALID_PARAMETER, "form.nothing-selected");
    line_editor_set(&form->base_directory, "old");
    export_form_edited(form, FORM_BASE_DIRECTORY);
    expect_problem(form, FORM_BASE_DIRECTORY, RETURN_INVALID_PARAMETER, "form.directory-relative");
    export_form_toggle(form, FORM_KIND); /* full: there is no base to look for */
    expect_problem(form, FORM_INCLUDE, RETURN_INVALID_PARAMETER, "form.nothing-selected");
    export_form_free(form);
}

/* As a shell has it, and shown as what it is; a directory of another host is told as it was typed. */
static void test_a_tilde_is_the_home_directory(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(setenv("HOME", "/home/op", 1), 0);
    struct export_form *form = make(fixture);
    fill_directory(form, "~/web/");
    expect_no_problems(form);
    expect_command(form, "refpoint export web-prod 2026-09-24T02:00+02:00 --to /home/op/web");
    export_form_toggle(form, FORM_KIND);
    line_editor_set(&form->base_directory, "~/old");
    export_form_edited(form, FORM_BASE_DIRECTORY);
    expect_no_problems(form);
    expect_command(form, "refpoint export web-prod 2026-09-24T02:00+02:00 --to /home/op/web "
                         "--base 2026-09-23T02:00+02:00 --base-package /home/op/old");
    fill_directory(form, "~op/web");
    expect_problem(form, FORM_DIRECTORY, RETURN_INVALID_PARAMETER, "form.directory-relative");
    export_form_free(form);
    fixture->source.capabilities = &nothing;
    form = make(fixture);
    fill_directory(form, "~/web");
    expect_no_problems(form);
    struct export_request request;
    export_form_request(form, &request);
    assert_string_equal(request.directory, "~/web");
    export_request_clear(&request);
    export_form_free(form);
}

static void test_rate(void **state)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t rate;
    } rates[] = {{"", true, 0},
                 {"none", true, 0},
                 {"0", true, 0},
                 {"50", true, 50 * MIB},
                 {"0.5", true, MIB / 2},
                 {" 8", true, 8 * MIB},
                 {"2G", true, 2 * GIB},
                 {"512KiB", true, 512 * KIB},
                 {"-1", false, 0},
                 {"x", false, 0},
                 {"1..2", false, 0},
                 {"0.0000000001", false, 0},
                 {"99999999999999", false, 0}};
    struct export_form *form = make(*state);
    for (size_t i = 0; i < ARRAY_LENGTH(rates); i++) {
        uint64_t rate = 0;
        line_editor_set(&form->rate, rates[i].text);
        assert_int_equal(export_form_rate(form, &rate), rates[i].good);
        if (rates[i].good)
            assert_int_equal(rate, rates[i].rate);
    }
    export_form_free(form);
}

static void test_include_tree(void **state)
{
    struct export_form *form = make(*state);
    uint64_t size = 0;
    assert_int_equal(export_form_machine_tick(form, 0), FORM_TICK_ALL);
    export_form_toggle_disk(form, 0, 1);
    assert_int_equal(export_form_machine_tick(form, 0), FORM_TICK_PARTIAL);
    export_form_toggle_disk(form, 0, 0);
    assert_int_equal(export_form_machine_tick(form, 0), FORM_TICK_NONE);
    assert_int_equal(export_form_selected_machines(form), 2);
    export_form_toggle_disk(form, 0, 0);
    export_form_toggle_machine(form, 0); /* partial becomes all, all becomes none */
    assert_int_equal(export_form_machine_tick(form, 0), FORM_TICK_ALL);
    export_form_toggle_machine(form, 0);
    assert_int_equal(export_form_machine_tick(form, 0), FORM_TICK_NONE);
    assert_int_equal(export_form_selected_disks(form, &size), 3);
    assert_int_equal(size, 40 * GIB);
    export_form_toggle_all(form);
    assert_int_equal(export_form_selected_disks(form, &size), 5);
    export_form_toggle_all(form);
    assert_int_equal(export_form_selected_disks(form, &size), 0);
    export_form_toggle_disk(form, 9, 9);
    export_form_toggle_machine(form, 9);
    export_form_free(form);
}

static void test_request(void **state)
{
    struct export_form *form = make(*state);
    struct export_request request;
    fill_directory(form, "/backup/web//");
    export_form_request(form, &request);
    assert_string_equal(request.directory, "/backup/web");
    assert_true(guid_equal(&request.point.point_id, &form->point.point_id));
    assert_true(object_path_is_none(&request.settings.base));
    assert_int_equal(request.settings.machine_count, 0);
    assert_int_equal(request.options.format, DISK_FORMAT_QCOW2);
    assert_true(request.options.verify);
    export_request_clear(&request);

    export_form_toggle(form, FORM_KIND);
    export_form_choose_base(form, 1);
    export_form_toggle_disk(form, 1, 1);
    export_form_toggle_machine(form, 2);
    export_form_toggle(form, FORM_COMPRESSION);
    export_form_toggle(form, FORM_VERIFY);
    line_editor_set(&form->rate, "50");
    line_editor_set(&form->base_directory, "/old");
    export_form_request(form, &request);
    struct guid base = id_of(101);
    assert_true(guid_equal(&request.settings.base.point_id, &base));
    assert_true(guid_equal(&request.settings.base.collection_id, &form->point.collection_id));
    assert_int_equal(request.settings.machine_count, 2);
    assert_string_equal(request.settings.machines[0].machine_id, form->of->machines[0].id.text);
    assert_int_equal(request.settings.machines[0].disk_count, 0);
    assert_int_equal(request.settings.machines[1].disk_count, 1);
    assert_string_equal(request.settings.machines[1].disks[0], form->of->machines[1].disks[0].uuid.text);
    assert_int_equal(request.options.compression, COMPRESSION_ZSTD);
    assert_int_equal(request.options.rate, 50 * MIB);
    assert_false(request.options.verify);
    assert_int_equal(request.options.base_package_count, 1);
    assert_string_equal(request.options.base_packages[0], "/old");
    export_request_clear(&request);
    export_form_free(form);
}

static void test_host_without_options(void **state)
{
    struct fixture *fixture = *state;
    struct last_export last = {.collection_id = id_of(1),
                               .point_id = id_of(102),
                               .format = DISK_FORMAT_RAW,
                               .compression = COMPRESSION_ZSTD,
                               .directory = mem_strdup("C:\\exports")};
    fixture->source.capabilities = &nothing;
    fixture->source.last = &last;
    struct export_form *form = make(fixture);
    static const enum form_field hidden[] = {FORM_FORMAT, FORM_COMPRESSION, FORM_VERIFY, FORM_RATE,
                                             FORM_CREATE};
    for (size_t i = 0; i < ARRAY_LENGTH(hidden); i++)
        assert_false(export_form_shows(form, hidden[i]));
    struct export_request request;
    line_editor_set(&form->rate, "50");
    export_form_request(form, &request);
    assert_int_equal(request.options.format, DISK_FORMAT_QCOW2);
    assert_int_equal(request.options.compression, COMPRESSION_NONE);
    assert_int_equal(request.options.rate, 0);
    assert_true(request.options.verify);
    export_request_clear(&request);
    /* Its directory is not on this machine: only the host can check it. */
    uint64_t revision = 0;
    expect_no_problems(form);
    assert_false(export_form_wants_directory_check(form, &revision));
    answer_check(form, &(struct error){0});
    export_form_free(form);
    last_export_clear(&last);
}

static void test_kind_needs_an_older_point(void **state)
{
    struct fixture *fixture = *state;
    fixture->point.sequence = 1; /* the oldest */
    struct export_form *form = make(fixture);
    assert_int_equal(form->of->base_count, 0);
    assert_false(export_form_toggle(form, FORM_KIND));
    assert_false(form->differential);
    assert_false(export_form_shows(form, FORM_BASE));
    export_form_free(form);
}

static void test_checks_in_order(void **state)
{
    struct export_form *form = make_with_directory(*state);
    enum form_field field;
    uint64_t revision = 0;
    assert_int_equal(export_form_state(form, &field), FORM_CHECKING);
    assert_false(export_form_wants_check(form, &revision)); /* the directory first */
    answer_directory(form);
    assert_int_equal(form->available, 5 * GIB);
    assert_false(export_form_wants_directory_check(form, &revision)); /* once */
    assert_int_equal(export_form_state(form, &field), FORM_CHECKING);
    answer_check(form, &(struct error){0});
    assert_false(export_form_wants_check(form, &revision));
    assert_int_equal(export_form_state(form, &field), FORM_READY);
    assert_int_equal(form->estimate.bytes_needed, 63 * GIB);
    export_form_toggle(form, FORM_BELL);
    assert_int_equal(export_form_state(form, &field), FORM_READY);
    export_form_toggle_disk(form, 0, 0);
    assert_int_equal(export_form_state(form, &field), FORM_CHECKING);
    assert_false(export_form_wants_directory_check(form, &revision)); /* the directory is still known */
    answer_check(form, &(struct error){0});
    export_form_check_again(form);
    answer_directory(form);
    answer_check(form, &(struct error){0});
    export_form_free(form);
}

static void test_stale_answers_are_ignored(void **state)
{
    struct export_form *form = make_with_directory(*state);
    enum form_field field;
    uint64_t directory = 0;
    uint64_t whole = 0;
    struct error refusal = {0};
    error_set(&refusal, RETURN_FILE_NOT_FOUND, "export.directory-missing", "it is missing");
    error_next(&refusal, "Create it.");
    assert_true(export_form_wants_directory_check(form, &directory));
    fill_directory(form, "/elsewhere");
    export_form_directory_checked(form, directory, 0, &refusal);
    expect_no_problems(form);
    answer_directory(form);
    assert_true(export_form_wants_check(form, &whole));
    export_form_toggle_disk(form, 0, 0);
    struct export_estimate estimate = {.bytes_needed = 1};
    export_form_checked(form, whole, &estimate, &(struct error){0});
    assert_int_equal(estimate.bytes_needed, 1); /* left to the caller */
    assert_int_equal(export_form_state(form, &field), FORM_CHECKING);
    export_form_free(form);
}

static void test_refusals_belong_to_fields(void **state)
{
    static const struct {
        uint32_t code;
        const char *key;
        enum form_field field;
    } refusals[] = {{RETURN_FAILED, "export.directory-space", FORM_DIRECTORY},
                    {RETURN_INVALID_PARAMETER, "export.base-newer", FORM_BASE},
                    {RETURN_INVALID_PARAMETER, "package.base-missing", FORM_BASE},
                    {RETURN_INVALID_PARAMETER, "export.nothing", FORM_INCLUDE},
                    {RETURN_FAILED, "export.no-space", FORM_DIRECTORY},
                    {RETURN_INVALID_STATE, "export.log-removed", FORM_REVIEW}};
    struct export_form *form = make_with_directory(*state);
    export_form_toggle(form, FORM_KIND);
    answer_directory(form);
    for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
        struct error refusal = {0};
        error_set(&refusal, refusals[i].code, refusals[i].key, "refused");
        error_next(&refusal, "Mend it.");
        answer_check(form, &refusal);
        expect_problem(form, refusals[i].field, refusals[i].code, refusals[i].key);
        export_form_toggle_disk(form, 0, 0); /* any change: the refusal is no longer about these values */
        expect_no_problems(form);
    }
    export_form_free(form);
}

static void test_missing_directory_can_be_made(void **state)
{
    struct export_form *form = make_with_directory(*state);
    struct error refusal = {0};
    uint64_t revision = 0;
    error_set(&refusal, RETURN_FILE_NOT_FOUND, "export.directory-missing", "it is missing");
    error_next(&refusal, "Create it.");
    assert_true(export_form_wants_directory_check(form, &revision));
    export_form_directory_checked(form, revision, 0, &refusal);
    assert_true(export_form_shows(form, FORM_CREATE));
    expect_problem(form, FORM_DIRECTORY, RETURN_FILE_NOT_FOUND, "export.directory-missing");
    assert_false(export_form_wants_check(form, &revision));
    export_form_check_again(form);
    assert_false(export_form_shows(form, FORM_CREATE));
    answer_directory(form);
    export_form_free(form);
}

static void test_proposes_what_was_started_last(void **state)
{
    struct fixture *fixture = *state;
    struct export_form *form = make_with_directory(fixture);
    struct last_export last;
    export_form_toggle(form, FORM_COMPRESSION);
    export_form_toggle_disk(form, 1, 0);
    line_editor_set(&form->rate, "20");
    form->point.point_id = id_of(102); /* as if the second point had been exported, in full */
    export_form_capture(form, &last);
    export_form_free(form);

    fixture->source.last = &last;
    form = make(fixture);
    assert_string_equal(line_editor_text(&form->directory), "/backup/web");
    assert_string_equal(line_editor_text(&form->rate), "20");
    assert_int_equal(form->compression, COMPRESSION_ZSTD);
    assert_int_equal(export_form_machine_tick(form, 1), FORM_TICK_PARTIAL);
    assert_false(form->differential);
    /* Once differential: its base is the point that was exported last. */
    export_form_toggle(form, FORM_KIND);
    assert_string_equal(form->of->bases[form->of->base].name, "second");
    export_form_free(form);

    /* Another collection: its machines are not these. */
    last.collection_id = id_of(9);
    last.differential = true;
    form = make(fixture);
    assert_int_equal(export_form_machine_tick(form, 1), FORM_TICK_ALL);
    assert_true(form->differential);
    export_form_free(form);
    last_export_clear(&last);
}

static void test_last_settings_can_be_undone(void **state)
{
    struct fixture *fixture = *state;
    struct last_export last = {.collection_id = id_of(1),
                               .point_id = id_of(101),
                               .verify = true,
                               .format = DISK_FORMAT_QCOW2,
                               .directory = mem_strdup("/last"),
                               .differential = true};
    fixture->source.last = &last;
    struct export_form *form = make(fixture);
    fill_directory(form, "/mine");
    export_form_choose_base(form, 0);
    export_form_toggle_machine(form, 0);
    export_form_toggle(form, FORM_FORMAT);
    CLEANUP_FREE char *before = command_of(form);
    uint64_t revision = form->revision;
    export_form_press_last(form);
    assert_true(form->can_undo);
    assert_string_equal(line_editor_text(&form->directory), "/last");
    assert_int_equal(export_form_machine_tick(form, 0), FORM_TICK_ALL);
    assert_int_equal(form->format, DISK_FORMAT_QCOW2);
    assert_true(form->revision > revision);
    export_form_press_last(form);
    assert_false(form->can_undo);
    expect_command(form, before);
    export_form_free(form);
    last_export_clear(&last);
    fixture->source.last = NULL;
    form = make(fixture);
    assert_false(export_form_shows(form, FORM_LAST));
    export_form_press_last(form);
    assert_false(form->can_undo);
    export_form_free(form);
}

static void test_command(void **state)
{
    struct fixture *fixture = *state;
    struct export_form *form = make_with_directory(fixture);
    expect_command(form, "refpoint export web-prod 2026-09-24T02:00+02:00 --to /backup/web");
    export_form_toggle(form, FORM_KIND);
    export_form_toggle_disk(form, 1, 1);
    export_form_toggle_machine(form, 2);
    expect_command(form, "refpoint export web-prod 2026-09-24T02:00+02:00 --to /backup/web "
                         "--base 2026-09-23T02:00+02:00 --only web01 --only web02/vda");
    export_form_toggle_all(form);
    export_form_toggle(form, FORM_KIND);
    export_form_toggle(form, FORM_FORMAT);
    export_form_toggle(form, FORM_VERIFY);
    line_editor_set(&form->rate, "1.5");
    expect_command(form, "refpoint export web-prod 2026-09-24T02:00+02:00 --to /backup/web "
                         "--format raw --no-verify --rate 1572864");
    export_form_toggle(form, FORM_FORMAT);
    export_form_toggle(form, FORM_VERIFY);
    export_form_toggle(form, FORM_COMPRESSION);
    line_editor_set(&form->rate, "50");
    expect_command(form, "refpoint export web-prod 2026-09-24T02:00+02:00 --to /backup/web "
                         "--compress zstd --rate 50M");
    export_form_free(form);
    fixture->source.store = "/srv/my store";
    fixture->source.host_name = "local";
    form = make_with_directory(fixture);
    expect_command(form, "refpoint --host local --store '/srv/my store' export web-prod "
                         "2026-09-24T02:00+02:00 --to /backup/web");
    export_form_free(form);
}

static void test_command_never_means_another(void **state)
{
    struct fixture *fixture = *state;
    /* Two points in one minute; two in one second, of which one has a name of its own. */
    add_point(fixture, 4, 1790208007, "third");
    struct export_form *form = make_with_directory(fixture);
    expect_command(form, "refpoint export web-prod 2026-09-24T02:00:00+02:00 --to /backup/web");
    export_form_free(form);
    add_point(fixture, 5, 1790208000, "fifth");
    form = make_with_directory(fixture);
    expect_command(form, "refpoint export web-prod 00000067-0000-4000-8000-000000000067 --to /backup/web");
    export_form_free(form);
    /* Names that are not unique, look like an option, or hold the separator. */
    mem_replace(&fixture->point.members[0].machine.name, "web02");
    mem_replace(&fixture->point.members[2].machine.name, "a/b");
    mem_replace(&fixture->point.collection_name, "-web");
    mem_replace(&fixture->collections.items[0].name, "-web");
    form = make_with_directory(fixture);
    export_form_toggle_disk(form, 1, 0);
    expect_command(form, "refpoint export 00000001-0000-4000-8000-000000000001 "
                         "00000067-0000-4000-8000-000000000067 --to /backup/web "
                         "--only 00001000-0000-4000-8000-000000001000 "
                         "--only 00002000-0000-4000-8000-000000002000/vdb "
                         "--only 00003000-0000-4000-8000-000000003000");
    export_form_free(form);
    /* Two collections of one name. */
    struct collection *other = ARRAY_APPEND(fixture->collections.items, fixture->collections.count);
    other->id = id_of(2);
    other->name = mem_strdup("twin");
    mem_replace(&fixture->collections.items[0].name, "twin");
    mem_replace(&fixture->point.collection_name, "twin");
    form = make_with_directory(fixture);
    CLEANUP_FREE char *command = command_of(form);
    assert_non_null(strstr(command, "export 00000001-0000-4000-8000-000000000001 "));
    export_form_free(form);
}

/* What a shell makes of the line is what the form holds, whatever the names are. */
static void test_command_survives_a_shell(void **state)
{
    static const char *const directories[] = {"/a b/c'd\"e",     "/$(touch /x)`id`",    "/new\nline\ttab",
                                              "/caf\u00e9 \xff", "/*?[a]{b,c}~#!&|;<>", "/back\\slash"};
    struct export_form *form = make(*state);
    for (size_t i = 0; i < ARRAY_LENGTH(directories); i++) {
        fill_directory(form, directories[i]);
        CLEANUP_FREE char *command = command_of(form);
        const char *arguments = command + strlen("refpoint ");
        /* $'...' is for shells that know it: bash, zsh, ksh, mksh, and POSIX since 2024. */
        CLEANUP_FREE char *script = mem_format("set -- %s; printf %%s \"$5\"", arguments);
        assert_int_equal(setenv("REFPOINT_TEST_SCRIPT", script, 1), 0);
        FILE *shell = popen("bash -c \"$REFPOINT_TEST_SCRIPT\"", "r");
        assert_non_null(shell);
        char word[256] = "";
        size_t length = fread(word, 1, sizeof word - 1, shell);
        assert_int_equal(pclose(shell), 0);
        word[length] = '\0';
        assert_string_equal(word, directories[i]);
    }
    export_form_free(form);
}

static int64_t cpu_milliseconds(void)
{
    struct timespec used;
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used), 0);
    return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* The thread that has the keys makes the form and its command: neither may take long, whatever a collection
 * has.
 */
static void test_ten_thousand_points(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 10000; i++)
        add_point(fixture, 10000 - i, 1790208000 - 60 * (int64_t)(i / 3), "one of many");
    fixture->point.sequence = 20000;
    int64_t before = cpu_milliseconds();
    struct export_form *form = make(fixture);
    assert_int_equal(form->of->base_count, 10003);
    fill_directory(form, "/backup/web");
    assert_true(export_form_toggle(form, FORM_KIND));
    export_form_choose_base(form, 9999);
    struct command_line line;
    export_form_command(form, &line);
    assert_true(cpu_milliseconds() - before < 1000);
    command_line_clear(&line);
    export_form_free(form);
}

int main(void)
{
    prepare_process();
#define FORM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FORM_TEST(test_ten_thousand_points),
        FORM_TEST(test_new_form),
        FORM_TEST(test_own_problems),
        FORM_TEST(test_a_tilde_is_the_home_directory),
        FORM_TEST(test_rate),
        FORM_TEST(test_include_tree),
        FORM_TEST(test_request),
        FORM_TEST(test_host_without_options),
        FORM_TEST(test_kind_needs_an_older_point),
        FORM_TEST(test_checks_in_order),
        FORM_TEST(test_stale_answers_are_ignored),
        FORM_TEST(test_refusals_belong_to_fields),
        FORM_TEST(test_missing_directory_can_be_made),
        FORM_TEST(test_proposes_what_was_started_last),
        FORM_TEST(test_last_settings_can_be_undone),
        FORM_TEST(test_command),
        FORM_TEST(test_command_never_means_another),
        FORM_TEST(test_command_survives_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
