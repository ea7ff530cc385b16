/* Images with compressed clusters: thousands of plans by the tests' own reader, dozens by QEMU, which
 * decompresses. */
#include "tests/unit/qcow2/files.h"
#include "tests/unit/qcow2/packed.h"

#include <signal.h>
#include <sys/resource.h>

#include "core/base/units.h"

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

static void assert_packed(const struct plan *plan, packed_length *length_of, const void *context)
{
    struct error err = {0};
    CLEANUP_FD int fd = memfd_create("image", MFD_CLOEXEC);
    assert_done(packed_write(plan, length_of, context, fd, &err), err);
    const char *fault = packed_check(plan, length_of, context, fd);
    if (fault)
        fail_msg("%s", fault);
}

struct lengths {
    uint64_t seed;
    uint64_t plain; /* of 100 */
    uint64_t least;
    uint64_t spread;
};

static size_t drawn_length(const void *context, uint64_t cluster)
{
    const struct lengths *lengths = context;
    struct random random = {lengths->seed + cluster * 77777};
    next_random(&random, 2);
    if (next_random(&random, 100) < lengths->plain)
        return 0;
    size_t length = lengths->least + next_random(&random, lengths->spread);
    return length < QCOW2_FRAME_LIMIT ? length : QCOW2_FRAME_LIMIT;
}

static void test_many_plans_by_our_own_reader(void **state)
{
    (void)state;
    static const uint64_t spreads[] = {1, 20, 600, 5000, 65535};
    struct random random = seed();
    for (unsigned i = 0; i < plans_to_draw(500); i++) {
        struct plan plan;
        struct lengths lengths = {.seed = i,
                                  .plain = next_random(&random, 3) * 40,
                                  .least = next_random(&random, 3) == 0 ? 65000 : 1,
                                  .spread = spreads[next_random(&random, ARRAY_LENGTH(spreads))]};
        plan_draw(&plan, &random, next_random(&random, 8) == 0 ? 40000 : 300);
        assert_packed(&plan, drawn_length, &lengths);
        plan_clear(&plan);
    }
}

/* Frames that end where clusters do, and frames of one byte on each side. */
static size_t fitting_length(const void *context, uint64_t cluster)
{
    static const size_t lengths[] = {32768, 32768, 65535, 1, 65535, 65535, 1,
                                     1,     0,     40000, 0, 25536, 65535, 2};
    return lengths[(cluster + *(const size_t *)context) % ARRAY_LENGTH(lengths)];
}

static void test_frames_that_end_with_a_cluster(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 14; shift++) {
        struct plan plan = {.virtual_size = 40 * PLAN_CLUSTER - 512};
        plan_add(&plan, QCOW2_DATA, 0, 40);
        assert_packed(&plan, fitting_length, &shift);
        plan_clear(&plan);
    }
}

/* More of them in a cluster of the file than a refcount of 16 bits counts. */
static size_t one_byte(const void *context, uint64_t cluster)
{
    (void)context;
    (void)cluster;
    return 1;
}

static void test_a_refcount_does_not_overflow(void **state)
{
    (void)state;
    struct plan plan = {.virtual_size = 140000 * PLAN_CLUSTER};
    plan_add(&plan, QCOW2_DATA, 0, 140000);
    /* Seventeen tables lie between, and each leaves the tail open. */
    assert_packed(&plan, one_byte, NULL);
    plan_clear(&plan);
}

/* Holes up to this cluster of the disk; behind it frames, and among them clusters that are stored as they are
 * while the tail stays open. */
static size_t behind(const void *context, uint64_t cluster)
{
    uint64_t first = *(const uint64_t *)context;
    return cluster < first || cluster % 4 == 3 ? 0 : 1 + (cluster * 7919 % 30000);
}

/* Where a refcount block is full, at 2 GiB of file: every place that a frame, a table, the end can have
 * there. */
static void test_around_2_gib_of_file(void **state)
{
    (void)state;
    for (uint64_t first = 32748; first < 32764; first++) {
        for (uint64_t count = 0; count < 12; count += first % 4 + 1) {
            struct plan plan = {.virtual_size = 65600 * PLAN_CLUSTER};
            uint64_t even = first * 2; /* packed_add makes holes of every other one */
            for (uint64_t i = 0; i < even; i += 2)
                plan_add(&plan, QCOW2_DATA, i, 1);
            plan_add(&plan, QCOW2_DATA, even, count);
            assert_packed(&plan, behind, &even);
            plan_clear(&plan);
        }
    }
}

static size_t seldom_packed(const void *context, uint64_t cluster)
{
    const struct lengths *lengths = context;
    return cluster % 200 < 2 ? drawn_length(lengths, cluster) : 0;
}

static void test_several_refcount_blocks(void **state)
{
    (void)state;
    struct random random = seed();
    for (unsigned i = 0; i < plans_to_draw(3); i++) {
        struct lengths lengths = {.seed = i, .least = 1, .spread = 65535};
        struct plan plan = {.virtual_size = 300000 * PLAN_CLUSTER};
        for (uint64_t at = next_random(&random, 2); at < 260000; at += 2 - (at % 200 == 0))
            plan_add(&plan, at % 2 == 1 && at % 200 != 1 ? QCOW2_ZERO : QCOW2_DATA, at, 1);
        assert_packed(&plan, seldom_packed, &lengths);
        plan_clear(&plan);
    }
}

static size_t large(const void *context, uint64_t cluster)
{
    (void)context;
    return cluster == 0 ? 60000 : 50000;
}

/* Bytes of earlier frames are not to be found behind the last one. */
static void test_nothing_is_left_behind_a_frame(void **state)
{
    (void)state;
    struct error err = {0};
    struct reader reader;
    struct plan plan = {.virtual_size = 2 * PLAN_CLUSTER};
    CLEANUP_FD int fd = memfd_create("image", MFD_CLOEXEC);
    plan_add(&plan, QCOW2_DATA, 0, 2);
    assert_done(packed_write(&plan, large, NULL, fd, &err), err);
    assert_null(reader_open(&reader, fd));
    uint64_t end = reader_find(&reader, 1).offset + 50000;
    assert_int_equal(end % PLAN_CLUSTER, 110000 - PLAN_CLUSTER);
    for (; end % PLAN_CLUSTER != 0; end++)
        assert_int_equal(reader.map[end], 0);
    reader_close(&reader);
    plan_clear(&plan);
}

/* Real frames. */
static void pack_data(struct qcow2_pack *pack, struct qcow2_compressor *compressor, uint64_t content,
                      uint64_t cluster)
{
    uint8_t bytes[PLAN_CLUSTER];
    uint8_t frame[QCOW2_FRAME_LIMIT];
    size_t length = 0;
    struct error err = {0};
    uint64_t offset = cluster * PLAN_CLUSTER;
    plan_content(content, cluster, bytes);
    assert_done(qcow2_compress_cluster(compressor, bytes, frame, &length, &err), err);
    if (length > 0)
        assert_done(qcow2_pack_compressed(pack, offset, frame, length, &err), err);
    else
        assert_done(qcow2_pack_plain(pack, offset, bytes, &err), err);
}

static void pack_plan(const struct plan *plan, struct qcow2_pack *pack, int level, uint64_t content)
{
    struct error err = {0};
    struct qcow2_compressor *compressor = qcow2_compressor_new(level, &err);
    CLEANUP_FREE uint8_t *kinds = plan_kinds(plan);
    assert_non_null(compressor);
    for (uint64_t i = 0; i < plan_clusters(plan); i++) {
        uint64_t left = plan->virtual_size - i * PLAN_CLUSTER;
        if (kinds[i] == 1 + QCOW2_DATA)
            pack_data(pack, compressor, content, i);
        if (kinds[i] == 1 + QCOW2_ZERO)
            assert_done(
                qcow2_pack_zero(pack, i * PLAN_CLUSTER, left < PLAN_CLUSTER ? left : PLAN_CLUSTER, &err),
                err);
    }
    qcow2_compressor_free(compressor);
}

static void write_packed(const struct plan *plan, const char *backing, int level, uint64_t content)
{
    struct error err = {0};
    struct reader reader;
    struct qcow2_image image = {plan->virtual_size, backing, DISK_FORMAT_RAW};
    CLEANUP_FD int fd = new_file(&files, "image");
    struct qcow2_file file = {.fd = fd, .path = "image"};
    struct qcow2_pack *pack = qcow2_pack_open(&image, &file, &err);
    if (!pack)
        fail_msg("%s: %s", err.what, err.cause);
    pack_plan(plan, pack, level, content);
    assert_done(qcow2_pack_finish(pack, &err), err);
    qcow2_pack_close(pack);
    const char *fault = reader_open(&reader, fd);
    if (fault)
        fail_msg("the image is wrong: %s", fault);
    reader_close(&reader);
}

static void assert_qemu_agrees(const struct plan *plan, bool backing, int level, uint64_t content)
{
    write_packed(plan, backing ? "base.raw" : NULL, level, content);
    make_reference(&files, plan, content, backing);
    assert_reads_as_planned(&files);
}

static void test_plans_by_qemu(void **state)
{
    (void)state;
    static const int levels[] = {2, 3, 1, 9, -5, 19};
    struct random random = seed();
    make_base(&files);
    for (unsigned i = 0; i < plans_to_draw(15); i++) {
        struct plan plan;
        plan_draw(&plan, &random, i % 4 == 0 ? 24000 : 200);
        assert_qemu_agrees(&plan, i % 2 == 0, levels[i % ARRAY_LENGTH(levels)], i);
        plan_clear(&plan);
    }
}

static void test_edges_by_qemu(void **state)
{
    (void)state;
    static const struct {
        uint64_t size;
        uint64_t first;
        uint64_t count;
        enum qcow2_kind kind;
    } edges[] = {
        {0, 0, 0, QCOW2_DATA},
        {512, 0, 1, QCOW2_DATA},
        {512, 0, 1, QCOW2_ZERO},
        {PLAN_CLUSTER + 512, 0, 2, QCOW2_DATA},
        {PLAN_CLUSTER * 8, 0, 8, QCOW2_DATA},
        {8193 * PLAN_CLUSTER, 8185, 8, QCOW2_DATA},
        {20000 * PLAN_CLUSTER, 0, 20000, QCOW2_ZERO},
    };
    make_base(&files);
    for (size_t i = 0; i < ARRAY_LENGTH(edges) * 2; i++) {
        struct plan plan = {.virtual_size = edges[i / 2].size};
        plan_add(&plan, edges[i / 2].kind, edges[i / 2].first, edges[i / 2].count);
        assert_qemu_agrees(&plan, i % 2 == 1, 3, i);
        plan_clear(&plan);
    }
}

/* The largest disk: its last cluster is packed. */
static void test_large_disks_by_qemu(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {5 * 4096 * GIB + 512, QCOW2_VIRTUAL_LIMIT};
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        struct error err = {0};
        struct qcow2_image image = {.virtual_size = sizes[i]};
        CLEANUP_FD int fd = new_file(&files, "image");
        struct qcow2_file file = {.fd = fd, .path = "image"};
        struct qcow2_pack *pack = qcow2_pack_open(&image, &file, &err);
        struct qcow2_compressor *compressor = qcow2_compressor_new(3, &err);
        uint8_t frame[QCOW2_FRAME_LIMIT];
        char bytes[PLAN_CLUSTER] = "last";
        size_t length = 0;
        uint64_t last = (sizes[i] - 1) / PLAN_CLUSTER * PLAN_CLUSTER;
        assert_true(pack && compressor);
        assert_true(qcow2_compress_cluster(compressor, bytes, frame, &length, &err));
        assert_done(qcow2_pack_compressed(pack, last, frame, length, &err), err);
        assert_done(qcow2_pack_finish(pack, &err), err);
        qcow2_pack_close(pack);
        qcow2_compressor_free(compressor);
        shell(&files,
              "qemu-img check -q -f qcow2 image && "
              "qemu-io -r -f qcow2 image -c 'read -v %llu 512' | grep last",
              (unsigned long long)last);
    }
}

/* No larger than what QEMU makes of the same disk with the same level. */
static void test_size_beside_qemu(void **state)
{
    (void)state;
    struct stat ours;
    struct stat theirs;
    struct plan plan = {.virtual_size = 1200 * PLAN_CLUSTER};
    CLEANUP_FREE char *path = image_path(&files, "image");
    CLEANUP_FREE char *beside = image_path(&files, "beside");
    plan_add(&plan, QCOW2_DATA, 0, 1200);
    assert_qemu_agrees(&plan, false, 3, 1);
    shell(&files, "qemu-img convert -c -O qcow2 -o compression_type=zstd -f raw ref.raw beside");
    assert_int_equal(stat(path, &ours), 0);
    assert_int_equal(stat(beside, &theirs), 0);
    print_message("ours %lld, QEMU's %lld\n", (long long)ours.st_size, (long long)theirs.st_size);
    assert_true(ours.st_size <= theirs.st_size / 100 * 103);
    plan_clear(&plan);
}

static void test_what_does_not_get_smaller(void **state)
{
    (void)state;
    struct error err = {0};
    struct random random = seed();
    uint8_t bytes[PLAN_CLUSTER];
    uint8_t frame[QCOW2_FRAME_LIMIT];
    size_t length = 1;
    for (int level = -100; level <= 100; level += 100) { /* the last is out of bounds */
        struct qcow2_compressor *compressor = qcow2_compressor_new(level, &err);
        assert_non_null(compressor);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)next_random(&random, 256);
        assert_true(qcow2_compress_cluster(compressor, bytes, frame, &length, &err));
        assert_int_equal(length, 0);
        memset(bytes, 7, sizeof bytes); /* and goes on afterwards */
        assert_true(qcow2_compress_cluster(compressor, bytes, frame, &length, &err));
        assert_in_range(length, 1, 1000);
        qcow2_compressor_free(compressor);
    }
    qcow2_compressor_free(NULL);
}

static size_t length_at_level(int level)
{
    struct error err = {0};
    struct qcow2_compressor *compressor = qcow2_compressor_new(level, &err);
    uint8_t bytes[PLAN_CLUSTER];
    uint8_t frame[QCOW2_FRAME_LIMIT];
    size_t length = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i / 300 % 61);
    assert_non_null(compressor);
    assert_true(qcow2_compress_cluster(compressor, bytes, frame, &length, &err));
    qcow2_compressor_free(compressor);
    return length;
}

static void test_the_level_is_heeded(void **state)
{
    (void)state;
    assert_true(length_at_level(19) < length_at_level(1));
    assert_int_equal(length_at_level(100000), length_at_level(22));
}

static struct qcow2_pack *open_small(int fd, struct error *err)
{
    struct qcow2_image image = {.virtual_size = 4 * PLAN_CLUSTER + 512};
    struct qcow2_file file = {.fd = fd, .path = "image"};
    return qcow2_pack_open(&image, &file, err);
}

static void test_what_is_out_of_order(void **state)
{
    (void)state;
    static uint8_t bytes[PLAN_CLUSTER];
    for (int i = 0; i < 11; i++) {
        struct error err = {0};
        CLEANUP_FD int fd = memfd_create("image", MFD_CLOEXEC);
        struct qcow2_pack *pack = open_small(fd, &err);
        assert_non_null(pack);
        assert_true(qcow2_pack_plain(pack, PLAN_CLUSTER, bytes, &err));
        bool ok = i == 0   ? qcow2_pack_plain(pack, 0, bytes, &err)
                  : i == 1 ? qcow2_pack_compressed(pack, PLAN_CLUSTER, bytes, 9, &err)
                  : i == 2 ? qcow2_pack_zero(pack, PLAN_CLUSTER, PLAN_CLUSTER, &err)
                  : i == 3 ? qcow2_pack_plain(pack, 5 * PLAN_CLUSTER, bytes, &err)
                  : i == 4 ? qcow2_pack_plain(pack, 2 * PLAN_CLUSTER + 512, bytes, &err)
                  : i == 5 ? qcow2_pack_compressed(pack, 2 * PLAN_CLUSTER, bytes, 0, &err)
                  : i == 6 ? qcow2_pack_compressed(pack, 2 * PLAN_CLUSTER, bytes, PLAN_CLUSTER, &err)
                  : i == 7 ? qcow2_pack_zero(pack, 2 * PLAN_CLUSTER, 3 * PLAN_CLUSTER, &err)
                  : i == 8 ? qcow2_pack_zero(pack, 2 * PLAN_CLUSTER, 0, &err)
                  : i == 9 ? qcow2_pack_zero(pack, 2 * PLAN_CLUSTER, 1024, &err)
                           : qcow2_pack_zero(pack, 2 * PLAN_CLUSTER, UINT64_MAX - 511, &err);
        assert_false(ok);
        assert_string_equal(err.key, "image.plan");
        qcow2_pack_close(pack);
    }
    qcow2_pack_close(NULL);
}

static void test_what_cannot_be(void **state)
{
    (void)state;
    static const struct qcow2_image wrong[] = {
        {.virtual_size = 100}, {.virtual_size = QCOW2_VIRTUAL_LIMIT + 512}, {.backing_name = ""}};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct error err = {0};
        struct qcow2_file file = {.fd = -1, .path = "image"};
        assert_null(qcow2_pack_open(&wrong[i], &file, &err));
        assert_string_equal(err.key, "image.unsupported");
    }
    struct error err = {0};
    assert_null(open_small(-1, &err));
    assert_string_equal(err.key, "image.write");
}

/* Wherever the room ends, it is said, and what is there is no image. */
static int pack_whole(const struct plan *plan, uint64_t content, int fd, bool keep)
{
    struct error err = {0};
    struct qcow2_image image = {plan->virtual_size, NULL, DISK_FORMAT_RAW};
    struct qcow2_file file = {.fd = fd, .path = "image", .keep = keep};
    struct qcow2_pack *pack = qcow2_pack_open(&image, &file, &err);
    assert_non_null(pack);
    pack_plan(plan, pack, 1, content);
    assert_done(qcow2_pack_finish(pack, &err), err);
    qcow2_pack_close(pack);
    return fd;
}

static uint8_t *content_of(int fd, size_t *size)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    *size = (size_t)status.st_size;
    uint8_t *bytes = mem_alloc(*size + 1);
    assert_int_equal(read_at(fd, bytes, *size, 0), *size);
    return bytes;
}

static void assert_same_files(int one, int other)
{
    size_t sizes[2];
    CLEANUP_FREE uint8_t *first = content_of(one, &sizes[0]);
    CLEANUP_FREE uint8_t *second = content_of(other, &sizes[1]);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(first, second, sizes[0]);
}

static void spoil(int fd, struct random *random)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    uint64_t size = (uint64_t)status.st_size;
    uint8_t bytes[300];
    memset(bytes, (int)next_random(random, 256), sizeof bytes);
    switch (next_random(random, 4)) {
    case 0: /* cut, as by a kill */
        assert_int_equal(ftruncate(fd, (off_t)(next_random(random, size))), 0);
        break;
    case 1: /* something else behind the end */
        assert_true(write_at(fd, bytes, sizeof bytes, size + next_random(random, size)));
        break;
    default: /* other bytes, in tables or data */
        for (int i = 0; i < 20; i++)
            assert_true(write_at(fd, bytes, sizeof bytes, next_random(random, size - sizeof bytes)));
        break;
    }
}

/* Whatever a file that is kept held: in the end it is byte for byte the one that is made from nothing. */
static void test_what_is_kept(void **state)
{
    (void)state;
    struct random random = seed();
    for (unsigned i = 0; i < plans_to_draw(20); i++) {
        struct plan plan;
        plan_draw(&plan, &random, 100);
        CLEANUP_FD int fresh = pack_whole(&plan, i, memfd_create("fresh", MFD_CLOEXEC), false);
        CLEANUP_FD int kept = pack_whole(&plan, i, memfd_create("kept", MFD_CLOEXEC), false);
        for (int j = 0; j < 5; j++) {
            spoil(kept, &random);
            pack_whole(&plan, i, kept, true);
            assert_same_files(fresh, kept);
        }
        plan_clear(&plan);
    }
}

/* By their entries, clusters are found again as they were given. */
static void test_entries_lead_back(void **state)
{
    (void)state;
    static const uint64_t clusters = 3000; /* 1500 of them plain, so that tables come in between */
    struct error err = {0};
    CLEANUP_FD int fd = memfd_create("image", MFD_CLOEXEC);
    struct qcow2_image image = {clusters * PLAN_CLUSTER, NULL, DISK_FORMAT_RAW};
    struct qcow2_file file = {.fd = fd, .path = "image"};
    struct qcow2_pack *pack = qcow2_pack_open(&image, &file, &err);
    struct qcow2_compressor *compressor = qcow2_compressor_new(1, &err);
    CLEANUP_FREE uint64_t *entries = mem_alloc(clusters * sizeof *entries);
    for (uint64_t i = 0; i < clusters; i++) {
        if (i % 7 == 0)
            assert_done(qcow2_pack_zero(pack, i * PLAN_CLUSTER, PLAN_CLUSTER, &err), err);
        else
            pack_data(pack, compressor, i / 5, i);
        entries[i] = qcow2_pack_entry(pack, i * PLAN_CLUSTER);
    }
    assert_done(qcow2_pack_finish(pack, &err), err);
    qcow2_pack_close(pack);
    qcow2_compressor_free(compressor);
    for (uint64_t i = 0; i < clusters; i++) {
        uint8_t frame[QCOW2_FRAME_LIMIT];
        uint8_t found[PLAN_CLUSTER];
        uint8_t wanted[PLAN_CLUSTER] = {0};
        size_t length = 0;
        if (i % 7 != 0)
            plan_content(i / 5, i, wanted);
        assert_true(qcow2_pack_read(&file, entries[i], frame, &length, found));
        assert_memory_equal(found, wanted, sizeof found);
    }
    uint8_t frame[QCOW2_FRAME_LIMIT];
    uint8_t found[PLAN_CLUSTER];
    size_t length = 0;
    assert_false(qcow2_pack_read(&file, 0, frame, &length, found));
    assert_false(qcow2_pack_read(&file, UINT64_MAX, frame, &length, found));
    assert_false(qcow2_pack_read(&file, (uint64_t)1 << 62 | 70000, frame, &length, found));
}

static void test_files_that_get_no_room(void **state)
{
    (void)state;
    struct rlimit before;
    struct stat status;
    struct lengths lengths = {.seed = 4, .plain = 30, .least = 1, .spread = 65535};
    struct plan plan = {.virtual_size = 200 * PLAN_CLUSTER};
    struct error err = {0};
    CLEANUP_FD int fd = new_file(&files, "image");
    plan_add(&plan, QCOW2_DATA, 0, 200);
    assert_done(packed_write(&plan, drawn_length, &lengths, fd, &err), err);
    assert_int_equal(fstat(fd, &status), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (off_t room = 0; room < status.st_size; room += 50001) {
        struct rlimit low = {(rlim_t)room, before.rlim_max};
        char magic[4] = {0};
        err = (struct error){0};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
        bool ok = packed_write(&plan, drawn_length, &lengths, fd, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_false(ok);
        assert_string_equal(err.key, "image.no-space");
        (void)!pread(fd, magic, sizeof magic, 0);
        assert_memory_equal(magic, "\0\0\0\0", 4);
    }
    plan_clear(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_plans_by_our_own_reader),
        cmocka_unit_test(test_frames_that_end_with_a_cluster),
        cmocka_unit_test(test_a_refcount_does_not_overflow),
        cmocka_unit_test(test_around_2_gib_of_file),
        cmocka_unit_test(test_several_refcount_blocks),
        cmocka_unit_test(test_nothing_is_left_behind_a_frame),
        cmocka_unit_test(test_plans_by_qemu),
        cmocka_unit_test(test_edges_by_qemu),
        cmocka_unit_test(test_large_disks_by_qemu),
        cmocka_unit_test(test_size_beside_qemu),
        cmocka_unit_test(test_what_does_not_get_smaller),
        cmocka_unit_test(test_the_level_is_heeded),
        cmocka_unit_test(test_what_is_out_of_order),
        cmocka_unit_test(test_what_cannot_be),
        cmocka_unit_test(test_what_is_kept),
        cmocka_unit_test(test_entries_lead_back),
        cmocka_unit_test(test_files_that_get_no_room),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
