/* The digests of a package's files: holes count as the zeroes that they read as. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/export/package/digest.h"
#include "tests/unit/support/scratch.h"

#define FILE_SIZE (5 * 1024 * 1024 + 77)

struct part {
    off_t offset;
    size_t length;
};

/* A file of FILE_SIZE with data in these places and holes elsewhere; its whole content in `content`. */
static void make_file(const char *name, const struct part *parts, size_t count, unsigned char *content)
{
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, FILE_SIZE), 0);
    memset(content, 0, FILE_SIZE);
    for (size_t i = 0; i < count; i++) {
        memset(content + parts[i].offset, (int)(i + 1), parts[i].length);
        assert_int_equal(pwrite(fd, content + parts[i].offset, parts[i].length, parts[i].offset),
                         parts[i].length);
    }
    close(fd);
}

static void assert_digest(const char *name, const unsigned char *content, size_t length)
{
    struct error err = {0};
    char expected[PACKAGE_DIGEST_TEXT];
    struct package_digest item = {.file = name};
    struct package_progress progress = {.total = length};
    package_digest_bytes(content, length, expected);
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(package_digest_files(here, &item, 1, &progress, &err));
    close(here);
    assert_null(item.failure);
    assert_int_equal(item.size, length);
    assert_int_equal(progress.done, length);
    assert_string_equal(item.sha256, expected);
}

static void test_holes_are_zeroes(void **state)
{
    (void)state;
    static const struct part middle[] = {{1024 * 1024 + 5, 300 * 1024}, {3 * 1024 * 1024, 1}};
    static const struct part ends[] = {{0, 4096}, {FILE_SIZE - 3, 3}};
    CLEANUP_FREE unsigned char *content = mem_alloc(FILE_SIZE);
    make_file("middle", middle, 2, content);
    assert_digest("middle", content, FILE_SIZE);
    make_file("ends", ends, 2, content);
    assert_digest("ends", content, FILE_SIZE);
    make_file("hole", NULL, 0, content);
    assert_digest("hole", content, FILE_SIZE);
}

static void test_files_without_holes(void **state)
{
    (void)state;
    static const struct part whole[] = {{0, FILE_SIZE}};
    CLEANUP_FREE unsigned char *content = mem_alloc(FILE_SIZE);
    make_file("whole", whole, 1, content);
    assert_digest("whole", content, FILE_SIZE);
    assert_int_equal(truncate("whole", 0), 0);
    assert_digest("whole", content, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holes_are_zeroes),
        cmocka_unit_test(test_files_without_holes),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
