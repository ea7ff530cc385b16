/* What reading a disk leaves in the page cache: nothing that was not there, and all that was. */
#include "core/export/source/ahead.h"

#include "core/base/units.h"
#include "core/system/page_cache.h"
#include "tests/unit/support/image_files.h"

#define FILE_MIB 96

static uint64_t cached(int fd)
{
    return page_cache_held(fd, 0, FILE_MIB * MIB);
}

static int make_file(struct image_files *files)
{
    image_files_make(files);
    shell(files, "head -c %dM /dev/urandom >layer && sync layer", FILE_MIB);
    return image_open(files, "layer", O_RDWR);
}

static bool forgets(int fd)
{
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    return cached(fd) == 0;
}

/* In pieces of 64 KiB, whose order in the file is another than in the disk where it is scattered. */
static void read_all(int fd, bool scattered)
{
    struct place_list places;
    struct ahead ahead;
    struct error err = {0};
    const uint64_t piece = 64 * KIB;
    const uint64_t count = FILE_MIB * MIB / piece;
    CLEANUP_FREE char *block = mem_alloc((size_t)piece);
    assert_true(place_list_open(&places, AT_FDCWD, &err));
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = scattered ? i * 7 % count : i;
        struct place place = {.offset = i * piece, .length = piece, .host = at * piece};
        assert_true(place_list_add(&places, &place, &err));
    }
    assert_true(place_list_finish(&places, &err));
    ahead_open(&ahead, &places, &fd, 1);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = scattered ? i * 7 % count : i;
        ahead_take(&ahead, i * piece, piece);
        assert_int_equal(pread(fd, block, (size_t)piece, (off_t)(at * piece)), piece);
    }
    ahead_close(&ahead);
    place_list_close(&places);
}

static void test_leaves_nothing_behind(void **state)
{
    (void)state;
    struct image_files files;
    int fd = make_file(&files);
    if (forgets(fd)) { /* else the file lies in memory */
        read_all(fd, false);
        assert_in_range(cached(fd), 0, 4 * MIB);
    }
    close(fd);
    image_files_remove(&files);
}

static void test_keeps_what_was_cached(void **state)
{
    (void)state;
    struct image_files files;
    int fd = make_file(&files);
    if (forgets(fd)) {
        CLEANUP_FREE char *all = mem_alloc(FILE_MIB * MIB);
        assert_int_equal(pread(fd, all, FILE_MIB * MIB, 0), FILE_MIB * MIB);
        read_all(fd, false);
        read_all(fd, true);
        assert_in_range(cached(fd), (uint64_t)FILE_MIB * 9 / 10 * MIB,
                        FILE_MIB * MIB); /* some the kernel may want */
    }
    close(fd);
    image_files_remove(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaves_nothing_behind),
        cmocka_unit_test(test_keeps_what_was_cached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
