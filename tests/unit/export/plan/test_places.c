/* What is read at the places of a plan is what QEMU reads there: of real images of every kind, and of random
 * chains (REFPOINT_TEST_SEED chooses others). */
#include "core/export/plan/places.h"

#include "core/base/units.h"
#include "core/export/plan/plan.h"
#include "core/export/source/direct.h"
#include "tests/unit/support/image_files.h"

#define LAYERS 8
#define RANDOM_CHAINS 2
#define FULL SIZE_MAX

struct scene {
    struct image_files files;
    struct image_layer layers[LAYERS];
    size_t count;
    uint64_t size; /* virtual, of the top */
    struct halt halt;
    struct run_list runs;
    struct place_list places;
    struct plan_totals totals;
    uint64_t base_size; /* of a differential */
    const char *bitmap;
};

static void scene_make(struct scene *scene)
{
    *scene = (struct scene){0};
    image_files_make(&scene->files);
}

/* From the bottom up. */
static void scene_add(struct scene *scene, const char *name, enum disk_format format, uint64_t size)
{
    memmove(scene->layers + 1, scene->layers, scene->count * sizeof *scene->layers);
    scene->layers[0] =
        (struct image_layer){.fd = image_open(&scene->files, name, O_RDONLY), .format = format};
    scene->count++;
    scene->size = size;
}

static void scene_forget(struct scene *scene)
{
    place_list_close(&scene->places);
    run_list_close(&scene->runs);
}

static void scene_remove(struct scene *scene)
{
    scene_forget(scene);
    for (size_t i = 0; i < scene->count; i++)
        close(scene->layers[i].fd);
    image_files_remove(&scene->files);
}

static bool try_plan(struct scene *scene, size_t base_layer, struct error *err)
{
    struct plan_spec spec = {.layers = scene->layers,
                             .layer_count = scene->count,
                             .base_layer = base_layer,
                             .bitmap = scene->bitmap,
                             .differential = base_layer != FULL || scene->bitmap,
                             .base_virtual_size = scene->base_size,
                             .virtual_size = scene->size,
                             .label = "web01/vda",
                             .halt = &scene->halt};
    scene_forget(scene);
    assert_true(run_list_open(&scene->runs, AT_FDCWD, err));
    assert_true(place_list_open(&scene->places, AT_FDCWD, err));
    return plan_disk(&spec, &scene->runs, &scene->places, &scene->totals, err);
}

static void plan(struct scene *scene, size_t base_layer)
{
    struct error err = {0};
    if (!try_plan(scene, base_layer, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_true(scene->places.bytes_elsewhere <= scene->totals.bytes_data);
}

struct reading {
    struct source *source;
    struct source_reader *reader;
};

static struct source_nbd_spec nbd_spec(struct scene *scene)
{
    return (struct source_nbd_spec){.layers = scene->layers,
                                    .layer_count = scene->count,
                                    .readers = 2,
                                    .label = "web01/vda",
                                    .halt = &scene->halt};
}

static struct reading open_direct(struct scene *scene)
{
    struct source_direct_spec spec = {
        .chain = nbd_spec(scene), .places = &scene->places, .size = size_whole_sectors(scene->size)};
    struct reading reading;
    struct error err = {0};
    assert_true(source_direct_open(&spec, &reading.source, &err));
    assert_true(reading.source->ops->open_reader(reading.source, &reading.reader, &err));
    return reading;
}

static struct reading open_nbd(struct scene *scene)
{
    struct source_nbd_spec spec = nbd_spec(scene);
    struct reading reading;
    struct error err = {0};
    assert_true(source_nbd_open(&spec, &reading.source, &err));
    assert_true(reading.source->ops->open_reader(reading.source, &reading.reader, &err));
    return reading;
}

static void end_reading(struct reading *reading)
{
    reading->source->ops->close_reader(reading->reader);
    reading->source->ops->close(reading->source);
}

static void read_into(struct reading *reading, unsigned char *data, size_t length, uint64_t offset)
{
    struct error err = {0};
    if (!reading->source->ops->read(reading->reader, data, length, offset, &err))
        fail_msg("%s: %s", err.what, err.cause);
}

static void assert_same(struct reading *direct, struct reading *qemu, uint64_t offset, uint64_t length)
{
    unsigned char *one = mem_alloc(MIB);
    unsigned char *two = mem_alloc(MIB);
    for (uint64_t end = offset + length; offset < end; offset += length) {
        length = end - offset < MIB ? end - offset : MIB;
        memset(one, 1, length);
        memset(two, 2, length);
        read_into(direct, one, length, offset);
        read_into(qemu, two, length, offset);
        if (memcmp(one, two, length) != 0)
            fail_msg("other bytes within 1 MiB from %llu", (unsigned long long)offset);
    }
    free(one);
    free(two);
}

/* What is planned as data, by the files alone where all of it has places; then every byte, with QEMU for what
 * the plan does not hold. */
static void assert_reads_the_same(struct scene *scene)
{
    struct reading qemu = open_nbd(scene);
    struct reading direct = open_direct(scene);
    struct run_reader runs;
    struct run run;
    struct error err = {0};
    run_reader_open(&runs, &scene->runs);
    while (run_reader_next(&runs, &run, &err) && run.length > 0) {
        if (run.kind == RUN_DATA)
            assert_same(&direct, &qemu, run.offset, run.length);
    }
    run_reader_close(&runs);
    end_reading(&direct);
    uint64_t elsewhere = scene->places.bytes_elsewhere;
    scene->places.bytes_elsewhere = 1;
    direct = open_direct(scene);
    assert_same(&direct, &qemu, 0, qemu.source->size);
    end_reading(&direct);
    scene->places.bytes_elsewhere = elsewhere;
    end_reading(&qemu);
}

static void check(struct scene *scene, size_t base_layer, uint64_t elsewhere)
{
    plan(scene, base_layer);
    assert_int_equal(scene->places.bytes_elsewhere, elsewhere);
    assert_reads_the_same(scene);
}

#define CLUSTER (64 * KIB)

/* A raw bottom of odd size, a shorter middle, holes, zeroes, discards. */
static void make_chain(struct scene *scene)
{
    scene_make(scene);
    shell(&scene->files, "head -c 1000001 /dev/urandom >layer0 && truncate -s 3000001 layer0 && "
                         "printf end | dd of=layer0 bs=1 seek=2999998 conv=notrunc");
    shell(&scene->files, "qemu-img create -q -f qcow2 -b layer0 -F raw layer1 2M && "
                         "qemu-io -c 'write -P 2 64k 1M' -c 'write -z 256k 64k' layer1");
    shell(&scene->files, "qemu-img create -q -f qcow2 -b layer1 -F qcow2 layer2 5M && "
                         "qemu-io -c 'write -P 3 128k 64k' -c 'write -P 4 2560k 100k' -c 'discard 512k 64k' "
                         "-c 'write -P 5 5056k 512' layer2");
    scene_add(scene, "layer0", DISK_FORMAT_RAW, 3000001);
    scene_add(scene, "layer1", DISK_FORMAT_QCOW2, 2 * MIB);
    scene_add(scene, "layer2", DISK_FORMAT_QCOW2, 5 * MIB);
}

static void test_a_chain_needs_no_qemu(void **state)
{
    (void)state;
    struct scene scene;
    make_chain(&scene);
    check(&scene, FULL, 0);
    assert_int_equal(scene.totals.bytes_data % CLUSTER, 0);
    scene.base_size = 2 * MIB;
    check(&scene, 1, 0);
    assert_int_equal(scene.totals.bytes_data, 4 * CLUSTER);
    scene.base_size = 3000001; /* behind the end of the bottom all is asked of the whole chain */
    check(&scene, 2, 0);
    scene_remove(&scene);
}

static void test_raw_of_any_size(void **state)
{
    (void)state;
    static const unsigned sizes[] = {1, 511, 512, 513, 65536, 65537, 1000001};
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        struct scene scene;
        scene_make(&scene);
        shell(&scene.files, "head -c %u /dev/urandom >disk", sizes[i]);
        scene_add(&scene, "disk", DISK_FORMAT_RAW, sizes[i]);
        check(&scene, FULL, 0);
        assert_int_equal(scene.totals.bytes_data, size_whole_sectors(sizes[i]));
        scene_remove(&scene);
    }
}

static void test_disks_without_data(void **state)
{
    (void)state;
    struct scene scene;
    scene_make(&scene);
    shell(&scene.files, "qemu-img create -q -f qcow2 none 0 && qemu-img create -q -f qcow2 disk 3G");
    scene_add(&scene, "none", DISK_FORMAT_QCOW2, 0);
    check(&scene, FULL, 0);
    close(scene.layers[0].fd);
    scene.count = 0;
    scene_add(&scene, "disk", DISK_FORMAT_QCOW2, 3 * GIB);
    plan(&scene, FULL);
    assert_int_equal(scene.places.count, 0);
    assert_int_equal(scene.places.bytes_elsewhere, 0);
    scene_remove(&scene);
}

static void test_compressed_clusters_are_read_by_qemu(void **state)
{
    (void)state;
    struct scene scene;
    scene_make(&scene);
    shell(&scene.files, "qemu-img create -q -f qcow2 disk 4M && qemu-io -c 'write -P 7 0 256k' "
                        "-c 'write -c -P 1 512k 64k' -c 'write -c -P 2 1M 64k' disk");
    scene_add(&scene, "disk", DISK_FORMAT_QCOW2, 4 * MIB);
    check(&scene, FULL, 2 * CLUSTER);
    scene_remove(&scene);
}

/* QEMU's map tells places of such images too, but they are in another file. */
static void test_an_external_data_file_has_no_places(void **state)
{
    (void)state;
    struct scene scene;
    scene_make(&scene);
    shell(&scene.files,
          "qemu-img create -q -f qcow2 -o data_file=\"$PWD/data\" disk 1M && "
          "qemu-io -c 'write -P 7 0 256k' disk && qemu-img map --output=json disk | grep offset");
    scene_add(&scene, "disk", DISK_FORMAT_QCOW2, MIB);
    check(&scene, FULL, 256 * KIB);
    scene_remove(&scene);
}

static void test_small_clusters(void **state)
{
    (void)state;
    struct scene scene;
    scene_make(&scene);
    shell(&scene.files, "qemu-img create -q -f qcow2 -o cluster_size=512 layer0 1M && "
                        "qemu-io -c 'write -P 1 0 300k' -c 'write -P 2 512k 512' layer0");
    shell(&scene.files, "qemu-img create -q -f qcow2 -o cluster_size=4k -b layer0 -F qcow2 layer1 1M && "
                        "qemu-io -c 'write -P 3 68k 4k' -c 'write -z 72k 4k' -c 'write -P 4 640k 4k' layer1");
    scene_add(&scene, "layer0", DISK_FORMAT_QCOW2, MIB);
    scene_add(&scene, "layer1", DISK_FORMAT_QCOW2, MIB);
    check(&scene, FULL, 0);
    scene.base_size = MIB;
    check(&scene, 1, 2 * CLUSTER - 12 * KIB); /* the base's part of two clusters of the package */
    scene_remove(&scene);
}

static void test_a_bitmap_in_place_of_a_base(void **state)
{
    (void)state;
    struct scene scene;
    scene_make(&scene);
    shell(&scene.files, "qemu-img create -q -f qcow2 disk 4M && qemu-io -c 'write -P 1 0 3M' disk && "
                        "qemu-img bitmap --add disk marks && "
                        "qemu-io -c 'write -P 2 64k 4k' -c 'write -z 1M 64k' -c 'write -P 3 3584k 64k' disk");
    scene_add(&scene, "disk", DISK_FORMAT_QCOW2, 4 * MIB);
    scene.bitmap = "marks";
    scene.base_size = 4 * MIB;
    check(&scene, FULL, 0);
    assert_int_equal(scene.totals.bytes_data, 2 * CLUSTER);
    assert_int_equal(scene.places.count, 2);
    scene_remove(&scene);
}

static void assert_short(const struct error *err)
{
    assert_string_equal(err->key, "export.layer-short");
    assert_true(*err->cause && *err->next);
}

static void test_a_file_that_is_cut_off(void **state)
{
    (void)state;
    struct scene scene;
    struct error err = {0};
    scene_make(&scene);
    shell(&scene.files, "qemu-img create -q -f qcow2 disk 1M && qemu-io -c 'write -P 9 0 64k' "
                        "-c 'write -P 8 64k 64k' disk && truncate -s -30000 disk");
    scene_add(&scene, "disk", DISK_FORMAT_QCOW2, MIB);
    plan(&scene, FULL); /* within the last cluster: QEMU reads zeroes there */
    assert_reads_the_same(&scene);
    shell(&scene.files, "truncate -s -40000 disk");
    assert_false(try_plan(&scene, FULL, &err));
    assert_short(&err);
    scene_remove(&scene);
}

/* A file so much shorter than what is counted in it that QEMU takes the rest for zeroes that were prepared;
 * what is prepared indeed is a hole of the file. */
static void test_a_file_that_is_cut_off_and_reads_zero(void **state)
{
    (void)state;
    struct scene scene;
    struct error err = {0};
    scene_make(&scene);
    shell(&scene.files, "qemu-img create -q -f qcow2 -o preallocation=metadata disk 2M && "
                        "qemu-io -c 'write -P 9 64k 300k' -c 'write -P 8 1600k 70k' disk");
    scene_add(&scene, "disk", DISK_FORMAT_QCOW2, 2 * MIB);
    check(&scene, FULL, 0);
    shell(&scene.files, "truncate -s 1M disk");
    assert_false(try_plan(&scene, FULL, &err));
    assert_short(&err);
    scene_remove(&scene);
}

static void test_a_file_that_is_cut_off_later(void **state)
{
    (void)state;
    struct scene scene;
    struct error err = {0};
    make_chain(&scene);
    plan(&scene, FULL);
    shell(&scene.files, "truncate -s 34000 layer0");
    struct reading direct = open_direct(&scene);
    unsigned char data[4096];
    read_into(&direct, data, sizeof data, 0);
    assert_false(direct.source->ops->read(direct.reader, data, sizeof data, 32 * KIB, &err));
    direct.source->ops->explain(direct.source, &err);
    assert_short(&err);
    end_reading(&direct);
    scene_remove(&scene);
}

static void test_what_was_not_planned_is_not_read(void **state)
{
    (void)state;
    struct scene scene;
    struct error err = {0};
    make_chain(&scene);
    scene.base_size = 2 * MIB;
    plan(&scene, 1);
    struct reading direct = open_direct(&scene);
    unsigned char data[512];
    assert_false(direct.source->ops->read(direct.reader, data, sizeof data, 0, &err));
    assert_string_equal(err.key, "export.plan");
    end_reading(&direct);
    scene_remove(&scene);
}

/* Extents that contradict QEMU's map of layer2 over the others. */
static uint64_t placed(struct scene *scene, const struct nbd_extent *extent)
{
    struct places_spec spec = {.layers = scene->layers,
                               .layer_count = scene->count,
                               .start = 2 * CLUSTER,
                               .end = 4 * CLUSTER,
                               .label = "web01/vda",
                               .halt = &scene->halt};
    struct place_reader reader;
    struct places *places;
    struct place place;
    struct error err = {0};
    place_list_close(&scene->places);
    assert_true(place_list_open(&scene->places, AT_FDCWD, &err));
    assert_true(places_open(&spec, &scene->places, &places, &err));
    assert_true(places_take(places, extent, RUN_DATA, &err));
    places_close(places);
    assert_true(place_list_finish(&scene->places, &err));
    place_reader_open(&reader, &scene->places);
    assert_true(place_reader_find(&reader, 2 * CLUSTER, &place, &err));
    place_reader_close(&reader);
    return place.layer == PLACE_NONE ? 0 : place.length;
}

static void test_what_does_not_agree_has_no_place(void **state)
{
    (void)state;
    struct scene scene;
    make_chain(&scene);
    assert_int_equal(placed(&scene, &(struct nbd_extent){.length = CLUSTER, .depth = 1}), CLUSTER);
    assert_int_equal(placed(&scene, &(struct nbd_extent){.length = 2 * CLUSTER, .depth = 1}), CLUSTER);
    assert_int_equal(placed(&scene, &(struct nbd_extent){.length = 512, .depth = 1}), 512);
    assert_int_equal(placed(&scene, &(struct nbd_extent){.length = CLUSTER, .depth = 0}), 0);
    assert_int_equal(placed(&scene, &(struct nbd_extent){.length = CLUSTER, .depth = 2}), 0);
    assert_int_equal(placed(&scene, &(struct nbd_extent){.length = CLUSTER, .depth = 1, .zero = true}), 0);
    scene_remove(&scene);
}

static void test_a_map_that_fails(void **state)
{
    (void)state;
    struct scene scene;
    struct error err = {0};
    make_chain(&scene);
    shell(&scene.files, "mkdir bin && printf '#!/bin/sh\\necho no map >&2\\nexit 1\\n' >bin/qemu-img && "
                        "chmod +x bin/qemu-img");
    CLEANUP_FREE char *before = mem_strdup(getenv("PATH"));
    CLEANUP_FREE char *path = mem_format("%s/bin:%s", scene.files.directory, before);
    setenv("PATH", path, 1);
    bool ok = try_plan(&scene, FULL, &err);
    setenv("PATH", before, 1);
    assert_false(ok);
    assert_string_equal(err.key, "image.map");
    assert_string_equal(err.cause, "qemu-img: no map");
    scene_remove(&scene);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct scene scene;
    struct error err = {0};
    make_chain(&scene);
    halt_fail(&scene.halt);
    assert_false(try_plan(&scene, FULL, &err));
    assert_string_equal(err.key, "image.stopped");
    scene_remove(&scene);
}

struct random {
    uint64_t state;
};

static uint64_t next(struct random *random, uint64_t limit)
{
    random->state = random->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random->state >> 33) % limit;
}

static void write_randomly(struct random *random, const struct scene *scene, size_t n, uint64_t size,
                           uint64_t cluster)
{
    static const char *const commands[] = {"write -P 7", "write -P 9",  "write -z",
                                           "discard",    "write -z -u", "write -c -P 5"};
    struct strbuf line = {0};
    strbuf_addf(&line, "qemu-io");
    for (uint64_t i = 3 + next(random, 14); i > 0; i--) {
        uint64_t which = next(random, ARRAY_LENGTH(commands));
        uint64_t unit = which == 5 ? cluster : 512;
        if (size / unit == 0)
            continue;
        uint64_t start = next(random, size / unit) * unit;
        uint64_t most = next(random, 3) == 0 ? 8192 : 200;
        uint64_t length = which == 5 ? cluster : (1 + next(random, most)) * 512;
        strbuf_addf(&line, " -c '%s %llu %llu'", commands[which], (unsigned long long)start,
                    (unsigned long long)(length < size - start ? length : size - start));
    }
    shell_status(&scene->files, "%s layer%zu", line.data, n); /* two compressed writes to one place fail */
    strbuf_free(&line);
}

static void add_layer(struct random *random, struct scene *scene, uint64_t size)
{
    size_t n = scene->count;
    bool subclusters = next(random, 4) == 0;
    uint64_t cluster = (uint64_t)512 << next(random, 13); /* to 2 MiB */
    if (subclusters && cluster < 16 * KIB)
        cluster = 16 * KIB;
    bool old = next(random, 5) == 0 && !subclusters;
    bool whole = n == 0 && next(random, 3) == 0;
    CLEANUP_FREE char *backing =
        n == 0 ? mem_strdup("")
               : mem_format("-b layer%zu -F %s", n - 1, disk_format_word(scene->layers[0].format));
    shell(&scene->files, "qemu-img create -q -f qcow2 -o cluster_size=%llu,compat=%s%s%s %s layer%zu %llu",
          (unsigned long long)cluster, old ? "0.10" : "1.1", subclusters ? ",extended_l2=on" : "",
          whole ? ",preallocation=metadata" : "", backing, n, (unsigned long long)size);
    write_randomly(random, scene, n, size, cluster);
    CLEANUP_FREE char *name = mem_format("layer%zu", n);
    scene_add(scene, name, DISK_FORMAT_QCOW2, size);
}

static void check_random_chain(uint64_t seed, uint64_t *direct, uint64_t *elsewhere)
{
    struct random random = {.state = seed * 0x9e3779b97f4a7c15ULL};
    struct scene scene;
    uint64_t sizes[LAYERS];
    scene_make(&scene);
    uint64_t size = (8000 + next(&random, 30000)) * 512;
    if (next(&random, 2) == 0) {
        uint64_t raw = size - next(&random, 512);
        shell(&scene.files, "head -c 3000001 /dev/urandom >layer0 && truncate -s %llu layer0",
              (unsigned long long)raw);
        sizes[0] = raw;
        scene_add(&scene, "layer0", DISK_FORMAT_RAW, raw);
    }
    while (scene.count < 5) {
        if (next(&random, 4) == 0)
            size = (4000 + next(&random, 50000)) * 512;
        sizes[scene.count] = size;
        add_layer(&random, &scene, size);
    }
    print_message("seed %llu\n", (unsigned long long)seed);
    for (size_t base = 0; base < scene.count; base++) { /* 0: full */
        scene.base_size = base == 0 ? 0 : sizes[scene.count - 1 - base];
        plan(&scene, base == 0 ? FULL : base);
        assert_reads_the_same(&scene);
        *elsewhere += scene.places.bytes_elsewhere;
        *direct += scene.totals.bytes_data - scene.places.bytes_elsewhere;
    }
    scene_remove(&scene);
}

static void test_random_chains(void **state)
{
    (void)state;
    const char *chosen = getenv("REFPOINT_TEST_SEED");
    uint64_t first = chosen ? strtoull(chosen, NULL, 10) : 1;
    uint64_t direct = 0;
    uint64_t elsewhere = 0;
    for (uint64_t seed = first; seed < first + RANDOM_CHAINS; seed++)
        check_random_chain(seed, &direct, &elsewhere);
    print_message("%llu bytes by the files, %llu by QEMU\n", (unsigned long long)direct,
                  (unsigned long long)elsewhere);
    assert_true(direct > elsewhere && elsewhere > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain_needs_no_qemu),
        cmocka_unit_test(test_raw_of_any_size),
        cmocka_unit_test(test_disks_without_data),
        cmocka_unit_test(test_compressed_clusters_are_read_by_qemu),
        cmocka_unit_test(test_an_external_data_file_has_no_places),
        cmocka_unit_test(test_small_clusters),
        cmocka_unit_test(test_a_bitmap_in_place_of_a_base),
        cmocka_unit_test(test_a_file_that_is_cut_off),
        cmocka_unit_test(test_a_file_that_is_cut_off_and_reads_zero),
        cmocka_unit_test(test_a_file_that_is_cut_off_later),
        cmocka_unit_test(test_what_was_not_planned_is_not_read),
        cmocka_unit_test(test_what_does_not_agree_has_no_place),
        cmocka_unit_test(test_a_map_that_fails),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_random_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
