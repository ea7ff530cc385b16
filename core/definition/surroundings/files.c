#include "core/definition/surroundings/files.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/surroundings/note.h"
#include "core/definition/surroundings/source.h"
#include "core/syntax/xml.h"

#define SYSTEM_FILES "/usr/share/"
#define TPM_STATES "/var/lib/libvirt/swtpm"

static bool take_text(struct machine *machine, enum machine_file_role role, const xmlNode *element,
                      struct error *err)
{
    CLEANUP_FREE char *path = xml_trimmed(element);
    return definition_take_file(machine, role, path, err);
}

/* The system's own firmware comes with the system; what is elsewhere or written to comes with the machine. */
static bool read_loader(const xmlNode *loader, struct machine *machine, struct error *err)
{
    CLEANUP_FREE char *path = xml_trimmed(loader);
    bool is_systems = strncmp(path, SYSTEM_FILES, sizeof SYSTEM_FILES - 1) == 0 && !strstr(path, "/../");
    if (is_systems && xml_attribute_is(loader, "readonly", "yes"))
        return true;
    return definition_take_file(machine, MACHINE_FILE_LOADER, path, err);
}

static bool read_nvram(const xmlNode *nvram, struct machine *machine, struct error *err)
{
    const xmlNode *source = xml_child(nvram, "source");
    CLEANUP_FREE char *file = source ? xml_attribute(source, "file") : NULL;
    CLEANUP_FREE char *other = file ? NULL : definition_source_text(source);
    if (file)
        return definition_take_file(machine, MACHINE_FILE_NVRAM, file, err);
    if (!other)
        return take_text(machine, MACHINE_FILE_NVRAM, nvram, err);
    definition_leave_out(machine, machine_file_role_word(MACHINE_FILE_NVRAM), NULL, other,
                         "is not kept in a file");
    return true;
}

static bool read_varstore(const xmlNode *varstore, struct machine *machine, struct error *err)
{
    CLEANUP_FREE char *path = xml_attribute(varstore, "path");
    return !path || definition_take_file(machine, MACHINE_FILE_NVRAM, path, err);
}

static bool read_tables(const xmlNode *acpi, struct machine *machine, struct error *err)
{
    for (const xmlNode *table = xml_first(acpi); table; table = xml_next(table)) {
        if (xml_is(table, "table") && !take_text(machine, MACHINE_FILE_ACPI_TABLE, table, err))
            return false;
    }
    return true;
}

static bool read_boot_file(const xmlNode *element, struct machine *machine, struct error *err)
{
    if (xml_is(element, "loader"))
        return read_loader(element, machine, err);
    if (xml_is(element, "nvram"))
        return read_nvram(element, machine, err);
    if (xml_is(element, "varstore"))
        return read_varstore(element, machine, err);
    if (xml_is(element, "kernel"))
        return take_text(machine, MACHINE_FILE_KERNEL, element, err);
    if (xml_is(element, "initrd"))
        return take_text(machine, MACHINE_FILE_INITRD, element, err);
    if (xml_is(element, "dtb"))
        return take_text(machine, MACHINE_FILE_DEVICE_TREE, element, err);
    return !xml_is(element, "acpi") || read_tables(element, machine, err);
}

/* What is written to is the firmware's own file, where it is not the readonly half of a pair. */
static bool keeps_no_store(const xmlNode *loader)
{
    CLEANUP_FREE char *path = xml_trimmed(loader);
    return xml_attribute_is(loader, "stateless", "yes") || xml_attribute_is(loader, "type", "rom") ||
           (*path && !xml_attribute_is(loader, "readonly", "yes"));
}

/* UEFI with its variables in a store of their own, which libvirt makes and then names: a definition that was
 * written by hand or by a tool need not. */
static bool has_unnamed_variables(const xmlNode *os, const struct machine *machine)
{
    const xmlNode *loader = xml_child(os, "loader");
    const xmlNode *nvram = xml_child(os, "nvram");
    const xmlNode *varstore = xml_child(os, "varstore");
    if (!machine->settings.firmware || strcmp(machine->settings.firmware, "efi") != 0)
        return false;
    if ((loader && keeps_no_store(loader)) || (varstore && xmlHasProp(varstore, (const xmlChar *)"path")))
        return false;
    CLEANUP_FREE char *path = nvram ? xml_trimmed(nvram) : NULL;
    return !nvram || (*path == '\0' && !xml_child(nvram, "source"));
}

static bool read_os(const xmlNode *os, struct machine *machine, struct error *err)
{
    for (const xmlNode *element = xml_first(os); element; element = xml_next(element)) {
        if (!xml_namespace(element) && !read_boot_file(element, machine, err))
            return false;
    }
    if (has_unnamed_variables(os, machine))
        definition_leave_out(machine, machine_file_role_word(MACHINE_FILE_NVRAM), NULL, NULL,
                             "is not named in the definition: name it "
                             "(<nvram>/var/lib/libvirt/qemu/nvram/NAME_VARS.fd</nvram>, "
                             "where libvirt keeps it), and give the definition again");
    return true;
}

static bool read_sysinfo(const xmlNode *sysinfo, struct machine *machine, struct error *err)
{
    for (const xmlNode *entry = xml_first(sysinfo); entry; entry = xml_next(entry)) {
        CLEANUP_FREE char *path = xml_attribute(entry, "file");
        if (path && !definition_take_file(machine, MACHINE_FILE_FIRMWARE_CONFIG, path, err))
            return false;
    }
    return true;
}

static bool read_emulated_tpm(const xmlNode *backend, struct machine *machine, struct error *err)
{
    const xmlNode *source = xml_child(backend, "source");
    CLEANUP_FREE char *path = source ? xml_attribute(source, "path") : NULL;
    if (path)
        return definition_take_file(machine, MACHINE_FILE_TPM, path, err);
    if (guid_is_none(&machine->id)) {
        definition_leave_out(machine, "tpm", NULL, NULL,
                             "is kept under the machine's UUID, which the definition does not say");
        return true;
    }
    CLEANUP_FREE char *directory = mem_format(TPM_STATES "/%s", machine->id.text);
    return definition_take_file(machine, MACHINE_FILE_TPM, directory, err);
}

static bool read_tpm(const xmlNode *tpm, struct machine *machine, struct error *err)
{
    const xmlNode *backend = xml_child(tpm, "backend");
    if (backend && xml_attribute_is(backend, "type", "emulator"))
        return read_emulated_tpm(backend, machine, err);
    CLEANUP_FREE char *path = definition_any_path(tpm);
    bool is_host = backend && xml_attribute_is(backend, "type", "passthrough");
    definition_leave_out(machine, "tpm", NULL, path,
                         is_host ? "is a device of the host" : "is kept by another program");
    return true;
}

bool definition_read_files(const xmlNode *domain, struct machine *machine, struct error *err)
{
    bool ok = true;
    const xmlNode *devices = xml_child(domain, "devices");
    for (const xmlNode *part = xml_first(domain); part && ok; part = xml_next(part)) {
        if (xml_is(part, "os") && !xml_namespace(part))
            ok = read_os(part, machine, err);
        else if (xml_is(part, "sysinfo") && !xml_namespace(part))
            ok = read_sysinfo(part, machine, err);
    }
    for (const xmlNode *part = devices ? xml_first(devices) : NULL; part && ok; part = xml_next(part)) {
        if (xml_is(part, "tpm") && !xml_namespace(part))
            ok = read_tpm(part, machine, err);
    }
    return ok;
}
