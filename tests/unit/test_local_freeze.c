/* CreateReferencePoint on real images: what it leaves, and what it refuses with everything as it was. */
#include "support_local.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/proc.h"
#include "core/host/local/freeze.h"
#include "core/image/image.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_point_keeps_the_content, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
