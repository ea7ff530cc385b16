/* Headers of real images, compared with what QEMU says about them; then damaged ones, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/image/image.h"
#include "core/syntax/json.h"
#include "core/system/fs.h"
#include "core/system/proc.h"
#include "tests/unit/support/luks.h"

static char scratch[] = "/tmp/refpoint-image-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(scratch) && chdir(scratch) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    struct error err = {0};
    return chdir("/") == 0 && fs_remove_tree(AT_FDCWD, scratch, &err) ? 0 : -1;
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

static bool inspect(const char *path, enum disk_format format, struct image_info *info, struct error *err)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    *err = (struct error){0};
    return image_inspect(fd, format, path, info, err);
}

/* One image, described by QEMU and by us. */
static void assert_as_qemu_says(const char *path)
{
    struct error err = {0};
    struct image_info info = {0};
    CLEANUP_FREE char *file = mem_format("file:%s", path);
    CLEANUP_FREE char *text =
        run((const char *const[]){"qemu-img", "info", "--output=json", "-f", "qcow2", file, NULL});
    if (!inspect(path, DISK_FORMAT_QCOW2, &info, &err))
        fail_msg("%s: %s", path, err.what);
    json_t *said = json_loads(text, 0, NULL);
    const json_t *specific = json_object_get(json_object_get(said, "format-specific"), "data");
    assert_non_null(specific);
    assert_int_equal(info.format, DISK_FORMAT_QCOW2);
    assert_int_equal(info.virtual_size, json_get_number(said, "virtual-size", 0));
    assert_int_equal(info.cluster_size, json_get_number(said, "cluster-size", 0));
    assert_int_equal(info.version, strcmp(json_get_text(specific, "compat", ""), "1.1") == 0 ? 3 : 2);
    assert_int_equal(info.dirty, json_get_bool(said, "dirty-flag", false));
    assert_int_equal(info.corrupt, json_get_bool(specific, "corrupt", false));
    assert_int_equal(info.encrypted, json_get_bool(said, "encrypted", false));
    assert_int_equal(info.extended_l2, json_get_bool(specific, "extended-l2", false));
    assert_int_equal(info.external_data_file, json_get_text(specific, "data-file", NULL) != NULL);
    assert_int_equal(info.snapshot_count, json_array_size(json_object_get(said, "snapshots")));
    const char *backing = json_get_text(said, "backing-filename", NULL);
    const char *backing_format = json_get_text(said, "backing-filename-format", NULL);
    assert_int_equal(!backing, !info.backing_name);
    if (backing)
        assert_string_equal(info.backing_name, backing);
    assert_int_equal(!backing_format, !info.backing_format);
    if (backing_format)
        assert_string_equal(info.backing_format, backing_format);
    json_decref(said);
    image_info_clear(&info);
}

static void test_cluster_sizes_and_versions(void **state)
{
    (void)state;
    static const char *const versions[] = {"0.10", "1.1"};
    static const char *const sizes[] = {"0", "512", "1536", "10G", "123456789K"};
    for (unsigned bits = 9; bits <= 21; bits++) {
        CLEANUP_FREE char *options = mem_format("compat=%s,cluster_size=%u", versions[bits % 2], 1U << bits);
        /* Small clusters cannot carry large disks: the L1 table is bounded. */
        const char *size = sizes[bits < 13 ? bits % 3 : bits % ARRAY_LENGTH(sizes)];
        RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", options, "i.qcow2", size);
        assert_as_qemu_says("i.qcow2");
    }
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", "compat=0.10", "i.qcow2", "64T");
    assert_as_qemu_says("i.qcow2");
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=2M", "i.qcow2", "1P");
    assert_as_qemu_says("i.qcow2");
}

static void test_features(void **state)
{
    (void)state;
    static const char *const options[] = {
        "extended_l2=on",         "extended_l2=on,cluster_size=16K",
        "compression_type=zstd",  "lazy_refcounts=on",
        "refcount_bits=64",       "refcount_bits=1",
        "data_file=data.raw",     "data_file=data.raw,data_file_raw=on",
        "preallocation=metadata",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", options[i], "f.qcow2", "3M");
        assert_as_qemu_says("f.qcow2");
    }
    make_luks("qcow2", "e.qcow2");
    assert_as_qemu_says("e.qcow2");
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "--object", "secret,id=s,data=abc", "-o",
        "compat=0.10,encrypt.format=aes,encrypt.key-secret=s", "e.qcow2", "1M");
    assert_as_qemu_says("e.qcow2");
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "s.qcow2", "1M");
    RUN("qemu-img", "snapshot", "-c", "one", "s.qcow2");
    RUN("qemu-img", "snapshot", "-c", "two", "s.qcow2");
    RUN("qemu-img", "bitmap", "--add", "s.qcow2", "b0");
    assert_as_qemu_says("s.qcow2");
}

static void assert_backing(const char *name, const char *format, const char *options)
{
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-u", "-o", options, "-b", name, "-F", format, "b.qcow2",
        "1M");
    struct error err = {0};
    struct image_info info = {0};
    assert_true(inspect("b.qcow2", DISK_FORMAT_QCOW2, &info, &err));
    assert_string_equal(info.backing_name, name);
    assert_string_equal(info.backing_format, format);
    image_info_clear(&info);
}

static void test_backing_names(void **state)
{
    (void)state;
    static const char *const names[] = {
        "base.qcow2",   "../t/b a s e.raw", "/a\nb",    "a,b,,c",    "json:{\"driver\":\"file\"}",
        "nbd://host/x", "h\xc3\xb6r\xff",   "\x1b[31m", "'\"\\$(x)",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        assert_backing(names[i], i % 2 ? "raw" : "qcow2", i % 3 ? "compat=1.1" : "compat=0.10");
    CLEANUP_FREE char *longest = mem_alloc(1024);
    memset(longest, 'x', 1023);
    assert_backing(longest, "raw", "compat=1.1");

    RUN("qemu-img", "rebase", "-u", "-b", "", "b.qcow2");
    assert_as_qemu_says("b.qcow2");
}

static void test_raw(void **state)
{
    (void)state;
    struct error err = {0};
    struct image_info info = {0};
    /* A guest can write a qcow2 header into its raw disk (traps.md 7): the format is the caller's word. */
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "raw.img", "1G");
    assert_int_equal(truncate("raw.img", 1000001), 0);
    assert_true(inspect("raw.img", DISK_FORMAT_RAW, &info, &err));
    assert_int_equal(info.virtual_size, 1000001);
    assert_int_equal(info.file_size, 1000001);
    assert_null(info.backing_name);
    image_info_clear(&info);
}

static void test_not_an_image(void **state)
{
    (void)state;
    struct error err = {0};
    struct image_info info = {0};
    static const char *const contents[] = {"", "QFI\xfb",
                                           ("hello, this is no image, and it is longer than a "
                                            "header has to be, so that the magic number tells")};
    for (size_t i = 0; i < ARRAY_LENGTH(contents); i++) {
        assert_true(fs_write_atomic(AT_FDCWD, "x", contents[i], strlen(contents[i]), 0600, &err));
        assert_false(inspect("x", DISK_FORMAT_QCOW2, &info, &err));
        assert_int_equal(err.code, RETURN_NOT_SUPPORTED);
        assert_string_equal(err.key, "image.not-qcow2");
    }
    assert_false(inspect("/dev/null", DISK_FORMAT_RAW, &info, &err));
    assert_int_equal(err.code, RETURN_NOT_SUPPORTED);
    assert_string_equal(err.key, "image.kind");
    assert_false(inspect(".", DISK_FORMAT_QCOW2, &info, &err));
    assert_int_equal(err.code, RETURN_NOT_SUPPORTED);
}

static void patch(const char *path, off_t offset, unsigned width, uint64_t value)
{
    CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    unsigned char bytes[8];
    for (unsigned i = 0; i < width; i++)
        bytes[i] = (unsigned char)(value >> (8 * (width - 1 - i)));
    assert_int_equal(pwrite(fd, bytes, width, offset), width);
}

static bool qemu_opens(const char *path)
{
    struct error err = {0};
    const char *const argv[] = {"qemu-img", "info", "-f", "qcow2", path, NULL};
    struct proc_spec spec = {.argv = argv};
    return proc_run(&spec, 60000, "test", NULL, &err);
}

struct damage {
    off_t offset;
    unsigned width;
    uint64_t value;
    const char *key;
    const char *part; /* of the sentence */
};

/* A backing name and its format are there, so that every check has something to check. */
static void make_overlay(const char *path)
{
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-u", "-b", "base", "-F", "raw", path, "10G");
}

static void test_damage(void **state)
{
    (void)state;
    static const struct damage cases[] = {
        {4, 4, 1, "image.unsupported", "version"},
        {4, 4, 4, "image.unsupported", "version"},
        {8, 8, 1, "image.damaged", "backing file is at an impossible place"},
        {8, 8, UINT64_MAX, "image.damaged", "backing file is at an impossible place"},
        {8, 8, 65533, "image.damaged", "backing file has an impossible length"},
        {16, 4, 0, "image.damaged", "backing file has an impossible length"},
        {16, 4, 1024, "image.damaged", "backing file has an impossible length"},
        {16, 4, UINT32_MAX, "image.damaged", "backing file has an impossible length"},
        {20, 4, 8, "image.damaged", "cluster size"},
        {20, 4, 22, "image.damaged", "cluster size"},
        {20, 4, UINT32_MAX, "image.damaged", "cluster size"},
        {24, 8, (uint64_t)1 << 63, "image.damaged", "virtual size"},
        {24, 8, UINT64_MAX, "image.damaged", "virtual size"},
        {24, 8, INT64_MAX, "image.damaged", "virtual size"},
        {24, 8, (uint64_t)1 << 60, "image.damaged", "L1 table is too small"},
        {32, 4, 3, "image.unsupported", "encryption"},
        {36, 4, 19, "image.damaged", "L1 table is too small"},
        {36, 4, UINT32_MAX, "image.damaged", "L1 table is larger"},
        {36, 4, 4 << 20, "image.damaged", "L1 table lies behind"},
        {40, 8, 513, "image.damaged", "L1 table is at an impossible place"},
        {40, 8, 0x7fffffffffff0000, "image.damaged", "L1 table"},
        {40, 8, 0xffffffffffff0000, "image.damaged", "L1 table"},
        {48, 8, 7, "image.damaged", "table of reference counts is at"},
        {48, 8, 0x10000000, "image.damaged", "table of reference counts lies behind"},
        {56, 4, 0, "image.damaged", "no reference counts"},
        {56, 4, 129, "image.damaged", "table of reference counts is larger"},
        {60, 4, 65537, "image.damaged", "table of snapshots is larger"},
        {64, 8, 1, "image.damaged", "table of snapshots is at"},
        {72, 8, 1 << 5, "image.unsupported", "feature"},
        {72, 8, (uint64_t)1 << 63, "image.unsupported", "feature"},
        {72, 8, 1 << 3, "image.damaged", "compression"},
        {96, 4, 7, "image.damaged", "reference counts are wider"},
        {100, 4, 103, "image.damaged", "header's length"},
        {100, 4, 65537, "image.damaged", "header's length"},
        {104, 1, 1, "image.damaged", "compression"},
        {104, 1, 2, "image.unsupported", "compression"},
        {116, 4, 16, "image.damaged", "format of its backing file"},
        {116, 4, UINT32_MAX, "image.damaged", "extension"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct image_info info = {0};
        make_overlay("d.qcow2");
        patch("d.qcow2", cases[i].offset, cases[i].width, cases[i].value);
        if (inspect("d.qcow2", DISK_FORMAT_QCOW2, &info, &err))
            fail_msg("%lld := %llx passes", (long long)cases[i].offset, (unsigned long long)cases[i].value);
        assert_int_equal(err.code, RETURN_NOT_SUPPORTED);
        if (strcmp(err.key, cases[i].key) != 0 || !strstr(err.what, cases[i].part))
            fail_msg("%zu: %s: %s", i, err.key, err.what);
        assert_string_not_equal(err.next, "");
        assert_null(info.backing_name);
    }
}

static void test_marks(void **state)
{
    (void)state;
    struct error err = {0};
    struct image_info info = {0};
    make_overlay("m.qcow2");
    patch("m.qcow2", 72, 8, 3);
    assert_as_qemu_says("m.qcow2");
    /* The size that QEMU shows has whole sectors. */
    patch("m.qcow2", 72, 8, 0);
    patch("m.qcow2", 24, 8, 1000001);
    assert_as_qemu_says("m.qcow2");
    /* A name with a zero byte in it ends there, for QEMU too. */
    make_overlay("m.qcow2");
    assert_true(inspect("m.qcow2", DISK_FORMAT_QCOW2, &info, &err));
    image_info_clear(&info);
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    assert_true(fs_read(AT_FDCWD, "m.qcow2", (size_t)1 << 20, &text, &length, &err));
    const char *name = memmem(text, length, "base", 4);
    assert_non_null(name);
    patch("m.qcow2", name - text + 2, 1, 0);
    assert_as_qemu_says("m.qcow2");
    patch("m.qcow2", name - text, 1, 0);
    assert_false(inspect("m.qcow2", DISK_FORMAT_QCOW2, &info, &err));
    /* A data file without its mark: still one. */
    make_overlay("m.qcow2");
    patch("m.qcow2", 112, 4, 0x44415441);
    assert_true(inspect("m.qcow2", DISK_FORMAT_QCOW2, &info, &err));
    assert_true(info.external_data_file);
    assert_null(info.backing_format);
    image_info_clear(&info);
}

static void test_cut_off(void **state)
{
    (void)state;
    struct error err = {0};
    struct image_info info = {0};
    static const off_t lengths[] = {0, 1, 71, 72, 103, 104, 111, 112, 200, 511, 512, 65536, 196608, 196700};
    for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
        make_overlay("c.qcow2");
        assert_int_equal(truncate("c.qcow2", lengths[i]), 0);
        if (inspect("c.qcow2", DISK_FORMAT_QCOW2, &info, &err))
            fail_msg("%lld bytes pass", (long long)lengths[i]);
        assert_int_equal(err.code, RETURN_NOT_SUPPORTED);
    }
}

/* What QEMU refuses, we refuse: every byte of the header and its extensions, set to three values. */
static void test_refuses_what_qemu_refuses(void **state)
{
    (void)state;
    static const unsigned char values[] = {0x01, 0x7f, 0xff};
    unsigned refused = 0;
    make_overlay("q.qcow2");
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    struct error err = {0};
    assert_true(fs_read(AT_FDCWD, "q.qcow2", (size_t)1 << 20, &text, &length, &err));
    for (off_t at = 0; at < 136; at++) {
        unsigned char value = values[at % 3];
        patch("q.qcow2", at, 1, value);
        struct image_info info = {0};
        if (!qemu_opens("q.qcow2")) {
            refused++;
            if (inspect("q.qcow2", DISK_FORMAT_QCOW2, &info, &err))
                fail_msg("byte %lld := %02x: QEMU refuses, we do not", (long long)at, value);
        }
        image_info_clear(&info);
        patch("q.qcow2", at, 1, (unsigned char)text[at]);
    }
    assert_true(refused > 30);
    assert_true(qemu_opens("q.qcow2"));
}

static bool owns_nothing(const char *path, enum disk_format format)
{
    struct image_info info = {0};
    struct error err;
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(inspect(path, format, &info, &err));
    bool nothing = image_owns_nothing(fd, &info);
    image_info_clear(&info);
    return nothing;
}

/* Written, zeroed and discarded are all something; opened, resized and given a bitmap are nothing. */
static void test_an_overlay_that_owns_nothing(void **state)
{
    (void)state;
    static const char *const options[] = {"cluster_size=64k", "cluster_size=512", "extended_l2=on"};
    static const char *const commands[] = {"write -P 0 60M 512", "write -z 0 64k", "discard 0 1M"};
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "beneath.qcow2", "64M");
    RUN("qemu-io", "-f", "qcow2", "-c", "write -P 1 0 2M", "beneath.qcow2");
    assert_false(owns_nothing("beneath.qcow2", DISK_FORMAT_QCOW2));
    assert_false(owns_nothing("beneath.qcow2", DISK_FORMAT_RAW));
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(commands); j++) {
            RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", options[i], "-b", "beneath.qcow2", "-F",
                "qcow2", "above.qcow2");
            RUN("qemu-io", "-f", "qcow2", "-c", "read 0 2M", "-c", "flush", "above.qcow2");
            RUN("qemu-img", "resize", "-q", "-f", "qcow2", "above.qcow2", "80M");
            assert_true(owns_nothing("above.qcow2", DISK_FORMAT_QCOW2));
            RUN("qemu-io", "-d", "unmap", "-f", "qcow2", "-c", commands[j], "above.qcow2");
            assert_false(owns_nothing("above.qcow2", DISK_FORMAT_QCOW2));
            assert_int_equal(unlink("above.qcow2"), 0);
        }
    }
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-b", "beneath.qcow2", "-F", "qcow2", "above.qcow2");
    RUN("qemu-img", "bitmap", "--add", "above.qcow2", "b");
    assert_true(owns_nothing("above.qcow2", DISK_FORMAT_QCOW2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cluster_sizes_and_versions),
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_backing_names),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_not_an_image),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_refuses_what_qemu_refuses),
        cmocka_unit_test(test_an_overlay_that_owns_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
