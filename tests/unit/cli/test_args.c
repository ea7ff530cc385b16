#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/cli/line/args.h"
#include "core/cli/line/path.h"
#include "core/cli/nouns/disk_args.h"
#include "core/cli/nouns/export_args.h"

static const struct args_option options[] = {
    {.name = "to", .kind = ARGS_TEXT, .value = "DIR", .required = true, .help = "where to"},
    {.name = "only", .kind = ARGS_TEXT, .value = "MACHINE", .repeat = true, .help = "some only"},
    {.name = "cpus", .kind = ARGS_NUMBER, .value = "N", .least = 1, .most = 64, .help = "processors"},
    {.name = "rate", .kind = ARGS_SIZE, .value = "SIZE", .least = 1, .help = "limit"},
    {.name = "format", .kind = ARGS_CHOICE, .value = "qcow2|raw", .help = "format"},
    {.name = "strict", .kind = ARGS_FLAG, .help = "strict"},
};
static const struct args_operand operands[] = {{.name = "COLLECTION", .help = "c"},
                                               {.name = "POINT", .help = "p"}};
static const struct args_spec spec = {.command = "export",
                                      .options = options,
                                      .option_count = ARRAY_LENGTH(options),
                                      .operands = operands,
                                      .operand_count = ARRAY_LENGTH(operands)};

#define PARSE(args, err, ...)                                                                                \
    parse_words((args), (err), (const char *[]){__VA_ARGS__},                                                \
                sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *))

static bool parse_words(struct args *args, struct error *err, const char *const *words, size_t count)
{
    char *argv[16];
    assert_true(count <= ARRAY_LENGTH(argv));
    for (size_t i = 0; i < count; i++) {
        /* args borrows its texts from argv, which lives as long as a program: here, as long as the words. */
        union {
            const char *given;
            char *taken;
        } word = {.given = words[i]};
        argv[i] = word.taken;
    }
    *err = (struct error){0};
    return args_parse(&spec, (int)count, argv, args, err);
}

static void test_all_forms(void **state)
{
    (void)state;
    struct args args;
    struct error err;
    assert_true(PARSE(&args, &err, "web", "--to=/a=b", "--only", "a/b", "monday", "--only", "c", "--strict",
                      "--cpus", "8", "--rate", "1.5M", "--json"));
    assert_int_equal(args.operand_count, 2);
    assert_string_equal(args.operands[0], "web");
    assert_string_equal(args.operands[1], "monday");
    assert_string_equal(args_text(&args, "to"), "/a=b");
    assert_int_equal(args_count(&args, "only"), 2);
    assert_string_equal(args_nth(&args, "only", 0), "a/b");
    assert_string_equal(args_nth(&args, "only", 1), "c");
    assert_null(args_nth(&args, "only", 2));
    assert_true(args_flag(&args, "strict"));
    assert_true(args_flag(&args, "json"));
    assert_false(args_flag(&args, "format"));
    assert_int_equal(args_number(&args, "cpus", 1), 8);
    assert_int_equal(args_number(&args, "rate", 0), 1572864);
    assert_null(args_text(&args, "format"));
    args_clear(&args);
}

static void test_end_of_options(void **state)
{
    (void)state;
    struct args args;
    struct error err;
    assert_true(PARSE(&args, &err, "--to", "-", "--", "--strict", "-x"));
    assert_string_equal(args_text(&args, "to"), "-");
    assert_string_equal(args.operands[0], "--strict");
    assert_string_equal(args.operands[1], "-x");
    assert_false(args_flag(&args, "strict"));
    args_clear(&args);
}

static void test_help_needs_nothing_else(void **state)
{
    (void)state;
    struct args args;
    struct error err;
    assert_true(PARSE(&args, &err, "-h"));
    assert_true(args_flag(&args, "help"));
    args_clear(&args);
}

static void expect_refusal(const char *key, const char *what, const char *next, const char *const *words,
                           size_t count)
{
    struct args args;
    struct error err;
    assert_false(parse_words(&args, &err, words, count));
    assert_int_equal(err.code, 32773);
    assert_string_equal(err.key, key);
    if (!strstr(err.what, what) || !strstr(err.next, next))
        fail_msg("got: %s / %s / %s", err.what, err.cause, err.next);
    assert_non_null(strstr(err.next, "refpoint export --help"));
}

#define REFUSED(key, what, next, ...)                                                                        \
    expect_refusal((key), (what), (next), (const char *[]){__VA_ARGS__},                                     \
                   sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *))

static void test_refusals(void **state)
{
    (void)state;
    REFUSED("usage.option", "unknown option --onyl", "Did you mean --only?", "a", "b", "--onyl", "x");
    REFUSED("usage.option", "unknown option --jsno", "Did you mean --json?", "--jsno");
    REFUSED("usage.option", "unknown option --to-nowhere-at-all", "See", "--to-nowhere-at-all=x");
    REFUSED("usage.option", "unknown option -x", "See", "-x");
    REFUSED("usage.option", "unknown option --stri", "Did you mean --strict?", "--stri");
    REFUSED("usage.value", "--to needs a value", "", "a", "b", "--to");
    REFUSED("usage.value", "--to cannot be \"\"", "", "a", "b", "--to", "");
    REFUSED("usage.value", "--strict takes no value", "", "--strict=yes");
    REFUSED("usage.value", "--cpus cannot be \"0\"", "", "--cpus", "0");
    REFUSED("usage.value", "--cpus cannot be \"65\"", "", "--cpus", "65");
    REFUSED("usage.value", "--cpus cannot be \"-1\"", "", "--cpus=-1");
    REFUSED("usage.value", "--cpus cannot be \"99999999999999999999\"", "", "--cpus=99999999999999999999");
    REFUSED("usage.value", "--rate cannot be \"0\"", "", "--rate", "0");
    REFUSED("usage.value", "--rate cannot be \"fast\"", "", "--rate", "fast");
    REFUSED("usage.value", "--format cannot be \"vmdk\"", "", "--format", "vmdk");
    REFUSED("usage.value", "--format cannot be \"qcow2|raw\"", "", "--format", "qcow2|raw");
    REFUSED("usage.value", "--format cannot be \"\"", "", "--format", "");
    REFUSED("usage.twice", "--to is given twice", "", "--to", "a", "--to", "b");
    REFUSED("usage.missing", "POINT is missing", "", "web");
    REFUSED("usage.missing", "--to DIR is missing", "", "web", "monday");
    REFUSED("usage.operand", "\"third\" is one word too many", "", "web", "monday", "third", "--to", "/x");
}

static void test_hostile_words_are_escaped(void **state)
{
    (void)state;
    struct args args;
    struct error err;
    assert_false(PARSE(&args, &err, "--\033[31m"));
    assert_null(strchr(err.what, '\033'));
    assert_false(PARSE(&args, &err, "--format", "a\nb"));
    assert_null(strchr(err.what, '\n'));
}

static void test_stop_at_operand(void **state)
{
    (void)state;
    const struct args_spec program = {.command = "", .stop_at_operand = true};
    char store[] = "--store";
    char directory[] = "/s";
    char noun[] = "point";
    char unknown[] = "--unknown";
    char *argv[] = {store, directory, noun, unknown};
    struct args args;
    struct error err = {0};
    assert_true(args_parse(&program, 4, argv, &args, &err));
    assert_int_equal(args.used, 2);
    assert_string_equal(args_text(&args, "store"), "/s");
    args_clear(&args);
}

static void test_disks(void **state)
{
    (void)state;
    struct machine machine = {0};
    struct error err = {0};
    assert_true(disk_args_add_disk(&machine, "vda=qcow2:/path/with, any=thing: x\n.img", &err));
    assert_string_equal(machine.disks[0].id, "vda");
    assert_int_equal(machine.disks[0].format, DISK_FORMAT_QCOW2);
    assert_string_equal(machine.disks[0].path, "/path/with, any=thing: x\n.img");
    assert_true(disk_args_add_disk(&machine, "vdb=raw:./dir/../b.raw", &err));
    CLEANUP_FREE char *absolute = cli_absolute_path("dir/../b.raw");
    assert_string_equal(machine.disks[1].path, absolute);
    assert_int_equal(absolute[0], '/');
    assert_true(disk_args_add_backing(&machine, "vda=raw:/t.raw", &err));
    assert_true(disk_args_add_backing(&machine, "vda=qcow2:/u.qcow2", &err));
    assert_int_equal(machine.disks[0].backing_count, 2);
    assert_string_equal(machine.disks[0].backing[0].path, "/t.raw");
    assert_int_equal(machine.disks[0].backing[1].format, DISK_FORMAT_QCOW2);

    static const char *const wrong[] = {"",          "vda",          "vda=",
                                        "=qcow2:/x", "vda=qcow2:",   "vda=vmdk:/x",
                                        "vda=:/x",   "vdc:qcow2=/x", "vda=qcow2:/again"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        err = (struct error){0};
        assert_false(disk_args_add_disk(&machine, wrong[i], &err));
        assert_int_equal(err.code, 32773);
    }
    assert_false(disk_args_add_backing(&machine, "vdz=qcow2:/x", &err));
    assert_int_equal(machine.disk_count, 2);
    machine_clear(&machine);
}

static void add_member(struct reference_point *point, const char *name, const char *const *disks)
{
    struct member_point *member = ARRAY_APPEND(point->members, point->member_count);
    member->machine.id = guid_new();
    member->machine.name = mem_strdup(name);
    for (; *disks; disks++) {
        struct disk *disk = ARRAY_APPEND(member->machine.disks, member->machine.disk_count);
        disk->id = mem_strdup(*disks);
        disk->uuid = guid_new();
    }
}

static void test_only(void **state)
{
    (void)state;
    struct reference_point point = {0};
    struct export_setting_data settings = {0};
    struct error err = {0};
    add_member(&point, "web/01", (const char *[]){"vda", "vdb", NULL});
    add_member(&point, "web", (const char *[]){"02", "vda", NULL});
    add_member(&point, "twin", (const char *[]){"vda", NULL});
    add_member(&point, "twin", (const char *[]){"vda", NULL});

    /* A name may hold a slash. */
    assert_true(export_args_add_only(&settings, &point, "web/01", &err));
    assert_int_equal(settings.machine_count, 1);
    assert_string_equal(settings.machines[0].machine_id, point.members[0].machine.id.text);
    assert_int_equal(settings.machines[0].disk_count, 0);
    /* A disk of a machine that is there as a whole changes nothing. */
    assert_true(export_args_add_only(&settings, &point, "web/01/vdb", &err));
    assert_int_equal(settings.machine_count, 1);
    assert_int_equal(settings.machines[0].disk_count, 0);
    assert_true(export_args_add_only(&settings, &point, "web/vda", &err));
    assert_true(export_args_add_only(&settings, &point, "web/vda", &err));
    assert_int_equal(settings.machine_count, 2);
    assert_int_equal(settings.machines[1].disk_count, 1);
    /* By ids. */
    CLEANUP_FREE char *by_id =
        mem_format("%s/%s", point.members[1].machine.id.text, point.members[1].machine.disks[0].uuid.text);
    assert_true(export_args_add_only(&settings, &point, by_id, &err));
    assert_int_equal(settings.machines[1].disk_count, 2);
    assert_string_equal(settings.machines[1].disks[1], "02");
    /* And a whole machine after its disks. */
    assert_true(export_args_add_only(&settings, &point, "web", &err));
    assert_int_equal(settings.machines[1].disk_count, 0);

    static const char *const wrong[] = {"nobody", "web/vdz", "twin", "twin/vda", "/", "web/", "/vda"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        err = (struct error){0};
        assert_false(export_args_add_only(&settings, &point, wrong[i], &err));
        assert_int_equal(err.code, 32773);
    }
    assert_int_equal(settings.machine_count, 2);
    export_setting_data_clear(&settings);
    reference_point_clear(&point);
}

static void assert_ambiguous(const struct reference_point *point, const char *text, const char *cause,
                             const char *next)
{
    struct export_setting_data settings = {0};
    struct error err = {0};
    assert_false(export_args_add_only(&settings, point, text, &err));
    assert_int_equal(err.code, 32773);
    assert_string_equal(err.key, "machine.ambiguous");
    assert_string_equal(err.cause, cause);
    assert_string_equal(err.next, next);
    assert_int_equal(settings.machine_count, 0);
    export_setting_data_clear(&settings);
}

static void assert_means(const struct reference_point *point, const char *text, size_t member,
                         const char *disk)
{
    struct export_setting_data settings = {0};
    struct error err = {0};
    assert_true(export_args_add_only(&settings, point, text, &err));
    assert_string_equal(settings.machines[0].machine_id, point->members[member].machine.id.text);
    assert_int_equal(settings.machines[0].disk_count, disk ? 1 : 0);
    if (disk)
        assert_string_equal(settings.machines[0].disks[0], disk);
    export_setting_data_clear(&settings);
}

/* What fits in more than one way is nothing that we choose; by its id each can be said. */
static void test_only_ambiguous(void **state)
{
    (void)state;
    struct reference_point point = {0};
    add_member(&point, "a", (const char *[]){"b", "b/c", "d", NULL});
    add_member(&point, "a/b", (const char *[]){"c", "d", NULL});
    add_member(&point, "twin", (const char *[]){"vda", "vdb", NULL});
    add_member(&point, "twin", (const char *[]){"vda", NULL});
    add_member(&point, "twin/vdz", (const char *[]){"vda", NULL});
    const char *ids[4];
    for (size_t i = 0; i < 4; i++)
        ids[i] = point.members[i].machine.id.text;

    CLEANUP_FREE char *cause =
        mem_format("the machine \"a/b\" (%s), or the disk b of the machine \"a\" (%s)", ids[1], ids[0]);
    CLEANUP_FREE char *next =
        mem_format("Say which one by the machine's id: --only %s or --only %s/b", ids[1], ids[0]);
    assert_ambiguous(&point, "a/b", cause, next);
    CLEANUP_FREE char *disk_of_a = mem_format("%s/b", ids[0]);
    assert_means(&point, ids[1], 1, NULL);
    assert_means(&point, disk_of_a, 0, "b");

    CLEANUP_FREE char *deep_cause = mem_format(
        "the disk c of the machine \"a/b\" (%s), or the disk b/c of the machine \"a\" (%s)", ids[1], ids[0]);
    CLEANUP_FREE char *deep_next =
        mem_format("Say which one by the machine's id: --only %s/c or --only %s/b/c", ids[1], ids[0]);
    assert_ambiguous(&point, "a/b/c", deep_cause, deep_next);
    CLEANUP_FREE char *deep_disk = mem_format("%s/b/c", ids[0]);
    assert_means(&point, deep_disk, 0, "b/c");

    CLEANUP_FREE char *twin_cause =
        mem_format("the disk vda of the machine \"twin\" (%s), or the disk vda of the machine \"twin\" (%s)",
                   ids[2], ids[3]);
    CLEANUP_FREE char *twin_next =
        mem_format("Say which one by the machine's id: --only %s/vda or --only %s/vda", ids[2], ids[3]);
    assert_ambiguous(&point, "twin/vda", twin_cause, twin_next);

    /* One way only. */
    assert_means(&point, "a/d", 0, "d");
    assert_means(&point, "a/b/d", 1, "d");
    assert_means(&point, "twin/vdb", 2, "vdb");
    assert_means(&point, "twin/vdz", 4, NULL);
    reference_point_clear(&point);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_forms),
        cmocka_unit_test(test_end_of_options),
        cmocka_unit_test(test_help_needs_nothing_else),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_hostile_words_are_escaped),
        cmocka_unit_test(test_stop_at_operand),
        cmocka_unit_test(test_disks),
        cmocka_unit_test(test_only),
        cmocka_unit_test(test_only_ambiguous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
