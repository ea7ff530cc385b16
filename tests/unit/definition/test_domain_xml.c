/* libvirt's definitions: as virsh prints them, then contradicting and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/definition/domain_xml.h"

static const char as_printed[] =
    "<domain type='kvm' id='7' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
    "  <name>web 01 &lt;h\xc3\xb6r&gt;</name>\n"
    "  <uuid>4DEA24B3-1D52-D8F3-2516-782E98A23FA0</uuid>\n"
    "  <metadata><a:x xmlns:a='urn:a'><a:name>no</a:name></a:x></metadata>\n"
    "  <memory unit='KiB'>4194304</memory>\n"
    "  <currentMemory unit='KiB'>2097152</currentMemory>\n"
    "  <vcpu placement='static' current='2'>4</vcpu>\n"
    "  <os>\n"
    "    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n"
    "    <loader readonly='yes' secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>\n"
    "    <nvram>/var/lib/libvirt/qemu/nvram/web_VARS.fd</nvram>\n"
    "    <boot dev='hd'/>\n"
    "  </os>\n"
    "  <devices>\n"
    "    <emulator>/usr/bin/qemu-system-x86_64</emulator>\n"
    "    <disk type='file' device='disk'>\n"
    "      <driver name='qemu' type='qcow2' discard='unmap'/>\n"
    "      <source file='/images/web, 01.qcow2' index='3'/>\n"
    "      <backingStore type='file' index='4'>\n"
    "        <format type='qcow2'/>\n"
    "        <source file='/images/middle.qcow2'/>\n"
    "        <backingStore type='file' index='5'>\n"
    "          <format type='raw'/>\n"
    "          <source file='/images/template.raw'/>\n"
    "          <backingStore/>\n"
    "        </backingStore>\n"
    "      </backingStore>\n"
    "      <target dev='vda' bus='virtio'/>\n"
    "      <alias name='virtio-disk0'/>\n"
    "    </disk>\n"
    "    <disk>\n"
    "      <driver name='qemu' type='raw' cache='none'/>\n"
    "      <source file='/images/data.img'/>\n"
    "      <backingStore/>\n"
    "      <target dev='sdb'/>\n"
    "    </disk>\n"
    "    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>\n"
    "    <disk type='network' device='cdrom'><source protocol='http' name='x.iso'/><target "
    "dev='sdc'/></disk>\n"
    "    <disk type='block' device='floppy'><target dev='fda'/></disk>\n"
    "    <interface type='network'>\n"
    "      <mac address='52:54:00:6B:3c:58'/><source network='default' portid='x'/><model type='virtio'/>\n"
    "    </interface>\n"
    "    <interface type='bridge'><source bridge='br0'/></interface>\n"
    "    <interface type='direct'><mac address='52:54:00:6b:3c:59'/><source dev='eth0' "
    "mode='vepa'/></interface>\n"
    "    <interface type='user'/>\n"
    "  </devices>\n"
    "  <qemu:commandline><qemu:arg value='-s'/></qemu:commandline>\n"
    "</domain>\n";

static void test_as_printed(void **state)
{
    (void)state;
    struct error err = {0};
    struct machine machine = {0};
    if (!domain_xml_read(&machine, as_printed, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_string_equal(machine.name, "web 01 <h\xc3\xb6r>");
    assert_string_equal(machine.id.text, "4dea24b3-1d52-d8f3-2516-782e98a23fa0");
    assert_string_equal(machine.domain_xml, as_printed);
    assert_int_equal(machine.settings.cpus, 2);
    assert_int_equal(machine.settings.cpus_ceiling, 4);
    assert_int_equal(machine.settings.memory, 4 * GIB);
    assert_string_equal(machine.settings.firmware, "efi");
    assert_string_equal(machine.settings.architecture, "x86_64");
    assert_string_equal(machine.settings.machine_type, "pc-q35-7.2");

    assert_int_equal(machine.disk_count, 2);
    const struct disk *first = &machine.disks[0];
    assert_string_equal(first->id, "vda");
    assert_string_equal(first->path, "/images/web, 01.qcow2");
    assert_int_equal(first->format, DISK_FORMAT_QCOW2);
    assert_true(guid_is_none(&first->uuid));
    assert_int_equal(first->backing_count, 2);
    assert_string_equal(first->backing[0].path, "/images/middle.qcow2");
    assert_int_equal(first->backing[0].format, DISK_FORMAT_QCOW2);
    assert_string_equal(first->backing[1].path, "/images/template.raw");
    assert_int_equal(first->backing[1].format, DISK_FORMAT_RAW);
    assert_string_equal(machine.disks[1].id, "sdb");
    assert_int_equal(machine.disks[1].format, DISK_FORMAT_RAW);
    assert_int_equal(machine.disks[1].backing_count, 0);

    assert_int_equal(machine.adapter_count, 4);
    assert_string_equal(machine.adapters[0].mac, "52:54:00:6B:3c:58");
    assert_string_equal(machine.adapters[0].network, "default");
    assert_string_equal(machine.adapters[0].model, "virtio");
    assert_null(machine.adapters[1].mac);
    assert_string_equal(machine.adapters[1].network, "br0");
    assert_string_equal(machine.adapters[2].network, "eth0");
    assert_null(machine.adapters[3].network);

    assert_int_equal(machine.file_count, 1);
    assert_int_equal(machine.files[0].role, MACHINE_FILE_NVRAM);
    assert_string_equal(machine.files[0].path, "/var/lib/libvirt/qemu/nvram/web_VARS.fd");
    assert_int_equal(machine.left_out_count, 1);
    assert_string_equal(machine.left_out[0].kind, "cdrom");
    assert_string_equal(machine.left_out[0].path, "http:x.iso");
    machine_clear(&machine);
}

#define DOMAIN(content) "<domain><name>m</name>" content "</domain>"
#define DEVICES(content) DOMAIN("<devices>" content "</devices>")
#define QCOW2 "<driver type='qcow2'/>"
#define FILE_A "<source file='/a'/>"
#define VDA "<target dev='vda'/>"
#define DISK_A "<disk>" QCOW2 FILE_A VDA "</disk>"

static void test_memory(void **state)
{
    (void)state;
    static const struct {
        const char *element;
        uint64_t bytes;
    } cases[] = {
        {"", 0},
        {"<memory>1024</memory>", MIB},
        {"<memory unit='b'>7</memory>", 7},
        {"<memory unit='bytes'>7</memory>", 7},
        {"<memory unit='KB'>3</memory>", 3000},
        {"<memory unit='k'>3</memory>", 3 * KIB},
        {"<memory unit='KiB'>\n 3 </memory>", 3 * KIB},
        {"<memory unit='MB'>2</memory>", 2000000},
        {"<memory unit='M'>2</memory>", 2 * MIB},
        {"<memory unit='gib'>2</memory>", 2 * GIB},
        {"<memory unit='TiB'>1</memory>", GIB * 1024},
        {"<memory unit='E'>7</memory>", GIB * GIB * 7},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct machine machine = {0};
        CLEANUP_FREE char *text = mem_format("<domain><name>m</name>%s</domain>", cases[i].element);
        if (!domain_xml_read(&machine, text, &err))
            fail_msg("%s: %s", text, err.what);
        assert_int_equal(machine.settings.memory, cases[i].bytes);
        assert_int_equal(machine.settings.cpus, 1);
        assert_true(guid_is_none(&machine.id));
        machine_clear(&machine);
    }
}

static void test_cpus(void **state)
{
    (void)state;
    static const struct {
        const char *element;
        uint32_t cpus;
        uint32_t ceiling;
    } cases[] = {
        {"<vcpu>4</vcpu>", 4, 0},
        {"<vcpu current='4'>4</vcpu>", 4, 0},
        {"<vcpu placement='static' current=' 2 '>\n4 </vcpu>", 2, 4},
        {"<vcpu current='2'>4</vcpu><vcpus><vcpu id='0' enabled='yes'/><vcpu id='1' enabled='yes'/>"
         "<vcpu id='2' enabled='no' hotpluggable='yes'/><vcpu id='3' enabled='no'/></vcpus>",
         2, 4},
        /* What the list says is what libvirt starts the guest with. */
        {"<vcpu>3</vcpu><vcpus><vcpu id='0' enabled='yes'/><vcpu id='1' enabled='no'/>"
         "<vcpu id='2' enabled='no'/></vcpus>",
         1, 3},
        {"<vcpu>3</vcpu><vcpus/>", 3, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct machine machine = {0};
        CLEANUP_FREE char *text = mem_format("<domain><name>m</name>%s</domain>", cases[i].element);
        if (!domain_xml_read(&machine, text, &err))
            fail_msg("%s: %s", text, err.what);
        assert_int_equal(machine.settings.cpus, cases[i].cpus);
        assert_int_equal(machine.settings.cpus_ceiling, cases[i].ceiling);
        machine_clear(&machine);
    }
}

static void test_identity(void **state)
{
    (void)state;
    static const char *const uuids[] = {"4dea24b31d52d8f32516782e98a23fa0",
                                        "\n  4dea24b3-1d52-d8f3-2516-782e98a23fa0\n",
                                        "{4DEA24B3-1D52-D8F3-2516-782E98A23FA0}"};
    for (size_t i = 0; i < ARRAY_LENGTH(uuids); i++) {
        struct error err = {0};
        struct machine machine = {0};
        CLEANUP_FREE char *text =
            mem_format("<domain><name>\n\t web 01 \r\n</name><uuid>%s</uuid></domain>", uuids[i]);
        if (!domain_xml_read(&machine, text, &err))
            fail_msg("%s: %s", text, err.what);
        assert_string_equal(machine.name, "web 01");
        assert_string_equal(machine.id.text, "4dea24b3-1d52-d8f3-2516-782e98a23fa0");
        machine_clear(&machine);
    }
}

static void test_encodings(void **state)
{
    (void)state;
    struct error err = {0};
    struct machine machine = {0};
    assert_true(domain_xml_read(
        &machine, "<?xml version='1.0' encoding='ISO-8859-1'?><domain><name>h\xf6r</name></domain>", &err));
    assert_string_equal(machine.name, "h\xc3\xb6r");
    assert_string_equal(machine.domain_xml,
                        "<?xml version='1.0' encoding='UTF-8'?><domain><name>h\xc3\xb6r</name></domain>");
    machine_clear(&machine);
}

static void test_ways_out_of_broken_text(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "", "not XML", "<domain>\n<name>m</name>", "<domain><name>h\xf6r</name></domain>",
        "<?xml version='1.0' encoding='ISO-8859-1'?><domain><name>h\xc3\xb6r</name></domain>"};
    for (size_t i = 0; i < ARRAY_LENGTH(broken); i++) {
        struct error err = {0};
        struct machine machine = {0};
        assert_false(domain_xml_read(&machine, broken[i], &err));
        if (err.code != 32773 || !err.cause[0] || !err.next[0])
            fail_msg("%s: %s (%s) (%s)", broken[i], err.what, err.cause, err.next);
    }
}

static void test_firmware(void **state)
{
    (void)state;
    static const struct {
        const char *os;
        const char *firmware;
    } cases[] = {
        {"<os><type arch='x86_64'>hvm</type></os>", "bios"},
        {"<os firmware='efi'><type arch='x86_64'>hvm</type></os>", "efi"},
        {"<os firmware='bios'><type arch='aarch64'>hvm</type></os>", "bios"},
        {"<os><type arch='aarch64'>hvm</type></os>", NULL},
        {"<os><type arch='x86_64'/><loader type='rom'>/b</loader></os>", NULL},
        {"<os><type arch='aarch64'/><loader type='pflash'>/b</loader></os>", "efi"},
        {"<os/>", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct machine machine = {0};
        CLEANUP_FREE char *text = mem_format("<domain><name>m</name>%s</domain>", cases[i].os);
        assert_true(domain_xml_read(&machine, text, &err));
        assert_int_equal(!machine.settings.firmware, !cases[i].firmware);
        if (cases[i].firmware)
            assert_string_equal(machine.settings.firmware, cases[i].firmware);
        machine_clear(&machine);
    }
}

struct refusal {
    uint32_t code;
    const char *part; /* of the sentence */
    const char *text;
};

static void assert_refused(const struct refusal *refusal)
{
    struct error err = {0};
    struct machine machine = {0};
    if (domain_xml_read(&machine, refusal->text, &err))
        fail_msg("passes: %.200s", refusal->text);
    if (err.code != refusal->code || !strstr(err.what, refusal->part))
        fail_msg("%.200s: %u %s", refusal->text, err.code, err.what);
    assert_null(strchr(err.what, '\x1b'));
    assert_null(machine.name);
    assert_null(machine.disks);
    assert_null(machine.files);
    assert_null(machine.left_out);
    assert_null(machine.domain_xml);
}

static void test_contradictions(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {32773, "well-formed", ""},
        {32773, "well-formed", "not XML"},
        {32773, "well-formed", "<domain><name>m</name>"},
        {32773, "document type",
         "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><domain>&e;</domain>"},
        {32773, "<domains> is where <domain> should be", "<domains/>"},
        {32773, "has no <name>", "<domain/>"},
        {32773, "<name> is empty", "<domain><name/></domain>"},
        {32773, "has <name> twice", DOMAIN("<name>n</name>")},
        {32773, "has <devices> twice", DOMAIN("<devices/><devices/>")},
        {32773, "is not a UUID", DOMAIN("<uuid>7</uuid>")},
        {32773, "<memory> is not a whole", DOMAIN("<memory>-1</memory>")},
        {32773, "<memory> is not a whole", DOMAIN("<memory>1.5</memory>")},
        {32773, "<memory> is not a whole", DOMAIN("<memory>99999999999999999999</memory>")},
        {32773, "unit", DOMAIN("<memory unit='KiBs'>1</memory>")},
        {32773, "unit", DOMAIN("<memory unit=''>1</memory>")},
        {32773, "unit", DOMAIN("<memory unit='x'>1</memory>")},
        {32773, "larger than", DOMAIN("<memory unit='E'>8</memory>")},
        {32773, "<vcpu>", DOMAIN("<vcpu>0</vcpu>")},
        {32773, "<vcpu>", DOMAIN("<vcpu>4294967296</vcpu>")},
        {32773, "<vcpu>", DOMAIN("<vcpu>two</vcpu>")},
        {32773, "<vcpu>", DOMAIN("<vcpu current='0'>2</vcpu>")},
        {32773, "<vcpu>", DOMAIN("<vcpu current='3'>2</vcpu>")},
        {32773, "<vcpu>", DOMAIN("<vcpu current=''>2</vcpu>")},
        {32773, "<vcpu>", DOMAIN("<vcpu current='one'>2</vcpu>")},
        {32773, "<vcpus>", DOMAIN("<vcpu>2</vcpu><vcpus><vcpu id='0' enabled='no'/></vcpus>")},
        {32773, "<vcpus>", DOMAIN("<vcpu>1</vcpu><vcpus><vcpu enabled='yes'/><vcpu enabled='yes'/></vcpus>")},
        {32773, "<name> is empty", "<domain><name>\n </name></domain>"},
        {32773, "namespace", "<domain xmlns='urn:a'><name>m</name></domain>"},
        {32773, "hardware address", DEVICES("<interface><mac address='52:54:00:12:34'/></interface>")},
        {32773, "hardware address", DEVICES("<interface><mac address='\"; reboot'/></interface>")},
        {32773, "needs <target dev", DEVICES("<disk>" QCOW2 FILE_A "</disk>")},
        {32773, "disk vda: its format is not given", DEVICES("<disk>" FILE_A VDA "</disk>")},
        {32773, "disk vda: its format is not given",
         DEVICES("<disk><driver name='qemu'/>" FILE_A VDA "</disk>")},
        {32773, "disk vda: it has no <source file", DEVICES("<disk>" QCOW2 VDA "</disk>")},
        {32773, "disk vda: it has no <source file",
         DEVICES("<disk>" QCOW2 "<source dev='/dev/sda'/>" VDA "</disk>")},
        {32773, "disk vda: the path of its image is not absolute",
         DEVICES("<disk>" QCOW2 "<source file='a'/>" VDA "</disk>")},
        {32773, "<disk> has <source> twice", DEVICES("<disk>" QCOW2 FILE_A FILE_A VDA "</disk>")},
        {32773, "<disk> has <driver> twice", DEVICES("<disk>" QCOW2 QCOW2 FILE_A VDA "</disk>")},
        {32773, "<disk> has <target> twice", DEVICES("<disk>" QCOW2 FILE_A VDA VDA "</disk>")},
        {32773, "disk vda: another disk has the same target", DEVICES(DISK_A DISK_A)},
        {32773, "disk vda: its format is not given",
         DEVICES("<disk>" QCOW2 FILE_A VDA "<backingStore type='file'>" FILE_A "</backingStore></disk>")},
        {32773, "disk vda: its format is not given",
         DEVICES("<disk>" QCOW2 FILE_A VDA "<backingStore type='file'/></disk>")},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_refused(&cases[i]);
}

static void test_not_supported(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {32770, "disk vda is of the type \"block\", not a file",
         DEVICES("<disk type='block'>" QCOW2 "<source dev='/dev/vg/lv'/>" VDA "</disk>")},
        {32770, "disk vda is of the type \"network\"",
         DEVICES("<disk type='network'>" QCOW2 "<source protocol='rbd' name='p/i'/>" VDA "</disk>")},
        {32770, "disk vda is of the type \"volume\"",
         DEVICES("<disk type='volume'>" QCOW2 "<source pool='p' volume='v'/>" VDA "</disk>")},
        {32770, "disk vda\\u{202e} is of the type \"a\\nb\"",
         DEVICES("<disk type='a&#10;b'>" QCOW2 FILE_A "<target dev='vda&#x202e;'/></disk>")},
        {32770, "disk sda is passed through",
         DEVICES("<disk type='block' device='lun'>" QCOW2
                 "<source dev='/dev/sda'/><target dev='sda'/></disk>")},
        {32770, "disk vda has the format \"vmdk\"",
         DEVICES("<disk><driver type='vmdk'/>" FILE_A VDA "</disk>")},
        {32770, "disk vda uses <encryption>",
         DEVICES("<disk>" QCOW2 "<source file='/a'><encryption format='luks'/></source>" VDA "</disk>")},
        {32770, "disk vda uses <encryption>",
         DEVICES("<disk>" QCOW2 FILE_A VDA "<encryption format='qcow'/></disk>")},
        {32770, "disk vda uses <slices>",
         DEVICES("<disk>" QCOW2 "<source file='/a'><slices/></source>" VDA "</disk>")},
        {32770, "disk vda has a backing store of the type \"block\"",
         DEVICES("<disk>" QCOW2 FILE_A VDA "<backingStore type='block'><format type='raw'/>"
                 "<source dev='/dev/x'/></backingStore></disk>")},
        {32770, "disk vda has the format \"qed\"",
         DEVICES("<disk>" QCOW2 FILE_A VDA "<backingStore type='file'><format type='qed'/>"
                 "<source file='/b'/></backingStore></disk>")},
        {32775, "disk vda: a block job runs",
         DEVICES("<disk>" QCOW2 FILE_A VDA "<mirror type='file' job='copy'/></disk>")},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_refused(&cases[i]);
}

static char *repeated(const char *before, const char *part, size_t count, const char *after)
{
    struct strbuf text = {0};
    strbuf_add(&text, before);
    for (size_t i = 0; i < count; i++)
        strbuf_add(&text, part);
    strbuf_add(&text, after);
    return strbuf_take(&text);
}

static void test_bounds(void **state)
{
    (void)state;
    CLEANUP_FREE char *deep = repeated("<domain>", "<backingStore>", 10000, "");
    assert_refused(&(struct refusal){32773, "well-formed", deep});
    CLEANUP_FREE char *large = repeated("<domain><name>", "xxxxxxxxxx", 120000, "</name></domain>");
    assert_refused(&(struct refusal){32773, "larger than 1048576 bytes", large});
    struct strbuf many = {0};
    strbuf_add(&many, "<domain><name>m</name><devices>");
    for (int i = 0; i < 1025; i++)
        strbuf_addf(&many, "<disk>" QCOW2 FILE_A "<target dev='vd%d'/></disk>", i);
    strbuf_add(&many, "</devices></domain>");
    assert_refused(&(struct refusal){32770, "more than 1024 disks", many.data});
    strbuf_free(&many);
    CLEANUP_FREE char *chain = repeated("<domain><name>m</name><devices><disk>" QCOW2 FILE_A VDA,
                                        "<backingStore><format type='raw'/>" FILE_A, 220, "");
    CLEANUP_FREE char *closed = repeated(chain, "</backingStore>", 220, "</disk></devices></domain>");
    assert_refused(&(struct refusal){32773, "chain of backing files is too long", closed});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_printed),    cmocka_unit_test(test_memory),
        cmocka_unit_test(test_cpus),          cmocka_unit_test(test_identity),
        cmocka_unit_test(test_encodings),     cmocka_unit_test(test_ways_out_of_broken_text),
        cmocka_unit_test(test_firmware),      cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_not_supported), cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
