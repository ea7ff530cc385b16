/* CreateReferencePoint on real images: what it leaves, and what it refuses with everything as it was. */
#include "tests/unit/support/local.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/change/create.h"
#include "core/image/image.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

static const enum disk_format both_qcow2[] = {DISK_FORMAT_QCOW2, DISK_FORMAT_QCOW2};

static struct image_info inspect(const char *path, enum disk_format format)
{
    struct image_info info = {0};
    struct error err = {0};
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(image_inspect(fd, format, path, &info, &err));
    return info;
}

static void assert_frozen(const char *layer)
{
    struct stat status;
    assert_int_equal(stat(layer, &status), 0);
    assert_int_equal(status.st_mode & 0222, 0);
    assert_int_equal(status.st_nlink, 1);
}

static void test_a_point_keeps_the_content(void **state)
{
    struct local_fixture *fixture = *state;
    const char *paths[] = {image_at(fixture, "a.qcow2"), image_at(fixture, "-b: \"c\".qcow2")};
    make_image(paths[0], "qcow2", "20M", "cluster_size=4k");
    make_image(paths[1], "qcow2", "30M", "cluster_size=2M,compat=0.10");
    assert_int_equal(chmod(paths[0], 0640), 0);
    WRITE(paths[0], "qcow2", "write -P 1 0 3M", "write -P 2 10M 64k");
    WRITE(paths[1], "qcow2", "write -P 3 1M 1M");
    const char *before[] = {copy_of(fixture, paths[0], "qcow2"), copy_of(fixture, paths[1], "qcow2")};
    struct guid machine = add_machine(fixture, "web\033[31m \"01\"", paths, both_qcow2, 2);
    struct guid collection = define_collection(fixture, "c", &machine, 1);

    struct reference_point point;
    create_point(fixture, &collection, &point);
    assert_int_equal(point.sequence, 1);
    assert_true(point.has_associated_log);
    assert_true(point.log_size > 3 << 20);
    assert_int_equal(point.virtual_size, 50 << 20);
    assert_int_equal(count_names(fixture, ".refpoint-new-"), 0);
    for (size_t i = 0; i < 2; i++) {
        const struct disk_point *disk = &point.members[0].disks[i];
        struct image_info info = inspect(paths[i], DISK_FORMAT_QCOW2);
        assert_frozen(disk->layer_path);
        assert_string_equal(info.backing_name, strrchr(disk->layer_path, '/') + 1);
        assert_string_equal(info.backing_format, "qcow2");
        assert_int_equal(info.cluster_size, i == 0 ? 4096 : 2 << 20);
        assert_int_equal(info.version, 3);
        image_info_clear(&info);
        assert_same(paths[i], "qcow2", before[i]);
        WRITE(paths[i], "qcow2", "write -P 9 0 2M", "write -z 10M 1M", "discard 3M 1M");
        assert_same(disk->layer_path, "qcow2", before[i]);
        assert_clean(paths[i], "qcow2");
    }
    struct stat status;
    assert_int_equal(stat(paths[0], &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);

    struct reference_point read;
    struct object_path path = path_of(&point);
    struct error err = {0};
    assert_true(fixture->host->ops->read_point(fixture->host, &path, &read, &err));
    assert_string_equal(read.members[0].disks[1].layer_path, point.members[0].disks[1].layer_path);
    assert_int_equal(check_store(fixture), 0);
    reference_point_clear(&read);
    reference_point_clear(&point);
}

static uint32_t try_add(struct local_fixture *fixture, const char *path, enum disk_format format,
                        const struct backing_file *backing, size_t backing_count, struct error *err)
{
    struct machine machine = {.name = mem_strdup("tried")};
    struct disk *disk = ARRAY_APPEND(machine.disks, machine.disk_count);
    disk->id = mem_strdup("vda");
    disk->path = mem_strdup(path);
    disk->format = format;
    for (size_t i = 0; i < backing_count; i++)
        *ARRAY_APPEND(disk->backing, disk->backing_count) =
            (struct backing_file){.path = mem_strdup(backing[i].path), .format = backing[i].format};
    *err = (struct error){0};
    bool added = fixture->host->ops->add_machine(fixture->host, &machine, err);
    assert_int_equal(added, err->code == 0);
    machine_clear(&machine);
    return err->code;
}

static void test_what_cannot_be_a_disk(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err;
    char *image = image_at(fixture, "good.qcow2");
    make_image(image, "qcow2", "1M", NULL);

    char *symlinked = image_at(fixture, "link.qcow2");
    assert_int_equal(symlink("good.qcow2", symlinked), 0);
    assert_int_equal(try_add(fixture, symlinked, DISK_FORMAT_QCOW2, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    CLEANUP_FREE char *shown = text_escape(fixture->images);
    CLEANUP_FREE char *itself = mem_format("Give the file itself: %s/good.qcow2", shown);
    assert_string_equal(err.next, itself);
    char *twice = image_at(fixture, "twice.qcow2");
    assert_int_equal(symlink("./link.qcow2", twice), 0);
    assert_int_equal(try_add(fixture, twice, DISK_FORMAT_QCOW2, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    assert_string_equal(err.next, itself);
    char *dangling = image_at(fixture, "dangling.qcow2");
    assert_int_equal(symlink("sub/nothing.qcow2", dangling), 0);
    assert_int_equal(try_add(fixture, dangling, DISK_FORMAT_QCOW2, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    CLEANUP_FREE char *nothing = mem_format("it leads to %s/sub/nothing.qcow2: ", shown);
    assert_non_null(strstr(err.cause, nothing));
    char *loop = image_at(fixture, "loop.qcow2");
    assert_int_equal(symlink("loop.qcow2", loop), 0);
    assert_int_equal(try_add(fixture, loop, DISK_FORMAT_QCOW2, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    assert_non_null(strstr(err.cause, "/loop.qcow2: "));

    char *pipe_path = image_at(fixture, "pipe");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(try_add(fixture, pipe_path, DISK_FORMAT_RAW, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    assert_int_equal(try_add(fixture, "/dev/null", DISK_FORMAT_RAW, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    assert_int_equal(try_add(fixture, "/tmp", DISK_FORMAT_RAW, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    assert_int_equal(try_add(fixture, "relative.qcow2", DISK_FORMAT_QCOW2, NULL, 0, &err),
                     RETURN_INVALID_PARAMETER);
    assert_int_equal(try_add(fixture, image_at(fixture, "missing"), DISK_FORMAT_QCOW2, NULL, 0, &err),
                     RETURN_FILE_NOT_FOUND);

    char *other_name = image_at(fixture, "second name.qcow2");
    assert_int_equal(link(image, other_name), 0);
    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    assert_string_equal(err.key, "disk.links");
    assert_int_equal(unlink(other_name), 0);

    char *with_data_file = image_at(fixture, "external.qcow2");
    CLEANUP_FREE char *data_option = mem_format("data_file=%s/data.raw", fixture->root);
    make_image(with_data_file, "qcow2", "1M", data_option);
    assert_int_equal(try_add(fixture, with_data_file, DISK_FORMAT_QCOW2, NULL, 0, &err),
                     RETURN_NOT_SUPPORTED);

    char *with_snapshot = image_at(fixture, "snapshot.qcow2");
    make_image(with_snapshot, "qcow2", "1M", NULL);
    RUN("qemu-img", "snapshot", "-c", "s", with_snapshot);
    assert_int_equal(try_add(fixture, with_snapshot, DISK_FORMAT_QCOW2, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    assert_string_equal(err.key, "disk.internal-snapshots");

    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, NULL, 0, &err), 0);
    /* Twice the same image, under another spelling of its path. */
    CLEANUP_FREE char *other_spelling = mem_format("%s/./good.qcow2", fixture->images);
    assert_int_equal(try_add(fixture, other_spelling, DISK_FORMAT_QCOW2, NULL, 0, &err),
                     RETURN_NOT_SUPPORTED);
    assert_string_equal(err.key, "disk.shared");
}

static void test_backing_files_are_registered_or_refused(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err;
    char *bottom = image_at(fixture, "bottom.raw");
    char *template = image_at(fixture, "template.qcow2");
    char *image = image_at(fixture, "overlay.qcow2");
    char *sibling = image_at(fixture, "sibling.qcow2");
    make_image(bottom, "raw", "2M", NULL);
    WRITE(bottom, "raw", "write -P 1 0 1M");
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-b", "bottom.raw", "-F", "raw", template);
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-b", "template.qcow2", "-F", "qcow2", image);
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-b", template, "-F", "qcow2", sibling);
    WRITE(template, "qcow2", "write -P 2 512k 1M");

    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, NULL, 0, &err), RETURN_NOT_SUPPORTED);
    assert_non_null(strstr(err.next, "--backing"));
    assert_non_null(strstr(err.next, "vda=qcow2:/tmp/"));
    struct backing_file backing[3] = {{.path = template, .format = DISK_FORMAT_QCOW2}};
    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, backing, 1, &err), RETURN_NOT_SUPPORTED);
    assert_non_null(strstr(err.next, "vda=raw:/tmp/"));
    char relative[] = "bottom.raw";
    backing[1] = (struct backing_file){.path = relative, .format = DISK_FORMAT_QCOW2};
    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, backing, 2, &err), RETURN_NOT_SUPPORTED);
    assert_string_equal(err.key, "disk.backing-format");
    backing[1].format = DISK_FORMAT_RAW;
    backing[2] = (struct backing_file){.path = sibling, .format = DISK_FORMAT_QCOW2};
    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, backing, 3, &err), RETURN_INVALID_PARAMETER);
    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, backing, 2, &err), 0);
    /* A template may be shared, but not become a machine's own disk. */
    assert_int_equal(try_add(fixture, sibling, DISK_FORMAT_QCOW2, backing, 2, &err), 0);
    assert_int_equal(try_add(fixture, template, DISK_FORMAT_QCOW2, backing + 1, 1, &err),
                     RETURN_NOT_SUPPORTED);
    assert_string_equal(err.key, "disk.shared");

    struct machine_list machines;
    assert_true(fixture->host->ops->list_machines(fixture->host, &machines, &err));
    struct guid members[2] = {machines.items[0].id, machines.items[1].id};
    machine_list_clear(&machines);
    struct guid collection = define_collection(fixture, "c", members, 2);
    for (int i = 0; i < 2; i++) {
        char *copies[2] = {copy_of(fixture, image, "qcow2"), copy_of(fixture, sibling, "qcow2")};
        struct reference_point point;
        create_point(fixture, &collection, &point);
        for (size_t j = 0; j < 2; j++) {
            const char *path = point.members[j].machine.disks[0].path;
            assert_same(path, "qcow2", copies[strcmp(path, image) != 0]);
        }
        WRITE(image, "qcow2", "write -P 5 0 64k");
        WRITE(sibling, "qcow2", "write -P 6 0 64k");
        reference_point_clear(&point);
    }
    assert_int_equal(check_store(fixture), 0);
}

static void test_protocols_are_never_followed(void **state)
{
    static const char *const names[] = {"json:{\"driver\":\"raw\"}", "nbd://127.0.0.1/x", "file:base.qcow2"};
    struct local_fixture *fixture = *state;
    struct error err;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        CLEANUP_FREE char *file = mem_format("evil%zu.qcow2", i);
        char *image = image_at(fixture, file);
        RUN("qemu-img", "create", "-q", "-f", "qcow2", "-u", "-b", names[i], "-F", "raw", image, "1M");
        assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, NULL, 0, &err), RETURN_NOT_SUPPORTED);
        assert_string_equal(err.key, "disk.backing-protocol");
    }
}

static void test_open_elsewhere_changes_nothing(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err;
    const char *paths[] = {image_at(fixture, "a.qcow2"), image_at(fixture, "b.qcow2")};
    make_image(paths[0], "qcow2", "1M", NULL);
    make_image(paths[1], "qcow2", "1M", NULL);
    struct guid machine = add_machine(fixture, "m", paths, both_qcow2, 2);
    struct guid collection = define_collection(fixture, "c", &machine, 1);

    pid_t writer = start_writer(fixture, paths[1], "qcow2");
    assert_int_equal(try_create(fixture, &collection, &err), RETURN_IN_USE);
    assert_int_equal(count_names(fixture, ".refpoint"), 0);
    end_writer(writer);

    int plain = open(paths[1], O_WRONLY | O_CLOEXEC);
    assert_true(plain >= 0);
    assert_int_equal(try_create(fixture, &collection, &err), RETURN_IN_USE);
    assert_int_equal(count_names(fixture, ".refpoint"), 0);
    close(plain);

    /* Somebody who only reads is no obstacle. */
    int reader = open(paths[1], O_RDONLY | O_CLOEXEC);
    assert_int_equal(try_create(fixture, &collection, &err), RETURN_DONE);
    close(reader);
}

/* A program that opens a file for writing while it is being frozen, without waiting for the lease. */
struct intruder {
    struct local_fixture *fixture;
    const char *step;
    const char *image; /* NULL: the layers */
    size_t refused;
};

static void open_for_writing(struct intruder *intruder, const char *path)
{
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    intruder->refused += fd < 0;
    if (fd >= 0)
        close(fd);
}

static void intrude(void *context, const char *step, size_t disk)
{
    struct intruder *intruder = context;
    if (strcmp(step, intruder->step) != 0 || disk != 1)
        return;
    if (intruder->image) {
        open_for_writing(intruder, intruder->image);
        return;
    }
    CLEANUP_FD int fd = open(intruder->fixture->images, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char **names = NULL;
    size_t count = 0;
    struct error err = {0};
    assert_true(fs_list(fd, &names, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (strstr(names[i], ".refpoint-"))
            open_for_writing(intruder, image_at(intruder->fixture, names[i]));
    }
    fs_free_names(names, count);
}

static void test_a_writer_in_the_middle_is_noticed(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err = {0};
    const char *paths[] = {image_at(fixture, "a.qcow2"), image_at(fixture, "b.qcow2")};
    for (size_t i = 0; i < 2; i++) {
        make_image(paths[i], "qcow2", "1M", NULL);
        WRITE(paths[i], "qcow2", "write -P 1 0 64k");
    }
    const char *copies[] = {copy_of(fixture, paths[0], "qcow2"), copy_of(fixture, paths[1], "qcow2")};
    struct guid machine = add_machine(fixture, "m", paths, both_qcow2, 2);
    struct guid collection = define_collection(fixture, "c", &machine, 1);
    struct point_request request = request_for(&collection);
    static const char *const steps[] = {"overlay", "link"};
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        struct intruder intruder = {.fixture = fixture, .step = steps[i], .image = paths[0]};
        struct step_hook hook = {.reached = intrude, .context = &intruder};
        struct reference_point point = {0};
        uint32_t code = freeze_create_point(fixture_store(fixture), &request, &hook, &point, NULL, &err);
        assert_int_equal(intruder.refused, 1);
        assert_int_equal(code, RETURN_IN_USE);
        assert_int_equal(count_names(fixture, ".refpoint"), 0);
        for (size_t j = 0; j < 2; j++)
            assert_same(paths[j], "qcow2", copies[j]);
        assert_int_equal(check_store(fixture), 0);
    }
}

/* Somebody who had found the image before its flip comes to the frozen file after it. */
static void test_a_writer_after_the_flips_is_noticed(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err = {0};
    const char *paths[] = {image_at(fixture, "a.qcow2"), image_at(fixture, "b.qcow2")};
    for (size_t i = 0; i < 2; i++)
        make_image(paths[i], "qcow2", "1M", NULL);
    struct guid machine = add_machine(fixture, "m", paths, both_qcow2, 2);
    struct guid collection = define_collection(fixture, "c", &machine, 1);
    struct point_request request = request_for(&collection);
    struct intruder intruder = {.fixture = fixture, .step = "flip"};
    struct step_hook hook = {.reached = intrude, .context = &intruder};
    struct reference_point point = {0};
    uint32_t code = freeze_create_point(fixture_store(fixture), &request, &hook, &point, NULL, &err);
    assert_int_equal(intruder.refused, 2);
    assert_int_equal(code, RETURN_IN_USE);
    assert_int_equal(count_names(fixture, ".refpoint"), 0);
    for (size_t i = 0; i < 2; i++) {
        struct image_info info = inspect(paths[i], DISK_FORMAT_QCOW2);
        assert_null(info.backing_name);
        image_info_clear(&info);
    }
    assert_int_equal(check_store(fixture), 0);
    assert_int_equal(point_count(fixture, &collection), 0);
}

/* ACLs as the kernel stores them: a version, then tag, permissions and id of each entry. */
struct acl_entry {
    uint16_t tag;
    uint16_t permissions;
    uint32_t id;
};

struct acl {
    uint32_t version;
    struct acl_entry entries[5];
};

#define ACL_NAMED_USER(user)                                                                                 \
    {                                                                                                        \
        .version = 2, .entries = {                                                                           \
            {.tag = 0x01, .permissions = 6, .id = UINT32_MAX},                                               \
            {.tag = 0x02, .permissions = 6, .id = (user)},                                                   \
            {.tag = 0x04, .permissions = 4, .id = UINT32_MAX},                                               \
            {.tag = 0x10, .permissions = 6, .id = UINT32_MAX},                                               \
            {.tag = 0x20, .permissions = 0, .id = UINT32_MAX},                                               \
        }                                                                                                    \
    }

static void test_owner_and_acl_go_over(void **state)
{
    static const struct acl for_images = ACL_NAMED_USER(1234);
    static const struct acl by_default = ACL_NAMED_USER(4321);
    struct local_fixture *fixture = *state;
    const char *paths[] = {image_at(fixture, "with acl.qcow2"), image_at(fixture, "without.qcow2")};
    make_image(paths[0], "qcow2", "1M", NULL);
    make_image(paths[1], "qcow2", "1M", NULL);
    assert_int_equal(chmod(paths[1], 0600), 0);
    if (setxattr(paths[0], "system.posix_acl_access", &for_images, sizeof for_images, 0) != 0)
        skip();
    /* What the directory gives to every new file is not what the image had. */
    assert_int_equal(setxattr(fixture->images, "system.posix_acl_default", &by_default, sizeof by_default, 0),
                     0);
    if (geteuid() == 0)
        assert_int_equal(chown(paths[0], 1000, 1001), 0);
    struct stat before;
    assert_int_equal(stat(paths[0], &before), 0);
    struct guid machine = add_machine(fixture, "m", paths, both_qcow2, 2);
    struct guid collection = define_collection(fixture, "c", &machine, 1);
    struct reference_point point;
    create_point(fixture, &collection, &point);
    for (int destroyed = 0; destroyed < 2; destroyed++) {
        struct acl acl = {0};
        struct stat status;
        assert_int_equal(stat(paths[0], &status), 0);
        assert_int_equal(status.st_uid, before.st_uid);
        assert_int_equal(status.st_gid, before.st_gid);
        assert_int_equal(status.st_mode, before.st_mode);
        assert_int_equal(getxattr(paths[0], "system.posix_acl_access", &acl, sizeof acl), sizeof acl);
        assert_memory_equal(&acl, &for_images, sizeof acl);
        assert_int_equal(getxattr(paths[1], "system.posix_acl_access", &acl, sizeof acl), -1);
        assert_int_equal(stat(paths[1], &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        struct object_path path = path_of(&point);
        struct error err = {0};
        if (!destroyed)
            assert_int_equal(fixture->host->ops->destroy_point(fixture->host, &path, NULL, &err), 0);
    }
    reference_point_clear(&point);
}

/* No room: a limit of the size of files stands in for a full disk. */
static void work_without_room(const struct step_hook *hook, void *context)
{
    struct local_fixture *fixture = context;
    struct collection_list list;
    struct error err = {0};
    const struct rlimit limit = {.rlim_cur = 64 << 10, .rlim_max = 64 << 10};
    (void)hook;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        !fixture->host->ops->list_collections(fixture->host, &list, &err) ||
        try_create(fixture, &list.items[0].id, &err) != RETURN_FAILED)
        _exit(1);
    collection_list_clear(&list);
}

static void test_no_room_leaves_nothing(void **state)
{
    struct local_fixture *fixture = *state;
    char *image = image_at(fixture, "a.qcow2");
    make_image(image, "qcow2", "1M", NULL);
    char *copy = copy_of(fixture, image, "qcow2");
    struct guid machine = add_one_disk(fixture, "m", image, DISK_FORMAT_QCOW2);
    define_collection(fixture, "c", &machine, 1);
    assert_false(crash_at(SIZE_MAX, work_without_room, fixture));
    assert_int_equal(count_names(fixture, ".refpoint"), 0);
    assert_same(image, "qcow2", copy);
    assert_int_equal(check_store(fixture), 0);
}

static void test_refusals_of_the_request(void **state)
{
    struct local_fixture *fixture = *state;
    char *image = image_at(fixture, "a.qcow2");
    make_image(image, "qcow2", "1M", NULL);
    struct guid machine = add_one_disk(fixture, "m", image, DISK_FORMAT_QCOW2);
    struct guid collection = define_collection(fixture, "c", &machine, 1);
    struct guid nowhere = guid_new();
    char long_name[300];
    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    struct point_request good = request_for(&collection);
    struct point_request bad[8] = {good, good, good, good, good, good, good, good};
    bad[0].consistency_level = CONSISTENCY_APPLICATION;
    bad[1].consistency_level = 7;
    bad[2].reference_point_type = POINT_TYPE_RCT_BASED;
    bad[3].reference_point_type = 0;
    bad[4].collection_id = nowhere;
    bad[5].name = "";
    bad[6].name = long_name;
    bad[7].name = "\xff";
    static const uint32_t codes[8] = {RETURN_NOT_SUPPORTED,     RETURN_INVALID_PARAMETER,
                                      RETURN_NOT_SUPPORTED,     RETURN_INVALID_PARAMETER,
                                      RETURN_INVALID_PARAMETER, RETURN_INVALID_PARAMETER,
                                      RETURN_INVALID_PARAMETER, RETURN_INVALID_PARAMETER};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct reference_point point = {0};
        struct error err = {0};
        assert_int_equal(fixture->host->ops->create_point(fixture->host, &bad[i], &point, NULL, &err),
                         codes[i]);
        assert_int_equal(err.code, codes[i]);
        assert_true(*err.what);
    }
    assert_int_equal(count_names(fixture, ".refpoint"), 0);
    assert_int_equal(point_count(fixture, &collection), 0);
}

static void test_twenty_disks(void **state)
{
    struct local_fixture *fixture = *state;
    struct guid machines[10];
    char *copies[20];
    const char *paths[20];
    for (size_t i = 0; i < 20; i++) {
        CLEANUP_FREE char *name = mem_format("disk %zu", i);
        CLEANUP_FREE char *command = mem_format("write -P %zu 0 64k", i + 1);
        paths[i] = image_at(fixture, name);
        make_image(paths[i], "qcow2", "1M", NULL);
        WRITE(paths[i], "qcow2", command);
        copies[i] = copy_of(fixture, paths[i], "qcow2");
    }
    for (size_t i = 0; i < 10; i++)
        machines[i] = add_machine(fixture, "same name", &paths[2 * i], both_qcow2, 2);
    struct guid collection = define_collection(fixture, "c", machines, 10);
    struct reference_point point;
    create_point(fixture, &collection, &point);
    assert_int_equal(point.member_count, 10);
    for (size_t i = 0; i < 20; i++) {
        const struct disk_point *disk = &point.members[i / 2].disks[i % 2];
        assert_frozen(disk->layer_path);
        assert_same(disk->layer_path, "qcow2", copies[i]);
        assert_same(paths[i], "qcow2", copies[i]);
    }
    reference_point_clear(&point);
    struct error err;
    int writer = open(paths[19], O_WRONLY | O_CLOEXEC);
    assert_int_equal(try_create(fixture, &collection, &err), RETURN_IN_USE);
    assert_int_equal(count_names(fixture, ".refpoint"), 20);
    close(writer);
}

static void test_two_points_in_one_second(void **state)
{
    struct local_fixture *fixture = *state;
    char *image = image_at(fixture, "a.qcow2");
    make_image(image, "qcow2", "1M", NULL);
    struct guid machine = add_one_disk(fixture, "m", image, DISK_FORMAT_QCOW2);
    struct guid collection = define_collection(fixture, "c", &machine, 1);
    struct reference_point points[3];
    for (size_t i = 0; i < 3; i++)
        create_point(fixture, &collection, &points[i]);
    struct reference_point_list list;
    struct error err = {0};
    assert_true(fixture->host->ops->list_points(fixture->host, &collection, &list, &err));
    assert_int_equal(list.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(guid_equal(&list.items[i].id, &points[2 - i].id));
        assert_int_equal(list.items[i].sequence, 3 - i);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(list.items[i].name, list.items[j].name);
    }
    reference_point_list_clear(&list);
    for (size_t i = 0; i < 3; i++)
        reference_point_clear(&points[i]);
}

static void test_objects_that_are_in_use_stay(void **state)
{
    struct local_fixture *fixture = *state;
    const struct host_ops *ops = fixture->host->ops;
    struct error err = {0};
    char *image = image_at(fixture, "a.qcow2");
    make_image(image, "qcow2", "1M", NULL);
    struct guid machine = add_one_disk(fixture, "m", image, DISK_FORMAT_QCOW2);
    struct guid collection = define_collection(fixture, "c", &machine, 1);
    struct reference_point point;
    create_point(fixture, &collection, &point);
    assert_false(ops->remove_machine(fixture->host, &machine, &err));
    assert_int_equal(err.code, RETURN_IN_USE);
    assert_false(ops->delete_collection(fixture->host, &collection, &err));
    assert_int_equal(err.code, RETURN_INVALID_STATE);
    assert_non_null(strstr(err.next, "destroy"));
    struct collection made = {0};
    assert_false(ops->define_collection(fixture->host, "", &machine, 1, &made, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_false(ops->define_collection(fixture->host, "x", &collection, 1, &made, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    struct guid twice[] = {machine, machine};
    assert_false(ops->define_collection(fixture->host, "x", twice, 2, &made, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);

    struct machine changed = {.id = machine, .name = mem_strdup("new name")};
    changed.settings.cpus = 8;
    assert_true(ops->set_machine(fixture->host, &changed, &err));
    machine_clear(&changed);
    struct machine_list machines;
    assert_true(ops->list_machines(fixture->host, &machines, &err));
    assert_string_equal(machines.items[0].name, "new name");
    assert_int_equal(machines.items[0].disk_count, 1);
    machine_list_clear(&machines);

    struct object_path path = path_of(&point);
    reference_point_clear(&point);
    assert_int_equal(ops->destroy_point(fixture->host, &path, NULL, &err), 0);
    assert_int_equal(ops->destroy_point(fixture->host, &path, NULL, &err), RETURN_INVALID_PARAMETER);
    assert_true(ops->delete_collection(fixture->host, &collection, &err));
    assert_true(ops->remove_machine(fixture->host, &machine, &err));
    assert_int_equal(access(image, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_point_keeps_the_content, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_a_disk, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_backing_files_are_registered_or_refused, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_protocols_are_never_followed, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_open_elsewhere_changes_nothing, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_writer_in_the_middle_is_noticed, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_a_writer_after_the_flips_is_noticed, local_setup,
                                        local_teardown),
        cmocka_unit_test_setup_teardown(test_owner_and_acl_go_over, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_no_room_leaves_nothing, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_refusals_of_the_request, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_twenty_disks, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_two_points_in_one_second, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_objects_that_are_in_use_stay, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
