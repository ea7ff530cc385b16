#include "core/definition/surroundings/left_out.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/surroundings/devices.h"
#include "core/definition/surroundings/hypervisor.h"
#include "core/definition/surroundings/note.h"
#include "core/definition/surroundings/source.h"
#include "core/syntax/xml.h"

/* libvirt's own name spaces: qemu, lxc, xen, bhyve, vmware. */
#define LIBVIRT_NAMESPACES "http://libvirt.org/schemas/domain/"

/* Directly in <domain>: numbers, words, policies. What is read elsewhere is among them. */
static const char *const domain_parts[] = {"blkiotune",
                                           "bootloader",
                                           "bootloader_args",
                                           "clock",
                                           "cpu",
                                           "cputune",
                                           "currentMemory",
                                           "defaultiothread",
                                           "description",
                                           "devices",
                                           "features",
                                           "genid",
                                           "idmap",
                                           "iothreadids",
                                           "iothreads",
                                           "keywrap",
                                           "launchSecurity",
                                           "maxMemory",
                                           "memory",
                                           "memoryBacking",
                                           "memtune",
                                           "metadata",
                                           "name",
                                           "numatune",
                                           "on_crash",
                                           "on_lockfailure",
                                           "on_poweroff",
                                           "on_reboot",
                                           "os",
                                           "perf",
                                           "pm",
                                           "resource",
                                           "seclabel",
                                           "sysinfo",
                                           "throttlegroups",
                                           "title",
                                           "uuid",
                                           "vcpu",
                                           "vcpus"};

static const char *const libvirt_parts[] = {"capabilities", "commandline", "datacenterpath", "deprecation",
                                            "moref",        "namespace",   "override"};

/* Directly in <os>. */
static const char *const os_parts[] = {"acpi",     "bios",     "boot",    "bootmenu", "cmdline", "dtb",
                                       "firmware", "init",     "initarg", "initdir",  "initenv", "initgroup",
                                       "initrd",   "inituser", "kernel",  "loader",   "nvram",   "root",
                                       "smbios",   "type",     "varstore"};

static bool is_among(const xmlNode *element, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (xml_is(element, names[i]))
            return true;
    }
    return false;
}

static void note_unknown(const xmlNode *element, struct machine *machine)
{
    CLEANUP_FREE char *path = definition_any_path(element);
    definition_leave_out(machine, "unknown", xml_name(element), path,
                         "is of a kind that is not known, and may hold data");
}

static bool is_known(const xmlNode *part)
{
    const char *space = xml_namespace(part);
    if (!space)
        return is_among(part, domain_parts, ARRAY_LENGTH(domain_parts));
    return strncmp(space, LIBVIRT_NAMESPACES, sizeof LIBVIRT_NAMESPACES - 1) == 0 &&
           is_among(part, libvirt_parts, ARRAY_LENGTH(libvirt_parts));
}

static void read_os(const xmlNode *os, struct machine *machine)
{
    for (const xmlNode *part = xml_first(os); part; part = xml_next(part)) {
        if (xml_namespace(part) || !is_among(part, os_parts, ARRAY_LENGTH(os_parts)))
            note_unknown(part, machine);
    }
}

static void read_devices(const xmlNode *devices, struct machine *machine)
{
    for (const xmlNode *device = xml_first(devices); device; device = xml_next(device)) {
        if (!definition_read_device(device, machine))
            note_unknown(device, machine);
    }
}

void definition_read_left_out(const xmlNode *domain, struct machine *machine)
{
    for (const xmlNode *part = xml_first(domain); part; part = xml_next(part)) {
        if (!is_known(part))
            note_unknown(part, machine);
        else if (xml_is(part, "devices"))
            read_devices(part, machine);
        else if (xml_is(part, "os"))
            read_os(part, machine);
        else if (xml_is(part, "commandline"))
            definition_read_command_line(part, machine);
        else if (xml_is(part, "override"))
            definition_read_override(part, machine);
    }
}
