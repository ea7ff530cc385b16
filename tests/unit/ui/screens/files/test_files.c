/* A directory as it is listed, and what is told of a file: of real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "tests/unit/support/scratch.h"
#include "ui/screens/files/listing.h"
#include "ui/screens/files/look.h"

static void run(const char *command)
{
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a constant of this test's */
}

static void test_directories_come_first(void **state)
{
    (void)state;
    struct listing listing;
    struct error err = {0};
    char *file = NULL;
    run("mkdir -p list/zoo && touch list/bread list/Apple list/.hidden");
    CLEANUP_FREE char *root = mem_format("%s/list/", scratch_path);
    assert_true(listing_read(&listing, root, false, &file, &err));
    assert_null(file);
    assert_int_equal(listing.count, 4);
    assert_string_equal(listing.items[0].name, "..");
    assert_string_equal(listing.items[1].name, "zoo");
    assert_true(listing.items[1].directory);
    assert_string_equal(listing.items[2].name, "Apple");
    assert_string_equal(listing.items[3].name, "bread");
    assert_int_equal(listing.hidden, 1);
    CLEANUP_FREE char *path = listing_path(&listing, 2);
    CLEANUP_FREE char *expected = mem_format("%sApple", root);
    assert_string_equal(path, expected);
    CLEANUP_FREE char *above = listing_path(&listing, 0);
    assert_string_equal(above, scratch_path);
    listing_clear(&listing);
    assert_true(listing_read(&listing, root, true, &file, &err));
    assert_int_equal(listing.count, 5);
    listing_clear(&listing);
}

static void test_a_file_is_told_and_what_is_not_there_refused(void **state)
{
    (void)state;
    struct listing listing;
    struct error err = {0};
    char *file = NULL;
    run("touch one");
    CLEANUP_FREE char *one = mem_format("%s/one", scratch_path);
    assert_true(listing_read(&listing, one, false, &file, &err));
    assert_string_equal(file, one);
    free(file);
    listing_clear(&listing);
    CLEANUP_FREE char *none = mem_format("%s/none", scratch_path);
    assert_false(listing_read(&listing, none, false, &file, &err));
    assert_int_equal(err.code, RETURN_FILE_NOT_FOUND);
    listing_clear(&listing);
    assert_true(listing_read(&listing, "/", false, &file, &err));
    assert_string_not_equal(listing.items[0].name, ".."); /* nothing is above */
    listing_clear(&listing);
}

static char *told(const char *name, struct file_look *look)
{
    CLEANUP_FREE char *path = mem_format("%s/%s", scratch_path, name);
    file_look_run(look, path);
    return file_look_text(look);
}

static void test_what_an_image_is_based_on(void **state)
{
    (void)state;
    struct file_look look;
    run("truncate -s 1M base.raw && qemu-img create -q -f qcow2 -b base.raw -F raw mid.qcow2 && "
        "mkdir -p deep && qemu-img create -q -f qcow2 -b ../mid.qcow2 -F qcow2 deep/top.qcow2");
    CLEANUP_FREE char *text = told("deep/top.qcow2", &look);
    assert_true(look.usable);
    assert_int_equal(look.virtual_size, 1 << 20);
    assert_int_equal(look.chain_count, 2);
    assert_int_equal(look.chain[0].format, DISK_FORMAT_QCOW2);
    assert_string_equal(look.chain[1].path + strlen(look.chain[1].path) - strlen("/base.raw"), "/base.raw");
    assert_int_equal(look.chain[1].format, DISK_FORMAT_RAW);
    assert_null(look.chain_problem);
    assert_non_null(strstr(text, "qcow2, 1.0 MiB"));
    file_look_clear(&look);
    run("rm base.raw");
    CLEANUP_FREE char *broken = told("deep/top.qcow2", &look);
    assert_non_null(look.chain_problem);
    assert_non_null(strstr(broken, "No such file"));
    file_look_clear(&look);
}

/* What nobody writes into must not hold it up; and it is said what cannot be used. */
static void test_what_is_no_image(void **state)
{
    (void)state;
    struct file_look look;
    run("mkfifo pipe && printf 'KDMV and more' >disk.vmdk && printf ' <domain/>' >m.xml");
    CLEANUP_FREE char *pipe = told("pipe", &look);
    assert_string_equal(pipe, "is no regular file");
    file_look_clear(&look);
    CLEANUP_FREE char *foreign = told("disk.vmdk", &look);
    assert_false(look.usable);
    assert_non_null(strstr(foreign, "begins like vmdk, which is not supported"));
    file_look_clear(&look);
    CLEANUP_FREE char *definition = told("m.xml", &look);
    assert_true(look.definition);
    assert_non_null(strstr(definition, "libvirt definition"));
    file_look_clear(&look);
    CLEANUP_FREE char *none = told("none", &look);
    assert_string_equal(none, "cannot be opened: No such file or directory");
    file_look_clear(&look);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directories_come_first),
        cmocka_unit_test(test_a_file_is_told_and_what_is_not_there_refused),
        cmocka_unit_test(test_what_an_image_is_based_on),
        cmocka_unit_test(test_what_is_no_image),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
