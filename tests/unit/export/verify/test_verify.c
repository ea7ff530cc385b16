/* Verification must notice every way in which a written image can differ from what was planned and read. */
#include "core/export/verify/verify.h"

#include "core/export/copy/copy.h"
#include "core/export/copy/window_digest.h"
#include "core/export/plan/plan.h"
#include "core/export/plan/task.h"
#include "core/export/verify/map.h"
#include "core/job/workers.h"
#include "tests/unit/support/image_files.h"

#define SIZE (8 * MIB)
#define DATA_PLACE (5 * RUN_GRANULE) /* behind the header, reference counts and tables */

/* A differential image copy.qcow2 of layer1 onto layer0, as an export makes it: data at 1 MiB, zeroes at
 * 2 MiB, the rest is layer0's. */
struct fixture {
    struct image_files files;
    struct job *job;
    struct halt halt;
    struct run_list runs;
    struct spool digests;
    struct plan_totals totals;
    struct copy_result copied;
    bool map_only;  /* the parts run side by side: which one is first is not known */
    bool untouched; /* the file has to be the one that the copy left */
};

static void plan_layer(struct fixture *fixture)
{
    int top = image_open(&fixture->files, "layer1", O_RDONLY);
    int base = image_open(&fixture->files, "layer0", O_RDONLY);
    struct image_layer layers[] = {{.fd = top, .format = DISK_FORMAT_QCOW2},
                                   {.fd = base, .format = DISK_FORMAT_QCOW2}};
    struct plan_spec plan = {.layers = layers,
                             .layer_count = 2,
                             .base_layer = 1,
                             .differential = true,
                             .base_virtual_size = SIZE,
                             .virtual_size = SIZE,
                             .label = "web01/vda",
                             .halt = &fixture->halt};
    struct error err = {0};
    assert_true(run_list_open(&fixture->runs, AT_FDCWD, &err));
    assert_true(plan_disk(&plan, &fixture->runs, NULL, &fixture->totals, &err));
    assert_int_equal(fixture->totals.bytes_data, MIB);
    assert_int_equal(fixture->totals.bytes_zero, MIB);

    struct source_nbd_spec source_spec = {
        .layers = layers, .layer_count = 2, .readers = 2, .label = "web01/vda", .halt = &fixture->halt};
    struct source *source;
    assert_true(source_nbd_open(&source_spec, &source, &err));
    close(top);
    close(base);
    int fd = image_open(&fixture->files, "copy.qcow2", O_RDWR);
    struct sink_spec sink_spec = {.fd = fd,
                                  .path = "copy.qcow2",
                                  .label = "web01/vda",
                                  .virtual_size = SIZE,
                                  .backing_name = "layer0",
                                  .backing_format = DISK_FORMAT_QCOW2,
                                  .runs = &fixture->runs,
                                  .halt = &fixture->halt};
    struct sink *sink;
    assert_true(sink_qcow2_open(&sink_spec, &sink, &err));
    struct rate_limit rate;
    rate_limit_init(&rate, 0);
    assert_true(spool_open(&fixture->digests, AT_FDCWD, sizeof(struct window_digest), &err));
    struct copy_spec copy = {.source = source,
                             .sink = sink,
                             .fd = fd,
                             .path = "copy.qcow2",
                             .label = "web01/vda",
                             .runs = &fixture->runs,
                             .digests = &fixture->digests,
                             .rate = &rate,
                             .halt = &fixture->halt,
                             .workers = 2,
                             .buffers = 5};
    assert_true(copy_disk(&copy, &fixture->copied, &err));
    sink->ops->close(sink);
    source->ops->close(source);
    rate_limit_destroy(&rate);
    close(fd);
}

static int fixture_make(void **state)
{
    struct job_identity identity = {.id = guid_new()};
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    fixture->job = job_new(&identity);
    fixture->halt.job = fixture->job;
    image_files_make(&fixture->files);
    shell(&fixture->files, "qemu-img create -q -f qcow2 layer0 8M && qemu-io -c 'write -P 1 0 6M' layer0 && "
                           "qemu-img create -q -f qcow2 -b layer0 -F qcow2 layer1 && "
                           "qemu-io -c 'write -P 2 1M 1M' -c 'write -z 2M 1M' layer1 && : >copy.qcow2");
    plan_layer(fixture);
    *state = fixture;
    return 0;
}

static int fixture_remove(void **state)
{
    struct fixture *fixture = *state;
    run_list_close(&fixture->runs);
    spool_close(&fixture->digests);
    job_free(fixture->job);
    image_files_remove(&fixture->files);
    free(fixture);
    return 0;
}

/* Verifies copy.qcow2; returns the sentence, "" when it is right. The caller's. */
static char *verdict(struct fixture *fixture)
{
    struct image_layer chain[] = {
        {.fd = image_open(&fixture->files, "copy.qcow2", O_RDONLY), .format = DISK_FORMAT_QCOW2},
        {.fd = image_open(&fixture->files, "layer0", O_RDONLY), .format = DISK_FORMAT_QCOW2}};
    CLEANUP_FREE char *path = image_path(&fixture->files, "copy.qcow2");
    struct verify_progress progress = {.job = fixture->job, .total = MIB};
    struct verify_spec spec = {.chain = chain,
                               .chain_count = 2,
                               .path = path,
                               .differential = true,
                               .virtual_size = SIZE,
                               .runs = &fixture->runs,
                               .digests = &fixture->digests,
                               .place = DATA_PLACE,
                               .as_read = fixture->untouched ? &fixture->copied.as_read : NULL,
                               .progress = &progress,
                               .label = "web01/vda",
                               .halt = &fixture->halt,
                               .workers = 2};
    struct error err = {0};
    bool ok = fixture->map_only ? verify_map(&spec, &err) : verify_disk(&spec, &err);
    close(chain[0].fd);
    close(chain[1].fd);
    if (ok) {
        assert_int_equal(progress.done, MIB);
        return mem_strdup("");
    }
    assert_string_equal(err.key, "export.verify");
    return mem_format("%s: %s", err.what, err.cause);
}

#define assert_finds(state, damage, words)                                                                   \
    do {                                                                                                     \
        struct fixture *damaged = *(state);                                                                  \
        shell(&damaged->files, "%s", (damage));                                                              \
        CLEANUP_FREE char *said = verdict(damaged);                                                          \
        if (!strstr(said, (words)))                                                                          \
            fail_msg("verify said \"%s\"", said);                                                            \
    } while (0)

static void test_accepts_what_is_right(void **state)
{
    CLEANUP_FREE char *said = verdict(*state);
    assert_string_equal(said, "");
    struct fixture *fixture = *state;
    shell(&fixture->files, "qemu-img compare layer1 copy.qcow2");
    /* Exactly what was planned and no copy of the base around it. */
    shell(&fixture->files, "test $(qemu-img map --output=json copy.qcow2 | grep -c '\"depth\": 0') = 2");
}

/* The file is not the one any more that was held against the point. */
static void test_finds_one_wrong_byte(void **state)
{
    ((struct fixture *)*state)->untouched = true;
    assert_finds(state, "qemu-io -c 'write -P 3 1500k 512' copy.qcow2", "differs");
}

static void test_finds_data_in_a_zero_range(void **state)
{
    assert_finds(state, "qemu-io -c 'write -P 3 2900k 512' copy.qcow2", "zeroes");
}

static void test_finds_what_hides_the_base(void **state)
{
    assert_finds(state, "qemu-io -c 'write -P 1 4M 64k' copy.qcow2", "hides its base");
}

static void test_finds_what_lets_the_base_through(void **state)
{
    ((struct fixture *)*state)->map_only = true;
    assert_finds(state,
                 "rm copy.qcow2 && qemu-img create -q -f qcow2 -b layer0 -F qcow2 copy.qcow2 && "
                 "qemu-io -c 'write -P 2 1M 1M' copy.qcow2",
                 "lets its base through");
}

static void test_finds_another_size(void **state)
{
    assert_finds(state, "qemu-img resize -q copy.qcow2 9M", "bytes");
}

static void test_finds_another_base(void **state)
{
    assert_finds(state, "cp layer0 other && qemu-img rebase -u -b other -F qcow2 copy.qcow2",
                 "does not lead");
}

static void test_finds_broken_metadata(void **state)
{
    /* The first refcount block's first entries: what is in use looks free. */
    assert_finds(state, "head -c 16 /dev/zero | dd of=copy.qcow2 bs=1 seek=131072 conv=notrunc status=none",
                 "qemu-img check");
}

/* The image has its header, the table and the block of reference counts, L1, L2 and then 16 clusters of data,
 * all alike: only their places tell what the next two do. */
#define L2_ENTRY "$((4 * 65536 + 16 * 8))" /* of the cluster at 1 MiB */

static void test_finds_swapped_entries(void **state)
{
    assert_finds(state,
                 "dd if=copy.qcow2 of=a bs=1 skip=" L2_ENTRY " count=8 status=none && "
                 "dd if=copy.qcow2 of=b bs=1 skip=$((" L2_ENTRY " + 8)) count=8 status=none && "
                 "cat b a | dd of=copy.qcow2 bs=1 seek=" L2_ENTRY " conv=notrunc status=none && "
                 "qemu-img check -q copy.qcow2",
                 "at another place");
}

static void test_finds_cluster_at_another_place(void **state)
{
    assert_finds(
        state,
        "dd if=copy.qcow2 of=cluster bs=64k skip=5 count=1 status=none && cat cluster >>copy.qcow2 && "
        "printf '\\200\\0\\0\\0\\0\\25\\0\\0' | "
        "dd of=copy.qcow2 bs=1 seek=" L2_ENTRY " conv=notrunc status=none && "
        "printf '\\0\\0' | dd of=copy.qcow2 bs=1 seek=$((131072 + 10)) conv=notrunc status=none && "
        "printf '\\0\\1' | dd of=copy.qcow2 bs=1 seek=$((131072 + 42)) conv=notrunc status=none && "
        "qemu-img check -q copy.qcow2",
        "at another place");
}

static void test_finds_lost_refcount(void **state)
{
    assert_finds(state,
                 "printf '\\0\\0' | dd of=copy.qcow2 bs=1 seek=$((131072 + 14)) conv=notrunc status=none",
                 "qemu-img check");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_accepts_what_is_right, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_one_wrong_byte, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_data_in_a_zero_range, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_what_hides_the_base, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_what_lets_the_base_through, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_another_size, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_another_base, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_broken_metadata, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_swapped_entries, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_cluster_at_another_place, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_finds_lost_refcount, fixture_make, fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
