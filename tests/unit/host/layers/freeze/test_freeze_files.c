/* Copies of another host's files, as they came in an archive of its making: no link among them leads out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/freeze/freeze_files.h"
#include "core/host/store/kept_files.h"
#include "core/host/store/place.h"
#include "tests/unit/support/scratch.h"

#define DEFINITION(files)                                                                                    \
    "<domain type='kvm'><name>web</name><memory>1048576</memory><os><type>hvm</type>" files                  \
    "</os><devices/></domain>"

static void write_file(const char *name, const char *text)
{
    struct error err = {0};
    assert_true(fs_write_atomic(AT_FDCWD, name, text, strlen(text), 0600, &err));
}

/* The machine's files as the point has them; the work's machine, borrowed. */
static bool take(struct freeze_work *work, const struct store *store, const char *definition,
                 struct error *err)
{
    const struct point_request request = {0};
    CLEANUP_FREE char *root = mem_format("%s/copies", scratch_path);
    *work = (struct freeze_work){.store = store, .root = root};
    struct member_point *member = ARRAY_APPEND(work->point.members, work->point.member_count);
    member->machine.id = guid_new();
    member->machine.name = mem_strdup("web");
    member->machine.domain_xml = mem_strdup(definition);
    *err = (struct error){0};
    bool ok = freeze_files_take(work, &request, err);
    work->root = NULL;
    return ok;
}

static const struct store *open_store(struct store *store)
{
    struct error err = {0};
    CLEANUP_FREE char *path = mem_format("%s/store", scratch_path);
    assert_true(store_init(store, path, &err));
    return store;
}

static size_t count_kept(const struct store *store)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    if (!store_open_directory(store, "files", &fd, &err))
        return 0;
    assert_true(fs_list(fd, &names, &count, &err));
    fs_free_names(names, count);
    return count;
}

static void test_links_among_copies(void **state)
{
    (void)state;
    struct store store;
    struct freeze_work work;
    struct error err;
    open_store(&store);
    assert_int_equal(mkdir("copies", 0700), 0);
    assert_int_equal(mkdir("aside", 0700), 0);
    write_file("aside/secret", "of this machine");
    write_file("copies/plain", "a kernel");
    assert_int_equal(symlink("../aside/secret", "copies/link"), 0);
    assert_int_equal(symlink("../aside", "copies/directory"), 0);
    static const char *const linked[] = {DEFINITION("<kernel>/link</kernel>"),
                                         DEFINITION("<kernel>/directory/secret</kernel>"),
                                         DEFINITION("<kernel>/../aside/secret</kernel>")};
    for (size_t i = 0; i < ARRAY_LENGTH(linked); i++) {
        assert_false(take(&work, &store, linked[i], &err));
        assert_string_equal(err.key, "point.file");
        assert_int_equal(count_kept(&store), 0);
        freeze_work_clear(&work);
    }
    /* However often there is a slash. */
    static const char *const plain[] = {DEFINITION("<kernel>/plain</kernel>"),
                                        DEFINITION("<kernel>//plain</kernel>"),
                                        DEFINITION("<kernel>/.//plain</kernel>")};
    for (size_t i = 0; i < ARRAY_LENGTH(plain); i++) {
        if (!take(&work, &store, plain[i], &err))
            fail_msg("%s: %s: %s", plain[i], err.what, err.cause);
        assert_int_equal(work.point.members[0].machine.files[0].size, strlen("a kernel"));
        assert_int_equal(count_kept(&store), 1);
        freeze_work_clear(&work);
    }
    store_clear(&store);
}

/* The state of a TPM is a directory. */
static void test_links_in_a_directory_of_copies(void **state)
{
    (void)state;
    struct store store;
    struct freeze_work work;
    struct error err;
    static const char definition[] =
        "<domain type='kvm'><name>web</name><memory>1048576</memory>"
        "<uuid>00112233-4455-6677-8899-aabbccddeeff</uuid><os><type>hvm</type></os>"
        "<devices><tpm model='tpm-crb'><backend type='emulator' version='2.0'>"
        "<source type='dir' path='/tpm'/></backend></tpm></devices></domain>";
    open_store(&store);
    struct error ignored = {0};
    assert_true(fs_make_directories("copies/tpm", 0700, &ignored));
    write_file("copies/tpm/state", "a TPM");
    assert_int_equal(symlink("../../aside/secret", "copies/tpm/link"), 0);
    assert_int_equal(symlink("../../aside", "copies/tpm/directory"), 0);
    assert_false(take(&work, &store, definition, &err));
    assert_string_equal(err.key, "point.file");
    freeze_work_clear(&work);
    assert_int_equal(unlink("copies/tpm/link"), 0);
    assert_int_equal(unlink("copies/tpm/directory"), 0);
    assert_true(take(&work, &store, definition, &err));
    assert_int_equal(work.point.members[0].machine.file_count, 1);
    assert_string_equal(work.point.members[0].machine.files[0].path, "/tpm/state");
    freeze_work_clear(&work);
    store_clear(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links_among_copies),
        cmocka_unit_test(test_links_in_a_directory_of_copies),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
