/* A plan that leaves out what changed, or takes for zero what is not, is found by asking the server again. */
#include "core/export/verify/served.h"

#include "core/base/units.h"
#include "tests/unit/support/image_files.h"
#include "tests/unit/support/served/served_disk.h"

#define SIZE (4 * MIB)

struct fixture {
    struct image_files files;
    struct served_disk disk;
};

/* Since the base: data at 1 MiB, zeroes at 2 MiB, 64 KiB each; the rest is 1. */
static int fixture_make(void **state)
{
    static unsigned char bytes[SIZE];
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    struct served_disk *disk = &fixture->disk;
    struct error err = {0};
    image_files_make(&fixture->files);
    shell(&fixture->files, "qemu-img create -q -f qcow2 disk 4M");
    served_disk_open(disk, fixture->files.directory, "qcow2");
    memset(bytes, 1, sizeof bytes);
    assert_true(nbd_client_write(disk->guest, bytes, SIZE, 0, &err));
    served_disk_point(disk, false);
    served_disk_end_point(disk);
    assert_true(nbd_client_write(disk->guest, bytes, RUN_GRANULE, MIB, &err));
    assert_true(nbd_client_zero(disk->guest, RUN_GRANULE, 2 * MIB, &err));
    served_disk_point(disk, true);
    *state = fixture;
    return 0;
}

static int fixture_remove(void **state)
{
    struct fixture *fixture = *state;
    served_disk_close(&fixture->disk);
    image_files_remove(&fixture->files);
    free(fixture);
    return 0;
}

/* The sentence about this plan, "" when it is right; the caller's. */
static char *verdict(const struct fixture *fixture, bool differential, const struct run *runs, size_t count)
{
    struct export_served served = {.socket = (char *)(uintptr_t)fixture->disk.daemon.socket,
                                   .name = (char *)(uintptr_t) "vda",
                                   .changes = (char *)(uintptr_t)fixture->disk.changes};
    struct halt halt = {0};
    struct run_list list;
    struct error err = {0};
    assert_true(run_list_open(&list, AT_FDCWD, &err));
    for (size_t i = 0; i < count; i++)
        assert_true(run_list_add(&list, &runs[i], &err));
    assert_true(run_list_finish(&list, &err));
    struct verify_served_spec spec = {
        .served = &served, .runs = &list, .differential = differential, .label = "web01/vda", .halt = &halt};
    bool ok = verify_served(&spec, &err);
    run_list_close(&list);
    if (!ok)
        assert_string_equal(err.key, "export.verify");
    return ok ? mem_strdup("") : mem_strdup(err.what);
}

#define assert_says(state, differential, words, ...)                                                         \
    do {                                                                                                     \
        const struct run runs[] = {__VA_ARGS__};                                                             \
        CLEANUP_FREE char *said = verdict(*(state), (differential), runs, ARRAY_LENGTH(runs));               \
        if (*(words) ? !strstr(said, (words)) : *said != '\0')                                               \
            fail_msg("it said \"%s\"", said);                                                                \
    } while (0)

static void test_what_is_right(void **state)
{
    struct fixture *fixture = *state;
    const struct run changed = {.offset = MIB, .length = RUN_GRANULE, .kind = RUN_DATA};
    const struct run zero = {.offset = 2 * MIB, .length = RUN_GRANULE, .kind = RUN_ZERO};
    const struct run all = {.offset = 0, .length = SIZE, .kind = RUN_DATA};
    assert_says(state, true, "", changed, zero);
    assert_says(state, true, "", all);
    assert_says(state, false, "", {.offset = 0, .length = 2 * MIB, .kind = RUN_DATA},
                {.offset = 2 * MIB + RUN_GRANULE, .length = 2 * MIB - RUN_GRANULE, .kind = RUN_DATA});
    /* Overwritten meanwhile, the zeroes of the point lie as data among what was kept: they are read. */
    struct dice dice = {.state = 3};
    for (int i = 0; i < 200; i++)
        served_disk_write(&fixture->disk, &dice);
    assert_says(state, true, "", changed, zero);
}

static void test_what_was_left_out(void **state)
{
    assert_says(state, true, "changed where the base was left as it is at byte 2097152",
                {.offset = MIB, .length = RUN_GRANULE, .kind = RUN_DATA});
    assert_says(state, true, "changed where the base was left as it is at byte 1048576",
                {.offset = 2 * MIB, .length = RUN_GRANULE, .kind = RUN_ZERO});
}

static void test_what_is_not_zero(void **state)
{
    assert_says(state, true, "the point holds data where there should be zeroes at byte 1048576",
                {.offset = MIB, .length = RUN_GRANULE, .kind = RUN_ZERO},
                {.offset = 2 * MIB, .length = RUN_GRANULE, .kind = RUN_ZERO});
    assert_says(state, false, "the point holds data where there should be zeroes",
                {.offset = 0, .length = 2 * MIB, .kind = RUN_DATA});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_right, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_what_was_left_out, fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_what_is_not_zero, fixture_make, fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
