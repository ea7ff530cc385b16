#include "core/definition/surroundings/hypervisor.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/surroundings/note.h"
#include "core/syntax/xml.h"

#define KIND "qemu-option"
#define REASON "is handed to QEMU past the definition"

/* What follows these is a file or holds data, whatever it looks like. Without their dashes. */
static const char *const opening[] = {
    "drive",  "blockdev", "hda",      "hdb",       "hdc",      "hdd",        "cdrom",  "fda",
    "fdb",    "pflash",   "mtdblock", "sd",        "kernel",   "initrd",     "dtb",    "bios",
    "virtfs", "fsdev",    "incoming", "acpitable", "mem-path", "option-rom", "loadvm", "readconfig"};

/* Of these the values are names within the guest. */
static const char *const of_guest[] = {"append", "name"};

static bool is_among(const char *option, const char *const *names, size_t count)
{
    const char *name = option + strspn(option, "-");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* "/a", "file=/a", "file:/a", "{\"filename\": \"/a\"}". */
static bool names_absolute_path(const char *value)
{
    for (const char *slash = strchr(value, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (slash == value || strchr("=,:;\"'([{ ", slash[-1]))
            return true;
    }
    return false;
}

static bool opens_something(const char *value)
{
    static const char *const signs[] = {"file=",    "path=",      "filename",
                                        "file:",    "dir=",       "vfio-",
                                        "usb-host", "pci-assign", "memory-backend-file"};
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++) {
        if (strstr(value, signs[i]))
            return true;
    }
    return names_absolute_path(value);
}

/* *option: the one that the argument belongs to; NULL: none. */
static void read_argument(const char *value, char **option, struct machine *machine)
{
    bool opens = *option && is_among(*option, opening, ARRAY_LENGTH(opening));
    if (!opens && value[0] == '-' && isalpha((unsigned char)value[strspn(value, "-")])) {
        mem_replace(option, value);
        return;
    }
    bool is_guests = *option && is_among(*option, of_guest, ARRAY_LENGTH(of_guest));
    if (opens || (!is_guests && opens_something(value)))
        definition_leave_out(machine, KIND, *option, value, REASON);
    mem_replace(option, NULL);
}

void definition_read_command_line(const xmlNode *command_line, struct machine *machine)
{
    CLEANUP_FREE char *option = NULL;
    for (const xmlNode *argument = xml_first(command_line); argument; argument = xml_next(argument)) {
        CLEANUP_FREE char *value = xml_is(argument, "arg") ? xml_attribute(argument, "value") : NULL;
        if (value)
            read_argument(value, &option, machine);
    }
}

void definition_read_override(const xmlNode *override, struct machine *machine)
{
    for (const xmlNode *element = xml_first(override); element; element = xml_next(element)) {
        CLEANUP_FREE char *name = xml_attribute(element, "name");
        CLEANUP_FREE char *value = xml_attribute(element, "value");
        if (value && names_absolute_path(value))
            definition_leave_out(machine, KIND, name, value, REASON);
        definition_read_override(element, machine);
    }
}
