/* Lists of every kind come back as they were, of any length, and a list that is not believable does not. */
#include "core/export/plan/kept.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/support/image_files.h"

#define G RUN_GRANULE
#define DISKS 3

static const struct kept_key KEY = {.request = "a", .layers = "b"};

struct made {
    struct run_list runs[DISKS];
    struct spool places[DISKS];
    struct plan_totals totals[DISKS];
    uint64_t sizes[DISKS];
    struct kept_plan *plan;
};

static const uint64_t counts[DISKS] = {0, 1, 3 * RUN_BUFFER + 7};

static void fill_runs(struct made *made, size_t disk)
{
    struct planner planner;
    struct error err = {0};
    assert_true(run_list_open(&made->runs[disk], AT_FDCWD, &err));
    planner_begin(&planner, &made->runs[disk]);
    for (uint64_t i = 0; i < counts[disk]; i++) {
        assert_true(planner_feed(&planner, RUN_SKIP, (1 + i % 3) * G, &err));
        assert_true(planner_feed(&planner, i % 2 ? RUN_ZERO : RUN_DATA, (1 + i % 5) * G, &err));
    }
    assert_true(planner_feed(&planner, RUN_SKIP, 3 * G + 512, &err));
    made->sizes[disk] = planner.position;
    assert_true(planner_finish(&planner, &err));
    made->totals[disk] = planner.totals;
}

static void fill_places(struct made *made, size_t disk)
{
    struct error err = {0};
    assert_true(spool_open(&made->places[disk], AT_FDCWD, 3 * sizeof(uint64_t), &err));
    for (uint64_t i = 0; i < 2 * counts[disk]; i++)
        assert_true(spool_put(&made->places[disk], i, (uint64_t[]){i, i * i, disk}, 1, &err));
}

static void make(struct made *made)
{
    struct kept_disk disks[DISKS] = {0};
    struct error err = {0};
    for (size_t i = 0; i < DISKS; i++) {
        fill_runs(made, i);
        fill_places(made, i);
        disks[i] = (struct kept_disk){
            .totals = made->totals[i],
            .lists = {[KEPT_RUNS] = {.spool = &made->runs[i].spool, .count = made->runs[i].count},
                      [KEPT_PLACES] = {.spool = &made->places[i], .count = 2 * counts[i]}}};
    }
    assert_true(kept_plan_write(AT_FDCWD, &KEY, disks, DISKS, &made->plan, &err));
}

static void clear(struct made *made)
{
    for (size_t i = 0; i < DISKS; i++) {
        run_list_close(&made->runs[i]);
        spool_close(&made->places[i]);
    }
    kept_plan_free(made->plan);
}

static void assert_same_runs(const struct run_list *one, const struct run_list *other)
{
    struct run_reader readers[2];
    struct error err = {0};
    assert_int_equal(one->count, other->count);
    run_reader_open(&readers[0], one);
    run_reader_open(&readers[1], other);
    for (uint64_t i = 0; i <= one->count; i++) {
        struct run runs[2];
        assert_true(run_reader_next(&readers[0], &runs[0], &err));
        assert_true(run_reader_next(&readers[1], &runs[1], &err));
        assert_memory_equal(&runs[0], &runs[1], sizeof runs[0]);
    }
    run_reader_close(&readers[0]);
    run_reader_close(&readers[1]);
}

static void comes_back(void **state)
{
    (void)state;
    struct made made = {0};
    make(&made);
    struct kept_plan *copy = kept_plan_copy(made.plan);
    kept_plan_free(made.plan);
    made.plan = copy;
    assert_null(kept_plan_misfit(copy, &KEY, DISKS));
    for (size_t i = 0; i < DISKS; i++) {
        struct run_list list;
        struct plan_totals totals;
        struct spool places;
        struct error err = {0};
        uint64_t count;
        assert_true(run_list_open(&list, AT_FDCWD, &err));
        assert_null(kept_plan_read_runs(copy, i, made.sizes[i], &list, &totals));
        assert_same_runs(&list, &made.runs[i]);
        assert_memory_equal(&totals, &made.totals[i], sizeof totals);
        run_list_close(&list);
        assert_true(spool_open(&places, AT_FDCWD, 3 * sizeof(uint64_t), &err));
        assert_null(kept_plan_read_list(copy, i, KEPT_PLACES, &places, &count));
        assert_int_equal(count, 2 * counts[i]);
        for (uint64_t j = 0; j < count; j++) {
            uint64_t record[3];
            assert_true(spool_get(&places, j, record, 1, &err));
            assert_true(record[0] == j && record[1] == j * j && record[2] == i);
        }
        spool_close(&places);
    }
    clear(&made);
}

static void fits_its_own_only(void **state)
{
    (void)state;
    struct made made = {0};
    struct kept_key other = KEY;
    make(&made);
    assert_non_null(kept_plan_misfit(made.plan, &KEY, DISKS + 1));
    other.request[0] = 'x';
    assert_non_null(kept_plan_misfit(made.plan, &other, DISKS));
    other = KEY;
    other.layers[0] = 'x';
    assert_non_null(kept_plan_misfit(made.plan, &other, DISKS));
    clear(&made);
}

/* Everything after the head is in a digest, and the head in its own: no byte may change unseen. */
static void each_byte_counts(void **state)
{
    (void)state;
    struct made made = {0};
    make(&made);
    int fd = kept_plan_descriptor(made.plan);
    off_t size = lseek(fd, 0, SEEK_END);
    for (off_t at = 0; at < size; at += at < 3000 ? 1 : 211) {
        unsigned char byte;
        bool seen = false;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        assert_int_equal(pwrite(fd, &(unsigned char){byte ^ 1}, 1, at), 1);
        seen = kept_plan_misfit(made.plan, &KEY, DISKS) != NULL;
        for (size_t i = 0; i < DISKS && !seen; i++) {
            struct run_list list;
            struct plan_totals totals;
            struct spool places;
            struct error err = {0};
            uint64_t count;
            assert_true(run_list_open(&list, AT_FDCWD, &err));
            assert_true(spool_open(&places, AT_FDCWD, 3 * sizeof(uint64_t), &err));
            seen = kept_plan_read_runs(made.plan, i, made.sizes[i], &list, &totals) ||
                   kept_plan_read_list(made.plan, i, KEPT_PLACES, &places, &count);
            run_list_close(&list);
            spool_close(&places);
        }
        if (!seen)
            fail_msg("byte %ld of %ld was changed unseen", (long)at, (long)size);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    clear(&made);
}

/* Well written, but of a disk that is not so: the digests are right and the runs are not believed. */
static void runs_must_be_possible(void **state)
{
    (void)state;
    static const struct {
        struct run runs[2];
        size_t count;
        uint64_t size;
    } cases[] = {
        {{{.offset = 0, .length = 2 * G, .kind = RUN_DATA}}, 1, G},
        {{{.offset = G, .length = G, .kind = RUN_DATA}}, 1, G},
        {{{.offset = 2 * G, .length = G, .kind = RUN_DATA}, {.offset = 0, .length = G, .kind = RUN_DATA}},
         2,
         4 * G},
        {{{.offset = 0, .length = G, .kind = RUN_SKIP}}, 1, G},
        {{{.offset = 0, .length = G, .kind = 3}}, 1, G},
        {{{.offset = 0, .length = 0, .kind = RUN_DATA}}, 1, G},
        {{{.offset = 0, .length = G, .kind = RUN_DATA}, {.offset = G, .length = G, .kind = RUN_DATA}},
         2,
         4 * G},
        {{{.offset = 512, .length = G, .kind = RUN_ZERO}}, 1, 4 * G},
        {{{.offset = UINT64_MAX - 511, .length = G, .kind = RUN_ZERO}}, 1, 4 * G},
        {{{.offset = 0, .length = G, .kind = RUN_DATA}}, 1, 4 * G}, /* but totals say otherwise */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct spool spool;
        struct error err = {0};
        struct kept_plan *plan;
        struct run_list list;
        struct plan_totals totals;
        assert_true(spool_open(&spool, AT_FDCWD, sizeof(struct run), &err));
        assert_true(spool_put(&spool, 0, cases[i].runs, cases[i].count, &err));
        struct kept_disk disk = {.lists = {[KEPT_RUNS] = {.spool = &spool, .count = cases[i].count}}};
        assert_true(kept_plan_write(AT_FDCWD, &KEY, &disk, 1, &plan, &err));
        assert_null(kept_plan_misfit(plan, &KEY, 1));
        assert_true(run_list_open(&list, AT_FDCWD, &err));
        assert_non_null(kept_plan_read_runs(plan, 0, cases[i].size, &list, &totals));
        run_list_close(&list);
        spool_close(&spool);
        kept_plan_free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(fits_its_own_only),
        cmocka_unit_test(each_byte_counts),
        cmocka_unit_test(runs_must_be_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
