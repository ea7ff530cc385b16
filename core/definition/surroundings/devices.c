#include "core/definition/surroundings/devices.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/surroundings/note.h"
#include "core/definition/surroundings/source.h"
#include "core/syntax/xml.h"

#define OF_HOST "is a device of the host"
#define WRITTEN "is a file that the machine writes to"
#define IN_FILE "is memory kept in a file"

static char *child_attribute(const xmlNode *parent, const char *child, const char *attribute)
{
    const xmlNode *element = xml_child(parent, child);
    return element ? xml_attribute(element, attribute) : NULL;
}

static void read_memory(const xmlNode *device, struct machine *machine)
{
    const xmlNode *source = xml_child(device, "source");
    CLEANUP_FREE char *model = xml_attribute(device, "model");
    CLEANUP_FREE char *path = source ? definition_any_path(source) : NULL;
    bool lasts = model && (strcmp(model, "nvdimm") == 0 || strcmp(model, "virtio-pmem") == 0);
    if (path || lasts)
        definition_leave_out(machine, "memory", model, path, IN_FILE);
}

/* Shared memory has a name in the host's memory; a file is not what libvirt gives it by itself. */
static void read_shared_memory(const xmlNode *device, struct machine *machine)
{
    const xmlNode *source = xml_child(device, "source");
    CLEANUP_FREE char *name = xml_attribute(device, "name");
    CLEANUP_FREE char *path = source ? definition_any_path(source) : NULL;
    if (path)
        definition_leave_out(machine, "shmem", name, path, IN_FILE);
}

static void read_file_system(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *target = child_attribute(device, "target", "dir");
    CLEANUP_FREE char *path = definition_source_text(xml_child(device, "source"));
    if (!xml_attribute_is(device, "type", "ram"))
        definition_leave_out(machine, "filesystem", target, path, "is shared with the host");
}

static void read_host_device(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *type = xml_attribute(device, "type");
    CLEANUP_FREE char *path = definition_host_device_text(device);
    definition_leave_out(machine, "hostdev", type, path, OF_HOST);
}

static void read_adapter(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *path = definition_host_device_text(device);
    if (xml_attribute_is(device, "type", "hostdev"))
        definition_leave_out(machine, "hostdev", "network", path, OF_HOST);
}

/* libvirt prints the first serial port a second time, as the console that it is. */
static bool is_printed_twice(const xmlNode *device, const struct machine *machine, const char *path)
{
    for (size_t i = 0; i < machine->left_out_count && xml_is(device, "console"); i++) {
        const struct machine_left_out *item = &machine->left_out[i];
        if (strcmp(item->kind, "serial") == 0 && item->path && strcmp(item->path, path) == 0)
            return true;
    }
    return false;
}

static void note_port(const xmlNode *device, struct machine *machine, const char *path, const char *reason)
{
    CLEANUP_FREE char *name = child_attribute(device, "target", "name");
    CLEANUP_FREE char *port = child_attribute(device, "target", "port");
    if (path && *path && !is_printed_twice(device, machine, path))
        definition_leave_out(machine, xml_name(device), name ? name : port, path, reason);
}

static void read_port(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *path = child_attribute(device, "source", "path");
    CLEANUP_FREE char *log = child_attribute(device, "log", "file");
    if (xml_attribute_is(device, "type", "file"))
        note_port(device, machine, path, WRITTEN);
    else if (xml_attribute_is(device, "type", "pipe"))
        note_port(device, machine, path, "is a pipe of the host");
    else if (xml_attribute_is(device, "type", "dev"))
        note_port(device, machine, path, OF_HOST);
    note_port(device, machine, log, WRITTEN);
}

static void read_crash_store(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *backend = xml_attribute(device, "backend");
    CLEANUP_FREE char *path = definition_any_path(device);
    definition_leave_out(machine, "pstore", backend, path, "is kept in a file beside the disks");
}

static void read_lease(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *path = child_attribute(device, "target", "path");
    definition_leave_out(machine, "lease", NULL, path, "is a lock that the host keeps");
}

static void read_smart_card(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *mode = xml_attribute(device, "mode");
    const xmlNode *database = xml_child(device, "database");
    CLEANUP_FREE char *path = database ? xml_trimmed(database) : NULL;
    if (mode && strcmp(mode, "passthrough") != 0)
        definition_leave_out(machine, "smartcard", mode, path, "is kept by the host");
}

static void read_audio(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *path = xml_attribute(device, "path");
    if (path && xml_attribute_is(device, "type", "file"))
        definition_leave_out(machine, "audio", NULL, path, WRITTEN);
}

/* The system's own come with the system. */
static void read_option_rom(const xmlNode *device, struct machine *machine)
{
    CLEANUP_FREE char *path = child_attribute(device, "rom", "file");
    if (path && *path && (strncmp(path, "/usr/share/", 11) != 0 || strstr(path, "/../")))
        definition_leave_out(machine, "rom", xml_name(device), path, "is firmware of a device, in a file");
}

static void read_nothing(const xmlNode *device, struct machine *machine)
{
    (void)device;
    (void)machine;
}

static const struct {
    const char *name;
    void (*read)(const xmlNode *device, struct machine *machine);
} kinds[] = {
    {"disk", read_nothing}, /* domain_disk.c */
    {"tpm", read_nothing},  /* files.c */
    {"audio", read_audio},
    {"channel", read_port},
    {"console", read_port},
    {"filesystem", read_file_system},
    {"hostdev", read_host_device},
    {"interface", read_adapter},
    {"lease", read_lease},
    {"memory", read_memory},
    {"parallel", read_port},
    {"pstore", read_crash_store},
    {"serial", read_port},
    {"shmem", read_shared_memory},
    {"smartcard", read_smart_card},
    /* These hold nothing, or nothing that outlives the machine's run. */
    {"controller", read_nothing},
    {"crypto", read_nothing},
    {"emulator", read_nothing},
    {"graphics", read_nothing},
    {"hub", read_nothing},
    {"input", read_nothing},
    {"iommu", read_nothing},
    {"memballoon", read_nothing},
    {"nvram", read_nothing}, /* of pSeries: an address, no file */
    {"panic", read_nothing},
    {"redirdev", read_nothing},
    {"redirfilter", read_nothing},
    {"rng", read_nothing},
    {"sound", read_nothing},
    {"video", read_nothing},
    {"vsock", read_nothing},
    {"watchdog", read_nothing},
};

bool definition_read_device(const xmlNode *device, struct machine *machine)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds) && !xml_namespace(device); i++) {
        if (xml_is(device, kinds[i].name)) {
            kinds[i].read(device, machine);
            read_option_rom(device, machine);
            return true;
        }
    }
    return false;
}
