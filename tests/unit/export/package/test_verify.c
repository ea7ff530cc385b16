/* A chain of three real packages, then every kind of damage to it; and imports from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/check/verify.h"
#include "core/export/package/digest.h"
#include "core/export/package/import/import.h"
#include "core/export/package/path.h"
#include "core/export/package/proof/proof.h"
#include "core/export/package/read.h"
#include "core/image/image.h"
#include "core/system/fs.h"
#include "tests/unit/support/package.h"

/* packages[0] is full, [1] based on it, [2] on [1]. */
static char *packages[3];

static int set_up(void **state)
{
    assert_int_equal(world_set_up(state), 0);
    packages[0] = world_export(NULL);
    for (size_t i = 1; i < 3; i++) {
        struct reference_point point = {0};
        struct base_package base;
        reference_point_copy(&point, &world.task.point);
        world_next_point(&point);
        reference_point_clear(&point);
        world_find_base(&base);
        assert_int_equal(base.count, i);
        packages[i] = world_export(&base);
        base_package_clear(&base);
    }
    return 0;
}

static int tear_down(void **state)
{
    for (size_t i = 0; i < 3; i++)
        free(packages[i]);
    return world_tear_down(state);
}

static void verify_with(const char *path, const char *base_directory, struct package_verdict *verdict)
{
    struct error err = {0};
    char *directories[] = {mem_strdup(base_directory)};
    const struct package_verification asked = {
        .path = path, .base_directories = directories, .base_directory_count = base_directory ? 1 : 0};
    if (!package_verify(&asked, NULL, verdict, &err))
        fail_msg("%s: %s", err.what, err.cause);
    free(directories[0]);
}

static void assert_whole(const char *path)
{
    struct package_verdict verdict;
    verify_with(path, NULL, &verdict);
    if (verdict.problem_count > 0)
        fail_msg("%s", verdict.problems[0]);
    package_verdict_clear(&verdict);
}

/* At least one problem says so; for a damaged package nothing is imported. */
static void assert_damaged(const char *path, const char *says)
{
    struct package_verdict verdict;
    struct error err = {0};
    bool said = false;
    verify_with(path, NULL, &verdict);
    for (size_t i = 0; i < verdict.problem_count; i++)
        said = said || strstr(verdict.problems[i], says);
    if (!said)
        fail_msg("none of %zu problems says \"%s\", the first: %s", verdict.problem_count, says,
                 verdict.problem_count ? verdict.problems[0] : "-");
    package_verdict_clear(&verdict);
    CLEANUP_FREE char *to = mem_format("%s/imported", world.root);
    size_t before = world_count_entries(world.root);
    assert_false(package_import(path, to, NULL, 0, NULL, &err));
    assert_int_equal(world_count_entries(world.root), before);
}

/* A shell command with the package as $0 and its files writable. */
static void tamper(const char *package, const char *command)
{
    CLEANUP_FREE char *whole = mem_format("cd \"$0\" && chmod -R u+w . && %s", command);
    WORLD_RUN("sh", "-c", whole, package);
}

static void write_sums(const char *package)
{
    tamper(package, "rm SHA256SUMS && find machines reference-point.cfg -type f | LC_ALL=C sort | "
                    "xargs sha256sum > ../sums && mv ../sums SHA256SUMS");
}

static void flip_byte(const char *package, const char *file, off_t offset)
{
    unsigned char byte = 0;
    CLEANUP_FREE char *path = mem_format("%s/%s", package, file);
    assert_int_equal(chmod(path, 0600), 0);
    CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, offset), 1);
    byte ^= 0x20;
    assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
}

static void test_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_whole(packages[i]);
}

static void test_flipped_bytes(void **state)
{
    (void)state;
    static const char *const files[] = {"machines/web01/vda.qcow2", "machines/web01/machine.cfg",
                                        "machines/web01/domain.xml"};
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        flip_byte(packages[0], files[i], 20);
        assert_damaged(packages[0], files[i]);
        assert_damaged(packages[2], "base package"); /* seen from above */
        flip_byte(packages[0], files[i], 20);
    }
    /* Deep in the guest's data, where no structure is. */
    flip_byte(packages[1], "machines/db01/vda.qcow2", 5 * 65536 + 100);
    assert_damaged(packages[1], "machines/db01/vda.qcow2 has been changed");
    flip_byte(packages[1], "machines/db01/vda.qcow2", 5 * 65536 + 100);
    assert_whole(packages[2]);
}

static enum package_proof_state remembered(const char *memory, const char *path)
{
    struct package package;
    struct package_proof proof;
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    assert_true(package_open(path, &package, &fd, &err));
    enum package_proof_state state = package_proof_look(memory, &package, fd, &proof);
    package_clear(&package);
    return state;
}

/* Beneath a damaged package the disks are not read: nothing is claimed of those, either. */
static void test_what_was_not_read_is_not_remembered(void **state)
{
    (void)state;
    CLEANUP_FREE char *memory = mem_format("%s/memory", world.root);
    const struct package_verification asked = {.path = packages[2], .memory = memory};
    for (int whole = 0; whole < 2; whole++) {
        struct package_verdict verdict;
        struct error err = {0};
        flip_byte(packages[2], "machines/web01/machine.cfg", 20);
        if (whole)
            flip_byte(packages[2], "machines/web01/machine.cfg", 20);
        assert_true(package_verify(&asked, NULL, &verdict, &err));
        assert_int_equal(verdict.problem_count == 0, whole);
        package_verdict_clear(&verdict);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(remembered(memory, packages[i]), whole ? PACKAGE_PROVEN : PACKAGE_UNPROVEN);
        if (!whole)
            flip_byte(packages[2], "machines/web01/machine.cfg", 20);
    }
}

static void test_changed_record(void **state)
{
    (void)state;
    tamper(packages[0], "sed -i 's/monday/sunday/' reference-point.cfg");
    assert_damaged(packages[0], "another SHA-256");
    assert_damaged(packages[1], "has been changed since");
    write_sums(packages[0]);
    /* Now whole by itself, as any package that somebody wrote; but no longer the base of the others. */
    assert_whole(packages[0]);
    assert_damaged(packages[1], "has been changed since");
    assert_damaged(packages[2], "has been changed since");
}

/* An image and SHA256SUMS changed together: the record knows better. */
static void test_changed_with_its_sums(void **state)
{
    (void)state;
    flip_byte(packages[0], "machines/web01/vda.qcow2", 5 * 65536 + 100);
    write_sums(packages[0]);
    assert_damaged(packages[0], "not the one in the record");
    assert_damaged(packages[2], "not the one in the record");
}

/* Edits of the record with SHA256SUMS made anew: what stands there twice, or follows from other things, has
 * to agree. */
static void test_edited_with_its_sums(void **state)
{
    (void)state;
    static const struct {
        const char *edit;
        const char *says;
    } edits[] = {
        {"0,/ cpus = 2/s// cpus = 3/", "machine.cfg has \"cpus = 2"},
        {"0,/ memory = /s// memory = 1/", "machine.cfg has \"memory"},
        {"0,/ path = .*vda/s// path = \"\\/other\\/vda/", "machine.cfg has \"path"},
        {"s/machine = \"web01\"/machine = \"web02\"/", "is called disk"},
        {"s/ disk = \"vdb\"/ disk = \"vdc\"/", "is called disk"},
        {"0,/ virtual_size = 4194304/s// virtual_size = 4194816/", "at the point"},
        {"s/ virtual_size = 7340032/ virtual_size = 7340033/", "bytes in all"},
        {"/^options/,/}/s/qcow2/raw/", "was to write raw"},
        {"s/ verify = true/ verify = false/", "not to verify it"},
        {"0,/ disk_id = \"vda\"/s// disk_id = \"vde\"/", "is vde at the point"},
    };
    tamper(packages[0], "cp reference-point.cfg ../record");
    for (size_t i = 0; i < ARRAY_LENGTH(edits); i++) {
        CLEANUP_FREE char *edit = mem_format("cp ../record reference-point.cfg && sed -i '%s' "
                                             "reference-point.cfg && ! cmp -s reference-point.cfg ../record",
                                             edits[i].edit);
        tamper(packages[0], edit);
        write_sums(packages[0]);
        assert_damaged(packages[0], edits[i].says);
    }
    tamper(packages[0], "cp ../record reference-point.cfg");
    write_sums(packages[0]);
    assert_whole(packages[2]);
}

static void test_missing_files(void **state)
{
    (void)state;
    tamper(packages[0], "mv machines/web01/domain.xml ..");
    assert_damaged(packages[0], "machines/web01/domain.xml is missing");
    tamper(packages[0], "mv ../domain.xml machines/web01/ && mv SHA256SUMS ..");
    assert_damaged(packages[0], "SHA256SUMS");
    tamper(packages[0], "mv ../SHA256SUMS . && mv machines/db01/vda.qcow2 machines/db01/vdb.qcow2");
    assert_damaged(packages[0], "machines/db01/vda.qcow2 is missing");
    assert_damaged(packages[0], "machines/db01/vdb.qcow2 does not belong");
    tamper(packages[0], "mv machines/db01/vdb.qcow2 machines/db01/vda.qcow2 && rm reference-point.cfg");
    assert_damaged(packages[0], "reference-point.cfg");
}

static void test_extra_entries(void **state)
{
    (void)state;
    static const char *const commands[][3] = {
        {"echo x > machines/web01/notes", "machines/web01/notes does not belong", "rm machines/web01/notes"},
        {"echo x > other", "other does not belong", "rm other"},
        {"mkdir machines/web02", "machines/web02/ is an empty directory", "rmdir machines/web02"},
        {"mkdir machines/web01/deep", "machines/web01/deep is a directory", "rmdir machines/web01/deep"},
        {"mkdir elsewhere", "elsewhere is a directory", "rmdir elsewhere"},
        {"echo x > machines/.hidden", ".hidden has a name", "rm machines/.hidden"},
        {"touch \"$(printf 'a\\033[31mb')\"", "a\\x1b[31mb has a name", "rm a*b"},
        {"mkfifo pipe", "pipe is not a regular file", "rm pipe"},
        {"ln -s vda.qcow2 machines/web01/link", "machines/web01/link is a symbolic link",
         "rm machines/web01/link"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        tamper(packages[0], commands[i][0]);
        assert_damaged(packages[0], commands[i][1]);
        tamper(packages[0], commands[i][2]);
    }
    assert_whole(packages[0]);
}

/* In the place of a file: a link to its very copy, a FIFO, a directory. */
static void test_replaced_files(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "cp machines/web01/vda.qcow2 ../copy && ln -sf \"$PWD/../copy\" machines/web01/vda.qcow2",
        "rm machines/web01/vda.qcow2 && mkfifo machines/web01/vda.qcow2",
        "rm machines/web01/vda.qcow2 && mkdir machines/web01/vda.qcow2",
        "rmdir machines/web01/vda.qcow2; mv machines/web01 .. && ln -s ../../web01 machines/web01",
        "mv machines .. && ln -s ../machines machines",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        tamper(packages[0], commands[i]);
        assert_damaged(packages[0], "machines");
    }
}

static void test_replaced_record(void **state)
{
    (void)state;
    struct error err = {0};
    struct package package;
    tamper(packages[0], "mv reference-point.cfg ../record && ln -s ../record reference-point.cfg");
    assert_false(package_read(packages[0], &package, &err));
    assert_string_equal(err.key, "package.link");
    tamper(packages[0], "rm reference-point.cfg && mkfifo reference-point.cfg");
    assert_false(package_read(packages[0], &package, &err));
    tamper(packages[0], "rm reference-point.cfg && truncate -s 65M reference-point.cfg");
    assert_false(package_read(packages[0], &package, &err));
    assert_string_equal(err.key, "package.too-large");
    assert_null(package.path);
}

/* What an image says about others is held against the record and the chain. */
static void test_changed_backing(void **state)
{
    (void)state;
    static const char *const commands[] = {
        ("echo x >../../secret && qemu-img rebase -u -f qcow2 -F raw -b \"$PWD/../../secret\" "
         "machines/web01/vda.qcow2"),
        "qemu-img rebase -u -f qcow2 -F raw -b nbd://localhost/x machines/web01/vda.qcow2",
        "qemu-img rebase -u -f qcow2 -F qcow2 -b vdb.qcow2 machines/web01/vda.qcow2",
        "qemu-img rebase -u -f qcow2 -b '' machines/web01/vda.qcow2",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        tamper(packages[1], commands[i]);
        assert_damaged(packages[1], "machines/web01/vda.qcow2 has the backing file");
    }
    tamper(packages[0], "echo x >../../secret && qemu-img rebase -u -f qcow2 -F raw -b \"$PWD/../../secret\" "
                        "machines/web01/vda.qcow2");
    CLEANUP_FREE char *says =
        mem_format("is recorded as full, but has the backing file %s/../../secret", packages[0]);
    assert_damaged(packages[0], says);
}

static void test_changed_image(void **state)
{
    (void)state;
    tamper(packages[0], "qemu-img resize -q -f qcow2 machines/web01/vda.qcow2 8M");
    assert_damaged(packages[0], "is an image of 8388608 bytes where the record says 4194304");
    /* A file of the test's own: qemu-img writes to the data file that it is given. */
    tamper(packages[0], "cd machines/web01 && qemu-img create -q -f qcow2 -o data_file=raw vdb.qcow2 1M");
    assert_damaged(packages[0], "keeps its data in another file");
    tamper(packages[1], "echo no image > machines/db01/vda.qcow2");
    assert_damaged(packages[1], "machines/db01/vda.qcow2 is not a qcow2 image");
}

/* An image whose tables contradict each other, with all digests made to fit. */
static void test_corrupt_image(void **state)
{
    (void)state;
    struct error err = {0};
    struct package_writer *writer = NULL;
    struct package_writer_result results[3];
    char *path = NULL;
    world_next_point(NULL);
    assert_true(package_writer_begin(&world.task, NULL, &writer, &err));
    world_write_disks(writer, results);
    CLEANUP_FREE char *disk = package_writer_disk_path(writer, 0);
    CLEANUP_FD int fd = open(disk, O_RDWR | O_CLOEXEC);
    static const unsigned char zeros[64] = {0};
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, 2 * 65536), sizeof zeros); /* the reference counts */
    assert_true(world_finish(writer, results, true, NULL, &path, &err));
    package_writer_free(writer);
    assert_damaged(path, "machines/web01/vda.qcow2 does not pass qemu-img check");
    free(path);
}

static void test_missing_base(void **state)
{
    (void)state;
    CLEANUP_FREE char *away = mem_format("%s/away", world.root);
    assert_int_equal(rename(packages[0], away), 0);
    assert_damaged(packages[1], "was not found");
    assert_damaged(packages[2], "was not found");
    assert_int_equal(rename(away, packages[0]), 0);
    assert_whole(packages[2]);
}

/* The names of two packages are swapped: found by id all the same, but QEMU would open the wrong ones. */
static void test_swapped_names(void **state)
{
    (void)state;
    CLEANUP_FREE char *other = mem_format("%s/other", world.root);
    assert_int_equal(rename(packages[0], other), 0);
    assert_int_equal(rename(packages[1], packages[0]), 0);
    assert_int_equal(rename(other, packages[1]), 0);
    struct package_verdict verdict;
    verify_with(packages[2], NULL, &verdict);
    assert_true(verdict.problem_count > 0);
    assert_non_null(strstr(verdict.problems[0], "another file"));
    package_verdict_clear(&verdict);
}

/* Two disks of the base have changed places, with SHA256SUMS made to fit. */
static void test_swapped_disks(void **state)
{
    (void)state;
    tamper(packages[0],
           "cd machines && mv web01/vda.qcow2 x && mv db01/vda.qcow2 web01/ && mv x db01/vda.qcow2");
    write_sums(packages[0]);
    assert_damaged(packages[0], "machines/db01/vda.qcow2 has been changed");
    assert_damaged(packages[2], "base package");
}

static void test_sums_of_odd_form(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "echo hello >> SHA256SUMS",
        "printf '%064d  ../../etc/passwd\\n' 0 >> SHA256SUMS",
        "head -n 1 SHA256SUMS >> SHA256SUMS",
        "printf 'a\\000b' >> SHA256SUMS",
        "sed -i 1d SHA256SUMS",
        "tac ../kept > SHA256SUMS",
        "sed -i 's/  / */' SHA256SUMS",
        "truncate -s -1 SHA256SUMS",
    };
    static const char *const says[] = {"SHA256SUMS:8",
                                       "SHA256SUMS:8",
                                       "listed twice",
                                       "zero byte",
                                       "is not in SHA256SUMS",
                                       "not as the export wrote it",
                                       "not as the export wrote it",
                                       "not as the export wrote it"};
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        tamper(packages[0], "cp -p SHA256SUMS ../kept");
        tamper(packages[0], commands[i]);
        assert_damaged(packages[0], says[i]);
        tamper(packages[0], "mv ../kept SHA256SUMS");
    }
    assert_whole(packages[0]);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct error err = {0};
    struct job_identity identity = {.id = guid_new()};
    struct job *job = job_new(&identity);
    struct package_verdict verdict;
    const struct package_verification asked = {.path = packages[2]};
    CLEANUP_FREE char *to = mem_format("%s/imported", world.root);
    assert_true(job_set_state(job, JOB_STATE_STARTING) && job_set_state(job, JOB_STATE_RUNNING));
    assert_true(package_verify(&asked, job, &verdict, &err));
    assert_int_equal(verdict.problem_count, 0);
    package_verdict_clear(&verdict);
    struct job_snapshot snapshot = {0};
    job_get_snapshot(job, &snapshot);
    assert_int_equal(snapshot.phase, JOB_PHASE_VERIFY);
    job_snapshot_clear(&snapshot);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_TERMINATE), 0);
    assert_false(package_verify(&asked, job, &verdict, &err));
    assert_string_equal(err.key, "package.cancelled");
    assert_false(package_import(packages[2], to, NULL, 0, job, &err));
    assert_int_equal(world_count_entries(world.root), 1);
    job_free(job);
}

/* --- import --- */

static uint64_t virtual_size(const char *image)
{
    struct error err = {0};
    struct image_info info = {0};
    CLEANUP_FD int fd = open(image, O_RDONLY | O_CLOEXEC);
    assert_true(image_inspect(fd, DISK_FORMAT_QCOW2, image, &info, &err));
    uint64_t size = info.virtual_size;
    assert_null(info.backing_name);
    image_info_clear(&info);
    return size;
}

static void assert_same_content(const char *package, const char *file, const char *imported)
{
    CLEANUP_FREE char *source = mem_format("%s/machines/%s", package, file);
    CLEANUP_FREE char *target = mem_format("%s/%s", imported, file);
    WORLD_RUN("qemu-img", "compare", "-q", "-f", "qcow2", "-F", "qcow2", source, target);
    WORLD_RUN("qemu-img", "check", "-q", "-f", "qcow2", target);
    for (size_t i = 0; i < world.task.disk_count; i++) {
        const struct export_disk *disk = &world.task.disks[i];
        const struct member_point *member = &world.task.point.members[disk->member];
        CLEANUP_FREE char *own =
            mem_format("%s/%s.qcow2", member->machine.name, member->disks[disk->disk].disk_id);
        if (strcmp(own, file) == 0)
            assert_int_equal(virtual_size(target), member->disks[disk->disk].virtual_size);
    }
}

static void test_import(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *to = mem_format("%s/imported here", world.root);
    if (!package_import(packages[2], to, NULL, 0, NULL, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_int_equal(world_count_entries(world.root), 2);
    assert_same_content(packages[2], "web01/vda.qcow2", to);
    assert_same_content(packages[2], "web01/vdb.qcow2", to);
    assert_same_content(packages[2], "db01/vda.qcow2", to);
    WORLD_RUN("sh", "-c",
              "cd \"$0\" && test -w web01/vda.qcow2 -a -s web01/machine.cfg -a -s web01/domain.xml "
              "-a -s db01/machine.cfg && grep -q 'was /vm/vda.qcow2' PATHS.txt",
              to);
    /* Not over what is there. */
    assert_false(package_import(packages[0], to, NULL, 0, NULL, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_int_equal(world_count_entries(to), 3);
}

static void test_import_into_empty(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *to = mem_format("%s/empty", world.root);
    assert_int_equal(mkdir(to, 0700), 0);
    CLEANUP_FREE char *slashes = mem_format("%s///", to);
    if (!package_import(packages[1], slashes, NULL, 0, NULL, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_same_content(packages[1], "web01/vda.qcow2", to);
    assert_int_equal(world_count_entries(world.root), 2);
}

/* The bases lie elsewhere now: stock QEMU cannot find them, an import can. */
static void test_import_with_moved_bases(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *to = mem_format("%s/imported", world.root);
    CLEANUP_FREE char *expected = mem_format("%s/expected.qcow2", world.root);
    CLEANUP_FREE char *image = mem_format("%s/machines/web01/vda.qcow2", packages[2]);
    CLEANUP_FREE char *archive = mem_format("%s/archive", world.root);
    CLEANUP_FREE char *one = mem_format("%s/one", archive);
    CLEANUP_FREE char *two = mem_format("%s/two", archive);
    char *directories[] = {archive};
    struct package_verdict verdict;
    WORLD_RUN("qemu-img", "convert", "-f", "qcow2", "-O", "qcow2", image, expected);
    assert_int_equal(mkdir(archive, 0700), 0);
    assert_int_equal(rename(packages[0], one), 0);
    assert_int_equal(rename(packages[1], two), 0);
    verify_with(packages[2], archive, &verdict);
    assert_true(verdict.problem_count > 0);
    for (size_t i = 0; i < verdict.problem_count; i++) {
        CLEANUP_FREE char *place = mem_format("looks for its base at %s/", world.root);
        assert_non_null(strstr(verdict.problems[i], place));
        assert_null(strstr(verdict.problems[i], "/../"));
    }
    package_verdict_clear(&verdict);
    if (!package_import(packages[2], to, directories, 1, NULL, &err))
        fail_msg("%s: %s", err.what, err.cause);
    CLEANUP_FREE char *target = mem_format("%s/web01/vda.qcow2", to);
    WORLD_RUN("qemu-img", "compare", "-q", "-f", "qcow2", "-F", "qcow2", expected, target);
}

/* Raw disks keep their exact size. */
static void test_import_raw(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *to = mem_format("%s/imported", world.root);
    world.task.options.format = DISK_FORMAT_RAW;
    world_next_point(NULL);
    struct member_point *db = &world.task.point.members[1];
    db->disks[0].virtual_size = db->machine.disks[0].virtual_size = 2 * MIB + 77;
    world.task.point.virtual_size += 77;
    CLEANUP_FREE char *path = world_export(NULL);
    assert_whole(path);
    if (!package_import(path, to, NULL, 0, NULL, &err))
        fail_msg("%s: %s", err.what, err.cause);
    CLEANUP_FREE char *source = mem_format("%s/machines/db01/vda.raw", path);
    CLEANUP_FREE char *target = mem_format("%s/db01/vda.raw", to);
    WORLD_RUN("cmp", source, target);
}

/* A differential qcow2 on a raw full package. */
static void test_raw_base(void **state)
{
    (void)state;
    struct error err = {0};
    struct reference_point point = {0};
    struct base_package base;
    CLEANUP_FREE char *to = mem_format("%s/imported", world.root);
    world.task.options.format = DISK_FORMAT_RAW;
    world_next_point(NULL);
    free(world_export(NULL));
    reference_point_copy(&point, &world.task.point);
    world.task.options.format = DISK_FORMAT_QCOW2;
    world_next_point(&point);
    reference_point_clear(&point);
    world_find_base(&base);
    CLEANUP_FREE char *path = world_export(&base);
    base_package_clear(&base);
    assert_whole(path);
    if (!package_import(path, to, NULL, 0, NULL, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_same_content(path, "web01/vda.qcow2", to);
}

static void test_import_refusals(void **state)
{
    (void)state;
    CLEANUP_FREE char *file = mem_format("%s/file", world.root);
    CLEANUP_FREE char *below = mem_format("%s/no/such", world.root);
    CLEANUP_FREE char *inside = mem_format("%s/restored", packages[0]);
    CLEANUP_FREE char *inside_another = mem_format("%s/restored", packages[2]);
    CLEANUP_FREE char *among_machines = mem_format("%s/machines/restored", packages[2]);
    const char *const places[] = {file,           below,         "", "/", world.directory, inside,
                                  inside_another, among_machines};
    WORLD_RUN("touch", file);
    size_t before = world_count_entries(world.root);
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        struct error err = {0};
        assert_false(package_import(packages[0], places[i], NULL, 0, NULL, &err));
        assert_true(err.code != 0 && *err.next);
        assert_int_equal(world_count_entries(world.root), before);
        assert_int_equal(world_count_entries(packages[0]), 3);
        assert_int_equal(world_count_entries(packages[2]), 3);
    }
}

static void test_list(void **state)
{
    (void)state;
    struct error err = {0};
    struct package *found = NULL;
    char **problems = NULL;
    size_t count = 0;
    size_t problem_count = 0;
    CLEANUP_FREE char *command =
        mem_format("mkdir other .hidden && touch file SHA256SUMS && ln -s '%s' link && "
                   "mkdir -p broken/machines && touch broken/SHA256SUMS && "
                   "mkdir sums && touch sums/SHA256SUMS",
                   packages[0]);
    tamper(world.directory, command);
    tamper(packages[1], "echo 'format = 1' > reference-point.cfg");
    assert_true(package_list(world.directory, &found, &count, &problems, &problem_count, &err));
    assert_int_equal(count, 2); /* by time */
    assert_string_equal(found[0].path, packages[0]);
    assert_string_equal(found[1].path, packages[2]);
    assert_int_equal(problem_count, 2);
    assert_non_null(strstr(problems[0], "/broken"));
    assert_non_null(strstr(problems[1], packages[1]));
    for (size_t i = 0; i < count; i++)
        package_clear(&found[i]);
    free(found);
    fs_free_names(problems, problem_count);
    CLEANUP_FREE char *missing = mem_format("%s/missing", world.root);
    assert_false(package_list(missing, &found, &count, &problems, &problem_count, &err));
    assert_int_equal(err.code, RETURN_FILE_NOT_FOUND);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_whole),
        TEST(test_flipped_bytes),
        TEST(test_what_was_not_read_is_not_remembered),
        TEST(test_changed_record),
        TEST(test_changed_with_its_sums),
        TEST(test_edited_with_its_sums),
        TEST(test_missing_files),
        TEST(test_extra_entries),
        TEST(test_replaced_files),
        TEST(test_replaced_record),
        TEST(test_changed_backing),
        TEST(test_changed_image),
        TEST(test_corrupt_image),
        TEST(test_missing_base),
        TEST(test_swapped_names),
        TEST(test_swapped_disks),
        TEST(test_sums_of_odd_form),
        TEST(test_cancelled),
        TEST(test_import),
        TEST(test_import_into_empty),
        TEST(test_import_with_moved_bases),
        TEST(test_import_raw),
        TEST(test_raw_base),
        TEST(test_import_refusals),
        TEST(test_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
