/* Images that are declared raw and begin like something else: asked about, once, when they are added. */
#include "tests/unit/support/local.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/image/peek.h"
#include "tests/unit/support/luks.h"

static uint32_t try_add(struct local_fixture *fixture, const char *path, enum disk_format format,
                        const char *template, bool vouched, struct error *err)
{
    struct machine machine = {.name = mem_strdup("tried")};
    struct disk *disk = ARRAY_APPEND(machine.disks, machine.disk_count);
    *disk = (struct disk){
        .id = mem_strdup("vda"), .path = mem_strdup(path), .format = format, .raw_content = vouched};
    if (template)
        *ARRAY_APPEND(disk->backing, disk->backing_count) =
            (struct backing_file){.path = mem_strdup(template), .format = DISK_FORMAT_RAW};
    *err = (struct error){0};
    bool ok = fixture->host->ops->add_machine(fixture->host, &machine, err);
    struct error ignored;
    if (ok)
        assert_true(fixture->host->ops->remove_machine(fixture->host, &machine.id, &ignored));
    machine_clear(&machine);
    return ok ? 0 : err->code;
}

static void test_every_kind_that_qemu_makes(void **state)
{
    struct local_fixture *fixture = *state;
    static const struct {
        const char *qemu;
        const char *word;
    } cases[] = {{"qcow2", "qcow2"}, {"qcow", "qcow"}, {"qed", "qed"}, {"vmdk", "vmdk"},
                 {"vdi", "vdi"},     {"vhdx", "vhdx"}, {"vpc", "vhd"}, {"parallels", "parallels"}};
    struct error err;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP_FREE char *name = mem_format("it's %s.img", cases[i].qemu);
        const char *path = image_at(fixture, name);
        CLEANUP_FREE char *says = mem_format("declared raw, and begins like a %s image", cases[i].word);
        make_image(path, cases[i].qemu, "8M", NULL);
        assert_int_equal(try_add(fixture, path, DISK_FORMAT_RAW, NULL, false, &err), RETURN_NOT_SUPPORTED);
        assert_string_equal(err.key, "disk.looks-like");
        assert_non_null(strstr(err.what, says));
        assert_non_null(strstr(err.next, "--raw-content vda"));
        assert_non_null(strstr(err.next, i == 0 ? "--disk vda=qcow2:PATH" : "qemu-img convert -f "));
        assert_int_equal(try_add(fixture, path, DISK_FORMAT_RAW, NULL, true, &err), 0);
    }
    const char *monolith = image_at(fixture, "flat.vmdk");
    make_image(monolith, "vmdk", "8M", "subformat=monolithicFlat");
    assert_int_equal(try_add(fixture, monolith, DISK_FORMAT_RAW, NULL, false, &err), RETURN_NOT_SUPPORTED);
    const char *luks = image_at(fixture, "luks.img");
    make_luks("luks", luks);
    assert_int_equal(try_add(fixture, luks, DISK_FORMAT_RAW, NULL, false, &err), RETURN_NOT_SUPPORTED);
    assert_non_null(strstr(err.next, "encrypts its whole disk"));
}

static void test_templates_too(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err;
    char *template = image_at(fixture, "template.img");
    char *image = image_at(fixture, "a.qcow2");
    make_image(template, "qcow2", "8M", NULL);
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-b", "template.img", "-F", "raw", image, "8M");
    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, template, false, &err), RETURN_NOT_SUPPORTED);
    assert_string_equal(err.key, "disk.looks-like");
    assert_non_null(strstr(err.what, "template.img"));
    assert_non_null(strstr(err.next, "--backing vda=qcow2:PATH"));
    assert_int_equal(try_add(fixture, image, DISK_FORMAT_QCOW2, template, true, &err), 0);
}

/* Nothing is asked about disks of any other kind, or once a machine is there. */
static void test_others_are_not_asked_about(void **state)
{
    struct local_fixture *fixture = *state;
    struct error err;
    char *image = image_at(fixture, "plain.img");
    make_image(image, "raw", "4M", NULL);
    struct guid machine = add_one_disk(fixture, "m", image, DISK_FORMAT_RAW);
    struct guid collection = define_collection(fixture, "c", &machine, 1);
    WRITE(image, "raw", "write -P 0x4c 0 512"); /* "LLLL": no LUKS header */
    RUN("qemu-img", "create", "-q", "-f", "qcow2", image_at(fixture, "x.qcow2"), "4M");
    CLEANUP_FD int from = open(image_at(fixture, "x.qcow2"), O_RDONLY | O_CLOEXEC);
    CLEANUP_FD int to = open(image, O_WRONLY | O_CLOEXEC);
    char start[4096];
    assert_int_equal(pread(from, start, sizeof start, 0), sizeof start);
    assert_int_equal(pwrite(to, start, sizeof start, 0), sizeof start);
    close(to);
    to = -1;
    char *copy = copy_of(fixture, image, "raw");
    struct point_request request = request_for(&collection);
    struct reference_point point = {0};
    request.raw_to_qcow2 = true;
    assert_int_equal(fixture->host->ops->create_point(fixture->host, &request, &point, NULL, &err), 0);
    assert_same(point.members[0].disks[0].layer_path, "raw", copy);
    reference_point_clear(&point);
    for (size_t length = 0; length < 100; length += 3) {
        CLEANUP_FREE char *name = mem_format("short-%zu", length);
        CLEANUP_FD int fd = open(image_at(fixture, name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(pwrite(fd, "QFI", 3, 0), 3);
        assert_int_equal(ftruncate(fd, (off_t)length), 0);
        assert_null(image_peek_format(fd));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_kind_that_qemu_makes, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_templates_too, local_setup, local_teardown),
        cmocka_unit_test_setup_teardown(test_others_are_not_asked_about, local_setup, local_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
