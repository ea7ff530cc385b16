/* The digest of what a disk reads: package verify makes it anew, from what QEMU reads. */
#include "core/export/package/check/verify.h"

#include "core/base/mem.h"
#include "core/base/units.h"
#include "tests/unit/support/export_files.h"

/* Two points of a disk of an odd size, with data, zeroes, compressed clusters, and data that is all zero. */
static void make(struct history *history, const char *size)
{
    history_make(history);
    shell(&history->files,
          "qemu-img create -q -f qcow2 layer0 %s && qemu-io -c 'write -P 1 0 3M' -c 'write -c -P 2 3M 1M' "
          "-c 'write -P 0 5M 1M' layer0",
          size);
    history_point(history, DISK_FORMAT_QCOW2, 8 * MIB + 512);
    shell(&history->files,
          "qemu-img create -q -f qcow2 -b layer0 -F qcow2 layer1 && qemu-io -c 'write -P 3 1M 1M' "
          "-c 'write -z 2M 1M' -c 'write -P 0 3M 128k' -c 'write -P 4 8M 512' layer1");
    history_point(history, DISK_FORMAT_QCOW2, 8 * MIB + 512);
}

/* The first problem, "" for none; the caller's. */
static char *verdict(const char *package)
{
    const struct package_verification asked = {.path = package};
    struct package_verdict found;
    struct error err = {0};
    if (!package_verify(&asked, NULL, &found, &err))
        fail_msg("%s: %s", err.what, err.cause);
    char *first = mem_strdup(found.problem_count > 0 ? found.problems[0] : "");
    package_verdict_clear(&found);
    return first;
}

/* Data of the disk is changed through QEMU, and every checksum that stands in the package made anew. */
static void alter(const struct history *history, const char *package)
{
    shell(
        &history->files,
        "cd '%s' && chmod -R u+w . && f=$(ls machines/web01/vda.*) && old=$(sha256sum $f | cut -d' ' -f1) && "
        "qemu-io -f $(case $f in *raw) echo raw;; *) echo qcow2;; esac) -c 'write -P 77 1100k 512' $f && "
        "new=$(sha256sum $f | cut -d' ' -f1) && sed -i \"s/$old/$new/\" reference-point.cfg SHA256SUMS && "
        "record=$(sha256sum reference-point.cfg) && sed -i \"s/.*  reference-point.cfg/$record/\" "
        "SHA256SUMS && "
        "sha256sum --quiet -c SHA256SUMS",
        package);
}

static void hold(enum disk_format format, enum compression compression, bool differential)
{
    struct history history;
    struct export_task task;
    make(&history, "8389120");
    if (differential)
        free(history_export(&history, 0, FULL));
    history_task(&history, 1, differential ? 0 : FULL, &task);
    task.options.format = format;
    task.options.compression = compression;
    CLEANUP_FREE char *package = history_export_task(&task);
    CLEANUP_FREE char *right = verdict(package);
    assert_string_equal(right, "");
    alter(&history, package);
    CLEANUP_FREE char *wrong = verdict(package);
    if (!strstr(wrong, "data_xxh3"))
        fail_msg("verify said \"%s\"", wrong);
    export_task_clear(&task);
    history_remove(&history);
}

static void test_verify_makes_it_anew(void **state)
{
    (void)state;
    hold(DISK_FORMAT_QCOW2, COMPRESSION_NONE, false);
    hold(DISK_FORMAT_QCOW2, COMPRESSION_NONE, true);
    hold(DISK_FORMAT_QCOW2, COMPRESSION_ZSTD, true);
    hold(DISK_FORMAT_RAW, COMPRESSION_NONE, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_verify_makes_it_anew)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
