/* Rounding out to clusters, run lists, windows: without images. */
#include "core/export/plan/planner.h"

#include "core/base/units.h"
#include "core/export/copy/window_digest.h"
#include "tests/unit/support/image_files.h"

#define G RUN_GRANULE

struct piece {
    enum run_kind kind;
    uint64_t length;
};

static void plan_pieces(const struct piece *pieces, size_t count, struct run_list *list,
                        struct plan_totals *totals)
{
    struct planner planner;
    struct error err = {0};
    assert_true(run_list_open(list, AT_FDCWD, &err));
    planner_begin(&planner, list);
    for (size_t i = 0; i < count; i++)
        assert_true(planner_feed(&planner, pieces[i].kind, pieces[i].length, &err));
    assert_true(planner_finish(&planner, &err));
    *totals = planner.totals;
}

static void assert_runs(const struct run_list *list, const struct run *expected, size_t count)
{
    struct run_reader reader;
    struct run run;
    struct error err = {0};
    run_reader_open(&reader, list);
    for (size_t i = 0; i < count; i++) {
        assert_true(run_reader_next(&reader, &run, &err));
        assert_int_equal(run.offset, expected[i].offset);
        assert_int_equal(run.length, expected[i].length);
        assert_int_equal(run.kind, expected[i].kind);
    }
    assert_true(run_reader_next(&reader, &run, &err));
    assert_int_equal(run.length, 0);
    run_reader_close(&reader);
}

static void test_whole_clusters_stay_what_they_are(void **state)
{
    (void)state;
    const struct piece pieces[] = {
        {RUN_SKIP, G}, {RUN_DATA, G}, {RUN_DATA, 2 * G}, {RUN_ZERO, 4 * G}, {RUN_SKIP, G}};
    const struct run runs[] = {{.offset = G, .length = 3 * G, .kind = RUN_DATA},
                               {.offset = 4 * G, .length = 4 * G, .kind = RUN_ZERO}};
    struct run_list list;
    struct plan_totals totals;
    plan_pieces(pieces, ARRAY_LENGTH(pieces), &list, &totals);
    assert_runs(&list, runs, ARRAY_LENGTH(runs));
    assert_int_equal(totals.bytes_data, 3 * G);
    assert_int_equal(totals.bytes_zero, 4 * G);
    assert_int_equal(totals.bytes_skipped, 2 * G);
    assert_int_equal(totals.tables, 1);
    run_list_close(&list);
}

static void test_mixed_clusters_become_data(void **state)
{
    (void)state;
    /* One zeroed sector in an unchanged cluster; zero and data; zero up to a cluster's middle; an odd end. */
    const struct piece pieces[] = {{RUN_SKIP, 1000}, {RUN_ZERO, 512},       {RUN_SKIP, G - 1512},
                                   {RUN_ZERO, G},    {RUN_ZERO, G / 2},     {RUN_DATA, G / 2},
                                   {RUN_SKIP, G},    {RUN_ZERO, 2 * G + 7}, {RUN_SKIP, 505}};
    const struct run runs[] = {{.offset = 0, .length = G, .kind = RUN_DATA},
                               {.offset = G, .length = G, .kind = RUN_ZERO},
                               {.offset = 2 * G, .length = G, .kind = RUN_DATA},
                               {.offset = 4 * G, .length = 2 * G, .kind = RUN_ZERO},
                               {.offset = 6 * G, .length = 512, .kind = RUN_DATA}};
    struct run_list list;
    struct plan_totals totals;
    plan_pieces(pieces, ARRAY_LENGTH(pieces), &list, &totals);
    assert_runs(&list, runs, ARRAY_LENGTH(runs));
    assert_int_equal(totals.bytes_data + totals.bytes_zero + totals.bytes_skipped, 6 * G + 512);
    run_list_close(&list);
}

static void test_tables_are_counted_once(void **state)
{
    (void)state;
    const struct piece pieces[] = {{RUN_DATA, G},     {RUN_SKIP, 256 * MIB - G},
                                   {RUN_ZERO, 2 * G}, {RUN_SKIP, 10 * GIB - 256 * MIB - 2 * G},
                                   {RUN_DATA, G},     {RUN_SKIP, G},
                                   {RUN_ZERO, GIB}};
    struct run_list list;
    struct plan_totals totals;
    plan_pieces(pieces, ARRAY_LENGTH(pieces), &list, &totals);
    assert_int_equal(totals.tables, 1 + 3);
    run_list_close(&list);
}

static void test_nothing_at_all(void **state)
{
    (void)state;
    struct run_list list;
    struct plan_totals totals;
    plan_pieces(NULL, 0, &list, &totals);
    assert_runs(&list, NULL, 0);
    run_list_close(&list);
}

/* The windows of a list cover its runs exactly, each cluster once, and are the same on every pass. */
static void test_windows_cover_the_runs(void **state)
{
    (void)state;
    struct run_list list;
    struct error err = {0};
    struct planner planner;
    uint64_t size = 1500 * WINDOW_SIZE + 5 * G + 512;
    size_t clusters = (size_t)(size / G) + 1;
    unsigned char *wanted = mem_alloc(clusters);
    assert_true(run_list_open(&list, AT_FDCWD, &err));
    planner_begin(&planner, &list);
    uint64_t random = 12345;
    for (size_t i = 0; i < clusters;) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        enum run_kind kind = (enum run_kind)((random >> 33) % 3);
        size_t run = 1 + (random >> 40) % (i % 1000 < 900 ? 3 : 300);
        for (; run > 0 && i < clusters; run--, i++) {
            wanted[i] = (unsigned char)kind;
            assert_true(planner_feed(&planner, kind, i + 1 == clusters ? size % G : G, &err));
        }
    }
    assert_true(planner_finish(&planner, &err));
    assert_true(list.count > 2 * RUN_BUFFER); /* so that the buffers are turned over */
    for (int pass = 0; pass < 2; pass++) {
        struct window_cursor cursor;
        struct window window;
        uint64_t data = 0;
        uint64_t zero = 0;
        uint64_t index = 0;
        uint64_t end = 0;
        window_cursor_open(&cursor, &list, size);
        while (window_cursor_next(&cursor, &window, &err) && window.length > 0) {
            assert_true(window.offset >= end);
            assert_int_equal(window.data_mask & window.zero_mask, 0);
            end = window.offset + window.length;
            assert_true(end <= size);
            if (window.data_mask)
                assert_int_equal(window.index, index++);
            for (unsigned i = 0; i < WINDOW_CLUSTERS && window.length <= WINDOW_SIZE; i++) {
                size_t cluster = (size_t)(window.offset / G) + i;
                if (cluster < clusters) {
                    assert_int_equal(window.data_mask >> i & 1, wanted[cluster] == RUN_DATA);
                    assert_int_equal(window.zero_mask >> i & 1, wanted[cluster] == RUN_ZERO);
                }
            }
            data += window_bytes(&window, window.data_mask);
            zero += window_bytes(&window, window.zero_mask);
        }
        assert_int_equal(data, planner.totals.bytes_data);
        assert_int_equal(zero, planner.totals.bytes_zero);
        window_cursor_close(&cursor);
    }
    free(wanted);
    run_list_close(&list);
}

static void test_long_zero_runs_come_in_one_piece(void **state)
{
    (void)state;
    const struct piece pieces[] = {{RUN_SKIP, 3 * G}, {RUN_ZERO, 100 * GIB}, {RUN_DATA, G}};
    struct run_list list;
    struct plan_totals totals;
    plan_pieces(pieces, ARRAY_LENGTH(pieces), &list, &totals);
    struct window_cursor cursor;
    struct window window;
    struct error err = {0};
    size_t units = 0;
    uint64_t zero = 0;
    window_cursor_open(&cursor, &list, 100 * GIB + 4 * G);
    while (window_cursor_next(&cursor, &window, &err) && window.length > 0) {
        units++;
        zero += window_bytes(&window, window.zero_mask);
    }
    assert_int_equal(zero, 100 * GIB);
    assert_true(units < 450);
    window_cursor_close(&cursor);
    run_list_close(&list);
}

static void test_digest_sees_content_only(void **state)
{
    (void)state;
    unsigned char *data = mem_alloc(WINDOW_SIZE);
    struct window all = {.length = WINDOW_SIZE, .data_mask = UINT16_MAX};
    struct window some = {.length = WINDOW_SIZE, .data_mask = 0x0008};
    struct window_digest first;
    struct window_digest second;
    struct error err = {0};
    data[3 * G + 77] = 1;
    assert_true(window_digest_make(&all, data, &first, &err));
    assert_true(window_digest_make(&some, data, &second, &err));
    assert_int_equal(first.content_mask, 0x0008);
    assert_memory_equal(&first, &second, sizeof first);
    data[3 * G + 77] = 2;
    assert_true(window_digest_make(&some, data, &second, &err));
    assert_memory_not_equal(&first, &second, sizeof first);
    data[5 * G - 1] = 1; /* the last byte of a cluster counts */
    assert_true(window_digest_make(&all, data, &second, &err));
    assert_int_equal(second.content_mask, 0x0018);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_clusters_stay_what_they_are),
        cmocka_unit_test(test_mixed_clusters_become_data),
        cmocka_unit_test(test_tables_are_counted_once),
        cmocka_unit_test(test_nothing_at_all),
        cmocka_unit_test(test_windows_cover_the_runs),
        cmocka_unit_test(test_long_zero_runs_come_in_one_piece),
        cmocka_unit_test(test_digest_sees_content_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
