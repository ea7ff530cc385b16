/* Dirty bitmaps of real images, compared with what QEMU says about them; then damaged directories. */
#include "tests/unit/support/image_files.h"

#include <jansson.h>

#include "core/image/bitmaps.h"
#include "core/syntax/json.h"
#include "core/system/proc.h"

static struct image_files files;

static int set_up(void **state)
{
    (void)state;
    image_files_make(&files);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    image_files_remove(&files);
    return 0;
}

static char *run(const char *const *argv)
{
    struct error err = {0};
    char *output = NULL;
    struct proc_spec spec = {.argv = argv};
    if (!proc_run(&spec, 60000, "test", &output, &err))
        fail_msg("%s: %s", err.what, err.cause);
    return output;
}

#define RUN(...) free(run((const char *const[]){__VA_ARGS__, NULL}))

static bool read_bitmaps(const char *path, struct image_info *info, struct image_bitmaps *bitmaps,
                         struct error *err)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    *err = (struct error){0};
    *bitmaps = (struct image_bitmaps){0};
    return image_inspect(fd, DISK_FORMAT_QCOW2, path, info, err) &&
           image_bitmaps_read(fd, info, path, bitmaps, err);
}

static bool has_flag(const json_t *flags, const char *word)
{
    for (size_t i = 0; i < json_array_size(flags); i++) {
        if (strcmp(json_string_value(json_array_get(flags, i)), word) == 0)
            return true;
    }
    return false;
}

/* As "qemu-img info" has them. */
static void assert_as_qemu_says(const char *path, const struct image_bitmaps *bitmaps)
{
    CLEANUP_FREE char *text =
        run((const char *const[]){"qemu-img", "info", "-f", "qcow2", "--output=json", path, NULL});
    json_t *told = json_loads(text, 0, NULL);
    const json_t *list =
        json_object_get(json_object_get(json_object_get(told, "format-specific"), "data"), "bitmaps");
    assert_int_equal(bitmaps->count, json_array_size(list));
    for (size_t i = 0; i < bitmaps->count; i++) {
        const json_t *row = json_array_get(list, i);
        const struct image_bitmap *bitmap = image_bitmaps_find(bitmaps, json_get_text(row, "name", ""));
        assert_non_null(bitmap);
        assert_int_equal(bitmap->granularity, json_get_number(row, "granularity", 0));
        assert_int_equal(bitmap->enabled, has_flag(json_object_get(row, "flags"), "auto"));
        assert_int_equal(bitmap->inconsistent, has_flag(json_object_get(row, "flags"), "in-use"));
    }
    json_decref(told);
}

static void test_as_qemu_says(void **state)
{
    (void)state;
    static const char *const options[] = {"cluster_size=64k", "cluster_size=512", "cluster_size=2M"};
    char long_name[1024];
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        CLEANUP_FREE char *path = image_path(&files, "a.qcow2");
        struct image_info info = {0};
        struct image_bitmaps bitmaps;
        struct error err;
        RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", options[i], path, "64M");
        assert_true(read_bitmaps(path, &info, &bitmaps, &err));
        assert_int_equal(bitmaps.count, 0);
        image_info_clear(&info);
        RUN("qemu-img", "bitmap", "--add", path, "backup-1");
        RUN("qemu-img", "bitmap", "--add", "--disable", "-g", "512", path, "with space, comma");
        RUN("qemu-img", "bitmap", "--add", "-g", "1M", "--", path, "-dash");
        RUN("qemu-img", "bitmap", "--add", "-g", "4k", path, long_name);
        assert_true(read_bitmaps(path, &info, &bitmaps, &err));
        assert_int_equal(bitmaps.count, 4);
        assert_as_qemu_says(path, &bitmaps);
        assert_true(image_bitmaps_same(&bitmaps, &bitmaps));
        assert_null(image_bitmaps_find(&bitmaps, "backup"));
        /* Another program changed the image: QEMU, too, sees no bitmaps any more. */
        CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC);
        assert_int_equal(pwrite(fd, "\0", 1, 95), 1);
        image_bitmaps_clear(&bitmaps);
        image_info_clear(&info);
        assert_true(read_bitmaps(path, &info, &bitmaps, &err));
        assert_int_equal(bitmaps.count, 0);
        assert_as_qemu_says(path, &bitmaps);
        image_info_clear(&info);
        assert_int_equal(unlink(path), 0);
    }
}

static void assert_marked(const char *path, const char *name, uint64_t expected)
{
    struct image_info info = {0};
    struct image_bitmaps bitmaps;
    struct error err;
    uint64_t bytes = UINT64_MAX;
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(read_bitmaps(path, &info, &bitmaps, &err));
    const struct image_bitmap *bitmap = image_bitmaps_find(&bitmaps, name);
    assert_true(image_bitmap_marked(fd, &info, bitmap, path, &bytes, &err));
    assert_int_equal(bytes, expected);
    image_bitmaps_clear(&bitmaps);
    image_info_clear(&info);
}

/* What was written is marked, in whole granules; all of a disk that was discarded or zeroed, too. */
static void test_marked(void **state)
{
    (void)state;
    static const char *const options[] = {"cluster_size=64k", "cluster_size=512", "cluster_size=2M"};
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        CLEANUP_FREE char *path = image_path(&files, "m.qcow2");
        RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", options[i], path, "33000448");
        RUN("qemu-img", "bitmap", "--add", "-g", "512", path, "fine");
        RUN("qemu-img", "bitmap", "--add", "-g", "64k", path, "usual");
        RUN("qemu-img", "bitmap", "--add", "-g", "1M", path, "coarse");
        RUN("qemu-io", "-f", "qcow2", "-c", "write 0 512", "-c", "write 1048064 1024", "-c",
            "write 32999936 512", path);
        assert_marked(path, "fine", 4 * 512);
        assert_marked(path, "usual", 4 * 65536);
        assert_marked(path, "coarse", 3 * 1048576);
        RUN("qemu-img", "bitmap", "--disable", path, "usual");
        RUN("qemu-img", "bitmap", "--add", path, "later");
        RUN("qemu-io", "-f", "qcow2", "-c", "write -z 0 33000448", path);
        assert_marked(path, "fine", 33000448);
        assert_marked(path, "usual", 4 * 65536);
        assert_marked(path, "later", 33000448);
        assert_int_equal(unlink(path), 0);
    }
}

/* Every byte of header extension and directory, set to what does most harm: refused with a reason, or read.
 */
static void test_damage(void **state)
{
    (void)state;
    CLEANUP_FREE char *path = image_path(&files, "b.qcow2");
    struct image_info info = {0};
    struct image_bitmaps bitmaps;
    struct error err;
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=512", path, "1M");
    RUN("qemu-img", "bitmap", "--add", path, "one");
    RUN("qemu-img", "bitmap", "--add", path, "two");
    assert_true(read_bitmaps(path, &info, &bitmaps, &err));
    image_bitmaps_clear(&bitmaps);
    const uint64_t places[][2] = {{104, 512}, {info.bitmap_directory_offset, info.bitmap_directory_size}};
    image_info_clear(&info);
    CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC);
    size_t refused = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        for (uint64_t at = places[i][0]; at < places[i][0] + places[i][1]; at++) {
            static const unsigned char values[] = {0x00, 0x01, 0x7f, 0xff};
            unsigned char was;
            assert_int_equal(pread(fd, &was, 1, (off_t)at), 1);
            for (size_t j = 0; j < sizeof values; j++) {
                assert_int_equal(pwrite(fd, &values[j], 1, (off_t)at), 1);
                bool ok = read_bitmaps(path, &info, &bitmaps, &err);
                refused += !ok;
                assert_true(ok || (err.code == RETURN_NOT_SUPPORTED && *err.what && *err.next));
                assert_true(ok || bitmaps.count == 0);
                image_bitmaps_clear(&bitmaps);
                image_info_clear(&info);
            }
            assert_int_equal(pwrite(fd, &was, 1, (off_t)at), 1);
        }
    }
    assert_true(refused > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_qemu_says),
        cmocka_unit_test(test_marked),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
