/* What stands around the disks: files that belong to the machine, and what is in no point. */
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

#define UUID "4dea24b3-1d52-d8f3-2516-782e98a23fa0"
#define QEMU(content)                                                                                        \
    "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>" content "</q:commandline>"
#define ARG(text) "<q:arg value='" text "'/>"
#define PAST "is handed to QEMU past the definition"
#define UNKNOWN "is of a kind that is not known, and may hold data"

struct sample {
    const char *content;  /* of <domain>, or of <devices> */
    const char *expected; /* a line for each item */
};

static char *left_out_lines(const struct machine *machine)
{
    struct strbuf lines = {0};
    for (size_t i = 0; i < machine->left_out_count; i++) {
        CLEANUP_FREE char *line = machine_left_out_text(&machine->left_out[i]);
        assert_false(machine->left_out[i].by_operator);
        strbuf_addf(&lines, "%s%s", i > 0 ? "\n" : "", line);
    }
    return strbuf_take(&lines);
}

static char *file_lines(const struct machine *machine)
{
    struct strbuf lines = {0};
    for (size_t i = 0; i < machine->file_count; i++) {
        const struct machine_file *file = &machine->files[i];
        assert_true(!file->sha256 && !file->missing && file->size == 0);
        strbuf_addf(&lines, "%s%s %s", i > 0 ? "\n" : "", machine_file_role_word(file->role), file->path);
    }
    return strbuf_take(&lines);
}

static void check(const char *text, const char *files, const char *left_out)
{
    struct error err = {0};
    struct machine machine = {0};
    if (!domain_xml_read(&machine, text, &err))
        fail_msg("%s: %s", text, err.what);
    CLEANUP_FREE char *file_text = file_lines(&machine);
    CLEANUP_FREE char *left_out_text = left_out_lines(&machine);
    if (strcmp(file_text, files) != 0 || strcmp(left_out_text, left_out) != 0)
        fail_msg("%s:\n%s\n%s", text, file_text, left_out_text);
    machine_clear(&machine);
}

static void test_files(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"<os><nvram>/n</nvram></os>", "nvram /n"},
        {"<os><nvram template='/t'>\n /n \n</nvram></os>", "nvram /n"},
        {"<os><nvram type='file' format='qcow2'><source file='/n'/></nvram></os>", "nvram /n"},
        {"<os><nvram/></os>", ""},
        {"<os><nvram template='/t'/></os>", ""},
        {"<os><varstore path='/v' template='/t'/></os>", "nvram /v"},
        {"<os><loader readonly='yes' type='pflash'>/usr/share/OVMF/CODE.fd</loader><nvram>/n</nvram></os>",
         "nvram /n"},
        {"<os><loader readonly='yes' type='pflash'>/opt/CODE.fd</loader><nvram>/n</nvram></os>",
         "loader /opt/CODE.fd\nnvram /n"},
        {"<os><loader readonly='yes'>/usr/share/../../opt/CODE.fd</loader></os>",
         "loader /usr/share/../../opt/CODE.fd"},
        {"<os><loader readonly='yes'>/usr/shared/CODE.fd</loader></os>", "loader /usr/shared/CODE.fd"},
        {"<os><loader type='rom'>/usr/share/seabios/bios.bin</loader></os>",
         "loader /usr/share/seabios/bios.bin"},
        {"<os><loader readonly='no' type='pflash'>/usr/share/OVMF/CODE.fd</loader></os>",
         "loader /usr/share/OVMF/CODE.fd"},
        {"<os firmware='efi'><loader secure='yes'/><nvram>/n</nvram></os>", "nvram /n"},
        {"<os><kernel>/k</kernel><initrd>/i</initrd><dtb>/d</dtb><cmdline>root=/dev/vda</cmdline></os>",
         "kernel /k\ninitrd /i\ndevice-tree /d"},
        {"<os><acpi><table type='slic'>/slic</table><table type='raw'>/raw</table></acpi></os>",
         "acpi-table /slic\nacpi-table /raw"},
        {"<sysinfo type='fwcfg'><entry name='opt/a' file='/a'/><entry name='opt/b'>text</entry>"
         "<entry name='opt/c' file='/a'/></sysinfo><sysinfo type='fwcfg'><entry file='/b'/></sysinfo>",
         "firmware-config /a\nfirmware-config /b"},
        {"<devices><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices>",
         "tpm /var/lib/libvirt/swtpm/" UUID},
        {"<devices><tpm><backend type='emulator'><source type='dir' path='/srv/tpm'/></backend></tpm>"
         "</devices>",
         "tpm /srv/tpm"},
        {"<os><kernel/><initrd></initrd></os>", ""},
        /* Once each, and the same file in two roles is two. */
        {"<os><kernel>/k</kernel><kernel>/k</kernel><initrd>/k</initrd></os>", "kernel /k\ninitrd /k"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        CLEANUP_FREE char *text =
            mem_format("<domain><name>m</name><uuid>4DEA24B31D52D8F32516782E98A23FA0</uuid>%s</domain>",
                       samples[i].content);
        struct error err = {0};
        struct machine machine = {0};
        if (!domain_xml_read(&machine, text, &err))
            fail_msg("%s: %s", text, err.what);
        CLEANUP_FREE char *lines = file_lines(&machine);
        if (strcmp(lines, samples[i].expected) != 0)
            fail_msg("%s: %s", samples[i].content, lines);
        machine_clear(&machine);
    }
}

static void test_files_that_cannot_be_found(void **state)
{
    (void)state;
#define RELATIVE "has a relative path: where it is cannot be told"
#define UNNAMED                                                                                              \
    "nvram is not named in the definition: name it "                                                         \
    "(<nvram>/var/lib/libvirt/qemu/nvram/NAME_VARS.fd</nvram>, "                                             \
    "where libvirt keeps it), and give the definition again"
    static const struct sample samples[] = {
        {"<os><kernel>boot/k</kernel><loader>hvmloader</loader></os>",
         "kernel (boot/k) " RELATIVE "\nloader (hvmloader) " RELATIVE},
        {"<sysinfo type='fwcfg'><entry file='a'/></sysinfo>", "firmware-config (a) " RELATIVE},
        {"<os><nvram type='network'><source protocol='iscsi' name='iqn/0'/></nvram></os>",
         "nvram (iscsi:iqn/0) is not kept in a file"},
        {"<os><nvram type='block'><source dev='/dev/x'/></nvram></os>",
         "nvram (/dev/x) is not kept in a file"},
        {"<devices><tpm><backend type='emulator'/></tpm></devices>",
         "tpm is kept under the machine's UUID, which the definition does not say"},
        {"<devices><tpm><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm></devices>",
         "tpm (/dev/tpm0) is a device of the host"},
        {"<devices><tpm><backend type='external'><source type='unix' path='/run/t.sock'/></backend></tpm>"
         "</devices>",
         "tpm (/run/t.sock) is kept by another program"},
        {"<os firmware='efi'/>", UNNAMED},
        {"<os firmware='efi'><loader secure='yes'/><nvram template='/usr/share/v.fd'/></os>", UNNAMED},
        {"<os><loader readonly='yes' type='pflash'>/usr/share/c.fd</loader></os>", UNNAMED},
        {"<os firmware='efi'><varstore template='/usr/share/v'/></os>", UNNAMED},
        {"<os firmware='efi'><loader stateless='yes'/></os>", ""},
        {"<os firmware='efi'><loader type='rom' readonly='yes'>/usr/share/c.fd</loader></os>", ""},
        {"<os firmware='bios'/>", ""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        CLEANUP_FREE char *text = mem_format("<domain><name>m</name>%s</domain>", samples[i].content);
        check(text, "", samples[i].expected);
    }
}

static void test_own_firmware_with_an_unnamed_store(void **state)
{
    (void)state;
    check("<domain><name>m</name><os><loader readonly='yes' type='pflash'>/opt/c.fd</loader></os></domain>",
          "loader /opt/c.fd", UNNAMED);
    check("<domain><name>m</name><os><loader readonly='no' type='pflash'>/opt/c.fd</loader></os></domain>",
          "loader /opt/c.fd", "");
}

static void test_devices(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"<disk device='cdrom'><target dev='sda'/></disk><disk device='floppy'><source/><target dev='fda'/>"
         "</disk><disk device='cdrom'><source file='' startupPolicy='optional'/></disk>",
         ""},
        {"<disk type='file' device='cdrom'><driver type='qcow2'/><source file='/srv/a.iso'/>"
         "<target dev='sda'/></disk>",
         "cdrom sda (/srv/a.iso) is not a disk of the machine"},
        {"<disk type='block' device='cdrom'><source dev='/dev/sr0'/><target dev='sdb'/><readonly/></disk>",
         "cdrom sdb (/dev/sr0) is not a disk of the machine"},
        {"<disk type='network' device='cdrom'><source protocol='https' name='a.iso'><host name='h'/>"
         "</source><target dev='sdb'/></disk>",
         "cdrom sdb (https:a.iso) is not a disk of the machine"},
        {"<disk device='floppy'><source file='/f.img'/><target dev='fda'/></disk>",
         "floppy fda (/f.img) is not a disk of the machine"},
        {"<memory model='nvdimm'><source><path>/nv</path></source><target><size>1</size></target></memory>",
         "memory nvdimm (/nv) is memory kept in a file"},
        {"<memory model='virtio-pmem'><source><path>/pm</path></source></memory>",
         "memory virtio-pmem (/pm) is memory kept in a file"},
        {"<memory model='dimm'><source><path>/dimm</path></source></memory>",
         "memory dimm (/dimm) is memory kept in a file"},
        {"<memory model='dimm'><source><pagesize>2048</pagesize></source></memory>"
         "<memory model='virtio-mem'/>",
         ""},
        {"<filesystem type='mount'><source dir='/srv/share'/><target dir='/shared'/></filesystem>",
         "filesystem /shared (/srv/share) is shared with the host"},
        {"<filesystem type='mount'><driver type='virtiofs'/><source socket='/run/v.sock'/>"
         "<target dir='tag'/></filesystem>",
         "filesystem tag (/run/v.sock) is shared with the host"},
        {"<filesystem type='ram'><source usage='10'/><target dir='/t'/></filesystem>", ""},
        {"<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x06' "
         "slot='0x02' function='0x0'/></source></hostdev>",
         "hostdev pci (0000:06:02.0) is a device of the host"},
        {"<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source>"
         "</hostdev>",
         "hostdev usb (0x1234:0xbeef) is a device of the host"},
        {"<hostdev mode='subsystem' type='usb'><source><address bus='2' device='3'/></source></hostdev>",
         "hostdev usb (bus 2 device 3) is a device of the host"},
        {"<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/><address bus='0' "
         "target='1' unit='2'/></source></hostdev>",
         "hostdev scsi (scsi_host0:0:1:2) is a device of the host"},
        {"<hostdev mode='subsystem' type='scsi'><source protocol='iscsi' name='iqn.x/1'/></hostdev>",
         "hostdev scsi (iscsi:iqn.x/1) is a device of the host"},
        {"<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.5'/></hostdev>",
         "hostdev scsi_host (naa.5) is a device of the host"},
        {"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='" UUID "'/></source>"
         "</hostdev>",
         "hostdev mdev (" UUID ") is a device of the host"},
        {"<hostdev mode='capabilities' type='storage'><source><block>/dev/sdf</block></source></hostdev>",
         "hostdev storage (/dev/sdf) is a device of the host"},
        {"<hostdev/>", "hostdev is a device of the host"},
        {"<interface type='hostdev'><source><address type='pci' domain='0' bus='1' slot='2' function='3'/>"
         "</source></interface>",
         "hostdev network (0000:01:02.3) is a device of the host"},
        {"<serial type='file'><source path='/s.log'/><target port='0'/></serial>"
         "<console type='file'><source path='/s.log'/><target type='serial' port='0'/></console>"
         "<console type='file'><source path='/c.log'/><target type='virtio' port='1'/></console>",
         "serial 0 (/s.log) is a file that the machine writes to\n"
         "console 1 (/c.log) is a file that the machine writes to"},
        {"<channel type='pipe'><source path='/p'/><target type='virtio' name='org.a'/></channel>",
         "channel org.a (/p) is a pipe of the host"},
        {"<parallel type='dev'><source path='/dev/parport0'/></parallel>",
         "parallel (/dev/parport0) is a device of the host"},
        {"<serial type='pty'><log file='/console.log' append='on'/><target port='0'/></serial>",
         "serial 0 (/console.log) is a file that the machine writes to"},
        {"<serial type='pty'/><channel type='unix'><source mode='bind' path='/run/a.sock'/></channel>"
         "<console type='pty' tty='/dev/pts/1'><source path='/dev/pts/1'/></console>",
         ""},
        {"<pstore backend='acpi-erst'><path>/erst</path><size unit='KiB'>8</size></pstore>",
         "pstore acpi-erst (/erst) is kept in a file beside the disks"},
        {"<lease><lockspace>a</lockspace><key>b</key><target path='/l'/></lease>",
         "lease (/l) is a lock that the host keeps"},
        {"<shmem name='s'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>", ""},
        {"<shmem name='s'><source><path>/srv/shm</path></source></shmem>",
         "shmem s (/srv/shm) is memory kept in a file"},
        {"<smartcard mode='host-certificates'><certificate>c</certificate><database>/etc/pki</database>"
         "</smartcard><smartcard mode='passthrough' type='spicevmc'/>",
         "smartcard host-certificates (/etc/pki) is kept by the host"},
        {"<audio id='1' type='file' path='/a.wav'/><audio id='2' type='spice'/>",
         "audio (/a.wav) is a file that the machine writes to"},
        {"<interface type='user'><rom file='/opt/rom.bin'/></interface>"
         "<interface type='user'><rom file='/usr/share/qemu/rom.bin'/></interface>",
         "rom interface (/opt/rom.bin) is firmware of a device, in a file"},
        {"<emulator>/usr/bin/qemu</emulator><controller type='usb'/><graphics type='vnc'/><video/><sound/>"
         "<input/><hub/><watchdog/><memballoon/><rng model='virtio'><backend model='random'>/dev/urandom"
         "</backend></rng><panic/><iommu/><vsock/><crypto/><nvram/><redirdev/><redirfilter/>",
         ""},
        {"<future><store path='/x'/></future><other/>",
         "unknown future (/x) " UNKNOWN "\nunknown other " UNKNOWN},
        {"<a:disk xmlns:a='urn:a' type='file'><source file='/d'/><target dev='vda'/></a:disk>",
         "unknown disk (/d) " UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        CLEANUP_FREE char *text =
            mem_format("<domain><name>m</name><devices>%s</devices></domain>", samples[i].content);
        check(text, "", samples[i].expected);
    }
}

static void test_parts_of_the_domain(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"<title>t</title><description>/d</description><genid>" UUID "</genid><metadata><o:vm "
         "xmlns:o='urn:o'><o:disk>/x</o:disk></o:vm></metadata><memoryBacking><source type='file'/>"
         "</memoryBacking><cpu/><clock/><features/><pm/><on_crash>destroy</on_crash><seclabel/>"
         "<iothreads>2</iothreads><launchSecurity type='sev'/><throttlegroups/>",
         ""},
        {"<newStore file='/n'/>", "unknown newStore (/n) " UNKNOWN},
        {"<os><type arch='aarch64'/><boot dev='hd'/><bootmenu/><smbios/><bios/><firmware/>"
         "<shim>/boot/shim.efi</shim></os>",
         "unknown shim (/boot/shim.efi) " UNKNOWN},
        {"<x:thing xmlns:x='urn:x'>text</x:thing>", "unknown thing " UNKNOWN},
        {"<x:commandline xmlns:x='urn:x'><x:arg value='/a'/></x:commandline>",
         "unknown commandline (/a) " UNKNOWN},
        {"<q:capabilities xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:add capability='/'/>"
         "</q:capabilities>",
         ""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        CLEANUP_FREE char *text = mem_format("<domain><name>m</name>%s</domain>", samples[i].content);
        check(text, "", samples[i].expected);
    }
}

static void test_past_the_definition(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {ARG("-s") ARG("-m") ARG("2G") ARG("-device") ARG("virtio-net,mac=52:54:00:00:00:01"), ""},
        {ARG("-drive") ARG("file=a.qcow2,if=virtio"), "qemu-option -drive (file=a.qcow2,if=virtio) " PAST},
        {ARG("--drive") ARG("file=/a"), "qemu-option --drive (file=/a) " PAST},
        {ARG("-blockdev") ARG("{&quot;driver&quot;:&quot;null-co&quot;}"),
         "qemu-option -blockdev ({\"driver\":\"null-co\"}) " PAST},
        {ARG("-hda") ARG("a") ARG("-hdd") ARG("b") ARG("-cdrom") ARG("c") ARG("-fda") ARG("d") ARG("-pflash")
             ARG("e") ARG("-mtdblock") ARG("f") ARG("-sd") ARG("g"),
         "qemu-option -hda (a) " PAST "\nqemu-option -hdd (b) " PAST "\nqemu-option -cdrom (c) " PAST
         "\nqemu-option -fda (d) " PAST "\nqemu-option -pflash (e) " PAST "\nqemu-option -mtdblock (f) " PAST
         "\nqemu-option -sd (g) " PAST},
        {ARG("-kernel") ARG("k") ARG("-initrd") ARG("i") ARG("-dtb") ARG("d") ARG("-bios") ARG("b")
             ARG("-append") ARG("root=/dev/vda"),
         "qemu-option -kernel (k) " PAST "\nqemu-option -initrd (i) " PAST "\nqemu-option -dtb (d) " PAST
         "\nqemu-option -bios (b) " PAST},
        {ARG("-fw_cfg") ARG("name=opt/a,string=b") ARG("-fw_cfg") ARG("name=opt/a,file=b"),
         "qemu-option -fw_cfg (name=opt/a,file=b) " PAST},
        {ARG("-smbios") ARG("type=1,serial=x") ARG("-smbios") ARG("file=s.bin"),
         "qemu-option -smbios (file=s.bin) " PAST},
        {ARG("-object") ARG("memory-backend-ram,id=a,size=1G") ARG("-object")
             ARG("memory-backend-file,id=a,mem-path=m"),
         "qemu-option -object (memory-backend-file,id=a,mem-path=m) " PAST},
        {ARG("-virtfs") ARG("local,path=s,mount_tag=t") ARG("-fsdev") ARG("local,id=a,path=s")
             ARG("-acpitable") ARG("file=t") ARG("-incoming") ARG("defer"),
         "qemu-option -virtfs (local,path=s,mount_tag=t) " PAST
         "\nqemu-option -fsdev (local,id=a,path=s) " PAST "\nqemu-option -acpitable (file=t) " PAST
         "\nqemu-option -incoming (defer) " PAST},
        {ARG("-device") ARG("vfio-pci,host=06:00.0") ARG("-device") ARG("e1000,romfile=/opt/r")
             ARG("-chardev") ARG("socket,id=c,path=/run/c.sock") ARG("-serial") ARG("file:out"),
         "qemu-option -device (vfio-pci,host=06:00.0) " PAST
         "\nqemu-option -device (e1000,romfile=/opt/r) " PAST
         "\nqemu-option -chardev (socket,id=c,path=/run/c.sock) " PAST
         "\nqemu-option -serial (file:out) " PAST},
        /* QEMU takes what follows for the value, even when it looks like an option. */
        {ARG("-cdrom") ARG("-m") ARG("-s"), "qemu-option -cdrom (-m) " PAST},
        {ARG("/a"), "qemu-option (/a) " PAST},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        CLEANUP_FREE char *text =
            mem_format("<domain><name>m</name>" QEMU("%s") "</domain>", samples[i].content);
        check(text, "", samples[i].expected);
    }
    check("<domain><name>m</name><q:override xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>"
          "<q:device alias='net0'><q:frontend><q:property name='romfile' type='string' value='/r'/>"
          "<q:property name='x' type='bool' value='true'/></q:frontend></q:device></q:override></domain>",
          "", "qemu-option romfile (/r) " PAST);
}

static void test_bound(void **state)
{
    (void)state;
    struct error err = {0};
    struct machine machine = {0};
    struct strbuf text = {0};
    strbuf_add(&text, "<domain><name>m</name><sysinfo type='fwcfg'>");
    for (int i = 0; i < 1025; i++)
        strbuf_addf(&text, "<entry file='/%d'/>", i);
    strbuf_add(&text, "</sysinfo></domain>");
    assert_false(domain_xml_read(&machine, text.data, &err));
    assert_int_equal(err.code, 32770);
    assert_string_equal(err.key, "domain-xml.files");
    assert_null(machine.files);
    strbuf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_files_that_cannot_be_found),
        cmocka_unit_test(test_own_firmware_with_an_unnamed_store),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_parts_of_the_domain),
        cmocka_unit_test(test_past_the_definition),
        cmocka_unit_test(test_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
