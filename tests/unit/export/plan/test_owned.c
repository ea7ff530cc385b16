/* What a plan does not ask QEMU about is what QEMU would have said: large disks of any cluster size with
 * little in them, planned, against QEMU asked about the whole of the same chain (REFPOINT_TEST_SEED chooses
 * others). */
#include "core/export/plan/owned.h"

#include "core/base/units.h"
#include "core/export/plan/plan.h"
#include "core/export/source/source.h"
#include "tests/unit/support/image_files.h"

#define LAYERS 3
#define FULL LAYERS
#define CHAINS 6
#define TIB ((uint64_t)1 << 40)

struct scene {
    struct image_files files;
    struct image_layer layers[LAYERS]; /* top first */
    uint64_t size;
    uint64_t state; /* of the random numbers */
};

static uint64_t next(struct scene *scene, uint64_t limit)
{
    scene->state = scene->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (scene->state >> 16) % limit;
}

static void make_layer(struct scene *scene, size_t n)
{
    static const char *const commands[] = {"write -P 7", "write -z", "discard"};
    static const char *const options[] = {"cluster_size=512",  "cluster_size=4k",  "cluster_size=64k",
                                          "cluster_size=2M",   "extended_l2=on",   "compat=0.10",
                                          "cluster_size=128k", "cluster_size=1024"};
    struct strbuf line = {0};
    uint64_t option = next(scene, ARRAY_LENGTH(options));
    /* What lies behind the end of a shorter layer is that layer's: it reads zero, whatever lies beneath. */
    uint64_t size = scene->size;
    if (n + 1 < LAYERS && next(scene, 3) == 0)
        size = (1 + next(scene, size / 512)) * 512;
    CLEANUP_FREE char *backing = n == 0 ? mem_strdup("") : mem_format("-b layer%zu -F qcow2", n - 1);
    shell(&scene->files, "qemu-img create -q -f qcow2 -o %s %s layer%zu %llu", options[option], backing, n,
          (unsigned long long)size);
    strbuf_addf(&line, "qemu-io");
    for (uint64_t i = next(scene, 6); i > 0; i--) {
        uint64_t start = next(scene, size / 512) * 512;
        uint64_t length = (1 + next(scene, 600)) * 512;
        strbuf_addf(&line, " -c '%s %llu %llu'", commands[next(scene, ARRAY_LENGTH(commands))],
                    (unsigned long long)start,
                    (unsigned long long)(length < size - start ? length : size - start));
    }
    shell(&scene->files, "%s -c 'read 0 512' layer%zu", line.data, n);
    strbuf_free(&line);
    CLEANUP_FREE char *name = mem_format("layer%zu", n);
    scene->layers[LAYERS - 1 - n] =
        (struct image_layer){.fd = image_open(&scene->files, name, O_RDONLY), .format = DISK_FORMAT_QCOW2};
}

static void scene_make(struct scene *scene, uint64_t size, uint64_t seed)
{
    *scene = (struct scene){.size = size, .state = seed * 0x9e3779b97f4a7c15ULL};
    image_files_make(&scene->files);
    for (size_t n = 0; n < LAYERS; n++)
        make_layer(scene, n);
}

static void scene_remove(struct scene *scene)
{
    for (size_t i = 0; i < LAYERS; i++)
        close(scene->layers[i].fd);
    image_files_remove(&scene->files);
}

static enum run_kind kind_of(const struct nbd_extent *extent, bool differential)
{
    if (differential && extent->depth == 0)
        return RUN_SKIP;
    if (extent->zero)
        return differential ? RUN_ZERO : RUN_SKIP;
    return RUN_DATA;
}

/* Asked about all of it, from the first byte to the last. */
static void plan_by_qemu(struct scene *scene, size_t base, struct run_list *runs, struct plan_totals *totals)
{
    struct halt halt = {0};
    struct source_nbd_spec spec = {
        .layers = scene->layers, .layer_count = base, .extents = true, .label = "x", .halt = &halt};
    struct source *source = NULL;
    struct nbd_extents extents = {0};
    struct planner planner;
    struct error err = {0};
    planner_begin(&planner, runs);
    assert_true(source_nbd_open(&spec, &source, &err));
    while (planner.position < scene->size) {
        assert_true(nbd_client_status(source->client, planner.position, scene->size - planner.position,
                                      &extents, &err));
        for (size_t i = 0; i < extents.count; i++)
            assert_true(planner_feed(&planner, kind_of(&extents.items[i], base != FULL),
                                     extents.items[i].length, &err));
    }
    assert_true(planner_finish(&planner, &err));
    nbd_extents_clear(&extents);
    source->ops->close(source);
    *totals = planner.totals;
}

static void assert_same_runs(const struct run_list *left, const struct run_list *right)
{
    struct run_reader readers[2];
    struct run runs[2] = {{.length = 1}};
    struct error err = {0};
    run_reader_open(&readers[0], left);
    run_reader_open(&readers[1], right);
    while (runs[0].length > 0) {
        for (size_t i = 0; i < 2; i++)
            assert_true(run_reader_next(&readers[i], &runs[i], &err));
        assert_int_equal(runs[0].offset, runs[1].offset);
        assert_int_equal(runs[0].length, runs[1].length);
        assert_int_equal(runs[0].kind, runs[1].kind);
    }
    for (size_t i = 0; i < 2; i++)
        run_reader_close(&readers[i]);
}

static void check_plan(struct scene *scene, size_t base, struct plan_totals *totals)
{
    struct halt halt = {0};
    struct plan_spec spec = {.layers = scene->layers,
                             .layer_count = LAYERS,
                             .base_layer = base,
                             .differential = base != FULL,
                             .base_virtual_size = base == FULL ? 0 : scene->size,
                             .virtual_size = scene->size,
                             .label = "web01/vda",
                             .halt = &halt};
    struct run_list runs[2];
    struct place_list places;
    struct plan_totals expected;
    struct error err = {0};
    for (size_t i = 0; i < 2; i++)
        assert_true(run_list_open(&runs[i], AT_FDCWD, &err));
    assert_true(place_list_open(&places, AT_FDCWD, &err));
    if (!plan_disk(&spec, &runs[0], &places, totals, &err))
        fail_msg("%s: %s", err.what, err.cause);
    plan_by_qemu(scene, base, &runs[1], &expected);
    assert_memory_equal(totals, &expected, sizeof expected);
    assert_same_runs(&runs[0], &runs[1]);
    if (base == FULL) /* the files have it all, although a part of their map was asked for */
        assert_int_equal(places.bytes_elsewhere, 0);
    for (size_t i = 0; i < 2; i++)
        run_list_close(&runs[i]);
    place_list_close(&places);
}

static void test_random_chains(void **state)
{
    (void)state;
    const char *chosen = getenv("REFPOINT_TEST_SEED");
    uint64_t first = chosen ? strtoull(chosen, NULL, 10) : 1;
    uint64_t data = 0;
    for (uint64_t seed = first; seed < first + CHAINS; seed++) {
        struct scene scene;
        scene_make(&scene, (1 + seed % 3 * 4) * GIB + seed % 2 * 12288, seed);
        for (size_t base = 1; base <= FULL; base++) {
            struct plan_totals totals;
            check_plan(&scene, base, &totals);
            data += totals.bytes_data;
        }
        scene_remove(&scene);
    }
    assert_true(data > 0);
}

/* The least and the most that a disk can be. */
static void test_nothing_and_much(void **state)
{
    (void)state;
    struct image_files files;
    struct owned owned;
    uint64_t end = 0;
    image_files_make(&files);
    shell(&files,
          "qemu-img create -q -f qcow2 empty 1P && qemu-img create -q -f qcow2 -o cluster_size=2M one 1P "
          "&& qemu-io -c 'write -z 700T 64k' one && truncate -s 1M raw && cp one short");
    struct image_layer layers[] = {
        {.fd = image_open(&files, "empty", O_RDONLY), .format = DISK_FORMAT_QCOW2},
        {.fd = image_open(&files, "one", O_RDONLY), .format = DISK_FORMAT_QCOW2},
        {.fd = image_open(&files, "raw", O_RDONLY), .format = DISK_FORMAT_RAW},
        {.fd = image_open(&files, "short", O_RDONLY), .format = DISK_FORMAT_QCOW2},
    };
    owned_read(&owned, layers, 1, 1024 * TIB);
    assert_false(owned_at(&owned, 0, 1024 * TIB, &end));
    assert_int_equal(end, 1024 * TIB);
    uint64_t start = 512;
    end = 9 * TIB + 512;
    owned_narrow(&owned, &start, &end);
    assert_int_equal(start, end);
    owned_clear(&owned);

    owned_read(&owned, layers, 2, 1024 * TIB);
    assert_false(owned_at(&owned, 512, 1024 * TIB, &end));
    assert_int_equal(end, 700 * TIB);
    assert_true(owned_at(&owned, 700 * TIB, 1024 * TIB, &end));
    assert_int_equal(end, 700 * TIB + 512 * GIB); /* what one table of clusters of 2 MiB leads to */
    assert_true(owned_at(&owned, 700 * TIB, 700 * TIB + 7, &end));
    assert_int_equal(end, 700 * TIB + 7);
    start = 0;
    end = 1024 * TIB;
    owned_narrow(&owned, &start, &end);
    assert_int_equal(start, 700 * TIB);
    assert_int_equal(end, 700 * TIB + 512 * GIB);
    owned_clear(&owned);

    /* What cannot be told counts as owned: a raw layer, a table that ends before its end. */
    shell(&files, "truncate -s 300k short");
    for (size_t i = 2; i < 4; i++) {
        owned_read(&owned, (const struct image_layer[]){layers[0], layers[i]}, 2, 1024 * TIB);
        assert_true(owned_at(&owned, 5 * TIB, 6 * TIB, &end));
        assert_int_equal(end, 6 * TIB);
        owned_clear(&owned);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(layers); i++)
        close(layers[i].fd);
    image_files_remove(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_and_much),
        cmocka_unit_test(test_random_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
