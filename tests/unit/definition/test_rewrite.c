/* Definitions rewritten: in the shapes that tools write, then each kind of change on its own, then what is
 * refused. What is asked for is read again with domain_xml_read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"
#include "core/definition/domain_xml.h"
#include "core/definition/rewrite.h"
#include "core/syntax/xml.h"
#include "tests/unit/definition/shapes.h"

static const struct guid no_guid;
static const struct guid new_guid = {"11111111-2222-4333-8444-555555555555"};

struct made {
    char *text;
    char *notes; /* one a line */
};

static void made_clear(struct made *made)
{
    free(made->text);
    free(made->notes);
}

static struct made rewrite(const char *text, const struct definition_change *change)
{
    struct error err = {0};
    struct made made = {0};
    struct strbuf all = {0};
    char **notes;
    size_t count;
    if (!definition_rewrite(text, change, &made.text, &notes, &count, &err))
        fail_msg("%s: %s (%s)\n%s", err.key, err.what, err.cause, text);
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&all, "%s\n", notes[i]);
        free(notes[i]);
    }
    free(notes);
    made.notes = strbuf_take(&all);
    return made;
}

/* Once, and once more: that changes nothing. */
static struct made rewrite_twice(const char *text, const struct definition_change *change)
{
    struct made once = rewrite(text, change);
    struct made again = rewrite(once.text, change);
    assert_string_equal(again.text, once.text);
    made_clear(&again);
    return once;
}

static void read_again(struct machine *machine, const char *text)
{
    struct error err = {0};
    if (!domain_xml_read(machine, text, &err))
        fail_msg("%s: %s\n%s", err.what, err.cause, text);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in:\n%s", part, text);
}

/* A definition that tools write ... */

static void test_nothing_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        struct made made = rewrite_twice(shapes[i].text, &(struct definition_change){0});
        if (!shapes[i].running) {
            assert_string_equal(made.text, shapes[i].text);
            assert_string_equal(made.notes, "");
        }
        made_clear(&made);
    }
}

static void test_running(void **state)
{
    (void)state;
    static const char *const gone[] = {
        " id='3'",  " id='12'", "backingStore", "index=",  "virtio-disk",       "'net0'",
        "/dev/pts", "vnet7",    "<label>",      "dynamic", "system_u:object_r:"};
    static const char *const kept[] = {"ua-5c5b3ce1", "ua-net-1", "<seclabel model='dac' relabel='no'/>",
                                       "ovirt-vm:clusterVersion", "<boot order='1'/>"};
    static const char *const kept_of_nova[] = {"tap7f2d5a20-6a", "<console type='pty'>\n      <target type",
                                               "<nova:name>web &lt;1&gt;</nova:name>"};
    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        if (!shapes[i].running)
            continue;
        struct made made = rewrite(shapes[i].text, &(struct definition_change){0});
        assert_has(made.notes, "running machine");
        for (size_t j = 0; j < ARRAY_LENGTH(gone); j++)
            assert_has_not(made.text, gone[j]);
        bool nova = strstr(shapes[i].tool, "nova");
        for (size_t j = 0; !nova && j < ARRAY_LENGTH(kept); j++)
            assert_has(made.text, kept[j]);
        for (size_t j = 0; nova && j < ARRAY_LENGTH(kept_of_nova); j++)
            assert_has(made.text, kept_of_nova[j]);
        made_clear(&made);
    }
}

/* Lines of a text that another does not have, all of which must have one of the words. */
static void assert_lines_kept(const char *before, const char *after, const char *const *words, size_t count)
{
    for (const char *line = before; *line;) {
        size_t length = strcspn(line, "\n");
        CLEANUP_FREE char *text = mem_strndup(line, length);
        bool may_go = strstr(after, text);
        for (size_t i = 0; i < count && !may_go; i++)
            may_go = strstr(text, words[i]);
        if (!may_go)
            fail_msg("this line is gone: %s\n%s", text, after);
        line += length + (line[length] == '\n');
    }
}

static size_t count_disks(const struct shape *shape)
{
    size_t count = 0;
    while (count < ARRAY_LENGTH(shape->disks) && shape->disks[count])
        count++;
    return count;
}

static void test_disks_of_shapes(void **state)
{
    (void)state;
    static const char *const touched[] = {
        "<disk ",  "<driver",       "<source", "</source>", "backingStore", "<format",     "<auth",
        "</auth>", "<secret",       "<host",   "metadata_", "<max_size",    "</driver>",   "<alias",
        "<target", "<reservations", "dynamic", "label",     "<console",     "<domain type"};
    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        const struct shape *shape = &shapes[i];
        struct definition_disk disks[ARRAY_LENGTH(shape->disks)];
        char *paths[ARRAY_LENGTH(shape->disks)];
        struct machine machine = {0};
        size_t count = count_disks(shape);
        for (size_t j = 0; j < count; j++) {
            paths[j] = mem_format("/new/%zu & '\"<>/%s \xc3\xa4.x", i, shape->disks[j]);
            disks[j] = (struct definition_disk){shape->disks[j], paths[j],
                                                j % 2 ? DISK_FORMAT_QCOW2 : DISK_FORMAT_RAW};
        }
        struct made made =
            rewrite_twice(shape->text, &(struct definition_change){.disks = disks, .disk_count = count});
        read_again(&machine, made.text);
        assert_int_equal(machine.disk_count, count);
        for (size_t j = 0; j < count; j++) {
            size_t at = 0;
            while (strcmp(machine.disks[at].id, disks[j].id) != 0)
                at++;
            assert_string_equal(machine.disks[at].path, paths[j]);
            assert_int_equal(machine.disks[at].format, disks[j].format);
            assert_int_equal(machine.disks[at].backing_count, 0);
            free(paths[j]);
        }
        assert_has_not(made.text, "backingStore");
        if (strchr(shape->text, '\n'))
            assert_lines_kept(shape->text, made.text, touched, ARRAY_LENGTH(touched));
        assert_has_not(made.text, "\n\n  ");
        machine_clear(&machine);
        made_clear(&made);
    }
}

static void assert_machine(const struct machine *machine, const struct definition_change *change)
{
    assert_string_equal(machine->name, change->name);
    assert_true(guid_equal(&machine->id, change->uuid));
    assert_int_equal(machine->settings.memory, change->memory);
    assert_string_equal(machine->settings.firmware, change->firmware);
    assert_int_equal(machine->disk_count, 1);
    assert_string_equal(machine->disks[0].path, change->disks[0].path);
    for (size_t i = 0; i < machine->adapter_count; i++)
        assert_null(machine->adapters[i].mac);
}

/* Everything at once, of every shape, in both firmwares. */
static void test_everything_of_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(shapes) * 2; i++) {
        const struct shape *shape = &shapes[i / 2];
        struct definition_disk disk = {shape->disks[0], "/new/one.qcow2", DISK_FORMAT_QCOW2};
        struct definition_change change = {.name = "new <name> & \xc3\xbc",
                                           .uuid = &new_guid,
                                           .new_macs = true,
                                           .cpus = 6,
                                           .cpus_ceiling = 12,
                                           .memory = 3 * GIB,
                                           .firmware = i % 2 ? "efi" : "bios",
                                           .disks = &disk,
                                           .disk_count = 1,
                                           .only_these_disks = true,
                                           .empty_drives = true};
        struct machine machine = {0};
        struct made made = rewrite_twice(shape->text, &change);
        read_again(&machine, made.text);
        assert_machine(&machine, &change);
        assert_has(made.text, strstr(made.text, "\"6\"") ? "current=\"6\"" : "current='6'");
        assert_has(made.text, ">12</vcpu>");
        assert_has_not(made.text, "c1f5a9d0-4b38-4c65-8e2e-58a5b9f3d7e1</entry>");
        assert_has_not(made.text, ".iso");
        machine_clear(&machine);
        made_clear(&made);
    }
}

/* ... and each kind of change on its own: all of the text, and a part of the notes. */

struct example {
    const char *before;
    struct definition_change change;
    const char *after;
    const char *note; /* NULL: none at all */
};

#define DOMAIN(content) "<domain type='kvm'>\n  <name>m</name>\n" content "</domain>\n"
#define DEVICES(content) DOMAIN("  <devices>\n" content "  </devices>\n")

static void check_example(const struct example *example)
{
    struct made made = rewrite_twice(example->before, &example->change);
    assert_string_equal(made.text, example->after);
    if (example->note)
        assert_has(made.notes, example->note);
    else
        assert_string_equal(made.notes, "");
    made_clear(&made);
}

static void test_identity(void **state)
{
    (void)state;
#define SYSINFO(content) "  <sysinfo type='smbios'>\n" content "  </sysinfo>\n"
#define OLD_UUID "4dea24b3-1d52-d8f3-2516-782e98a23fa0"
#define NEW_UUID "11111111-2222-4333-8444-555555555555"
    static const struct example examples[] = {
        {DOMAIN(""), {.name = "a & b"}, "<domain type='kvm'>\n  <name>a &amp; b</name>\n</domain>\n", NULL},
        {DOMAIN(""), {.name = "m"}, DOMAIN(""), NULL},
        {DOMAIN(""), {.uuid = &new_guid}, DOMAIN("  <uuid>" NEW_UUID "</uuid>\n"), NULL},
        {DOMAIN("  <uuid>" OLD_UUID "</uuid>\n"), {.uuid = &no_guid}, DOMAIN(""), NULL},
        {DOMAIN("  <uuid>1111111122224333 8444555555555555</uuid>\n"),
         {.uuid = &new_guid},
         DOMAIN("  <uuid>1111111122224333 8444555555555555</uuid>\n"),
         NULL},
        /* What repeats the UUID: libvirt refuses another one there. */
        {DOMAIN("  <uuid>4DEA24B31d52d8f32516782e98a23fa0</uuid>\n" SYSINFO(
             "    <system>\n      <entry name='serial'>" OLD_UUID
             "</entry>\n      <entry name='uuid'>" OLD_UUID "</entry>\n    </system>\n    <chassis>\n"
             "      <entry name='serial'>mine</entry>\n    </chassis>\n")),
         {.uuid = &new_guid},
         DOMAIN("  <uuid>" NEW_UUID "</uuid>\n" SYSINFO(
             "    <system>\n      <entry name='serial'>" NEW_UUID
             "</entry>\n      <entry name='uuid'>" NEW_UUID "</entry>\n    </system>\n    <chassis>\n"
             "      <entry name='serial'>mine</entry>\n    </chassis>\n")),
         "serial number in <sysinfo> was the machine's UUID: it is the new one"},
        /* Without one of its own the machine would have the UUID that is there. */
        {DOMAIN(SYSINFO("    <system>\n      <entry name='uuid'>" OLD_UUID "</entry>\n    </system>\n")),
         {.uuid = &no_guid},
         DOMAIN(SYSINFO("    <system/>\n")),
         NULL},
        {DOMAIN("  <uuid>" OLD_UUID "</uuid>\n  <devices>\n    <tpm>\n      <backend type='emulator'/>\n"
                "    </tpm>\n  </devices>\n"),
         {.uuid = &new_guid},
         DOMAIN("  <uuid>" NEW_UUID "</uuid>\n  <devices>\n    <tpm>\n      <backend type='emulator'/>\n"
                "    </tpm>\n  </devices>\n"),
         "the TPM is empty"},
        {DOMAIN("  <genid>" OLD_UUID "</genid>\n  <devices>\n    <interface type='bridge'>\n"
                "      <mac address='52:54:00:00:00:01'/>\n      <source bridge='b'/>\n"
                "      <virtualport type='openvswitch'>\n        <parameters interfaceid='" OLD_UUID
                "' profileid='p'/>\n      </virtualport>\n    </interface>\n  </devices>\n"),
         {.new_macs = true},
         DOMAIN("  <genid/>\n  <devices>\n    <interface type='bridge'>\n      <source bridge='b'/>\n"
                "      <virtualport type='openvswitch'>\n        <parameters profileid='p'/>\n"
                "      </virtualport>\n    </interface>\n  </devices>\n"),
         "Open vSwitch port " OLD_UUID},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(examples); i++)
        check_example(&examples[i]);
}

static void test_cpus(void **state)
{
    (void)state;
#define CPUS(vcpu, cpu) DOMAIN("  " vcpu "\n  " cpu "\n")
    static const struct example examples[] = {
        {DOMAIN("  <vcpu>2</vcpu>\n"), {.cpus = 4}, DOMAIN("  <vcpu>4</vcpu>\n"), NULL},
        {DOMAIN("  <vcpu>2</vcpu>\n"), {.cpus = 1}, DOMAIN("  <vcpu>1</vcpu>\n"), NULL},
        {DOMAIN(""), {.cpus = 2}, DOMAIN("  <vcpu>2</vcpu>\n"), NULL},
        {DOMAIN("  <vcpu current='4'>\n 4 </vcpu>\n"),
         {.cpus = 4},
         DOMAIN("  <vcpu current='4'>\n 4 </vcpu>\n"),
         NULL},
        {DOMAIN("  <vcpu placement='static' cpuset='0-3' current='2'>8</vcpu>\n"),
         {.cpus = 3},
         DOMAIN("  <vcpu placement='static' cpuset='0-3' current='3'>8</vcpu>\n"),
         NULL},
        {DOMAIN("  <vcpu current='2'>8</vcpu>\n"),
         {.cpus = 9},
         DOMAIN("  <vcpu>9</vcpu>\n"),
         "Up to 8 processors could be plugged in; there are 9 now"},
        {DOMAIN("  <vcpu>2</vcpu>\n"), {.cpus_ceiling = 8}, DOMAIN("  <vcpu current='2'>8</vcpu>\n"), NULL},
        {DOMAIN("  <vcpu>8</vcpu>\n"), {.cpus_ceiling = 2}, DOMAIN("  <vcpu>2</vcpu>\n"), NULL},
        {DOMAIN("  <vcpu>2</vcpu>\n"),
         {.cpus = 4, .cpus_ceiling = 3},
         DOMAIN("  <vcpu>4</vcpu>\n"),
         "fewer than the machine is to have"},
        {DOMAIN("  <vcpu current='1'>2</vcpu>\n  <vcpus>\n    <vcpu id='0' enabled='yes'/>\n"
                "    <vcpu id='1' enabled='yes'/>\n  </vcpus>\n"),
         {.cpus = 1},
         DOMAIN("  <vcpu>1</vcpu>\n"),
         "list of the processors"},
        /* Topology: one socket stays one. */
        {CPUS("<vcpu>2</vcpu>", "<cpu><topology sockets='1' cores='2' threads='1'/></cpu>"),
         {.cpus = 6},
         CPUS("<vcpu>6</vcpu>", "<cpu><topology sockets='1' cores='6' threads='1'/></cpu>"),
         "sockets=1, cores=6, threads=1"},
        {CPUS("<vcpu>4</vcpu>", "<cpu><topology sockets='2' dies='1' cores='2' threads='1'/></cpu>"),
         {.cpus = 8},
         CPUS("<vcpu>8</vcpu>", "<cpu><topology sockets='4' dies='1' cores='2' threads='1'/></cpu>"),
         "sockets=4, cores=2, threads=1"},
        {CPUS("<vcpu>4</vcpu>", "<cpu mode='maximum'><topology sockets='1' cores='2' threads='2'/></cpu>"),
         {.cpus = 3},
         CPUS("<vcpu>3</vcpu>", "<cpu mode='maximum'/>"),
         "does not fit the number of processors (3)"},
        {DOMAIN("  <vcpu>4</vcpu>\n  <cpu>\n    <topology sockets='x' cores='2' threads='2'/>\n  </cpu>\n"),
         {.cpus = 3},
         DOMAIN("  <vcpu>3</vcpu>\n"),
         "does not fit"},
        /* NUMA cells, pins. */
        {CPUS("<vcpu>4</vcpu>", "<cpu><numa><cell cpus='0-1'/><cell cpus='2,3'/></numa></cpu>"),
         {.cpus = 7},
         CPUS("<vcpu>7</vcpu>", "<cpu><numa><cell cpus='0-1,4'/><cell cpus='2,3,5-6'/></numa></cpu>"),
         "below number 7"},
        {CPUS("<vcpu>4</vcpu>", "<cpu><numa><cell cpus='0-3,^2'/></numa></cpu>"),
         {.cpus = 8},
         CPUS("<vcpu>8</vcpu>", "<cpu><numa><cell cpus='0-3,^2,4-7'/></numa></cpu>"),
         "below number 8"},
        {CPUS("<vcpu>4</vcpu>", "<cpu><numa><cell cpus='1-3'/></numa></cpu>"),
         {.cpus = 5},
         CPUS("<vcpu>5</vcpu>", "<cpu><numa><cell cpus='1-4'/></numa></cpu>"),
         "below number 5"},
        {CPUS("<vcpu>4</vcpu>", "<cpu><numa><cell cpus='0-1'/><cell cpus='2-3'/></numa></cpu>"),
         {.cpus = 1},
         CPUS("<vcpu>1</vcpu>", "<cpu><numa><cell cpus='0'/><cell/></numa></cpu>"),
         "below number 1"},
        {CPUS("<vcpu>4</vcpu>", "<cpu><numa><cell cpus='all'/></numa></cpu>"),
         {.cpus = 1},
         CPUS("<vcpu>1</vcpu>", "<cpu><numa><cell cpus='all'/></numa></cpu>"),
         "NUMA cell 0: its list of processors could not be read"},
        {DOMAIN("  <vcpu>4</vcpu>\n  <cputune>\n    <vcpupin vcpu='0' cpuset='5'/>\n"
                "    <vcpupin vcpu='3' cpuset='6'/>\n    <vcpusched vcpus='1-3' scheduler='fifo'/>\n"
                "    <emulatorpin cpuset='7'/>\n  </cputune>\n"),
         {.cpus = 2},
         DOMAIN("  <vcpu>2</vcpu>\n  <cputune>\n    <vcpupin vcpu='0' cpuset='5'/>\n"
                "    <vcpusched vcpus='1' scheduler='fifo'/>\n    <emulatorpin cpuset='7'/>\n  </cputune>\n"),
         "processors that are no more"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(examples); i++)
        check_example(&examples[i]);
}

static void test_memory(void **state)
{
    (void)state;
#define NUMA(first, second)                                                                                  \
    "  <cpu>\n    <numa>\n      <cell id='0' cpus='0' " first "/>\n      <cell id='1' cpus='1' " second      \
    "/>\n    </numa>\n  </cpu>\n"
    static const struct example examples[] = {
        {DOMAIN("  <memory unit='GiB'>1</memory>\n"),
         {.memory = GIB},
         DOMAIN("  <memory unit='GiB'>1</memory>\n"),
         NULL},
        {DOMAIN("  <memory unit='GiB'>1</memory>\n  <currentMemory unit='GiB'>1</currentMemory>\n"),
         {.memory = 2 * GIB},
         DOMAIN("  <memory unit='KiB'>2097152</memory>\n"
                "  <currentMemory unit='KiB'>2097152</currentMemory>\n"),
         NULL},
        {DOMAIN("  <memory>1024</memory>\n"),
         {.memory = 2 * GIB},
         DOMAIN("  <memory unit='KiB'>2097152</memory>\n"),
         NULL},
        {DOMAIN("  <memory>1024</memory>\n"),
         {.memory = 1025},
         DOMAIN("  <memory unit='b'>1025</memory>\n"),
         NULL},
        {DOMAIN(""), {.memory = MIB}, DOMAIN("  <memory unit='KiB'>1024</memory>\n"), NULL},
        {DOMAIN("  <memory unit='KiB'>4096</memory>\n  <currentMemory unit='KiB'>2048</currentMemory>\n"),
         {.memory = 8 * MIB},
         DOMAIN("  <memory unit='KiB'>8192</memory>\n  <currentMemory unit='KiB'>8192</currentMemory>\n"),
         "was to start with 2048 KiB"},
        {DOMAIN("  <maxMemory slots='4' unit='MiB'>6</maxMemory>\n  <memory unit='KiB'>4096</memory>\n"),
         {.memory = 8 * MIB},
         DOMAIN("  <maxMemory slots='4' unit='KiB'>8192</maxMemory>\n  <memory unit='KiB'>8192</memory>\n"),
         "up to 6144 KiB"},
        {DOMAIN("  <memory unit='GiB'>4</memory>\n" NUMA("memory='1' unit='GiB'", "memory='3145728'")),
         {.memory = 8 * GIB},
         DOMAIN("  <memory unit='KiB'>8388608</memory>\n" NUMA("memory='2097152' unit='KiB'",
                                                               "memory='6291456' unit='KiB'")),
         "had 4194304 KiB between them and have 8388608 KiB"},
        /* They count, whatever <memory> says: asked for what it says, they are made to agree. */
        {DOMAIN("  <memory unit='GiB'>4</memory>\n" NUMA("memory='1' unit='GiB'", "memory='1' unit='GiB'")),
         {.memory = 4 * GIB},
         DOMAIN("  <memory unit='GiB'>4</memory>\n" NUMA("memory='2097152' unit='KiB'",
                                                         "memory='2097152' unit='KiB'")),
         "NUMA cells"},
        {DOMAIN("  <memory unit='GiB'>3</memory>\n" NUMA(
             "memory='1' unit='GiB'",
             "memory='1' unit='GiB'") "  <devices>\n    <memory model='dimm'>\n      <target>\n        <size "
                                      "unit='GiB'>1</size>\n"
                                      "      </target>\n    </memory>\n  </devices>\n"),
         {.memory = 5 * GIB},
         DOMAIN("  <memory unit='KiB'>5242880</memory>\n" NUMA(
             "memory='2097152' unit='KiB'",
             "memory='2097152' unit='KiB'") "  <devices>\n    <memory model='dimm'>\n      <target>\n        "
                                            "<size unit='GiB'>1</size>\n"
                                            "      </target>\n    </memory>\n  </devices>\n"),
         "NUMA cells"},
        {DEVICES("    <memory model='dimm'>\n      <target>\n        <size unit='GiB'>1</size>\n"
                 "      </target>\n    </memory>\n"),
         {.memory = GIB},
         DOMAIN("  <memory unit='KiB'>1048576</memory>\n"
                "  <devices>\n    <memory model='dimm'>\n      <target>\n        <size unit='GiB'>1</size>\n"
                "      </target>\n    </memory>\n  </devices>\n"),
         "libvirt will refuse it"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(examples); i++)
        check_example(&examples[i]);
}

static void test_firmware(void **state)
{
    (void)state;
#define OS(attribute, content) DOMAIN("  <os" attribute ">\n" content "  </os>\n")
#define OS_ACPI(attribute, content)                                                                          \
    DOMAIN("  <os" attribute ">\n" content "  </os>\n  <features>\n    <acpi/>\n  </features>\n")
#define PC "    <type arch='x86_64'>hvm</type>\n"
#define ARM "    <type arch='aarch64'>hvm</type>\n"
    static const struct example examples[] = {
        {OS("", PC), {.firmware = "bios"}, OS("", PC), NULL},
        {OS("", PC), {.firmware = "efi"}, OS_ACPI(" firmware='efi'", PC), "UEFI firmware wants ACPI"},
        {OS_ACPI("", PC), {.firmware = "efi"}, OS_ACPI(" firmware='efi'", PC), NULL},
        {OS("", PC "    <loader type='pflash'>/c.fd</loader>\n    <nvram>/v.fd</nvram>\n"),
         {.firmware = "efi"},
         OS("", PC "    <loader type='pflash'>/c.fd</loader>\n    <nvram>/v.fd</nvram>\n"),
         NULL},
        {OS("", PC "    <loader type='rom'>/bios.bin</loader>\n"),
         {.firmware = "efi"},
         OS_ACPI(" firmware='efi'", PC),
         "was no UEFI firmware"},
        {OS(" firmware='efi'", PC "    <firmware>\n      <feature enabled='yes' name='secure-boot'/>\n"
                                  "    </firmware>\n    <loader secure='yes'/>\n    <nvram>/v.fd</nvram>\n"
                                  "    <boot dev='hd'/>\n"),
         {.firmware = "bios"},
         OS("", PC "    <boot dev='hd'/>\n"),
         "variable store"},
        {OS("", ARM "    <loader type='pflash'>/c.fd</loader>\n"),
         {.firmware = "bios"},
         OS(" firmware='bios'", ARM),
         "variable store"},
        {DOMAIN("  <features>\n    <pae/>\n  </features>\n"),
         {.firmware = "efi"},
         DOMAIN("  <features>\n    <pae/>\n    <acpi/>\n  </features>\n  <os firmware='efi'/>\n"),
         "ACPI"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(examples); i++)
        check_example(&examples[i]);
}

#define DISK(kind, driver, source, target)                                                                   \
    "    <disk " kind ">\n      " driver "\n      " source "\n      " target "\n    </disk>\n"
#define FILE_DISK "type='file' device='disk'"
#define CDROM "type='file' device='cdrom'"
#define ISO                                                                                                  \
    "    <disk " CDROM ">\n      <source file='/a.iso'/>\n      <target dev='sda' bus='sata'/>\n    "        \
    "</disk>\n"
#define QCOW2 "<driver name='qemu' type='qcow2'/>"
#define DISK_IS(file, target, bus)                                                                           \
    DISK(FILE_DISK, QCOW2, "<source file='" file "'/>", "<target dev='" target "' bus='" bus "'/>")
#define DISKS(...)                                                                                           \
    .disks = (struct definition_disk[]){__VA_ARGS__},                                                        \
    .disk_count = sizeof((struct definition_disk[]){__VA_ARGS__}) / sizeof(struct definition_disk)

static void test_disks_added(void **state)
{
    (void)state;
    const struct example examples[] = {
        {DEVICES(DISK_IS("/a", "vda", "virtio")),
         {DISKS({"vdb", "/b", DISK_FORMAT_QCOW2}, {"xvda", "/x", DISK_FORMAT_QCOW2})},
         DEVICES(DISK_IS("/a", "vda", "virtio") DISK_IS("/b", "vdb", "virtio") DISK_IS("/x", "xvda", "xen")),
         NULL},
        {DEVICES("    <emulator>/q</emulator>\n    <controller type='usb'/>\n"),
         {DISKS({"sda", "/a", DISK_FORMAT_QCOW2})},
         DEVICES(
             "    <emulator>/q</emulator>\n" DISK_IS("/a", "sda", "sata") "    <controller type='usb'/>\n"),
         NULL},
        {DOMAIN(""), {DISKS({"hda", "/a", DISK_FORMAT_QCOW2})}, DEVICES(DISK_IS("/a", "hda", "ide")), NULL},
        /* As the other disks are, drives only where there are none. */
        {DEVICES(ISO DISK_IS("/a", "sdb", "scsi")),
         {DISKS({"sdc", "/c", DISK_FORMAT_QCOW2})},
         DEVICES(ISO DISK_IS("/a", "sdb", "scsi") DISK_IS("/c", "sdc", "scsi")),
         NULL},
        {OS("", ARM),
         {DISKS({"sda", "/a", DISK_FORMAT_QCOW2})},
         DOMAIN("  <os>\n" ARM "  </os>\n  <devices>\n" DISK_IS("/a", "sda", "scsi") "  </devices>\n"),
         NULL},
        /* Names that cannot be had; found by their paths the next time. */
        {DEVICES(DISK_IS("/a", "vda", "virtio")),
         {DISKS({"root", "/r", DISK_FORMAT_QCOW2}, {"vdb", "/b", DISK_FORMAT_QCOW2})},
         DEVICES(DISK_IS("/a", "vda", "virtio") DISK_IS("/r", "vdc", "virtio")
                     DISK_IS("/b", "vdb", "virtio")),
         "Disk root is vdc in the definition: no target can have its name."},
        {DEVICES(DISK_IS("/a", "vda", "virtio")),
         {DISKS({"root", "/a", DISK_FORMAT_QCOW2}), .only_these_disks = true},
         DEVICES(DISK_IS("/a", "vda", "virtio")),
         NULL},
        {DEVICES(ISO),
         {DISKS({"sda", "/a", DISK_FORMAT_QCOW2})},
         DEVICES(ISO DISK_IS("/a", "sdb", "sata")),
         "Disk sda is sdb in the definition: a drive there has its name."},
        {DOMAIN("  <os>\n    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n  </os>\n  <devices>\n" ISO
                "  </devices>\n"),
         {DISKS({"hda", "/a", DISK_FORMAT_QCOW2})},
         DOMAIN("  <os>\n    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n  </os>\n  <devices>\n" ISO
                    DISK_IS("/a", "sdb", "sata") "  </devices>\n"),
         "Disk hda is sdb in the definition: a machine of its type has no IDE."},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(examples); i++)
        check_example(&examples[i]);
}

static void test_disks_changed(void **state)
{
    (void)state;
    const struct example examples[] = {
        {DEVICES(DISK(FILE_DISK, "<driver type='raw' cache='none' discard='unmap' iothread='1'/>",
                      "<source startupPolicy='optional' file='/a' index='1'><seclabel model='dac'/></source>",
                      "<backingStore/>\n      <target dev='vda'/>\n      <address type='pci'/>")),
         {DISKS({"vda", "/b", DISK_FORMAT_QCOW2})},
         DEVICES(DISK(FILE_DISK,
                      "<driver type='qcow2' cache='none' discard='unmap' iothread='1' name='qemu'/>",
                      "<source file='/b'><seclabel model='dac'/></source>",
                      "<target dev='vda'/>\n      <address type='pci'/>")),
         NULL},
        {DEVICES("    <disk type='volume'>\n      <source pool='p' volume='v'/>\n"
                 "      <target dev='vda'/>\n    </disk>\n"),
         {DISKS({"vda", "/b", DISK_FORMAT_QCOW2})},
         DEVICES(
             "    <disk type='file'>\n      <driver name='qemu' type='qcow2'/>\n      <source file='/b'/>\n"
             "      <target dev='vda'/>\n    </disk>\n"),
         "Disk vda was of the type \"volume\" and is a file now."},
        {DEVICES(DISK(FILE_DISK, QCOW2,
                      "<source file='/a'/>\n      <mirror type='file' job='copy'>\n"
                      "        <source file='/c'/>\n      </mirror>",
                      "<target dev='vda'/>")),
         {DISKS({"vda", "/a", DISK_FORMAT_QCOW2})},
         DEVICES(DISK(FILE_DISK, QCOW2, "<source file='/a'/>", "<target dev='vda'/>")),
         NULL},
        {DEVICES("    <disk type='block' device='lun' sgio='unfiltered' rawio='yes'>\n"
                 "      <driver name='qemu' type='raw'/>\n      <source dev='/dev/x'>\n"
                 "        <reservations managed='yes'/>\n      </source>\n      <target dev='sda'/>\n"
                 "    </disk>\n"),
         {DISKS({"sda", "/b", DISK_FORMAT_QCOW2})},
         DEVICES(DISK(FILE_DISK, QCOW2, "<source file='/b'/>", "<target dev='sda'/>")),
         "Disk sda was a SCSI LUN"},
        {DEVICES(DISK(FILE_DISK, "<driver type='qcow2'><metadata_cache/></driver>", "<source file='/a'/>",
                      "<target dev='vda'/>")),
         {DISKS({"vda", "/a", DISK_FORMAT_RAW})},
         DEVICES(DISK(FILE_DISK, "<driver type='raw' name='qemu'/>", "<source file='/a'/>",
                      "<target dev='vda'/>")),
         "does not hold for a raw one"},
        /* Others stay, or go. */
        {DEVICES(ISO DISK_IS("/a", "vda", "virtio") DISK_IS("/b", "vdb", "virtio")),
         {DISKS({"vdb", "/c", DISK_FORMAT_QCOW2})},
         DEVICES(ISO DISK_IS("/a", "vda", "virtio") DISK_IS("/c", "vdb", "virtio")),
         NULL},
        {DEVICES(ISO DISK_IS("/a", "vda", "virtio") DISK_IS("/b", "vdb", "virtio")),
         {DISKS({"vdb", "/c", DISK_FORMAT_QCOW2}), .only_these_disks = true},
         DEVICES(ISO DISK_IS("/c", "vdb", "virtio")),
         "Disk vda was taken out of the definition"},
        {DEVICES(DISK_IS("/a", "vda", "virtio")),
         {.only_these_disks = true},
         DOMAIN("  <devices/>\n"),
         "Disk vda was taken out of the definition"},
        {DEVICES(ISO DISK("type='network' device='floppy'", "<driver type='raw'/>",
                          "<source protocol='http' name='f'/>", "<target dev='fda'/>")),
         {.empty_drives = true},
         DEVICES("    <disk " CDROM ">\n      <target dev='sda' bus='sata'/>\n    </disk>\n"
                 "    <disk type='file' device='floppy'>\n      <driver type='raw'/>\n"
                 "      <target dev='fda'/>\n    </disk>\n"),
         NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(examples); i++)
        check_example(&examples[i]);
}

#define FILES(...)                                                                                           \
    .files = (struct definition_file[]){__VA_ARGS__},                                                        \
    .file_count = sizeof((struct definition_file[]){__VA_ARGS__}) / sizeof(struct definition_file)

static const char *shape_text(const char *tool)
{
    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        if (strstr(shapes[i].tool, tool))
            return shapes[i].text;
    }
    fail_msg("no shape of %s", tool);
    return NULL;
}

static void test_files_moved(void **state)
{
    (void)state;
    const struct definition_change board = {
        FILES({MACHINE_FILE_KERNEL, "/srv/board/Image", "/new/k & k"},
              {MACHINE_FILE_INITRD, "/srv/board/initrd", "/new/initrd"},
              {MACHINE_FILE_DEVICE_TREE, "/srv/board/virt.dtb", "/new/dtb"},
              {MACHINE_FILE_ACPI_TABLE, "/srv/board/slic.dat", "/new/slic"},
              {MACHINE_FILE_FIRMWARE_CONFIG, "/srv/board/config.json", "/new/config"})};
    struct made made = rewrite_twice(shape_text("aarch64"), &board);
    assert_has(made.text, "\t\t<kernel>/new/k &amp; k</kernel>\n");
    assert_has(made.text, "<initrd>/new/initrd</initrd>");
    assert_has(made.text, "<dtb>/new/dtb</dtb>");
    assert_has(made.text, "<table type='slic'>/new/slic</table>");
    assert_has(made.text, "<entry name='opt/org.made-up/config' file='/new/config'/>");
    assert_has_not(made.text, "/srv/board/virt");
    assert_string_equal(made.notes, "");
    made_clear(&made);

    const struct definition_change office = {
        FILES({MACHINE_FILE_NVRAM, "/srv/nvram/buero.fd", "/new/v.fd"},
              {MACHINE_FILE_TPM, "/srv/tpm/buero", "/new/tpm"},
              {MACHINE_FILE_LOADER, "/usr/share/OVMF/OVMF_CODE_4M.fd", "/new/code.fd"},
              {MACHINE_FILE_NVRAM, "/elsewhere", "/new/else"})};
    made = rewrite_twice(shape_text("own file"), &office);
    assert_has(made.text, "<source file='/new/v.fd'/>\n    </nvram>");
    assert_has(made.text, "<source type='dir' path='/new/tpm'/>");
    assert_has(made.text, "<loader readonly='yes' type='pflash'>/new/code.fd</loader>");
    assert_has(made.text, "<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE.");
    assert_has(made.text, "<name>b\xc3\xbcro</name>");
    assert_has(made.text, "<source file='/srv/vm/a&apos;b &quot;c&quot; &lt;d&gt; &amp; e.img'/>");
    assert_string_equal(made.notes, "The definition does not name /elsewhere (nvram): /new/else could not be "
                                    "put in its place.\n");
    made_clear(&made);
}

static void test_files_removed(void **state)
{
    (void)state;
    const struct definition_change board = {
        FILES({MACHINE_FILE_KERNEL, "/srv/board/Image", NULL},
              {MACHINE_FILE_DEVICE_TREE, "/srv/board/virt.dtb", NULL},
              {MACHINE_FILE_ACPI_TABLE, "/srv/board/slic.dat", NULL},
              {MACHINE_FILE_FIRMWARE_CONFIG, "/srv/board/config.json", NULL})};
    struct made made = rewrite_twice(shape_text("aarch64"), &board);
    assert_has(made.text,
               "<vcpu>2</vcpu>\n\t<os>\n\t\t<type arch='aarch64' machine='virt'>hvm</type>\n\t</os>\n");
    assert_has(made.notes, "<initrd> and <cmdline>");
    made_clear(&made);

    const struct definition_change office = {
        FILES({MACHINE_FILE_NVRAM, "/srv/nvram/buero.fd", NULL}, {MACHINE_FILE_TPM, "/srv/tpm/buero", NULL})};
    made = rewrite_twice(shape_text("own file"), &office);
    assert_has(made.text, "OVMF_CODE_4M.fd</loader>\n  </os>\n");
    assert_has(made.text, "<backend type='emulator' version='2.0'/>\n");
    made_clear(&made);

    /* What one change puts there is not what the other looks for. */
    const struct example swapped = {
        OS("", PC "    <kernel>/a</kernel>\n    <initrd>/b</initrd>\n"),
        {FILES({MACHINE_FILE_KERNEL, "/a", "/b"}, {MACHINE_FILE_INITRD, "/a", "/c"})},
        OS("", PC "    <kernel>/b</kernel>\n    <initrd>/b</initrd>\n"),
        "does not name /a (initrd)"};
    check_example(&swapped);
}

/* Text that XML writes in several ways, and what stands outside the root. */
static void test_text(void **state)
{
    (void)state;
    static const char before[] =
        "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"ISO-8859-1\" standalone='yes'?><?tool keep=\"me\"?>\r\n"
        "<!-- a - b -->\r\n"
        "<domain type = 'kvm'\r\n  xmlns:q='urn:&amp;q'>\r\n"
        "  <name>m</name>\r\n"
        "  <title><![CDATA[<a> & ]]>b\xc3\xa4&#13;&#x1F600;</title>\r\n"
        "  <q:x q:y='a&#10;b&#9;c\"&lt;&gt;'/><metadata><z xmlns='urn:z'>&apos;&quot;</z></metadata>\r\n"
        "</domain>\r\n<!-- end -->";
    static const char after[] =
        "<?xml version='1.0' encoding='UTF-8'?>\n<?tool keep=\"me\"?>\n"
        "<!-- a - b -->\n"
        "<domain type='kvm' xmlns:q='urn:&amp;q'>\n"
        "  <name>n</name>\n"
        "  <title>&lt;a&gt; &amp; b\xc3\xa4&#13;\xf0\x9f\x98\x80</title>\n"
        "  <q:x q:y='a&#10;b&#9;c\"&lt;&gt;'/><metadata><z xmlns='urn:z'>'\"</z></metadata>\n"
        "</domain>\n<!-- end -->\n";
    struct made made = rewrite_twice(before, &(struct definition_change){.name = "n"});
    assert_string_equal(made.text, after);
    made_clear(&made);

    /* A false declaration is put right even where nothing else is to change. */
    made = rewrite_twice("<?xml version='1.0' encoding='latin1'?><domain><name>\xc3\xa4</name></domain>",
                         &(struct definition_change){0});
    assert_string_equal(made.text,
                        "<?xml version='1.0' encoding='UTF-8'?>\n<domain><name>\xc3\xa4</name></domain>\n");
    made_clear(&made);
}

struct refusal {
    const char *key;
    const char *part; /* of the sentence */
    const char *text;
    struct definition_change change;
};

static void assert_refused(const struct refusal *refusal)
{
    struct error err = {0};
    char *made;
    char **notes;
    size_t count;
    if (definition_rewrite(refusal->text, &refusal->change, &made, &notes, &count, &err))
        fail_msg("passes: %.200s", refusal->text);
    if (err.code != 32773 || strcmp(err.key, refusal->key) != 0 || !strstr(err.what, refusal->part))
        fail_msg("%.200s: %u %s %s", refusal->text, err.code, err.key, err.what);
    assert_true(*err.next || strcmp(err.key, "xml.syntax") == 0);
    assert_null(made);
    assert_null(notes);
    assert_int_equal(count, 0);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct refusal cases[] = {
        {"xml.syntax", "well-formed", "", {0}},
        {"xml.syntax", "well-formed", "<domain><name>m</name>", {0}},
        {"xml.syntax", "well-formed", "<domain><name>\xe4</name></domain>", {0}},
        {"xml.document-type",
         "document type",
         "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><domain><name>&e;</name></domain>",
         {0}},
        {"domain-xml.invalid", "<domains> is where <domain> should be", "<domains/>", {0}},
        {"xml.twice", "has <name> twice", DOMAIN("<name>n</name>"), {0}},
        {"xml.twice", "has <memory> twice", DOMAIN("<memory>1</memory><memory>2</memory>"), {0}},
        {"xml.twice",
         "has <source> twice",
         DEVICES(DISK(FILE_DISK, QCOW2, "<source file='/a'/><source file='/b'/>", "<target dev='vda'/>")),
         {0}},
        {"domain-xml.invalid", "<vcpu> is not a number", DOMAIN("<vcpu>two</vcpu>"), {.cpus = 1}},
        {"domain-xml.invalid", "<vcpu> is not a number", DOMAIN("<vcpu current='3'>2</vcpu>"), {.cpus = 1}},
        {"domain-xml.invalid", "<memory> is not an amount", DOMAIN("<memory>x</memory>"), {.memory = 1}},
        {"domain-xml.invalid",
         "<cell> is not an amount",
         DOMAIN("<memory>1</memory><cpu><numa><cell memory='x'/></numa></cpu>"),
         {.memory = 1}},
        {"domain-xml.disk",
         "disk vda",
         DEVICES(DISK_IS("/a", "vda", "virtio") DISK_IS("/b", "vda", "virtio")),
         {DISKS({"vda", "/c", DISK_FORMAT_RAW})}},
        {"domain-xml.disk",
         "disk vda",
         DEVICES(DISK_IS("/a", "vda", "virtio")),
         {DISKS({"vda", "/c", DISK_FORMAT_RAW}, {"vda", "/d", DISK_FORMAT_RAW})}},
        {"domain-xml.path", "path a.img", DOMAIN(""), {DISKS({"vda", "a.img", DISK_FORMAT_RAW})}},
        {"domain-xml.path", "path v.fd", DOMAIN(""), {FILES({MACHINE_FILE_NVRAM, "/a", "v.fd"})}},
        {"domain-xml.name", "name \"a/b\"", DOMAIN(""), {.name = "a/b"}},
        {"domain-xml.name", "name \"\"", DOMAIN(""), {.name = ""}},
        {"domain-xml.name", "name \" a\"", DOMAIN(""), {.name = " a"}},
        {"domain-xml.name", "name \"a\\nb\"", DOMAIN(""), {.name = "a\nb"}},
        {"domain-xml.unwritable", "the name a\\x1b", DOMAIN(""), {.name = "a\x1b"}},
        {"domain-xml.unwritable", "the path /\\xe4", DOMAIN(""), {DISKS({"vda", "/\xe4", DISK_FORMAT_RAW})}},
        {"domain-xml.unwritable", "the disk v\\x01", DOMAIN(""), {DISKS({"v\x01", "/a", DISK_FORMAT_RAW})}},
        {"domain-xml.firmware", "firmware uefi", DOMAIN(""), {.firmware = "uefi"}},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_refused(&cases[i]);
}

#define MANY 4000

static void test_many_disks(void **state)
{
    (void)state;
    struct definition_disk *disks = mem_alloc(sizeof *disks * MANY);
    struct strbuf text = {0};
    strbuf_add(&text, "<domain>\n  <name>m</name>\n  <devices>\n");
    for (size_t i = 0; i < MANY; i++) {
        disks[i].id =
            mem_format("vd%c%c%c", (int)('a' + i / 676), (int)('a' + i / 26 % 26), (int)('a' + i % 26));
        disks[i].path = mem_format("/i/%zu", i);
        disks[i].format = DISK_FORMAT_QCOW2;
        strbuf_addf(&text,
                    "    <disk>\n      <source file='/o/%zu'/>\n      <backingStore/>\n"
                    "      <target dev='%s'/>\n    </disk>\n",
                    i, disks[i].id);
    }
    strbuf_add(&text, "  </devices>\n</domain>\n");
    struct definition_change change = {.disks = disks, .disk_count = MANY, .only_these_disks = true};
    struct made made = rewrite_twice(text.data, &change);
    assert_has(made.text, "<source file='/i/3999'/>");
    assert_has_not(made.text, "/o/");
    made_clear(&made);

    /* All of them taken out and added again under other names. */
    for (size_t i = 0; i < MANY; i++) {
        free((void *)(uintptr_t)disks[i].id);
        disks[i].id = mem_format("%zu", i);
    }
    made = rewrite_twice(text.data, &change);
    assert_has_not(made.text, "/o/");
    assert_has(made.text, "<target dev='vdewv' bus='virtio'/>");
    made_clear(&made);

    /* Longer than a definition may be. */
    CLEANUP_FREE char *name = mem_alloc(XML_LIMIT);
    memset(name, 'x', XML_LIMIT - 1);
    assert_refused(&(struct refusal){"domain-xml.too-large", "becomes larger", DOMAIN(""), {.name = name}});
    for (size_t i = 0; i < MANY; i++) {
        free((void *)(uintptr_t)disks[i].id);
        free((void *)(uintptr_t)disks[i].path);
    }
    free(disks);
    strbuf_free(&text);
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
    assert_refused(&(struct refusal){"xml.syntax", "well-formed", deep, {0}});
    CLEANUP_FREE char *large = repeated("<domain><name>", "xxxxxxxxxx", 120000, "</name></domain>");
    assert_refused(&(struct refusal){"xml.too-large", "larger than 1048576 bytes", large, {0}});
    CLEANUP_FREE char *aliases = repeated("<domain id='1'><name>m</name><devices><disk>", "x<alias/>", 100000,
                                          "</disk></devices></domain>");
    struct made made = rewrite_twice(aliases, &(struct definition_change){0});
    made_clear(&made);
    CLEANUP_FREE char *adapters = repeated("<domain><name>m</name><devices><interface>", "\n<mac/>", 100000,
                                           "\n</interface></devices></domain>\n");
    made = rewrite_twice(adapters, &(struct definition_change){.new_macs = true});
    assert_string_equal(made.text, "<domain><name>m</name><devices><interface/></devices></domain>\n");
    made_clear(&made);
    made = rewrite_twice(DOMAIN("  <vcpu>4294967295</vcpu>\n  <cpu><topology sockets='4096' cores='4096' "
                                "threads='4096'/><numa><cell cpus='0-4294967295'/></numa></cpu>\n"),
                         &(struct definition_change){.cpus = UINT32_MAX - 1, .memory = INT64_MAX});
    assert_has(made.text, "<vcpu>4294967294</vcpu>");
    made_clear(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_asked),
        cmocka_unit_test(test_running),
        cmocka_unit_test(test_disks_of_shapes),
        cmocka_unit_test(test_everything_of_shapes),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_cpus),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_firmware),
        cmocka_unit_test(test_disks_added),
        cmocka_unit_test(test_disks_changed),
        cmocka_unit_test(test_files_moved),
        cmocka_unit_test(test_files_removed),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_many_disks),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
