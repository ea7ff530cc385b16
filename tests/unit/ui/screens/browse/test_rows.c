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
#include "ui/screens/browse/catalogue.h"
#include "ui/screens/browse/offers.h"
#include "ui/screens/browse/rows.h"

static char *taken(struct canvas_surface *surface)
{
    struct canvas whole = canvas_whole(surface);
    char *text = canvas_to_text(&whole);
    canvas_surface_free(surface);
    return text;
}

static char *told_row(const struct reference_point *point, int columns, enum browse_telling telling)
{
    const struct browse_row_style style = {
        .offset = "+02:00", .telling = telling, .role = ROLE_SELECTED, .selected = true};
    struct canvas_surface *surface = canvas_surface_new(1, columns, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    browse_paint_point(&whole, 0, point, &style);
    return taken(surface);
}

static char *point_row(const struct reference_point *point, int columns)
{
    return told_row(point, columns, BROWSE_BY_MINUTE);
}

static void test_points(void **state)
{
    (void)state;
    char name[] = "nightly";
    struct reference_point point = {.created = {.seconds = 1790208000},
                                    .type = POINT_TYPE_LOG_BASED,
                                    .consistency_level = CONSISTENCY_CRASH,
                                    .has_associated_log = true,
                                    .log_size = 11 * GIB + GIB / 5,
                                    .name = name};
    CLEANUP_FREE char *narrow = point_row(&point, 44);
    assert_string_equal(narrow, "> 2026-09-24 02:00 log   +11.2 GiB crash\n");
    CLEANUP_FREE char *wide = point_row(&point, 80);
    assert_string_equal(wide, "> 2026-09-24 02:00 log   +11.2 GiB crash  nightly\n");
    point.has_associated_log = false;
    point.consistency_level = CONSISTENCY_APPLICATION;
    CLEANUP_FREE char *removed = point_row(&point, 44);
    assert_string_equal(removed, "> 2026-09-24 02:00 (log removed)   app\n");
    /* Winter time, seen in summer: the row has its own offset. */
    point.created.seconds = 1768600000;
    CLEANUP_FREE char *winter = point_row(&point, 44);
    assert_string_equal(winter, "> 2026-01-16 22:46+01 (log removed)   app\n");
    point.type = POINT_TYPE_RCT_BASED; /* never had one */
    CLEANUP_FREE char *marked = point_row(&point, 44);
    assert_string_equal(marked, "> 2026-01-16 22:46+01 rct             app\n");
}

/* Points of one minute, or one second, do not read the same. */
static void test_points_beside_each_other(void **state)
{
    (void)state;
    char name[] = "before the move";
    struct reference_point items[5] = {{.created = {.seconds = 1790208100}},
                                       {.created = {.seconds = 1790208005}},
                                       {.created = {.seconds = 1790208000}},
                                       {.created = {.seconds = 1790200000}, .name = name},
                                       {.created = {.seconds = 1790200000}}};
    struct reference_point_list points = {.items = items, .count = ARRAY_LENGTH(items)};
    assert_int_equal(browse_point_telling(&points, 0), BROWSE_BY_MINUTE);
    assert_int_equal(browse_point_telling(&points, 1), BROWSE_BY_SECOND);
    assert_int_equal(browse_point_telling(&points, 2), BROWSE_BY_SECOND);
    assert_int_equal(browse_point_telling(&points, 3), BROWSE_BY_NAME);
    assert_int_equal(browse_point_telling(&points, 4), BROWSE_BY_NAME);
    items[1].has_associated_log = true;
    items[1].type = POINT_TYPE_LOG_BASED;
    items[1].log_size = GIB;
    items[1].consistency_level = CONSISTENCY_CRASH;
    CLEANUP_FREE char *seconds = told_row(&items[1], 45, BROWSE_BY_SECOND);
    assert_string_equal(seconds, "> 2026-09-24 02:00:05 log    +1.0 GiB crash\n");
    items[3].consistency_level = CONSISTENCY_CRASH;
    CLEANUP_FREE char *named = told_row(&items[3], 45, BROWSE_BY_NAME);
    assert_string_equal(named, "> 2026-09-23 23:46 (log removed)   before th…\n");
    items[4].consistency_level = CONSISTENCY_CRASH;
    CLEANUP_FREE char *unnamed = told_row(&items[4], 45, BROWSE_BY_NAME);
    assert_string_equal(unnamed, "> 2026-09-23 23:46 (log removed)   crash\n");
}

/* So many collections from the first, as rows; number 0 is the selected one. */
static char *collection_rows(const struct catalogue *catalogue, size_t first, int rows)
{
    struct canvas_surface *surface = canvas_surface_new(rows, 34, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    for (int row = 0; row < rows; row++)
        browse_paint_collection(&whole, row, catalogue, first + (size_t)row, ROLE_NORMAL,
                                first + (size_t)row == 0);
    return taken(surface);
}

static void test_collections(void **state)
{
    (void)state;
    char name[] = "web-prod";
    struct guid ids[12];
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
        ids[i] = guid_new();
    struct disk disk = {.virtual_size = 412 * GIB};
    struct machine machine = {.id = ids[0], .disks = &disk, .disk_count = 1};
    struct machine_list machines = {.items = &machine, .count = 1};
    struct collection items[] = {{.id = guid_new(), .name = name, .members = ids, .member_count = 1},
                                 {.id = guid_new(), .name = name, .members = ids, .member_count = 12},
                                 {.id = guid_new(), .name = name}};
    struct collection_list collections = {.items = items, .count = ARRAY_LENGTH(items)};
    struct catalogue catalogue = {0};
    catalogue_build(&catalogue, &collections, &machines);
    CLEANUP_FREE char *text = collection_rows(&catalogue, 0, 3);
    assert_string_equal(text, "> web-prod   1 machine   412.0 GiB\n"
                              "  web-prod   12, 11 gone 412.0 GiB\n"
                              "  web-prod   0 machines        0 B\n");
    catalogue_clear(&catalogue);
}

/* Names that are told apart by their ends are not cut for a figure; in no row, when it has to go in one. */
static void test_long_names_before_sizes(void **state)
{
    (void)state;
    char first[] = "web frontend north";
    char second[] = "web frontend south";
    char third[] = "web frontend south, which is rather long";
    char short_name[] = "db";
    struct guid nobody = guid_new();
    struct collection items[] = {{.id = guid_new(), .name = first},
                                 {.id = guid_new(), .name = second, .members = &nobody, .member_count = 1},
                                 {.id = guid_new(), .name = short_name},
                                 {.id = guid_new(), .name = third}};
    struct collection_list collections = {.items = items, .count = 3};
    struct machine_list machines = {0};
    struct catalogue catalogue = {0};
    catalogue_build(&catalogue, &collections, &machines);
    CLEANUP_FREE char *text = collection_rows(&catalogue, 0, 3);
    assert_string_equal(text, "> web frontend north   0 machines\n"
                              "  web frontend south   1, 1 gone\n"
                              "  db                   0 machines\n");
    catalogue_clear(&catalogue);
    collections.count = 4;
    catalogue_build(&catalogue, &collections, &machines);
    CLEANUP_FREE char *cut = collection_rows(&catalogue, 3, 1);
    assert_string_equal(cut, "  web frontend south,… 0 machines\n");
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
    assert_string_equal(folded, "grösse l");
    assert_string_equal(catalogue.rows[0].folded, "grösse l");
    assert_int_equal(catalogue.rows[0].states.count, 0);
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

static void test_states_of_machines(void **state)
{
    (void)state;
    struct member_states states = {0};
    member_states_add(&states, "web01", MACHINE_STATE_RUNNING);
    member_states_add(&states, "web02", MACHINE_STATE_PAUSED);
    member_states_add(&states, "database", MACHINE_STATE_GONE);
    assert_int_equal(member_states_rows(&states), 4);
    struct canvas_surface *surface = canvas_surface_new(4, 30, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    member_states_paint(&whole, &states, "MACHINES of web");
    CLEANUP_FREE char *text = taken(surface);
    assert_string_equal(text, "MACHINES of web\n"
                              "  web01     running\n"
                              "  web02     paused\n"
                              "  database  gone\n");
    surface = canvas_surface_new(3, 13, CANVAS_FULL);
    whole = canvas_whole(surface);
    member_states_paint(&whole, &states, "MACHINES");
    CLEANUP_FREE char *few = taken(surface);
    assert_string_equal(few, "MACHINES\n"
                             "  w…  running\n"
                             "  and 2 more\n");
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
        cmocka_unit_test(test_points_beside_each_other),
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_long_names_before_sizes),
        cmocka_unit_test(test_totals),
        cmocka_unit_test(test_fold_of_what_is_no_text),
        cmocka_unit_test(test_empty_store_offers_what_to_do),
        cmocka_unit_test(test_a_host_of_running_machines_offers_what_it_can),
        cmocka_unit_test(test_states_of_machines),
        cmocka_unit_test(test_commands_are_whole_on_a_narrow_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
