/* Thousands of differences of a disk that is served with a bitmap, planned and put onto their base: each
 * equals what the guest reads, and nothing is planned that was not near a write. Sizes, clusters,
 * granularities and writes by a fixed seed; REFPOINT_TEST_SEED chooses another. */
#include "core/export/plan/plan.h"
#include "core/export/source/source.h"
#include "tests/unit/support/image_files.h"
#include "tests/unit/support/served/served_disk.h"

#define SIZE_LIMIT ((uint64_t)1 << 20)
#define CASES 3000
#define CASES_OF_A_DISK 100
#define TIME_LIMIT_MS 4000

struct difference {
    const unsigned char *base;
    uint64_t base_size;
    const unsigned char *now;
    uint64_t size;
    bool touched[SIZE_LIMIT / RUN_GRANULE + 1]; /* clusters near a write */
    uint64_t zero_runs;
};

static void touch(struct difference *difference, uint64_t offset, uint64_t length, uint64_t granularity)
{
    uint64_t end = (offset + length + granularity - 1) / granularity * granularity;
    for (uint64_t at = offset / granularity * granularity; at < end && at < SIZE_LIMIT; at += 512)
        difference->touched[at / RUN_GRANULE] = true;
}

static struct export_served served_as(const struct served_disk *disk)
{
    return (struct export_served){.socket = (char *)(uintptr_t)disk->daemon.socket,
                                  .name = (char *)(uintptr_t) "vda",
                                  .changes = (char *)(uintptr_t)disk->changes};
}

/* Puts a run onto what the base had. */
static void apply(struct difference *difference, const struct run *run, const struct source *source,
                  unsigned char *image)
{
    struct error err = {0};
    assert_int_equal(run->offset % RUN_GRANULE, 0);
    assert_true((run->offset + run->length) % RUN_GRANULE == 0 ||
                run->offset + run->length == difference->size);
    for (uint64_t at = run->offset; at < run->offset + run->length; at += RUN_GRANULE)
        assert_true(difference->touched[at / RUN_GRANULE]);
    if (run->kind == RUN_DATA)
        assert_true(nbd_client_read(source->client, image + run->offset, run->length, run->offset, &err));
    else
        memset(image + run->offset, 0, run->length);
    difference->zero_runs += run->kind == RUN_ZERO;
}

static void assert_makes(const struct run_list *runs, const struct export_served *served,
                         struct difference *difference)
{
    struct source_served_spec spec = {.socket = served->socket, .name = served->name, .label = "web01/vda"};
    struct halt halt = {0};
    struct source *source;
    struct run_reader planned;
    struct error err = {0};
    unsigned char *image = mem_alloc((size_t)difference->size + 1);
    spec.halt = &halt;
    memcpy(image, difference->base,
           difference->base_size < difference->size ? difference->base_size : difference->size);
    assert_true(source_served_open(&spec, &source, &err));
    assert_false(source->one_reader);
    run_reader_open(&planned, runs);
    for (struct run run; run_reader_next(&planned, &run, &err) && run.length > 0;)
        apply(difference, &run, source, image);
    run_reader_close(&planned);
    source->ops->close(source);
    assert_memory_equal(image, difference->now, difference->size);
    free(image);
}

static void check(const struct served_disk *disk, struct difference *difference)
{
    struct export_served served = served_as(disk);
    struct halt halt = {0};
    struct run_list runs;
    struct plan_totals totals;
    struct error err = {0};
    struct plan_spec spec = {.served = &served,
                             .differential = true,
                             .base_virtual_size = difference->base_size,
                             .virtual_size = difference->size,
                             .label = "web01/vda",
                             .halt = &halt};
    assert_true(run_list_open(&runs, AT_FDCWD, &err));
    if (!plan_disk(&spec, &runs, NULL, &totals, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_int_equal(totals.bytes_data + totals.bytes_zero + totals.bytes_skipped, difference->size);
    assert_makes(&runs, &served, difference);
    run_list_close(&runs);
}

static uint64_t roll_size(struct dice *dice)
{
    return (uint64_t)512 * (1 + dice_roll(dice, dice_roll(dice, 3) ? SIZE_LIMIT / 512 : 300));
}

/* Grown or shrunk, not both between two points: what was cut off and came back is the host's to know of. */
static void maybe_resize(struct served_disk *disk, struct dice *dice, struct difference *difference)
{
    if (dice_roll(dice, 6))
        return;
    served_disk_resize(disk, roll_size(dice));
    if (disk->size > difference->base_size)
        touch(difference, difference->base_size, disk->size - difference->base_size, 512);
}

/* before: what the base has; becomes what the point has. */
static void play(struct served_disk *disk, struct dice *dice, unsigned char **before, uint64_t *zero_runs)
{
    uint64_t granularity = disk->granularity;
    struct difference difference = {.base = *before, .base_size = disk->size};
    bool resize_last = dice_roll(dice, 2);
    if (!resize_last)
        maybe_resize(disk, dice, &difference);
    for (uint64_t i = dice_roll(dice, 6); i > 0; i--) {
        struct served_write write = served_disk_write(disk, dice);
        touch(&difference, write.offset, write.length, granularity);
    }
    if (resize_last)
        maybe_resize(disk, dice, &difference);
    disk->granularity = (uint64_t)512 << dice_roll(dice, 13); /* up to 2 MiB */
    served_disk_point(disk, false);
    unsigned char *now = served_disk_read(disk);
    difference.now = now;
    difference.size = disk->size;
    check(disk, &difference);
    served_disk_end_point(disk);
    *zero_runs += difference.zero_runs;
    free(*before);
    *before = now;
}

static void open_disk(struct served_disk *disk, const struct image_files *files, struct dice *dice)
{
    unsigned long long size = roll_size(dice);
    shell(files, "rm -f disk nbd");
    if (dice_roll(dice, 4) == 0)
        shell(files, "truncate -s %llu disk", size);
    else
        shell(files, "qemu-img create -q -f qcow2 -o cluster_size=%u disk %llu", 512U << dice_roll(dice, 13),
              size);
    served_disk_open(disk, files->directory,
                     shell_status(files, "head -c 3 disk | grep -q QFI") ? "raw" : "qcow2");
    disk->granularity = (uint64_t)512 << dice_roll(dice, 13);
    served_disk_point(disk, false);
    served_disk_end_point(disk);
}

static void test_random_differences(void **state)
{
    (void)state;
    const char *chosen = getenv("REFPOINT_TEST_SEED");
    struct dice dice = {.state = (chosen ? strtoull(chosen, NULL, 10) : 1) * 0x9e3779b97f4a7c15ULL};
    int64_t end = monotonic_milliseconds() + TIME_LIMIT_MS;
    uint64_t zero_runs = 0;
    unsigned count = 0;
    struct image_files files;
    image_files_make(&files);
    while (count < CASES && monotonic_milliseconds() < end) {
        struct served_disk disk;
        open_disk(&disk, &files, &dice);
        unsigned char *before = served_disk_read(&disk);
        for (int i = 0; i < CASES_OF_A_DISK && monotonic_milliseconds() < end; i++, count++)
            play(&disk, &dice, &before, &zero_runs);
        free(before);
        served_disk_close(&disk);
    }
    print_message("%u differences, %llu runs of zeroes\n", count, (unsigned long long)zero_runs);
    assert_true(zero_runs > 0);
    image_files_remove(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_differences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
