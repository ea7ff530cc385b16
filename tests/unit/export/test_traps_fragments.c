/* Trap 1 at its worst: a disk in which every second cluster is zeroed, as many ranges as there can be. Each
 * of them is in the difference, and none of the base's bytes shines through. */
#include "tests/unit/support/export_files.h"

#include <endian.h>

#include "core/export/package/package.h"

#define CLUSTER ((uint64_t)64 << 10)
#define ENTRIES (CLUSTER / 8)
#define SIZE (8 * GIB)
#define TABLES (SIZE / CLUSTER / ENTRIES)

enum place { PLACE_HEADER, PLACE_REFCOUNT_TABLE, PLACE_REFCOUNTS, PLACE_L1, PLACE_L2 }; /* in clusters */

static void put(int fd, uint64_t offset, const void *data, size_t length)
{
    assert_int_equal(pwrite(fd, data, length, (off_t)offset), length);
}

static void put_32(unsigned char *header, size_t offset, uint32_t value)
{
    uint32_t big = htobe32(value);
    memcpy(header + offset, &big, sizeof big);
}

static void put_64(unsigned char *header, size_t offset, uint64_t value)
{
    put_32(header, offset, (uint32_t)(value >> 32));
    put_32(header, offset + 4, (uint32_t)value);
}

/* By hand: qemu-io would need a command for each range. Layout: docs/interop/qcow2.txt of QEMU. */
static void write_header(int fd)
{
    unsigned char header[CLUSTER] = "QFI\xfb";
    put_32(header, 4, 3);
    put_32(header, 20, 16);
    put_64(header, 24, SIZE);
    put_32(header, 36, TABLES);
    put_64(header, 40, PLACE_L1 * CLUSTER);
    put_64(header, 48, PLACE_REFCOUNT_TABLE * CLUSTER);
    put_32(header, 56, 1);
    put_32(header, 96, 4);
    put_32(header, 100, 104);
    put(fd, 0, header, sizeof header);
}

static void write_fragments(const struct image_files *files, const char *name)
{
    static uint64_t table[ENTRIES];
    uint16_t one = htobe16(1);
    uint64_t refcounts = htobe64(PLACE_REFCOUNTS * CLUSTER);
    shell(files, ": >%s", name);
    int fd = image_open(files, name, O_RDWR);
    write_header(fd);
    put(fd, PLACE_REFCOUNT_TABLE * CLUSTER, &refcounts, sizeof refcounts);
    for (uint64_t i = 0; i < PLACE_L2 + TABLES; i++)
        put(fd, PLACE_REFCOUNTS * CLUSTER + 2 * i, &one, sizeof one);
    for (size_t i = 0; i < ENTRIES; i++)
        table[i] = htobe64(i % 2 == 0); /* "reads as zeros" */
    for (uint64_t i = 0; i < TABLES; i++) {
        uint64_t entry = htobe64((PLACE_L2 + i) * CLUSTER | (uint64_t)1 << 63);
        put(fd, PLACE_L1 * CLUSTER + 8 * i, &entry, sizeof entry);
        put(fd, (PLACE_L2 + i) * CLUSTER, table, sizeof table);
    }
    close(fd);
    shell(files, "qemu-img check -q -f qcow2 %s", name);
}

static void test_every_second_cluster(void **state)
{
    (void)state;
    struct history history;
    history_make(&history);
    const struct image_files *files = &history.files;
    shell(files, "qemu-img create -q -f qcow2 layer0 8G && qemu-io -c 'write -P 1 0 1M' "
                 "-c 'write -P 2 4095M 2M' -c 'write -P 3 8191M 1M' layer0");
    write_fragments(files, "layer1");
    shell(files, "qemu-img rebase -u -f qcow2 -b layer0 -F qcow2 layer1");
    for (size_t n = 0; n < 2; n++) { /* no raw copies of these */
        history.points[n] = guid_new();
        history.sizes[n] = SIZE;
        history.formats[n] = DISK_FORMAT_QCOW2;
        history.count++;
    }
    free(history_export(&history, 0, FULL));
    struct export_task task;
    struct export_estimate estimate;
    struct error err = {0};
    history_task(&history, 1, 0, &task);
    assert_int_equal(export_check(&task, NULL, &estimate, &err), RETURN_DONE);
    assert_int_equal(estimate.disks[0].bytes_zero, SIZE / 2);
    assert_int_equal(estimate.disks[0].bytes_data, 0);
    export_estimate_clear(&estimate);
    CLEANUP_FREE char *package = history_export_task(&task);
    export_task_clear(&task);
    shell(files, "qemu-img compare layer1 '%s/machines/web01/vda.qcow2'", package);
    history_remove(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_second_cluster)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
