/* Exports of a disk that a running QEMU serves, compared by stock QEMU with what the guest read at the point.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/support/served/served_scene.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/export/package/package.h"
#include "core/export/package/read.h"
#include "core/export/source/source.h"
#include "core/system/proc.h"

#define CHAINS 3
#define POINTS_OF_A_CHAIN 5

static void assert_record(const char *path, bool differential, uint64_t size)
{
    struct package package;
    struct error err = {0};
    assert_true(package_read(path, &package, &err));
    assert_int_equal(package.disks[0].differential, differential);
    assert_int_equal(package.disks[0].virtual_size, size);
    assert_null(package.disks[0].reason);
    assert_true(package.verified);
    package_clear(&package);
}

/* Differences on differences, with sizes that change and bitmaps of any granularity. */
static void play_chain(uint64_t seed)
{
    struct served_scene scene;
    struct dice dice = {.state = seed};
    print_message("seed %llu\n", (unsigned long long)seed);
    served_scene_make(&scene, "qcow2", dice_roll(&dice, 2) ? "-o cluster_size=4k" : "",
                      (2000 + dice_roll(&dice, 9000)) * 512, seed);
    for (int n = 0; n < POINTS_OF_A_CHAIN; n++) {
        struct export_task task;
        scene.disk.granularity = (uint64_t)512 << dice_roll(&dice, 13);
        if (n > 0 && dice_roll(&dice, 2))
            served_disk_resize(&scene.disk, scene.disk.size + 512 * dice_roll(&dice, 3000));
        served_scene_write(&scene, (unsigned)dice_roll(&dice, 20));
        served_scene_point(&scene, dice_roll(&dice, 2), 0);
        served_scene_task(&scene, n > 0, &task);
        task.options.compression = dice_roll(&dice, 3) == 0 ? COMPRESSION_ZSTD : COMPRESSION_NONE;
        CLEANUP_FREE char *package = history_export_task(&task);
        export_task_clear(&task);
        assert_package_is_newest(&scene, package);
        assert_record(package, n > 0, scene.disk.size);
        served_scene_end_point(&scene);
    }
    served_scene_remove(&scene);
}

static void test_random_chains(void **state)
{
    (void)state;
    const char *chosen = getenv("REFPOINT_TEST_SEED");
    uint64_t first = chosen ? strtoull(chosen, NULL, 10) : 1;
    for (uint64_t seed = first; seed < first + CHAINS; seed++)
        play_chain(seed);
}

/* --- a guest that does not stop --- */

struct guest {
    struct served_scene *scene;
    pthread_t thread;
    atomic_bool stop;
    unsigned long writes;
};

static void *write_on(void *context)
{
    struct guest *guest = context;
    while (!atomic_load(&guest->stop)) {
        served_scene_write(guest->scene, 1);
        guest->writes++;
    }
    return NULL;
}

static void test_while_the_guest_writes(void **state)
{
    (void)state;
    struct served_scene scene;
    served_scene_make(&scene, "qcow2", "", 40 * MIB, 5);
    for (int n = 0; n < 4; n++) {
        struct guest guest = {.scene = &scene};
        served_scene_write(&scene, n == 0 ? 400 : 60);
        served_scene_point(&scene, true, 0);
        assert_int_equal(pthread_create(&guest.thread, NULL, write_on, &guest), 0);
        CLEANUP_FREE char *package = served_scene_export(&scene, n > 0);
        atomic_store(&guest.stop, true);
        pthread_join(guest.thread, NULL);
        print_message("%lu writes meanwhile\n", guest.writes);
        assert_package_is_newest(&scene, package);
        served_scene_end_point(&scene);
    }
    served_scene_remove(&scene);
}

/* --- sizes --- */

/* A raw image of an odd size: QEMU serves it rounded up to 512, the record has the true one. */
static void test_odd_size(void **state)
{
    (void)state;
    struct served_scene scene;
    served_scene_make(&scene, "raw", "", 9000777, 6);
    for (int n = 0; n < 2; n++) {
        served_scene_write(&scene, 30);
        served_scene_point(&scene, false, 9000777);
        CLEANUP_FREE char *package = served_scene_export(&scene, n > 0);
        assert_package_is_newest(&scene, package);
        assert_record(package, n > 0, 9000777);
        served_scene_end_point(&scene);
    }
    served_scene_remove(&scene);
}

/* The bitmap calls the new tail clean; in the cluster that the old end cuts, and behind it, all is new. */
static void test_grown(void **state)
{
    (void)state;
    struct served_scene scene;
    uint64_t size = 4 * MIB + 512 * 5;
    served_scene_make(&scene, "qcow2", "", size, 7);
    served_scene_write(&scene, 100);
    served_scene_point(&scene, false, 0);
    CLEANUP_FREE char *base = served_scene_export(&scene, false);
    assert_non_null(base);
    served_scene_end_point(&scene);
    served_disk_resize(&scene.disk, 12 * MIB + 512);
    served_scene_point(&scene, true, 0);
    struct export_task task;
    struct export_estimate estimate;
    struct error err = {0};
    served_scene_task(&scene, true, &task);
    assert_int_equal(export_check(&task, NULL, &estimate, &err), RETURN_DONE);
    assert_true(estimate.disks[0].differential);
    assert_int_equal(estimate.disks[0].bytes_skipped, 4 * MIB);
    assert_int_equal(estimate.disks[0].bytes_data + estimate.disks[0].bytes_zero, 8 * MIB + 512);
    export_estimate_clear(&estimate);
    export_task_clear(&task);
    CLEANUP_FREE char *package = served_scene_export(&scene, true);
    assert_package_is_newest(&scene, package);
    served_scene_remove(&scene);
}

/* --- full, and why --- */

static void test_full_with_a_reason(void **state)
{
    (void)state;
    struct served_scene scene;
    struct export_task task;
    struct package package;
    struct error err = {0};
    served_scene_make(&scene, "qcow2", "", 4 * MIB, 8);
    served_scene_write(&scene, 20);
    served_scene_point(&scene, false, 0);
    CLEANUP_FREE char *base = served_scene_export(&scene, false);
    assert_non_null(base);
    served_scene_end_point(&scene);
    served_scene_write(&scene, 3);
    served_scene_point(&scene, true, 0);
    served_scene_task(&scene, true, &task);
    free(task.disks[0].served.changes);
    task.disks[0].served.changes = NULL;
    task.disks[0].full_reason = mem_strdup("QEMU was killed since the base");
    CLEANUP_FREE char *path = history_export_task(&task);
    assert_package_is_newest(&scene, path);
    assert_true(package_read(path, &package, &err));
    assert_false(package.disks[0].differential);
    assert_string_equal(package.disks[0].reason, "QEMU was killed since the base");
    package_clear(&package);
    task.options.strict = true;
    struct export_estimate estimate;
    assert_int_equal(export_check(&task, NULL, &estimate, &err), RETURN_INVALID_PARAMETER);
    assert_string_equal(err.key, "export.strict");
    export_task_clear(&task);
    served_scene_remove(&scene);
}

/* --- another server --- */

/* A socket has its name a moment before anybody can connect to it. */
static bool is_listening(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

/* Serves "disk" with the bitmap "since" to one connection at a time, on the socket "nbd". */
static void serve_alone(const struct image_files *files, struct proc *server)
{
    CLEANUP_FREE char *disk = image_path(files, "disk");
    CLEANUP_FREE char *socket = image_path(files, "nbd");
    const char *const argv[] = {"qemu-nbd", "-r", "-t",    "-e", "1",    "-f", "qcow2", "-x",
                                "vda",      "-B", "since", "-k", socket, "--", disk,    NULL};
    struct error err = {0};
    assert_true(proc_start(&(struct proc_spec){.argv = argv}, false, server, &err));
    while (!is_listening(socket)) {
        int status;
        if (proc_wait(server, 1, &status))
            fail_msg("qemu-nbd has ended");
    }
}

static void assert_one_reader(const struct served_disk *disk)
{
    struct halt halt = {0};
    struct source_served_spec spec = {
        .socket = disk->daemon.socket, .name = "vda", .label = "web01/vda", .halt = &halt};
    struct source *source;
    struct error err = {0};
    assert_true(source_served_open(&spec, &source, &err));
    assert_true(source->one_reader);
    source->ops->close(source);
}

/* qemu-nbd with a persistent bitmap, which lets in one connection at a time. */
static void test_one_connection(void **state)
{
    (void)state;
    struct served_scene scene;
    struct proc server;
    const struct image_files *files = &scene.history.files;
    served_scene_make(&scene, "qcow2", "", 20 * MIB, 9);
    served_scene_write(&scene, 200);
    served_scene_point(&scene, false, 0);
    CLEANUP_FREE char *base = served_scene_export(&scene, false);
    assert_non_null(base);
    served_scene_end_point(&scene);
    served_scene_point(&scene, false, 0); /* reads as the base, until it is written to */
    served_disk_close(&scene.disk);
    shell(files, "qemu-img bitmap --add -g 512 disk since && qemu-io -c 'write -P 7 1000001 3' "
                 "-c 'write -z 3M 1M' -c 'discard 5M 1M' -c 'write -P 8 19M 1M' disk && "
                 "qemu-img convert -O raw disk ref1.raw && rm -f nbd");
    serve_alone(files, &server);
    assert_one_reader(&scene.disk);
    snprintf(scene.disk.changes, sizeof scene.disk.changes, "qemu:dirty-bitmap:since");
    CLEANUP_FREE char *package = served_scene_export(&scene, true);
    assert_package_is_newest(&scene, package);
    proc_end(&server, 1000);
    history_remove(&scene.history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_chains),      cmocka_unit_test(test_while_the_guest_writes),
        cmocka_unit_test(test_odd_size),           cmocka_unit_test(test_grown),
        cmocka_unit_test(test_full_with_a_reason), cmocka_unit_test(test_one_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
