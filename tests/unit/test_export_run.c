/* Exports of real images, compared by stock QEMU with what the point read. */
#include "export_files.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#include "core/export/package.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_and_every_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
