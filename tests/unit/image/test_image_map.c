/* Where the ranges of real images lie, and a qemu-img that fails, hangs or says something else. */
#include "core/image/image_map.h"

#include <signal.h>
#include <sys/wait.h>

#include "core/image/nbd/client.h"
#include "tests/pulse.h"
#include "tests/unit/support/image_files.h"

#define CLUSTER ((uint64_t)64 << 10)
#define MANY ((uint64_t)20000)

static int make_files(void **state)
{
    struct image_files *files = mem_alloc(sizeof *files);
    image_files_make(files);
    shell(files, "head -c 1000001 /dev/urandom >base.raw && truncate -s 3000001 base.raw");
    shell(files, "qemu-img create -q -f qcow2 -b base.raw -F raw middle.qcow2 4M");
    shell(files, "qemu-io -c 'write -P 2 64k 128k' middle.qcow2");
    shell(files, "qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 top.qcow2 5M");
    shell(files, "qemu-io -c 'write -P 3 128k 64k' -c 'write -z 256k 64k' -c 'write -c -P 4 512k 64k' "
                 "top.qcow2");
    shell(files, "qemu-img create -q -f qcow2 empty.qcow2 0 && : >empty.raw");
    *state = files;
    return 0;
}

static int remove_files(void **state)
{
    image_files_remove(*state);
    free(*state);
    return 0;
}

struct chain {
    struct image_layer layers[4];
    size_t count;
};

static void chain_add(struct chain *chain, const struct image_files *files, const char *name,
                      enum disk_format format)
{
    chain->layers[chain->count++] =
        (struct image_layer){.fd = image_open(files, name, O_RDONLY), .format = format};
}

static struct chain whole_chain(const struct image_files *files)
{
    struct chain chain = {0};
    chain_add(&chain, files, "top.qcow2", DISK_FORMAT_QCOW2);
    chain_add(&chain, files, "middle.qcow2", DISK_FORMAT_QCOW2);
    chain_add(&chain, files, "base.raw", DISK_FORMAT_RAW);
    return chain;
}

static struct image_map_spec spec_of(const struct chain *chain, uint64_t start, uint64_t end)
{
    return (struct image_map_spec){.layers = chain->layers,
                                   .layer_count = chain->count,
                                   .start = start,
                                   .end = end,
                                   .label = "web01/vda"};
}

/* Opens and lets go of the descriptors: the child has its own. */
static struct image_map *open_map(struct chain *chain, const struct image_map_spec *spec)
{
    struct image_map *map = NULL;
    struct error err = {0};
    if (!image_map_open(spec, &map, &err))
        fail_msg("%s: %s", err.what, err.cause);
    for (size_t i = 0; i < chain->count; i++)
        close(chain->layers[i].fd);
    return map;
}

static struct image_map_range next(struct image_map *map)
{
    struct image_map_range range;
    struct error err = {0};
    if (!image_map_next(map, &range, &err))
        fail_msg("%s: %s", err.what, err.cause);
    return range;
}

static void assert_next(struct image_map *map, uint64_t start, uint64_t length, uint32_t depth, bool zero,
                        bool data, bool has_offset)
{
    struct image_map_range range = next(map);
    assert_int_equal(range.start, start);
    assert_int_equal(range.length, length);
    if (range.present)
        assert_int_equal(range.depth, depth);
    assert_true(range.zero == zero && range.data == data && range.has_offset == has_offset);
}

static void assert_end(struct image_map *map)
{
    assert_int_equal(next(map).length, 0);
    assert_int_equal(next(map).length, 0);
    image_map_close(map);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* reaped */
}

/* Data of three layers, zeroes, what is compressed, and what lies behind the ends of two shorter ones. */
static void assert_whole(struct image_map *map)
{
    assert_next(map, 0, CLUSTER, 2, false, true, true);
    assert_next(map, CLUSTER, CLUSTER, 1, false, true, true);
    assert_next(map, 2 * CLUSTER, CLUSTER, 0, false, true, true);
    assert_next(map, 3 * CLUSTER, CLUSTER, 2, false, true, true);
    assert_next(map, 4 * CLUSTER, CLUSTER, 0, true, false, false);
    struct image_map_range range = next(map);
    assert_int_equal(range.offset, 5 * CLUSTER); /* raw */
    assert_next(map, 8 * CLUSTER, CLUSTER, 0, false, true, false);
    assert_next(map, 9 * CLUSTER, 1003520 - 9 * CLUSTER, 2, false, true, true);
    assert_next(map, 1003520, 3000320 - 1003520, 2, true, false, true); /* QEMU's sectors */
    range = next(map);
    assert_true(range.zero && !range.data);
}

static void test_a_chain(void **state)
{
    struct chain chain = whole_chain(*state);
    struct image_map_spec spec = spec_of(&chain, 0, 5 << 20);
    struct image_map *map = open_map(&chain, &spec);
    assert_whole(map);
    while (next(map).length > 0)
        ;
    assert_end(map);
}

/* The others by the names in the images, whatever bytes the path has. */
static void test_by_its_path(void **state)
{
    static const char *const names[] = {"top.qcow2", "a,b=\xff ,,c\n.qcow2"};
    CLEANUP_FREE char *first = image_path(*state, names[0]);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        CLEANUP_FREE char *path = image_path(*state, names[i]);
        assert_true(i == 0 || link(first, path) == 0);
        struct chain chain = whole_chain(*state);
        struct image_map_spec spec = spec_of(&chain, 0, 5 << 20);
        spec.path = path;
        struct image_map *map = open_map(&chain, &spec);
        assert_whole(map);
        while (next(map).length > 0)
            ;
        assert_end(map);
        assert_true(i == 0 || unlink(path) == 0);
    }
}

static void test_clusters_of_every_size(void **state)
{
    const struct image_files *files = *state;
    struct chain chain = {0};
    shell(files,
          "size=512; below=; while [ $size -le 2097152 ]; do"
          " qemu-img create -q -f qcow2 -o cluster_size=$size ${below:+-b $below -F qcow2} $size.qcow2 "
          "8M; below=$size.qcow2; size=$((size * 64)); done; qemu-io -c 'write 4M 64k' 512.qcow2");
    chain_add(&chain, *state, "2097152.qcow2", DISK_FORMAT_QCOW2);
    chain_add(&chain, *state, "32768.qcow2", DISK_FORMAT_QCOW2);
    chain_add(&chain, *state, "512.qcow2", DISK_FORMAT_QCOW2);
    CLEANUP_FREE char *path = image_path(*state, "2097152.qcow2");
    CLEANUP_FREE char *name = image_layers_name(chain.layers, chain.count, 3, IMAGE_ACCESS_READ);
    CLEANUP_FREE char *options = image_path_options(path, chain.layers, chain.count);
    assert_non_null(strstr(name, "\"l2-cache-entry-size\":65536,"));
    assert_non_null(strstr(name, "\"l2-cache-entry-size\":32768,"));
    assert_non_null(strstr(name, "\"l2-cache-entry-size\":512,"));
    assert_non_null(strstr(options, ",l2-cache-entry-size=65536,"));
    assert_non_null(strstr(options, ",backing.l2-cache-entry-size=32768,"));
    assert_non_null(strstr(options, ",backing.backing.l2-cache-entry-size=512"));
    struct image_map_spec spec = spec_of(&chain, 0, 8 << 20);
    for (int i = 0; i < 2; i++) {
        struct image_map *map;
        struct error err = {0};
        uint64_t data = 0;
        assert_true(image_map_open(&spec, &map, &err));
        for (struct image_map_range range = next(map); range.length > 0; range = next(map)) {
            assert_true(range.data == (range.start >= 4 << 20 && range.start < (4 << 20) + CLUSTER));
            data += range.data ? range.length : 0;
        }
        image_map_close(map);
        assert_int_equal(data, CLUSTER);
        spec.path = path;
    }
    for (size_t i = 0; i < chain.count; i++)
        close(chain.layers[i].fd);
}

static void test_a_part(void **state)
{
    struct chain chain = whole_chain(*state);
    struct image_map_spec spec = spec_of(&chain, CLUSTER + 512, 2 * CLUSTER + 1024);
    struct image_map *map = open_map(&chain, &spec);
    assert_next(map, CLUSTER + 512, CLUSTER - 512, 1, false, true, true);
    assert_next(map, 2 * CLUSTER, 1024, 0, false, true, true);
    assert_end(map);
}

static void test_disks_of_no_size(void **state)
{
    struct chain chain = {0};
    chain_add(&chain, *state, "empty.qcow2", DISK_FORMAT_QCOW2);
    struct image_map_spec spec = spec_of(&chain, 0, 0);
    assert_end(open_map(&chain, &spec));
    chain = (struct chain){0};
    chain_add(&chain, *state, "empty.raw", DISK_FORMAT_RAW);
    spec = spec_of(&chain, 0, 0);
    assert_end(open_map(&chain, &spec));
    chain = whole_chain(*state); /* nothing of a disk */
    spec = spec_of(&chain, CLUSTER, CLUSTER);
    assert_end(open_map(&chain, &spec));
}

/* Another size than QEMU sees. */
static void test_a_disk_that_is_shorter(void **state)
{
    struct chain chain = whole_chain(*state);
    struct image_map_spec spec = spec_of(&chain, 0, 6 << 20);
    struct image_map *map = open_map(&chain, &spec);
    struct image_map_range range;
    struct error err = {0};
    while (image_map_next(map, &range, &err))
        assert_true(range.length > 0);
    assert_string_equal(err.key, "image.map");
    image_map_close(map);
}

static void assert_fails(struct image_map *map, const char *cause)
{
    struct image_map_range range = {0};
    struct error err = {0};
    while (image_map_next(map, &range, &err) && range.length > 0)
        ;
    assert_string_equal(err.key, "image.map");
    if (!strstr(err.cause, cause))
        fail_msg("%s: %s", err.what, err.cause);
    assert_false(image_map_next(map, &range, &err));
    image_map_close(map);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_an_image_that_cannot_be_opened(void **state)
{
    struct chain chain = {0};
    chain_add(&chain, *state, "base.raw", DISK_FORMAT_QCOW2);
    struct image_map_spec spec = spec_of(&chain, 0, 3000320);
    assert_fails(open_map(&chain, &spec), "qemu-img: Image is not in qcow2 format");
}

static pid_t child_of_test(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    long pid = 0;
    assert_int_equal(fscanf(file, "%ld", &pid), 1);
    fclose(file);
    return (pid_t)pid;
}

/* A disk whose map is far longer than what a pipe holds: the child is still there after the first ranges. */
static struct chain many_ranges(const struct image_files *files)
{
    CLEANUP_FREE char *path = image_path(files, "many.raw");
    CLEANUP_FD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (uint64_t i = 0; i < MANY; i++)
        assert_int_equal(pwrite(fd, "x", 1, (off_t)(i * 2 * CLUSTER)), 1);
    assert_int_equal(ftruncate(fd, (off_t)(MANY * 2 * CLUSTER)), 0);
    struct chain chain = {0};
    chain_add(&chain, files, "many.raw", DISK_FORMAT_RAW);
    return chain;
}

static void test_many_ranges(void **state)
{
    struct chain chain = many_ranges(*state);
    struct image_map_spec spec = spec_of(&chain, 0, MANY * 2 * CLUSTER);
    struct image_map *map = open_map(&chain, &spec);
    for (uint64_t i = 0; i < MANY; i++) {
        struct image_map_range range = next(map);
        assert_true(range.start == 2 * i * CLUSTER && range.data && !range.zero);
        assert_true(next(map).zero);
    }
    assert_end(map);
}

static void test_a_killed_child(void **state)
{
    struct chain chain = many_ranges(*state);
    struct image_map_spec spec = spec_of(&chain, 0, MANY * 2 * CLUSTER);
    struct image_map *map = open_map(&chain, &spec);
    assert_next(map, 0, 4096, 0, false, true, true);
    assert_int_equal(kill(child_of_test(), SIGKILL), 0);
    assert_fails(map, "ended by signal 9");
}

static bool is_stopped(void *context)
{
    return *(bool *)context;
}

static bool third_time(void *context)
{
    return ++*(int *)context > 2;
}

static void test_closed_in_the_middle(void **state)
{
    struct chain chain = many_ranges(*state);
    struct image_map_spec spec = spec_of(&chain, 0, MANY * 2 * CLUSTER);
    struct image_map *map = open_map(&chain, &spec);
    next(map);
    image_map_close(map);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    image_map_close(NULL);
}

static void test_cancelled(void **state)
{
    struct chain chain = many_ranges(*state);
    struct image_map_spec spec = spec_of(&chain, 0, MANY * 2 * CLUSTER);
    bool stopped = false;
    spec.stopped = is_stopped;
    spec.context = &stopped;
    struct image_map *map = open_map(&chain, &spec);
    next(map);
    stopped = true;
    struct image_map_range range;
    struct error err = {0};
    while (image_map_next(map, &range, &err))
        assert_true(range.length > 0);
    assert_string_equal(err.key, "image.stopped");
    image_map_close(map);
}

static void test_a_hanging_child_is_given_up(void **state)
{
    struct chain chain = whole_chain(*state);
    struct image_map_spec spec = spec_of(&chain, 0, 5 << 20);
    int asked = 0;
    spec.stopped = third_time;
    spec.context = &asked;
    struct image_map *map = open_map(&chain, &spec);
    assert_int_equal(kill(child_of_test(), SIGSTOP), 0);
    struct pulse *pulse = pulse_start();
    struct image_map_range range;
    struct error err = {0};
    while (image_map_next(map, &range, &err))
        assert_true(range.length > 0);
    assert_string_equal(err.key, "image.stopped");
    image_map_close(map);
    assert_true(pulse_stop(pulse) < 1000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_an_image_that_is_open_elsewhere(void **state)
{
    struct chain chain = {0};
    chain_add(&chain, *state, "empty.qcow2", DISK_FORMAT_QCOW2);
    struct nbd_server_spec writer = {
        .layers = (struct image_layer[]){{.fd = image_open(*state, "empty.qcow2", O_RDWR),
                                          .format = DISK_FORMAT_QCOW2}},
        .layer_count = 1,
        .writable = true,
        .label = "web01/vda"};
    struct nbd_server *server;
    struct nbd_client *client;
    struct error err = {0};
    struct image_map_range range;
    assert_true(nbd_server_start(&writer, &server, &err));
    assert_true(nbd_client_open(
        &(struct nbd_client_spec){.socket = nbd_server_socket(server), .label = "web01/vda"}, &client, &err));
    struct image_map *map;
    struct image_map_spec spec = spec_of(&chain, 0, 0);
    assert_true(image_map_open(&spec, &map, &err));
    assert_false(image_map_next(map, &range, &err));
    assert_int_equal(err.code, RETURN_IN_USE);
    image_map_close(map);
    chain.layers[0].unlocked = true;
    assert_true(image_map_open(&spec, &map, &err));
    assert_int_equal(next(map).length, 0);
    image_map_close(map);
    nbd_client_close(client);
    nbd_server_abort(server);
    close(writer.layers[0].fd);
    close(chain.layers[0].fd);
}

/* Another program of that name, which says what QEMU never should. */
static void assert_refuses(const struct image_files *files, const char *lines, int status, const char *cause)
{
    shell(files,
          "mkdir -p bin && printf '%%s' '%s' >bin/lines && "
          "printf '#!/bin/sh\\ncat %s/bin/lines\\necho fault >&2\\nexit %d\\n' >bin/qemu-img && "
          "chmod +x bin/qemu-img",
          lines, files->directory, status);
    CLEANUP_FREE char *before = mem_strdup(getenv("PATH"));
    CLEANUP_FREE char *path = mem_format("%s/bin:%s", files->directory, before);
    setenv("PATH", path, 1);
    struct chain chain = {0};
    chain_add(&chain, files, "empty.raw", DISK_FORMAT_RAW);
    struct image_map_spec spec = spec_of(&chain, 0, 1024);
    struct image_map *map = open_map(&chain, &spec);
    setenv("PATH", before, 1);
    assert_fails(map, cause);
}

#define RANGE(start, length)                                                                                 \
    "{ \"start\": " #start ", \"length\": " #length ", \"depth\": 0, \"zero\": true, \"data\": false}"

static void test_what_qemu_never_says(void **state)
{
    assert_refuses(*state, "[" RANGE(0, 512) "]\n", 0, "too early");
    assert_refuses(*state, "[" RANGE(0, 1024), 0, "too early");
    assert_refuses(*state, "[" RANGE(0, 1024) "]\n", 1, "qemu-img: fault");
    assert_refuses(*state, "[" RANGE(0, 512) ",\n" RANGE(513, 511) "]\n", 0, "follow each other");
    assert_refuses(*state, "[" RANGE(0, 512) ",\n" RANGE(511, 513) "]\n", 0, "follow each other");
    assert_refuses(*state, "[" RANGE(0, 1024) ",\n" RANGE(1024, 512) "]\n", 0, "outside the disk");
    assert_refuses(*state, "[" RANGE(0, 0) ",\n" RANGE(0, 1024) "]\n", 0, "outside the disk");
    assert_refuses(*state, "Segmentation fault\n", 0, "something else");
    assert_refuses(*state,
                   "[{ \"start\": 0, \"length\": 1024, \"depth\": 0, \"zero\": false, \"data\": true, "
                   "\"offset\": 9223372036854775807}]\n",
                   0, "outside every file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain),
        cmocka_unit_test(test_by_its_path),
        cmocka_unit_test(test_clusters_of_every_size),
        cmocka_unit_test(test_a_part),
        cmocka_unit_test(test_disks_of_no_size),
        cmocka_unit_test(test_a_disk_that_is_shorter),
        cmocka_unit_test(test_an_image_that_cannot_be_opened),
        cmocka_unit_test(test_many_ranges),
        cmocka_unit_test(test_a_killed_child),
        cmocka_unit_test(test_closed_in_the_middle),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_a_hanging_child_is_given_up),
        cmocka_unit_test(test_an_image_that_is_open_elsewhere),
        cmocka_unit_test(test_what_qemu_never_says),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
