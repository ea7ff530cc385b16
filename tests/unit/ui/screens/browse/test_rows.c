/* Rows of the first screen's lists, and the totals behind them. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/draw/fold.h"
#include "ui/screens/browse/data/catalogue.h"
#include "ui/screens/browse/offers.h"
#include "ui/screens/browse/rows.h"

static char *taken(struct canvas_surface *surface)
{
    struct canvas whole = canvas_whole(surface);
    char *text = canvas_to_text(&whole);
    canvas_surface_free(surface);
    return text;
}

#define NOW ((int64_t)1790208000)

static const struct browse_row_style selected = {
    .now = {.seconds = NOW}, .role = ROLE_SELECTED, .selected = true};

static char *point_row(const struct reference_point *point, const struct safety *safety, int columns)
{
    struct canvas_surface *surface = canvas_surface_new(2, columns, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    browse_paint_point_titles(&whole);
    browse_paint_point(&whole, 1, point, safety, &selected);
    return taken(surface);
}

static void assert_row(const struct reference_point *point, const struct exported_package *package,
                       int columns, const char *expected)
{
    struct exported_list exported = {0};
    struct exported_package item;
    if (package) {
        item = *package;
        item.point = point->id;
        exported = (struct exported_list){.items = &item, .count = 1};
    }
    struct safety safety = safety_of(&exported, &point->id, true);
    CLEANUP_FREE char *made = point_row(point, &safety, columns);
    assert_string_equal(made, expected);
}

static void test_points(void **state)
{
    (void)state;
    char name[] = "nightly, after the move";
    struct reference_point point = {.id = guid_new(),
                                    .created = {.seconds = NOW - 3 * 3600},
                                    .type = POINT_TYPE_LOG_BASED,
                                    .has_associated_log = true,
                                    .log_size = 11 * GIB + GIB / 5,
                                    .name = name};
    struct exported_package package = {.state = EXPORTED_VERIFIED,
                                       .exported = {.seconds = NOW - 7200},
                                       .verified = {.seconds = NOW - 59 * 60}};
    assert_row(&point, NULL, 44,
               " NAME               AGE      SIZE EXPORTED\n"
               ">nightly, a…    3 h ago  11.2 GiB - no copy\n");
    assert_row(&point, &package, 44,
               " NAME               AGE      SIZE EXPORTED\n"
               ">nightly, a…    3 h ago  11.2 GiB ✓ 59 min\n");
    assert_row(&point, &package, 60,
               " NAME                   AGE      SIZE EXPORTED\n"
               ">nightly, after…    3 h ago  11.2 GiB ✓ verified 59 min ago\n");
    assert_row(&point, &package, 90,
               " NAME                         CREATED                 AGE      SIZE EXPORTED\n"
               ">nightly, after the move      2026-09-23 23:00    3 h ago  11.2 GiB ✓ verified 59 min ago\n");
    package.state = EXPORTED_TOUCHED;
    assert_row(&point, &package, 44,
               " NAME               AGE      SIZE EXPORTED\n"
               ">nightly, a…    3 h ago  11.2 GiB ! 2 h\n");
    package.state = EXPORTED_GONE;
    assert_row(&point, &package, 44,
               " NAME               AGE      SIZE EXPORTED\n"
               ">nightly, a…    3 h ago  11.2 GiB ✗ gone\n");
    point.has_associated_log = false;
    point.created.seconds = NOW - (int64_t)900 * 86400;
    assert_row(&point, NULL, 44,
               " NAME               AGE      SIZE EXPORTED\n"
               ">nightly, a…    2 y ago   removed - no copy\n");
    point.type = POINT_TYPE_RCT_BASED; /* never had any data of its own */
    assert_row(&point, NULL, 44,
               " NAME               AGE      SIZE EXPORTED\n"
               ">nightly, a…    2 y ago       rct - no copy\n");
}

/* So many collections from the first, as rows; number 0 is the selected one. */
static char *collection_rows(const struct catalogue *catalogue, const struct overview_row *overview,
                             int columns)
{
    int rows = (int)catalogue->count;
    struct canvas_surface *surface = canvas_surface_new(rows + 1, columns, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    browse_paint_collection_titles(&whole, catalogue);
    for (int row = 0; row < rows; row++) {
        struct browse_row_style style = selected;
        style.selected = row == 0;
        struct exported_list none = {0};
        struct safety safety = safety_of(&none, overview ? &overview->newest : NULL, true);
        browse_paint_collection(&whole, row + 1, catalogue, (size_t)row, overview, &safety, &style);
    }
    return taken(surface);
}

static void test_collections(void **state)
{
    (void)state;
    char name[] = "web-prod";
    char long_name[] = "web frontend south, which is rather long";
    struct guid ids[12];
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
        ids[i] = guid_new();
    struct disk disk = {.virtual_size = 412 * GIB};
    struct machine machine = {.id = ids[0], .disks = &disk, .disk_count = 1};
    struct machine_list machines = {.items = &machine, .count = 1};
    struct collection items[] = {{.id = guid_new(), .name = name, .members = ids, .member_count = 1},
                                 {.id = guid_new(), .name = long_name, .members = ids, .member_count = 12},
                                 {.id = guid_new(), .name = name}};
    struct collection_list collections = {.items = items, .count = ARRAY_LENGTH(items)};
    struct overview_row overview = {
        .newest = guid_new(), .created = {.seconds = NOW - 12 * 86400}, .points = 3};
    struct catalogue catalogue = {0};
    catalogue_build(&catalogue, &collections, &machines);
    CLEANUP_FREE char *text = collection_rows(&catalogue, &overview, 34);
    assert_string_equal(text, " NAME           NEWEST STATE\n"
                              ">web-prod     12 d ago - no copy\n"
                              " web front…   12 d ago ✗ 11 gone\n"
                              " web-prod     12 d ago - no copy\n");
    CLEANUP_FREE char *wide = collection_rows(&catalogue, &overview, 60);
    assert_string_equal(wide, " NAME                        MACHINES     NEWEST STATE\n"
                              ">web-prod                           1   12 d ago - no copy\n"
                              " web frontend south, whi… 12, 11 gone   12 d ago ✗ 11 gone\n"
                              " web-prod                           0   12 d ago - no copy\n");
    overview = (struct overview_row){0};
    CLEANUP_FREE char *none = collection_rows(&catalogue, &overview, 34);
    assert_non_null(strstr(none, ">web-prod                no point\n"));
    CLEANUP_FREE char *unknown = collection_rows(&catalogue, NULL, 34);
    assert_non_null(strstr(unknown, ">web-prod\n"));
    catalogue_clear(&catalogue);
}

static void test_totals(void **state)
{
    (void)state;
    struct machine machines[2] = {0};
    struct disk disk[3] = {{.virtual_size = GIB}, {.virtual_size = 2 * GIB}, {.virtual_size = 4 * GIB}};
    struct guid ids[3] = {guid_new(), guid_new(), guid_new()};
    char name[] = "Größe L";
    machines[0] = (struct machine){.id = ids[0], .disks = disk, .disk_count = 2};
    machines[1] = (struct machine){.id = ids[1], .disks = disk + 2, .disk_count = 1};
    struct collection collections[2] = {{.id = guid_new(), .name = name, .members = ids, .member_count = 3},
                                        {.id = guid_new(), .name = name, .members = ids, .member_count = 1}};
    struct machine_list machine_list = {.items = machines, .count = 2};
    struct collection_list collection_list = {.items = collections, .count = 2};
    struct catalogue catalogue = {0};
    catalogue_build(&catalogue, &collection_list, &machine_list);
    assert_int_equal(catalogue.count, 2);
    assert_int_equal(catalogue.rows[0].machines, 3);
    assert_int_equal(catalogue.rows[0].missing, 1);
    assert_int_equal(catalogue.rows[0].size, 7 * GIB);
    assert_int_equal(catalogue.rows[1].size, 3 * GIB);
    CLEANUP_FREE char *folded = fold_text("GRÖSSE l");
    assert_string_equal(folded, "grosse l");
    assert_string_equal(catalogue.rows[0].folded, "grosse l");
    assert_int_equal(catalogue.rows[0].states.count, 2);
    catalogue_clear(&catalogue);
    /* A host that knows has them in its list when they are gone, too. */
    struct machine *gone = guid_equal(&machines[0].id, &ids[0]) ? &machines[0] : &machines[1];
    gone->name = name;
    gone->state = MACHINE_STATE_GONE;
    catalogue_build(&catalogue, &collection_list, &machine_list);
    assert_int_equal(catalogue.rows[0].missing, 2);
    assert_int_equal(catalogue.rows[1].missing, 1);
    assert_int_equal(catalogue.rows[1].states.count, 1);
    assert_string_equal(catalogue.rows[1].states.items[0].name, name);
    catalogue_clear(&catalogue);
}

static void test_fold_of_what_is_no_text(void **state)
{
    (void)state;
    CLEANUP_FREE char *broken = fold_text("A\xff");
    assert_string_equal(broken, "A\xff");
    CLEANUP_FREE char *empty = fold_text("");
    assert_string_equal(empty, "");
}

static struct browse_offers offers_with_keys(void)
{
    return (struct browse_offers){
        .machines_key = "m", .define_key = "c", .demo_key = "t", .store_key = "o", .create_key = "n"};
}

static void test_empty_store_offers_what_to_do(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(14, 76, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    struct browse_offers offers = offers_with_keys();
    offers.adds_machines = true;
    browse_paint_empty(&whole, 0, &offers);
    CLEANUP_FREE char *text = taken(surface);
    assert_null(strstr(text, "libvirt daemon"));
    assert_non_null(strstr(text, "\n  m  Add a machine"));
    assert_non_null(strstr(text, "\n  t  Try everything"));
    assert_non_null(strstr(text, "\n  o  Open another store\n"));
    assert_null(strstr(text, "  c  ")); /* of nothing */
    surface = canvas_surface_new(14, 76, CANVAS_FULL);
    whole = canvas_whole(surface);
    offers.daemon_key = "H";
    browse_paint_empty(&whole, 0, &offers);
    CLEANUP_FREE char *offered = taken(surface);
    assert_non_null(strstr(offered, "\n  H  Work with the machines of the libvirt daemon"));
}

/* A host that is told which machines there are adds none, and they may run. */
static void test_a_host_of_running_machines_offers_what_it_can(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(14, 76, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    struct browse_offers offers = offers_with_keys();
    offers.host_option = "kvm";
    offers.machines = 2;
    offers.machines_run = true;
    browse_paint_empty(&whole, 0, &offers);
    CLEANUP_FREE char *text = taken(surface);
    assert_non_null(strstr(text, "\n  c  Define a collection"));
    assert_null(strstr(text, "Add a machine"));
    assert_null(strstr(text, "Try everything"));
    surface = canvas_surface_new(14, 76, CANVAS_FULL);
    whole = canvas_whole(surface);
    browse_paint_no_points(&whole, &offers, "web");
    CLEANUP_FREE char *points = taken(surface);
    assert_non_null(strstr(points, "Press n to create one (its machines may run), or:"));
    assert_non_null(strstr(points, "\n  refpoint --host kvm point create"));
}

static void test_machines(void **state)
{
    (void)state;
    struct member_states states = {0};
    char names[][24] = {"web01", "データベース"};
    char id[] = "vda";
    struct disk disk = {.id = id, .virtual_size = 10 * GIB};
    struct machine machines[2] = {{.name = names[0],
                                   .state = MACHINE_STATE_RUNNING,
                                   .settings = {.cpus = 1, .memory = 2 * GIB},
                                   .disks = &disk,
                                   .disk_count = 1},
                                  {.id = guid_new()}};
    machines[1].name = names[1];
    member_states_add(&states, &machines[0]);
    member_states_add(&states, &machines[1]);
    struct facts facts = {0};
    member_states_tell(&states, "Machines", false, &facts);
    CLEANUP_FREE char *text = facts_text(&facts);
    assert_string_equal(text, "Machines  web01         running, 1 cpu, 2.0 GiB, vda 10.0 GiB\n"
                              "          データベース  \n");
    facts_clear(&facts);
    member_states_clear(&states);
}

/* A command that does not fit a row can still be copied as it stands. */
static void test_commands_are_whole_on_a_narrow_screen(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(16, 45, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    struct browse_offers offers = offers_with_keys();
    offers.store_option = "/srv/a/rather/long/path";
    browse_paint_no_points(&whole, &offers, "my web");
    CLEANUP_FREE char *points = taken(surface);
    assert_non_null(strstr(points, "  refpoint --store /srv/a/rather/long/path \\\n"
                                   "  point create 'my web'\n"));
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_totals),
        cmocka_unit_test(test_fold_of_what_is_no_text),
        cmocka_unit_test(test_empty_store_offers_what_to_do),
        cmocka_unit_test(test_a_host_of_running_machines_offers_what_it_can),
        cmocka_unit_test(test_machines),
        cmocka_unit_test(test_commands_are_whole_on_a_narrow_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
