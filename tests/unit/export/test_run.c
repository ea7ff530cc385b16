/* Exports of real images, compared by stock QEMU with what the point read. */
#include "tests/unit/support/export_files.h"
#include "tests/unit/support/running.h"

#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "core/export/package/package.h"
#include "core/export/package/read.h"
#include "core/image/nbd/client.h"

static void test_full_and_every_pair(void **state)
{
    (void)state;
    struct history history;
    history_make(&history);
    const struct image_files *files = &history.files;
    uint64_t size = 48 * MIB + 3 * 512;
    shell(files,
          "qemu-img create -q -f qcow2 -o cluster_size=4k layer0 %llu && qemu-io -c 'write -P 1 0 20M' "
          "-c 'write -P 2 21M 512' -c 'write -P 3 30M 10M' layer0",
          (unsigned long long)size);
    history_point(&history, DISK_FORMAT_QCOW2, size);
    shell(files,
          "qemu-img create -q -f qcow2 -o cluster_size=2M,extended_l2=off -b layer0 -F qcow2 layer1 && "
          "qemu-io -c 'write -P 4 1M 3M' -c 'write -z 5M 1M' -c 'write -z -u 9000k 100k' "
          "-c 'discard 12M 2M' -c 'write -P 5 47M 512' -c 'write -P 9 21M 1k' layer1");
    history_point(&history, DISK_FORMAT_QCOW2, size);
    shell(files,
          "qemu-img create -q -f qcow2 -o extended_l2=on,cluster_size=128k -b layer1 -F qcow2 layer2 && "
          "qemu-io -c 'write -P 6 2M 512' -c 'write -P 7 5632k 4k' -c 'write -z 30M 512' "
          "-c 'discard 31M 64k' -c 'write -P 8 40M 5M' layer2");
    history_point(&history, DISK_FORMAT_QCOW2, size);
    shell(files,
          "qemu-img create -q -f qcow2 -o compat=0.10 -b layer2 -F qcow2 layer3 && "
          "qemu-io -c 'write -P 10 48M 512' -c 'discard 40M 1M' -c 'write -P 0 41M 1M' "
          "-c 'write -P 11 %llu 512' layer3",
          (unsigned long long)(size - 512));
    history_point(&history, DISK_FORMAT_QCOW2, size);
    char *packages[4] = {0};
    for (size_t n = 0; n < 4; n++) {
        packages[n] = history_export(&history, n, FULL);
        assert_package_is_point(&history, packages[n], n, "qcow2");
    }
    for (size_t n = 1; n < 4; n++) {
        for (size_t base = 0; base < n; base++) {
            CLEANUP_FREE char *package = history_export(&history, n, base);
            assert_package_is_point(&history, package, n, "qcow2");
            shell(files, "test $(stat -c %%b '%s/machines/web01/vda.qcow2') -lt 60000", package);
        }
    }
    for (size_t n = 0; n < 4; n++)
        free(packages[n]);
    history_remove(&history);
}

/* A raw image of an odd size at the bottom; what lies over it is rounded up by QEMU. */
static void test_odd_sizes(void **state)
{
    (void)state;
    struct history history;
    history_make(&history);
    const struct image_files *files = &history.files;
    shell(files, "head -c 3146505 /dev/urandom >layer0 && truncate -s 9000777 layer0 && "
                 "printf end | dd of=layer0 bs=1 seek=9000774 conv=notrunc status=none");
    history_point(&history, DISK_FORMAT_RAW, 9000777);
    shell(files, "qemu-img create -q -f qcow2 -b layer0 -F raw layer1 && "
                 "qemu-io -c 'write -P 3 9000448 512' -c 'write -z 1M 65k' layer1");
    history_point(&history, DISK_FORMAT_QCOW2, 9000960);
    CLEANUP_FREE char *full = history_export(&history, 0, FULL);
    CLEANUP_FREE char *next = history_export(&history, 1, 0);
    assert_package_is_point(&history, full, 0, "qcow2");
    assert_package_is_point(&history, next, 1, "qcow2");
    struct package package;
    struct error err = {0};
    assert_true(package_read(full, &package, &err));
    assert_int_equal(package.disks[0].virtual_size, 9000777);
    assert_true(package.verified);
    package_clear(&package);

    struct export_task task;
    history_task(&history, 0, FULL, &task);
    task.options.format = DISK_FORMAT_RAW;
    CLEANUP_FREE char *raw = history_export_task(&task);
    export_task_clear(&task);
    assert_package_is_point(&history, raw, 0, "raw");
    shell(files,
          "cmp layer0 '%s/machines/web01/vda.raw' && test $(stat -c %%s '%s/machines/web01/vda.raw') = "
          "9000777 && "
          "test $(stat -c %%b '%s/machines/web01/vda.raw') -lt 10000",
          raw, raw, raw);
    history_task(&history, 1, FULL, &task);
    task.options.format = DISK_FORMAT_RAW;
    CLEANUP_FREE char *raw1 = history_export_task(&task);
    export_task_clear(&task);
    assert_package_is_point(&history, raw1, 1, "raw");
    history_remove(&history);
}

/* Grown; shrunk; shrunk and grown again between two points, where what was cut off must read zero. */
static void test_sizes_that_change(void **state)
{
    (void)state;
    struct history history;
    history_make(&history);
    const struct image_files *files = &history.files;
    shell(files, "qemu-img create -q -f qcow2 layer0 10000896 && qemu-io -c 'write -P 1 0 10000896' layer0");
    history_point(&history, DISK_FORMAT_QCOW2, 10000896);
    shell(files,
          "qemu-img create -q -f qcow2 -b layer0 -F qcow2 layer1 && qemu-img resize -q --shrink layer1 4M");
    history_point(&history, DISK_FORMAT_QCOW2, 4 * MIB);
    shell(files,
          "qemu-img create -q -f qcow2 -b layer1 -F qcow2 layer2 && qemu-img resize -q layer2 8000512 && "
          "qemu-io -c 'write -P 2 5M 64k' layer2");
    history_point(&history, DISK_FORMAT_QCOW2, 8000512);
    shell(files, "qemu-img create -q -f qcow2 -b layer2 -F qcow2 layer3 && qemu-img resize -q layer3 3G && "
                 "qemu-io -c 'write -P 3 2G 4k' layer3");
    history_point(&history, DISK_FORMAT_QCOW2, 3 * GIB);
    for (size_t n = 0; n < 4; n++) {
        CLEANUP_FREE char *full = history_export(&history, n, FULL);
        assert_package_is_point(&history, full, n, "qcow2");
        for (size_t base = 0; base < n; base++) {
            CLEANUP_FREE char *package = history_export(&history, n, base);
            assert_package_is_point(&history, package, n, "qcow2");
        }
    }
    history_remove(&history);
}

/* Differentials on differentials, compressed or not, with a size that is no multiple of a cluster. */
static void test_compressed_chain(void **state)
{
    (void)state;
    struct history history;
    history_make(&history);
    const struct image_files *files = &history.files;
    uint64_t size = 20 * MIB + 512 * 7;
    shell(files,
          "qemu-img create -q -f qcow2 layer0 %llu && qemu-io -c 'write -P 1 0 12M' -c 'write -P 2 20M 3584' "
          "layer0",
          (unsigned long long)size);
    history_point(&history, DISK_FORMAT_QCOW2, size);
    for (unsigned n = 1; n < 4; n++) {
        shell(files,
              "qemu-img create -q -f qcow2 -b layer%u -F qcow2 layer%u && qemu-io -c 'write -P %u %uM 1M' "
              "-c 'write -z %uM 1000k' -c 'write -P %u 20M 512' layer%u",
              n - 1, n, n + 10, n * 2, n * 3, n + 20, n);
        history_point(&history, DISK_FORMAT_QCOW2, size);
    }
    for (size_t n = 0; n < 4; n++) {
        struct export_task task;
        history_task(&history, n, n == 0 ? FULL : n - 1, &task);
        task.options.compression = n == 2 ? COMPRESSION_NONE : COMPRESSION_ZSTD;
        task.options.verify = n != 3;
        CLEANUP_FREE char *package = history_export_task(&task);
        export_task_clear(&task);
        assert_package_is_point(&history, package, n, "qcow2");
        if (n != 2)
            shell(files,
                  "qemu-img info '%s/machines/web01/vda.qcow2' | grep -q 'compression type: zstd' && "
                  "test $(stat -c %%s '%s/machines/web01/vda.qcow2') -lt 1000000",
                  package, package);
    }
    history_remove(&history);
}

static long cpu_seconds(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
}

/* 100 GiB with a little data: quick, and small in memory. */
static void test_sparse_100_gib(void **state)
{
    (void)state;
    struct history history;
    history_make(&history);
    const struct image_files *files = &history.files;
    shell(files,
          "qemu-img create -q -f qcow2 layer0 100G && qemu-io -c 'write -P 1 0 1M' -c 'write -P 2 50G 1M' "
          "-c 'write -P 3 102399M 1M' layer0");
    history.points[0] = guid_new(); /* no raw copy of this one */
    history.sizes[0] = 100 * GIB;
    history.formats[0] = DISK_FORMAT_QCOW2;
    history.count = 1;
    shell(files, "qemu-img create -q -f qcow2 -b layer0 -F qcow2 layer1 && qemu-io -c 'write -P 4 70G 64k' "
                 "-c 'write -z -n 10G 2G' layer1");
    history.points[1] = guid_new();
    history.sizes[1] = 100 * GIB;
    history.formats[1] = DISK_FORMAT_QCOW2;
    history.count = 2;
    long before = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN);
    CLEANUP_FREE char *full = history_export(&history, 0, FULL);
    CLEANUP_FREE char *next = history_export(&history, 1, 0);
    long took = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN) - before;
    print_message("two exports of 100 GiB: %ld s of processor time\n", took);
    assert_true(took < 20); /* to read all of it takes minutes */
    shell(files,
          "qemu-img compare layer0 '%s/machines/web01/vda.qcow2' && "
          "qemu-img compare layer1 '%s/machines/web01/vda.qcow2'",
          full, next);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    print_message("largest resident size: %ld KiB\n", usage.ru_maxrss);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true((size_t)usage.ru_maxrss * 1024 < EXPORT_MEMORY_LIMIT);
#endif
    history_remove(&history);
}

/* --- refusals and failures; each leaves the export directory as it was --- */

#define assert_out_is_empty(history) shell(&(history)->files, "test -z \"$(ls -A out)\"")

static void assert_refused(const struct export_task *task, uint32_t code, const char *key)
{
    struct export_estimate estimate;
    struct error err = {0};
    assert_int_equal(export_check(task, NULL, &estimate, &err), code);
    assert_string_equal(err.key, key);
    assert_int_equal(err.code, code);
    assert_true(strlen(err.what) > 10);
    export_estimate_clear(&estimate);
    struct job *job = history_job();
    struct export_result result = {0};
    err = (struct error){0};
    assert_int_equal(export_run(task, job, &result, &err), code);
    assert_string_equal(err.key, key);
    assert_null(result.package);
    job_free(job);
}

static void small_history(struct history *history)
{
    history_make(history);
    shell(&history->files, "qemu-img create -q -f qcow2 layer0 8M && qemu-io -c 'write -c -P 1 0 4M' layer0");
    history_point(history, DISK_FORMAT_QCOW2, 8 * MIB);
    shell(&history->files,
          "qemu-img create -q -f qcow2 -b layer0 -F qcow2 layer1 && qemu-io -c 'write -P 2 1M 1M' layer1");
    history_point(history, DISK_FORMAT_QCOW2, 8 * MIB);
}

static void test_refusals(void **state)
{
    (void)state;
    struct history history;
    small_history(&history);
    struct export_task task;

    history_task(&history, 1, 0, &task);
    assert_refused(&task, RETURN_INVALID_PARAMETER, "export.base-package");
    task.options.format = DISK_FORMAT_RAW;
    assert_refused(&task, RETURN_INVALID_PARAMETER, "export.raw-with-base");
    export_task_clear(&task);

    history_task(&history, 1, FULL, &task);
    task.options.format = DISK_FORMAT_RAW;
    task.options.compression = COMPRESSION_ZSTD;
    assert_refused(&task, RETURN_NOT_SUPPORTED, "export.raw-compressed");
    export_task_clear(&task);

    history_task(&history, 1, FULL, &task);
    mem_replace(&task.directory, "relative");
    assert_refused(&task, RETURN_INVALID_PARAMETER, "export.directory-relative");
    export_task_clear(&task);

    history_task(&history, 1, FULL, &task);
    task.disks[0].layers[1].file_size += 512; /* recorded otherwise than it is */
    assert_refused(&task, RETURN_INVALID_STATE, "export.layer-changed");
    export_task_clear(&task);

    history_task(&history, 1, FULL, &task);
    task.disks[0].layers[1].touched.at.seconds--; /* something was done to it since */
    assert_refused(&task, RETURN_INVALID_STATE, "export.layer-changed");
    task.disks[0].layers[1].touched.owner++; /* which gave it to somebody else */
    struct export_estimate estimate;
    struct error harmless = {0};
    assert_int_equal(export_check(&task, NULL, &estimate, &harmless), 0);
    export_estimate_clear(&estimate);
    export_task_clear(&task);

    history_task(&history, 1, FULL, &task);
    task.disks[0].layer_count = 1; /* layer0 is not registered: the header must not make QEMU open it */
    assert_refused(&task, RETURN_NOT_SUPPORTED, "export.chain");
    task.disks[0].layer_count = 2;
    export_task_clear(&task);

    history_task(&history, 1, FULL, &task);
    task.point.members[0].disks[0].virtual_size = 9 * MIB;
    assert_refused(&task, RETURN_INVALID_STATE, "export.size");
    export_task_clear(&task);

    history_task(&history, 1, FULL, &task);
    mem_replace(&task.disks[0].layers[1].path, "/nonexistent/layer0");
    assert_refused(&task, RETURN_INVALID_STATE, "export.layer");
    export_task_clear(&task);

    int fd = image_open(&history.files, "layer0", O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    history_task(&history, 1, FULL, &task);
    assert_refused(&task, RETURN_IN_USE, "export.in-use");
    export_task_clear(&task);
    close(fd);

    assert_out_is_empty(&history);
    history_remove(&history);
}

static void test_external_data_file_is_refused(void **state)
{
    (void)state;
    struct history history;
    history_make(&history);
    shell(&history.files, "qemu-img create -q -f qcow2 -o data_file=secret,data_file_raw=on layer0 1M");
    history_point(&history, DISK_FORMAT_QCOW2, MIB);
    struct export_task task;
    history_task(&history, 0, FULL, &task);
    assert_refused(&task, RETURN_NOT_SUPPORTED, "export.layer-kind");
    export_task_clear(&task);
    assert_out_is_empty(&history);
    history_remove(&history);
}

/* Where the base package has no such disk, or another size, the disk comes in full with the reason. */
static void test_full_with_a_reason_or_strict(void **state)
{
    (void)state;
    struct history history;
    small_history(&history);
    CLEANUP_FREE char *base = history_export(&history, 0, FULL);
    struct export_task task;
    history_task(&history, 1, 0, &task);
    task.disks[0].base_virtual_size = 7 * MIB;
    struct export_estimate estimate;
    struct error err = {0};
    assert_int_equal(export_check(&task, NULL, &estimate, &err), RETURN_DONE);
    assert_false(estimate.disks[0].differential);
    assert_non_null(strstr(estimate.disks[0].reason, "7340032"));
    assert_string_equal(estimate.base_package, base);
    export_estimate_clear(&estimate);
    CLEANUP_FREE char *package = history_export_task(&task);
    assert_package_is_point(&history, package, 1, "qcow2");
    shell(&history.files, "! qemu-img info '%s/machines/web01/vda.qcow2' | grep backing", package);
    struct package read;
    assert_true(package_read(package, &read, &err));
    assert_non_null(read.disks[0].reason);
    package_clear(&read);
    task.options.strict = true;
    assert_refused(&task, RETURN_INVALID_PARAMETER, "export.strict");
    export_task_clear(&task);
    history_remove(&history);
}

static void test_estimate_is_an_upper_bound(void **state)
{
    (void)state;
    struct history history;
    small_history(&history);
    free(history_export(&history, 0, FULL));
    struct export_task task;
    history_task(&history, 1, 0, &task);
    struct export_estimate estimate;
    struct error err = {0};
    assert_int_equal(export_check(&task, NULL, &estimate, &err), RETURN_DONE);
    assert_true(estimate.disks[0].differential);
    assert_int_equal(estimate.disks[0].bytes_data, MIB);
    assert_int_equal(estimate.disks[0].bytes_zero, 0);
    assert_int_equal(estimate.disks[0].bytes_skipped, 7 * MIB);
    CLEANUP_FREE char *package = history_export_task(&task);
    shell(&history.files, "test $(du -s --block-size=1 '%s' | cut -f 1) -le %llu", package,
          (unsigned long long)estimate.bytes_needed);
    export_estimate_clear(&estimate);
    export_task_clear(&task);
    history_remove(&history);
}

/* At a rate at which it lasts for minutes; returns when some of it is done. */
static void start_slowly(struct history *history, struct export_task *task, struct running *running)
{
    small_history(history);
    history_task(history, 1, FULL, task);
    task->options.rate = 20000;
    running_start(running, task, RUNNING_FREELY);
    running_wait_bytes(running);
}

static void test_cancel_leaves_nothing(void **state)
{
    (void)state;
    struct history history;
    struct export_task task;
    struct running running;
    start_slowly(&history, &task, &running);
    shell(&history.files, "ls -A out | grep -q partial");
    running_cancel(&running);
    assert_out_is_empty(&history);
    running_clear(&running);
    export_task_clear(&task);
    history_remove(&history);
}

/* The same with storage that does not answer any more. */
static void test_cancel_when_qemu_hangs(void **state)
{
    (void)state;
    struct history history;
    struct export_task task;
    struct running running;
    pid_t pid;
    start_slowly(&history, &task, &running);
    running_children(&running, "qemu-nbd", &pid, 1);
    assert_int_equal(kill(pid, SIGSTOP), 0);
    running_cancel(&running);
    assert_out_is_empty(&history);
    running_clear(&running);
    export_task_clear(&task);
    history_remove(&history);
}

/* Seen before it starts; the room that goes away while it runs is in test_traps_vanish.c. */
static void test_too_little_room(void **state)
{
    (void)state;
    struct history history;
    small_history(&history);
    CLEANUP_FREE char *out = image_path(&history.files, "out");
    if (mount("tmpfs", out, "tmpfs", 0, "size=3m") != 0) {
        history_remove(&history);
        skip();
    }
    struct export_task task;
    history_task(&history, 1, FULL, &task);
    assert_refused(&task, RETURN_FAILED, "export.no-space");
    assert_out_is_empty(&history);
    assert_int_equal(umount(out), 0);
    export_task_clear(&task);
    history_remove(&history);
}

/* An image that QEMU cannot read in one place: compressed data that is none. */
static void test_unreadable_image(void **state)
{
    (void)state;
    struct history history;
    history_make(&history);
    shell(&history.files, "qemu-img create -q -f qcow2 plain 4M && qemu-io -c 'write -P 1 0 4M' plain && "
                          "qemu-img convert -c -O qcow2 plain layer0");
    history_point(&history, DISK_FORMAT_QCOW2, 4 * MIB);
    shell(&history.files,
          "chmod u+w layer0 && head -c 3000 /dev/urandom | "
          "dd of=layer0 bs=1 seek=$(($(stat -c %%s layer0) - 3000)) conv=notrunc status=none");
    struct export_task task;
    history_task(&history, 0, FULL, &task);
    struct running running;
    running_start(&running, &task, RUNNING_FREELY);
    running_join(&running);
    assert_int_equal(running.code, RETURN_FAILED);
    assert_string_equal(running.err.key, "image.nbd");
    assert_non_null(strstr(running.err.what, "reading"));
    assert_string_equal(running.err.cause,
                        "qemu-nbd: Failed to send reply: reading from file failed: Input/output error");
    running_clear(&running);
    assert_out_is_empty(&history);
    export_task_clear(&task);
    history_remove(&history);
}

/* Somebody writes to the frozen layer itself, by QEMU. */
static void test_layer_open_for_writing(void **state)
{
    (void)state;
    struct history history;
    small_history(&history);
    shell(&history.files, "chmod u+w layer1");
    int fds[] = {image_open(&history.files, "layer1", O_RDWR),
                 image_open(&history.files, "layer0", O_RDONLY)};
    struct image_layer layers[] = {{.fd = fds[0], .format = DISK_FORMAT_QCOW2},
                                   {.fd = fds[1], .format = DISK_FORMAT_QCOW2}};
    struct nbd_server_spec spec = {
        .layers = layers, .layer_count = 2, .writable = true, .connections = 1, .label = "guest"};
    struct nbd_server *server;
    struct nbd_client *client;
    struct error err = {0};
    assert_true(nbd_server_start(&spec, &server, &err));
    struct nbd_client_spec client_spec = {.socket = nbd_server_socket(server), .label = "guest"};
    assert_true(nbd_client_open(&client_spec, &client, &err));
    struct export_task task;
    history_task(&history, 1, FULL, &task);
    assert_refused(&task, RETURN_IN_USE, "image.open");
    assert_out_is_empty(&history);
    export_task_clear(&task);
    nbd_client_close(client);
    assert_true(nbd_server_end(server, &err));
    close(fds[0]);
    close(fds[1]);
    history_remove(&history);
}

struct guest {
    struct nbd_client *client;
    atomic_bool stop;
    unsigned writes;
};

static void *guest_writes(void *context)
{
    struct guest *guest = context;
    struct error err = {0};
    unsigned char data[4096];
    memset(data, 0xee, sizeof data);
    while (!atomic_load(&guest->stop)) {
        uint64_t offset = guest->writes * sizeof data % (8 * MIB);
        assert_true(nbd_client_write(guest->client, data, sizeof data, offset, &err));
        guest->writes++;
    }
    return NULL;
}

/* A machine that runs on an overlay of the point, and writes all the time. */
static void test_beneath_a_running_machine(void **state)
{
    (void)state;
    struct history history;
    small_history(&history);
    shell(&history.files, "qemu-img create -q -f qcow2 -b layer1 -F qcow2 active");
    int fds[] = {image_open(&history.files, "active", O_RDWR), image_open(&history.files, "layer1", O_RDONLY),
                 image_open(&history.files, "layer0", O_RDONLY)};
    struct image_layer layers[3];
    for (size_t i = 0; i < 3; i++)
        layers[i] = (struct image_layer){.fd = fds[i], .format = DISK_FORMAT_QCOW2};
    struct nbd_server_spec spec = {
        .layers = layers, .layer_count = 3, .writable = true, .connections = 1, .label = "guest"};
    struct nbd_server *server;
    struct guest guest = {0};
    struct error err = {0};
    assert_true(nbd_server_start(&spec, &server, &err));
    struct nbd_client_spec client_spec = {.socket = nbd_server_socket(server), .label = "guest"};
    assert_true(nbd_client_open(&client_spec, &guest.client, &err));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, guest_writes, &guest), 0);
    CLEANUP_FREE char *full = history_export(&history, 0, FULL);
    CLEANUP_FREE char *next = history_export(&history, 1, 0);
    atomic_store(&guest.stop, true);
    pthread_join(thread, NULL);
    assert_true(guest.writes > 0);
    assert_package_is_point(&history, full, 0, "qcow2");
    assert_package_is_point(&history, next, 1, "qcow2");
    nbd_client_close(guest.client);
    assert_true(nbd_server_end(server, &err));
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
    history_remove(&history);
}

/* Two disks of one machine in one package, into a directory with a difficult name. */
static void test_two_disks_and_a_hostile_directory(void **state)
{
    (void)state;
    struct history history;
    small_history(&history);
    CLEANUP_FREE char *hostile = image_path(&history.files, "o\\u:t '\"$(x),\n\x1b[31m=json:{}%s");
    assert_int_equal(mkdir(hostile, 0700), 0);
    struct guid second = guid_new();
    char *packages[2] = {0};
    for (size_t n = 0; n < 2; n++) {
        struct export_task task;
        history_task(&history, n, n == 0 ? FULL : 0, &task);
        mem_replace(&task.directory, hostile);
        struct member_point *member = &task.point.members[0];
        member->disks = mem_realloc(member->disks, 2 * sizeof *member->disks);
        member->disks[1] = (struct disk_point){.disk_uuid = second,
                                               .disk_id = mem_strdup("../vd\x1b b"),
                                               .layer_path = mem_strdup(member->disks[0].layer_path),
                                               .layer_format = DISK_FORMAT_QCOW2,
                                               .virtual_size = 8 * MIB};
        member->disk_count = 2;
        member->machine.disks = mem_realloc(member->machine.disks, 2 * sizeof *member->machine.disks);
        member->machine.disks[1] = (struct disk){.uuid = second,
                                                 .id = mem_strdup(member->disks[1].disk_id),
                                                 .path = mem_strdup("/srv/b"),
                                                 .format = DISK_FORMAT_QCOW2,
                                                 .virtual_size = 8 * MIB};
        member->machine.disk_count = 2;
        task.point.virtual_size += member->disks[1].virtual_size;
        task.disks = mem_realloc(task.disks, 2 * sizeof *task.disks);
        task.disk_count = 2;
        struct export_disk *disk = &task.disks[1];
        *disk = (struct export_disk){.disk = 1,
                                     .layer_count = n + 1,
                                     .base_layer = n == 0 ? EXPORT_NO_BASE : 1,
                                     .base_virtual_size = 8 * MIB};
        disk->layers = mem_alloc((n + 1) * sizeof *disk->layers);
        for (size_t i = 0; i <= n; i++)
            history_layer(&history, n - i, &disk->layers[i]);
        packages[n] = history_export_task(&task);
        export_task_clear(&task);
    }
    for (size_t n = 0; n < 2; n++) {
        struct package package;
        struct error err = {0};
        assert_true(package_read(packages[n], &package, &err));
        assert_int_equal(package.disk_count, 2);
        assert_string_equal(package.disks[0].data_xxh3, package.disks[1].data_xxh3);
        for (size_t i = 0; i < 2; i++) {
            CLEANUP_FREE char *link = image_path(&history.files, "link");
            assert_int_equal(package.disks[i].differential, n == 1);
            unlink(link);
            CLEANUP_FREE char *file = mem_format("%s/%s", packages[n], package.disks[i].file);
            assert_int_equal(symlink(file, link), 0);
            shell(&history.files, "qemu-img compare -f raw -F qcow2 ref%zu.raw \"$(readlink link)\"", n);
        }
        package_clear(&package);
        free(packages[n]);
    }
    history_remove(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_and_every_pair),
        cmocka_unit_test(test_odd_sizes),
        cmocka_unit_test(test_sizes_that_change),
        cmocka_unit_test(test_compressed_chain),
        cmocka_unit_test(test_sparse_100_gib),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_external_data_file_is_refused),
        cmocka_unit_test(test_full_with_a_reason_or_strict),
        cmocka_unit_test(test_estimate_is_an_upper_bound),
        cmocka_unit_test(test_cancel_leaves_nothing),
        cmocka_unit_test(test_cancel_when_qemu_hangs),
        cmocka_unit_test(test_too_little_room),
        cmocka_unit_test(test_unreadable_image),
        cmocka_unit_test(test_layer_open_for_writing),
        cmocka_unit_test(test_beneath_a_running_machine),
        cmocka_unit_test(test_two_disks_and_a_hostile_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
