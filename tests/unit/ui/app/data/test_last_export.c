/* The settings last started: kept whole, whatever the paths are; a damaged file is as good as none. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/data/last_export.h"

static char *make_place(void)
{
    const char *base = getenv("TMPDIR");
    char *place = mem_format("%s/refpoint-last-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(place));
    return place;
}

static void remove_place(char *place)
{
    struct error err = {0};
    assert_true(fs_remove_tree(AT_FDCWD, place, &err));
    free(place);
}

static void test_round_trip(void **state)
{
    (void)state;
    char *place = make_place();
    CLEANUP_FREE char *below = mem_format("%s/state/refpoint", place); /* made when it is missing */
    struct last_export last = {
        .collection_id = guid_new(),
        .point_id = guid_new(),
        .base_id = guid_new(),
        .directory = mem_strdup("/a \"b\"\\c\n\x1b[31m \xff caf\u00e9"),
        .base_directory = mem_strdup(""),
        .differential = true,
        .format = DISK_FORMAT_RAW,
        .compression = COMPRESSION_ZSTD,
        .verify = false,
        .bell = true,
        .rate = mem_strdup("1.5"),
    };
    *ARRAY_APPEND(last.excluded, last.excluded_count) = guid_new();
    *ARRAY_APPEND(last.excluded, last.excluded_count) = guid_new();
    struct error err = {0};
    assert_true(last_export_write(&last, below, &err));
    struct last_export read;
    last_export_read(&read, below);
    assert_true(guid_equal(&read.collection_id, &last.collection_id));
    assert_true(guid_equal(&read.point_id, &last.point_id));
    assert_true(guid_equal(&read.base_id, &last.base_id));
    assert_string_equal(read.directory, last.directory);
    assert_string_equal(read.base_directory, "");
    assert_string_equal(read.rate, "1.5");
    assert_true(read.differential && read.bell && !read.verify);
    assert_int_equal(read.format, DISK_FORMAT_RAW);
    assert_int_equal(read.compression, COMPRESSION_ZSTD);
    assert_int_equal(read.excluded_count, 2);
    assert_true(guid_equal(&read.excluded[1], &last.excluded[1]));
    last_export_clear(&read);
    last_export_clear(&last);
    remove_place(place);
}

/* Of machines as they were: there need be no point, and the name is that of another. */
static void test_live(void **state)
{
    (void)state;
    char *place = make_place();
    struct error err = {0};
    struct last_export last = {.collection_id = guid_new(),
                               .live = true,
                               .application = true,
                               .allow_crash = true,
                               .name = mem_strdup("before the move")};
    struct last_export read;
    assert_true(last_export_write(&last, place, &err));
    last_export_read(&read, place);
    assert_true(guid_equal(&read.collection_id, &last.collection_id));
    assert_true(read.live && read.application && read.allow_crash);
    assert_null(read.name);
    last_export_clear(&read);
    last_export_clear(&last);
    remove_place(place);
}

static void write_text(const char *place, const char *text)
{
    struct error err = {0};
    CLEANUP_FREE char *path = mem_format("%s/" LAST_EXPORT_FILE, place);
    assert_true(fs_write_atomic(AT_FDCWD, path, text, strlen(text), 0600, &err));
}

static void test_damage_is_as_good_as_none(void **state)
{
    (void)state;
    static const char *const damaged[] = {"",
                                          "directory = ",
                                          "collection = \"x\"; point = \"y\";",
                                          "@include \"/etc/passwd\"",
                                          "collection = 5;",
                                          "collection = \"11111111-1111-4111-8111-111111111111\";"};
    char *place = make_place();
    struct last_export last;
    last_export_read(&last, place);
    assert_true(guid_is_none(&last.collection_id));
    for (size_t i = 0; i < ARRAY_LENGTH(damaged); i++) {
        write_text(place, damaged[i]);
        last_export_read(&last, place);
        assert_true(guid_is_none(&last.collection_id));
        assert_null(last.directory);
    }
    write_text(place,
               "collection = \"11111111-1111-4111-8111-111111111111\"; format = \"vmdk\";\n"
               "point = \"11111111-1111-4111-8111-111111111112\"; excluded = ( 5, \"x\" ); verify = 3;");
    last_export_read(&last, place);
    assert_false(guid_is_none(&last.collection_id));
    assert_int_equal(last.format, DISK_FORMAT_QCOW2);
    assert_int_equal(last.excluded_count, 0);
    assert_true(last.verify);
    last_export_clear(&last);
    remove_place(place);
}

static void test_state_that_cannot_be_written(void **state)
{
    (void)state;
    struct last_export last = {.collection_id = guid_new(), .point_id = guid_new()};
    struct error err = {0};
    assert_false(last_export_write(&last, "/proc/nowhere", &err));
    assert_true(err.code != 0 && *err.what);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_live),
        cmocka_unit_test(test_damage_is_as_good_as_none),
        cmocka_unit_test(test_state_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
