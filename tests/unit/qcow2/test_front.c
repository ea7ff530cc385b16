/* Images without compression: thousands of plans by the tests' own reader, dozens by QEMU, and the ends of
 * what the format can hold. */
#include "tests/unit/qcow2/files.h"
#include "tests/unit/qcow2/front.h"

#include <jansson.h>
#include <signal.h>
#include <sys/resource.h>

#include "core/base/units.h"
#include "core/syntax/json.h"
#include "core/system/proc.h"

static struct image_files files;

static int set_up(void **state)
{
    (void)state;
    image_files_make(&files);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    image_files_remove(&files);
    return 0;
}

/* Front only. */
static void write_front(struct plan *plan, const char *backing, int fd, struct qcow2_layout *layout)
{
    struct error err = {0};
    struct qcow2_extents extents = plan_stream(plan);
    struct qcow2_image image = {plan->virtual_size, backing, DISK_FORMAT_RAW};
    struct qcow2_file file = {.fd = fd, .path = "image"};
    assert_done(qcow2_layout_make(&image, &extents, layout, &err), err);
    assert_done(qcow2_front_write(layout, &extents, &file, &err), err);
}

/* Front and data; what is zero is left out. */
static void write_image(struct plan *plan, const char *backing, uint64_t content, int fd,
                        struct qcow2_layout *layout)
{
    static const uint8_t zero[PLAN_CLUSTER];
    uint8_t bytes[PLAN_CLUSTER];
    CLEANUP_FREE uint8_t *kinds = plan_kinds(plan);
    uint64_t rank = 0;
    write_front(plan, backing, fd, layout);
    for (uint64_t i = 0; i < plan_clusters(plan); i++) {
        if (kinds[i] != 1 + QCOW2_DATA)
            continue;
        uint64_t left = plan->virtual_size - i * PLAN_CLUSTER;
        plan_content(content, i, bytes);
        if (memcmp(bytes, zero, sizeof zero) != 0)
            put_at(fd, bytes, left < PLAN_CLUSTER ? left : PLAN_CLUSTER, qcow2_data_offset(layout, rank));
        rank++;
    }
    assert_int_equal(rank, layout->data_clusters);
}

static void assert_sound(int fd, struct reader *reader)
{
    const char *fault = reader_open(reader, fd);
    if (fault)
        fail_msg("the image is wrong: %s", fault);
}

static void assert_planned(const struct plan *plan, const struct qcow2_layout *layout, int fd)
{
    const char *fault = front_check(plan, layout, fd);
    if (fault)
        fail_msg("the image is wrong: %s", fault);
}

static void assert_front(struct plan *plan, const char *backing)
{
    struct qcow2_layout layout;
    CLEANUP_FD int fd = memfd_create("image", MFD_CLOEXEC);
    write_front(plan, backing, fd, &layout);
    assert_planned(plan, &layout, fd);
}

static void test_many_plans_by_our_own_reader(void **state)
{
    (void)state;
    struct random random = seed();
    for (unsigned i = 0; i < plans_to_draw(1000); i++) {
        struct plan plan;
        plan_draw(&plan, &random, next_random(&random, 8) == 0 ? 40000 : 300);
        assert_front(&plan, next_random(&random, 2) ? "base.raw" : NULL);
        plan_clear(&plan);
    }
}

/* One range of QEMU's map is what the plan has for each cluster in it. */
static uint64_t check_range(const json_t *range, const uint8_t *kinds, uint64_t rank,
                            const struct qcow2_layout *layout)
{
    uint64_t start = json_get_number(range, "start", 0);
    uint64_t end = start + json_get_number(range, "length", 0);
    bool own = json_get_number(range, "depth", 9) == 0 && json_get_bool(range, "present", false);
    bool data = json_get_bool(range, "data", false);
    uint64_t offset = json_get_number(range, "offset", 0);
    for (uint64_t at = start; at < end; at += PLAN_CLUSTER) {
        uint8_t kind = kinds[at / PLAN_CLUSTER];
        assert_true(own == (kind != 0));
        if (kind == 1 + QCOW2_ZERO)
            assert_true(json_get_bool(range, "zero", false) && !data);
        if (kind == 1 + QCOW2_DATA)
            assert_true(data && offset + (at - start) == qcow2_data_offset(layout, rank++));
    }
    return rank;
}

static void assert_mapped_as_planned(const struct plan *plan, const struct qcow2_layout *layout)
{
    struct error err = {0};
    CLEANUP_FREE char *path = image_path(&files, "image");
    CLEANUP_FREE char *output = NULL;
    CLEANUP_FREE uint8_t *kinds = plan_kinds(plan);
    const char *const argv[] = {"qemu-img", "map", "--output=json", "-f", "qcow2", path, NULL};
    struct proc_spec spec = {.argv = argv};
    assert_done(proc_run(&spec, -1, "test", &output, &err), err);
    json_t *map = json_loads(output, 0, NULL);
    assert_non_null(map);
    uint64_t rank = 0;
    for (size_t i = 0; i < json_array_size(map); i++)
        rank = check_range(json_array_get(map, i), kinds, rank, layout);
    assert_int_equal(rank, layout->data_clusters);
    json_decref(map);
}

static void assert_qemu_agrees(struct plan *plan, bool backing, uint64_t content)
{
    struct qcow2_layout layout;
    CLEANUP_FD int fd = new_file(&files, "image");
    write_image(plan, backing ? "base.raw" : NULL, content, fd, &layout);
    assert_planned(plan, &layout, fd);
    make_reference(&files, plan, content, backing);
    assert_reads_as_planned(&files);
    assert_mapped_as_planned(plan, &layout);
}

static void test_plans_by_qemu(void **state)
{
    (void)state;
    struct random random = seed();
    make_base(&files);
    for (unsigned i = 0; i < plans_to_draw(15); i++) {
        struct plan plan;
        plan_draw(&plan, &random, i % 4 == 0 ? 24000 : 200);
        assert_qemu_agrees(&plan, i % 2 == 0, i);
        plan_clear(&plan);
    }
}

static void test_edges_by_qemu(void **state)
{
    (void)state;
    static const struct {
        uint64_t size;
        uint64_t first;
        uint64_t count; /* clusters; 0 = an empty plan */
        enum qcow2_kind kind;
    } edges[] = {
        {0, 0, 0, QCOW2_DATA},
        {512, 0, 0, QCOW2_DATA},
        {512, 0, 1, QCOW2_DATA},
        {512, 0, 1, QCOW2_ZERO},
        {PLAN_CLUSTER, 0, 1, QCOW2_DATA},
        {PLAN_CLUSTER + 512, 0, 2, QCOW2_DATA},
        {PLAN_CLUSTER + 512, 1, 1, QCOW2_DATA},
        {PLAN_CLUSTER * 2 - 512, 1, 1, QCOW2_ZERO},
        {8192 * PLAN_CLUSTER, 8191, 1, QCOW2_DATA},
        {8193 * PLAN_CLUSTER, 8190, 3, QCOW2_DATA},
        {20000 * PLAN_CLUSTER, 0, 20000, QCOW2_ZERO},
        {20000 * PLAN_CLUSTER, 16383, 2, QCOW2_DATA},
    };
    make_base(&files);
    for (size_t i = 0; i < ARRAY_LENGTH(edges) * 2; i++) {
        struct plan plan = {.virtual_size = edges[i / 2].size};
        plan_add(&plan, edges[i / 2].kind, edges[i / 2].first, edges[i / 2].count);
        assert_qemu_agrees(&plan, i % 2 == 1, i);
        plan_clear(&plan);
    }
}

/* Nothing is behind the end of the disk but zeroes, up to the end of the cluster. */
static void test_a_cut_cluster_is_whole_in_the_file(void **state)
{
    (void)state;
    struct stat status;
    struct qcow2_layout layout;
    struct plan plan = {.virtual_size = 3 * PLAN_CLUSTER + 1024};
    CLEANUP_FD int fd = new_file(&files, "image");
    plan_add(&plan, QCOW2_DATA, 1, 3);
    write_image(&plan, NULL, 3, fd, &layout);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_size, qcow2_data_offset(&layout, 3));
    assert_int_equal(layout.data_clusters, 3);
    plan_clear(&plan);
}

/* Several clusters of L1, up to the largest disk there is: its ends hold data, all between is nothing. */
static void test_large_disks_by_qemu(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {4096 * GIB, 4096 * GIB + 512, 5 * 4096 * GIB + 512 * MIB,
                                     QCOW2_VIRTUAL_LIMIT - 512, QCOW2_VIRTUAL_LIMIT};
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        struct plan plan = {.virtual_size = sizes[i]};
        struct qcow2_layout layout;
        struct reader reader;
        CLEANUP_FD int fd = new_file(&files, "image");
        uint64_t last = plan_clusters(&plan) - 1;
        plan_add(&plan, QCOW2_DATA, 0, 1);
        plan_add(&plan, QCOW2_ZERO, last / 2 - 1, 2);
        plan_add(&plan, QCOW2_DATA, last, 1);
        write_front(&plan, NULL, fd, &layout);
        assert_sound(fd, &reader);
        assert_int_equal(reader_find(&reader, 0).offset, qcow2_data_offset(&layout, 0));
        assert_int_equal(reader_find(&reader, last / 2).kind, PLACE_ZERO);
        assert_int_equal(reader_find(&reader, last - 1).kind, PLACE_NONE);
        assert_int_equal(reader_find(&reader, last).offset, qcow2_data_offset(&layout, 1));
        reader_close(&reader);
        put_at(fd, "first", 5, qcow2_data_offset(&layout, 0));
        put_at(fd, "last", 4, qcow2_data_offset(&layout, 1));
        shell(&files,
              "qemu-img check -q -f qcow2 image && qemu-io -r -f qcow2 image -c 'read -v 0 512' | "
              "grep first && qemu-io -r -f qcow2 image -c 'read -v %llu 512' | grep last",
              (unsigned long long)(last * PLAN_CLUSTER));
        plan_clear(&plan);
    }
}

/* Refcount blocks one after the other: around 2 GiB of file, where a second one begins. */
static void test_files_beyond_2_gib(void **state)
{
    (void)state;
    for (uint64_t count = 32756; count <= 32768; count++) {
        struct plan plan = {.virtual_size = 50000 * PLAN_CLUSTER};
        plan_add(&plan, QCOW2_DATA, 100, count);
        assert_front(&plan, NULL);
        plan_clear(&plan);
    }
    struct plan plan = {.virtual_size = 200000 * PLAN_CLUSTER};
    struct qcow2_layout layout;
    CLEANUP_FD int fd = new_file(&files, "image");
    plan_add(&plan, QCOW2_DATA, 5, 100000);
    write_front(&plan, NULL, fd, &layout);
    assert_int_equal(layout.refcount_blocks, 4);
    put_at(fd, "first", 5, qcow2_data_offset(&layout, 0));
    put_at(fd, "last", 4, qcow2_data_offset(&layout, 99999));
    shell(&files,
          "qemu-img check -q -f qcow2 image && qemu-io -r -f qcow2 image -c 'read -v %llu 512' | grep last",
          100004ULL * PLAN_CLUSTER);
    plan_clear(&plan);
}

/* What is counted is the whole file, by no more blocks and tables than that takes, and nothing overlaps. */
static void assert_layout_fits(const struct qcow2_layout *layout)
{
    uint64_t clusters = layout->file_size / PLAN_CLUSTER;
    assert_int_equal(layout->file_size % PLAN_CLUSTER, 0);
    assert_true(layout->refcount_blocks * 32768 >= clusters);
    assert_true((layout->refcount_blocks - 1) * 32768 < clusters);
    assert_true(layout->refcount_table_clusters * 8192 >= layout->refcount_blocks);
    assert_true((layout->refcount_table_clusters - 1) * 8192 < layout->refcount_blocks);
    assert_int_equal(layout->refcount_table_offset, PLAN_CLUSTER);
    assert_int_equal(layout->refcount_blocks_offset,
                     layout->refcount_table_offset + layout->refcount_table_clusters * PLAN_CLUSTER);
    assert_int_equal(layout->l1_offset,
                     layout->refcount_blocks_offset + layout->refcount_blocks * PLAN_CLUSTER);
    assert_true(layout->l2_offset >= layout->l1_offset + layout->l1_entries * 8);
    assert_int_equal(layout->data_offset, layout->l2_offset + layout->l2_tables * PLAN_CLUSTER);
    assert_int_equal(layout->file_size, layout->data_offset + layout->data_clusters * PLAN_CLUSTER);
}

static void make_layout(uint64_t size, uint64_t clusters, struct qcow2_layout *layout)
{
    struct error err = {0};
    struct plan plan = {.virtual_size = size};
    struct qcow2_image image = {.virtual_size = size};
    struct qcow2_extents extents = plan_stream(&plan);
    plan_add(&plan, QCOW2_DATA, 0, clusters);
    assert_done(qcow2_layout_make(&image, &extents, layout, &err), err);
    plan_clear(&plan);
}

/* The refcount table has a second cluster at 16 TiB of file, which is near 268,435,456 clusters. */
static void test_layouts_beyond_16_tib(void **state)
{
    (void)state;
    struct qcow2_layout layout;
    for (uint64_t count = 268394000; count < 268396000; count++) {
        make_layout(QCOW2_VIRTUAL_LIMIT, count, &layout);
        assert_layout_fits(&layout);
    }
    make_layout(QCOW2_VIRTUAL_LIMIT, 268390000, &layout);
    assert_int_equal(layout.refcount_table_clusters, 1);
    make_layout(QCOW2_VIRTUAL_LIMIT, 268436000, &layout);
    assert_int_equal(layout.refcount_table_clusters, 2);
    make_layout(QCOW2_VIRTUAL_LIMIT, 34350000000, &layout);
    assert_layout_fits(&layout);
    assert_int_equal(layout.refcount_table_clusters, 128);
}

/* The same as a file: 3 GiB of tables in memory, so only who asks for large files has it. */
static void test_a_file_beyond_16_tib(void **state)
{
    (void)state;
    if (!getenv("REFPOINT_TEST_LARGE"))
        skip();
    struct plan plan = {.virtual_size = 20 * 1024 * GIB};
    struct qcow2_layout layout;
    struct reader reader;
    CLEANUP_FD int fd = memfd_create("image", 0);
    plan_add(&plan, QCOW2_DATA, 7, 268500000);
    write_front(&plan, NULL, fd, &layout);
    assert_layout_fits(&layout);
    assert_int_equal(layout.refcount_table_clusters, 2);
    assert_sound(fd, &reader);
    assert_int_equal(reader_find(&reader, 268500006).offset, qcow2_data_offset(&layout, 268499999));
    reader_close(&reader);
    put_at(fd, "last", 4, qcow2_data_offset(&layout, 268499999));
    shell(&files,
          "qemu-img check -q -f qcow2 /proc/%d/fd/%d && qemu-io -r -f qcow2 /proc/%d/fd/%d -c 'read -v %llu "
          "512'"
          " | grep last",
          getpid(), fd, getpid(), fd, 268500006ULL * PLAN_CLUSTER);
    plan_clear(&plan);
}

static void test_names_of_backing_files(void **state)
{
    (void)state;
    char name[1024];
    memset(name, 'n', sizeof name);
    for (size_t length = 1; length <= 1023; length++) {
        struct plan plan = {.virtual_size = MIB};
        struct qcow2_layout layout;
        struct reader reader;
        CLEANUP_FD int fd = memfd_create("image", 0);
        name[length] = '\0';
        name[length - 1] = 'e';
        write_front(&plan, name, fd, &layout);
        assert_sound(fd, &reader);
        uint64_t offset = reader_number(&reader, 8, 8);
        assert_int_equal(reader_number(&reader, 16, 4), length);
        assert_memory_equal(reader.map + offset, name, length);
        assert_int_equal(reader.map[offset + length], 0);
        reader_close(&reader);
        if (length % 8 <= 1 && (length < 20 || length > 1000))
            shell(&files,
                  "qemu-img info -f qcow2 --output=json /proc/%d/fd/%d >info && jq -e "
                  "'.\"backing-filename\" == \"%s\" and .\"backing-filename-format\" == \"raw\"' info",
                  getpid(), fd, name);
        name[length - 1] = 'n';
    }
}

static void expect_refused(struct plan *plan, const char *name, const char *key)
{
    struct error err = {0};
    struct qcow2_layout layout;
    struct qcow2_extents extents = plan_stream(plan);
    struct qcow2_image image = {.virtual_size = plan->virtual_size, .backing_name = name};
    assert_false(qcow2_layout_make(&image, &extents, &layout, &err));
    assert_string_equal(err.key, key);
    plan_clear(plan);
}

static void test_what_cannot_be(void **state)
{
    (void)state;
    char name[1025] = {0};
    memset(name, 'n', 1024);
    expect_refused(&(struct plan){.virtual_size = 511}, NULL, "image.unsupported");
    expect_refused(&(struct plan){.virtual_size = QCOW2_VIRTUAL_LIMIT + 512}, NULL, "image.unsupported");
    expect_refused(&(struct plan){.virtual_size = MIB}, name, "image.unsupported");
    expect_refused(&(struct plan){.virtual_size = MIB}, "", "image.unsupported");
    struct plan full = {.virtual_size = QCOW2_VIRTUAL_LIMIT};
    plan_add(&full, QCOW2_DATA, 0, QCOW2_VIRTUAL_LIMIT / PLAN_CLUSTER);
    expect_refused(&full, NULL, "image.unsupported");
}

static void test_plans_out_of_order(void **state)
{
    (void)state;
    static const struct qcow2_extent wrong[][2] = {
        {{PLAN_CLUSTER, PLAN_CLUSTER, QCOW2_DATA}, {0, PLAN_CLUSTER, QCOW2_DATA}},
        {{0, 2 * PLAN_CLUSTER, QCOW2_DATA}, {PLAN_CLUSTER, PLAN_CLUSTER, QCOW2_ZERO}},
        {{512, PLAN_CLUSTER, QCOW2_DATA}},
        {{0, PLAN_CLUSTER - 512, QCOW2_DATA}},
        {{0, MIB + 512, QCOW2_DATA}},
        {{MIB, PLAN_CLUSTER, QCOW2_DATA}},
        {{PLAN_CLUSTER, UINT64_MAX - 65535, QCOW2_ZERO}},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct plan plan = {.virtual_size = MIB, .extents = mem_alloc(sizeof wrong[i])};
        memcpy(plan.extents, wrong[i], sizeof wrong[i]);
        plan.count = wrong[i][1].length ? 2 : 1;
        expect_refused(&plan, NULL, "image.plan");
    }
}

/* Between layout and writing, more or less than was counted. */
static void test_a_plan_that_changes(void **state)
{
    (void)state;
    static const uint64_t changes[][2] = {{1, 3}, {1, 1}, {9000, 2}};
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        struct error err = {0};
        struct qcow2_layout layout;
        struct plan plan = {.virtual_size = GIB};
        struct qcow2_image image = {.virtual_size = GIB};
        struct qcow2_extents extents = plan_stream(&plan);
        struct qcow2_file file = {.fd = memfd_create("image", MFD_CLOEXEC), .path = "image"};
        plan_add(&plan, QCOW2_DATA, 0, 1);
        plan_add(&plan, QCOW2_DATA, 2, 2);
        assert_true(qcow2_layout_make(&image, &extents, &layout, &err));
        plan.count = 1;
        plan_add(&plan, QCOW2_DATA, changes[i][0], changes[i][1]);
        assert_false(qcow2_front_write(&layout, &extents, &file, &err));
        assert_string_equal(err.key, "image.plan");
        close(file.fd);
        plan_clear(&plan);
    }
}

struct failing {
    unsigned passes_left; /* rewind fails when there is none */
    unsigned extents_left;
};

static bool failing_rewind(void *context, struct error *err)
{
    struct failing *failing = context;
    return failing->passes_left-- > 0 || error_set(err, 1, "test.rewind", "no");
}

static bool failing_next(void *context, struct qcow2_extent *extent, struct error *err)
{
    struct failing *failing = context;
    *extent = (struct qcow2_extent){0};
    return failing->extents_left-- > 0 || error_set(err, 1, "test.next", "no");
}

/* What the plan says goes through as it is. */
static void test_a_plan_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        struct failing failing;
        const char *key;
    } cases[] = {
        {{0, 9}, "test.rewind"}, {{1, 9}, "test.rewind"}, {{9, 0}, "test.next"}, {{9, 1}, "test.next"}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct failing failing = cases[i].failing;
        struct qcow2_layout layout;
        struct qcow2_image image = {.virtual_size = GIB};
        struct qcow2_extents extents = {failing_rewind, failing_next, &failing};
        struct qcow2_file file = {.fd = memfd_create("image", MFD_CLOEXEC), .path = "image"};
        assert_false(qcow2_layout_make(&image, &extents, &layout, &err) &&
                     qcow2_front_write(&layout, &extents, &file, &err));
        assert_string_equal(err.key, cases[i].key);
        close(file.fd);
    }
}

static void expect_not_written(int fd, const char *key)
{
    struct error err = {0};
    struct plan plan = {.virtual_size = GIB};
    struct qcow2_image image = {.virtual_size = GIB};
    struct qcow2_layout layout;
    struct qcow2_extents extents = plan_stream(&plan);
    struct qcow2_file file = {.fd = fd, .path = "image"};
    plan_add(&plan, QCOW2_DATA, 0, 100);
    assert_true(qcow2_layout_make(&image, &extents, &layout, &err));
    assert_false(qcow2_front_write(&layout, &extents, &file, &err));
    assert_string_equal(err.key, key);
    plan_clear(&plan);
}

static void test_files_that_cannot_be_written(void **state)
{
    (void)state;
    struct rlimit before;
    struct rlimit low;
    CLEANUP_FD int fd = new_file(&files, "image");
    CLEANUP_FD int read_only = image_open(&files, "image", O_RDONLY);
    expect_not_written(read_only, "image.write");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = before;
    low.rlim_cur = MIB;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    expect_not_written(fd, "image.no-space");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

/* Holes of an older, longer file must not show through. */
static void test_what_the_file_held_is_lost(void **state)
{
    (void)state;
    struct plan plan = {.virtual_size = GIB};
    struct qcow2_layout layout;
    struct reader reader;
    CLEANUP_FD int fd = new_file(&files, "image");
    shell(&files, "head -c 9000000 /dev/urandom >image");
    plan_add(&plan, QCOW2_DATA, 9000, 2);
    write_front(&plan, NULL, fd, &layout);
    assert_sound(fd, &reader);
    assert_null(front_check_places(&reader, &plan, &layout));
    for (uint64_t i = layout.data_offset; i < layout.file_size; i++)
        assert_int_equal(reader.map[i], 0);
    reader_close(&reader);
    plan_clear(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_plans_by_our_own_reader),
        cmocka_unit_test(test_plans_by_qemu),
        cmocka_unit_test(test_edges_by_qemu),
        cmocka_unit_test(test_a_cut_cluster_is_whole_in_the_file),
        cmocka_unit_test(test_large_disks_by_qemu),
        cmocka_unit_test(test_files_beyond_2_gib),
        cmocka_unit_test(test_layouts_beyond_16_tib),
        cmocka_unit_test(test_a_file_beyond_16_tib),
        cmocka_unit_test(test_names_of_backing_files),
        cmocka_unit_test(test_what_cannot_be),
        cmocka_unit_test(test_plans_out_of_order),
        cmocka_unit_test(test_a_plan_that_changes),
        cmocka_unit_test(test_a_plan_that_cannot_be_read),
        cmocka_unit_test(test_files_that_cannot_be_written),
        cmocka_unit_test(test_what_the_file_held_is_lost),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
