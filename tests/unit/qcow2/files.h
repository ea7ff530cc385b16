/* Images that a writer of core/qcow2 made, beside raw files that say what they are to read; held against
 * QEMU. Everything static. */
#ifndef REFPOINT_TESTS_UNIT_QCOW2_FILES_H
#define REFPOINT_TESTS_UNIT_QCOW2_FILES_H

#include "tests/unit/qcow2/plan.h"
#include "tests/unit/support/image_files.h"

#include "core/qcow2/image.h"

/* How many plans a test draws; REFPOINT_TEST_PLANS is a factor for those who want more, REFPOINT_TEST_SEED
 * another seed. */
__attribute__((unused)) static unsigned plans_to_draw(unsigned usual)
{
    const char *factor = getenv("REFPOINT_TEST_PLANS");
    return factor ? usual * (unsigned)strtoul(factor, NULL, 10) : usual;
}

__attribute__((unused)) static struct random seed(void)
{
    const char *other = getenv("REFPOINT_TEST_SEED");
    return (struct random){other ? strtoull(other, NULL, 10) : 20261129};
}

#define assert_done(call, err)                                                                               \
    do {                                                                                                     \
        if (!(call))                                                                                         \
            fail_msg("%s: %s (%s)", (err).key, (err).what, (err).cause);                                     \
    } while (0)

__attribute__((unused)) static int new_file(const struct image_files *files, const char *name)
{
    CLEANUP_FREE char *path = image_path(files, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

__attribute__((unused)) static void put_at(int fd, const void *bytes, size_t length, uint64_t offset)
{
    assert_int_equal(pwrite(fd, bytes, length, (off_t)offset), length);
}

#define BASE_LENGTH 3145728

/* What the disk reads: the base below (some of it), and the plan on it. */
__attribute__((unused)) static void make_reference(const struct image_files *files, const struct plan *plan,
                                                   uint64_t content, bool backing)
{
    CLEANUP_FD int fd = new_file(files, "ref.raw");
    uint8_t bytes[PLAN_CLUSTER];
    CLEANUP_FREE uint8_t *kinds = plan_kinds(plan);
    if (backing)
        shell(files, "cp --sparse=always base.raw ref.raw");
    assert_int_equal(ftruncate(fd, (off_t)plan->virtual_size), 0);
    for (uint64_t i = 0; i < plan_clusters(plan); i++) {
        uint64_t left = plan->virtual_size - i * PLAN_CLUSTER;
        if (kinds[i] == 0 || (kinds[i] == 1 + QCOW2_ZERO && i * PLAN_CLUSTER >= BASE_LENGTH))
            continue;
        memset(bytes, 0, sizeof bytes);
        if (kinds[i] == 1 + QCOW2_DATA)
            plan_content(content, i, bytes);
        put_at(fd, bytes, left < PLAN_CLUSTER ? left : PLAN_CLUSTER, i * PLAN_CLUSTER);
    }
}

/* base.raw: something in its first 3 MiB, which are all it has. */
__attribute__((unused)) static void make_base(const struct image_files *files)
{
    shell(files, "head -c %d /dev/urandom >base.raw", BASE_LENGTH);
}

__attribute__((unused)) static void assert_reads_as_planned(const struct image_files *files)
{
    shell(files, "qemu-img check -q -f qcow2 image && qemu-img compare -q -f raw -F qcow2 ref.raw image");
}

#endif
