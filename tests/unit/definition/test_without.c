/* Disks that cannot be members, the way that fits each, and those that the operator leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/definition/domain_xml.h"

#define DEVICES(content) "<domain><name>m</name><devices>" content "</devices></domain>"
#define QCOW2 "<driver type='qcow2'/>"
#define FILE_A "<source file='/a'/>"
#define VDA "<target dev='vda'/>"
#define VDB "<target dev='vdb'/>"
#define DISK_A "<disk>" QCOW2 FILE_A VDA "</disk>"
#define BY_OPERATOR "is left out by the operator (--without)"

static const struct {
    const char *disk;
    const char *refusal; /* NULL: it could be a member */
    const char *way;     /* a part of what to do next */
    const char *path;    /* as it is listed when left out */
} kinds[] = {
    {"<disk>" QCOW2 "<source file='/b'/>" VDB "</disk>", NULL, NULL, "/b"},
    {"<disk><source file='/b'/><readonly/><transient/>" QCOW2 VDB "</disk>", NULL, NULL, "/b"},
    {"<disk>" QCOW2 "<source file='/b'/><shareable/>" VDB "</disk>",
     "disk vdb is shared between machines (<shareable/>): qcow2 cannot be shared between machines",
     "Leave the disk out with --without vdb", "/b"},
    {"<disk><driver type='raw'/><source file='/b'/><shareable/>" VDB "</disk>",
     "qcow2 cannot be shared between machines", "remove <shareable/>", "/b"},
    {"<disk>" QCOW2 "<source file='/b' fdgroup='b'/>" VDB "</disk>", "through file descriptors",
     "--without vdb", "/b"},
    {"<disk type='volume'>" QCOW2 "<source pool='my pool' volume='b.qcow2'/>" VDB "</disk>",
     "disk vdb is of the type \"volume\", not a file", "virsh vol-path --pool 'my pool' b.qcow2",
     "my pool/b.qcow2"},
    {"<disk><driver type='vmdk'/><source file='/b c.vmdk'/>" VDB "</disk>",
     "disk vdb has the format \"vmdk\"", "qemu-img convert -O qcow2 '/b c.vmdk' NEW.qcow2", "/b c.vmdk"},
    {"<disk><driver type='qed'/><source file='/b'/>" VDB "</disk>", "\"qed\"", "qemu-img convert", "/b"},
    {"<disk><driver type='luks'/><source file='/b'/>" VDB "</disk>", "\"luks\"", "Leave the disk out", "/b"},
    {"<disk>" QCOW2 "<source file='/b'/>" VDB "<backingStore type='file'><format type='vdi'/>"
     "<source file='/c'/></backingStore></disk>",
     "\"vdi\"", "qemu-img convert -O qcow2 /b NEW.qcow2", "/b"},
    {"<disk>" QCOW2 "<source file='/b'/>" VDB "<backingStore type='network'><format type='raw'/>"
     "<source protocol='nbd' name='x'/></backingStore></disk>",
     "a backing store of the type \"network\"", "--without vdb", "/b"},
    {"<disk>" QCOW2 "<source file='/b'><encryption format='luks'/></source>" VDB "</disk>",
     "uses <encryption>", "--without vdb", "/b"},
    {"<disk>" QCOW2 "<source file='/b'><dataStore type='file'/></source>" VDB "</disk>", "uses <dataStore>",
     "--without vdb", "/b"},
    {"<disk type='block'><driver type='raw'/><source dev='/dev/vg/lv'/>" VDB "</disk>",
     "of the type \"block\"", "Leave the disk out with --without vdb", "/dev/vg/lv"},
    {"<disk type='block' device='lun'><driver type='raw'/><source dev='/dev/sdc'/>" VDB "</disk>",
     "is passed through", "--without vdb", "/dev/sdc"},
    {"<disk type='dir'><source dir='/srv/fat'/>" VDB "</disk>", "of the type \"dir\"", "--without vdb",
     "/srv/fat"},
    {"<disk type='network'><driver type='raw'/><source protocol='rbd' name='pool/image'><host name='h'/>"
     "</source>" VDB "</disk>",
     "of the type \"network\"", "--without vdb", "rbd:pool/image"},
    {"<disk type='network'><source protocol='nbd'><host name='h' port='10809'/></source>" VDB "</disk>",
     "of the type \"network\"", "--without vdb", "nbd:h:10809"},
    {"<disk type='network'><source protocol='nbd'><host transport='unix' socket='/s'/></source>" VDB
     "</disk>",
     "of the type \"network\"", "--without vdb", "nbd:/s"},
    {"<disk type='nvme'><source type='pci' namespace='1'><address domain='0x0000' bus='0x01' slot='0x00' "
     "function='0x0'/></source>" VDB "</disk>",
     "of the type \"nvme\"", "--without vdb", "nvme:0000:01:00.0/1"},
    {"<disk type='vhostuser'><source type='unix' path='/run/b.sock'/>" VDB "</disk>",
     "of the type \"vhostuser\"", "--without vdb", "/run/b.sock"},
    {"<disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/>" VDB "</disk>", "\"vhostvdpa\"",
     "--without vdb", "/dev/vhost-vdpa-0"},
};

static void test_refused_with_the_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        struct error err = {0};
        struct machine machine = {0};
        CLEANUP_FREE char *text = mem_format(DEVICES(DISK_A "%s"), kinds[i].disk);
        bool ok = domain_xml_read(&machine, text, &err);
        if (ok != !kinds[i].refusal)
            fail_msg("%s: %s", kinds[i].disk, err.what);
        if (ok) {
            assert_int_equal(machine.disk_count, 2);
            assert_int_equal(machine.left_out_count, 0);
        } else if (err.code != 32770 || !strstr(err.what, kinds[i].refusal) ||
                   !strstr(err.next, kinds[i].way) || !strstr(err.next, "--without vdb")) {
            fail_msg("%s: %u %s %s", kinds[i].disk, err.code, err.what, err.next);
        }
        machine_clear(&machine);
    }
}

static void test_left_out_by_the_operator(void **state)
{
    (void)state;
    static const char *const without[] = {"vdb"};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        struct error err = {0};
        struct machine machine = {0};
        CLEANUP_FREE char *text = mem_format(DEVICES("%s" DISK_A), kinds[i].disk);
        if (!domain_xml_read_without(&machine, text, without, 1, &err))
            fail_msg("%s: %s", kinds[i].disk, err.what);
        assert_int_equal(machine.disk_count, 1);
        assert_string_equal(machine.disks[0].id, "vda");
        assert_int_equal(machine.left_out_count, 1);
        const struct machine_left_out *item = &machine.left_out[0];
        assert_true(item->by_operator);
        assert_string_equal(item->kind, "disk");
        assert_string_equal(item->device, "vdb");
        assert_string_equal(item->path, kinds[i].path);
        assert_string_equal(item->reason, BY_OPERATOR);
        assert_string_equal(machine.domain_xml, text);
        machine_clear(&machine);
    }
}

static void test_whatever_they_are(void **state)
{
    (void)state;
    static const char *const without[] = {"vda", "sda", "sdb", "vda"};
    struct error err = {0};
    struct machine machine = {0};
    assert_true(domain_xml_read_without(
        &machine,
        DEVICES("<disk><target dev='vda'/></disk><disk device='cdrom'><target dev='sda'/></disk>"
                "<disk type='new'><driver type='x'/><target dev='sdb'/></disk>"),
        without, ARRAY_LENGTH(without), &err));
    assert_int_equal(machine.disk_count, 0);
    assert_int_equal(machine.left_out_count, 3);
    assert_null(machine.left_out[0].path);
    CLEANUP_FREE char *text = machine_left_out_text(&machine.left_out[1]);
    assert_string_equal(text, "cdrom sda " BY_OPERATOR);
    machine_clear(&machine);
}

static void test_no_such_disk(void **state)
{
    (void)state;
    static const char *const without[] = {"vdb", "vdd"};
    struct error err = {0};
    struct machine machine = {0};
    assert_false(domain_xml_read_without(
        &machine, DEVICES(DISK_A "<disk>" QCOW2 "<source file='/b'/>" VDB "</disk>"), without, 2, &err));
    assert_int_equal(err.code, 32773);
    assert_string_equal(err.key, "domain-xml.without");
    assert_string_equal(err.what, "the definition has no disk vdd");
    assert_non_null(strstr(err.cause, "vda, vdb"));
    assert_null(machine.left_out);
    assert_null(machine.disks);
    assert_false(domain_xml_read_without(&machine, "<domain><name>m</name></domain>", without, 1, &err));
    assert_non_null(strstr(err.cause, "none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_with_the_way),
        cmocka_unit_test(test_left_out_by_the_operator),
        cmocka_unit_test(test_whatever_they_are),
        cmocka_unit_test(test_no_such_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
